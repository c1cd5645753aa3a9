"""kafka-connect-py drives a worker: each of its calls once, with what it must give."""

import sys
import time

from kafka_connect import KafkaConnect

url, file = sys.argv[1:]
connect = KafkaConnect(url=url)


def wait(what, get, wanted):
    for _ in range(600):
        if get() == wanted:
            return
        time.sleep(0.05)
    raise SystemExit(f"{what} is {get()}, not {wanted}")


def state():
    status = connect.get_connector_status("from-py")
    return [status["connector"]["state"]] + [task["state"] for task in status["tasks"]]


assert connect.get_cluster_info()["version"]
config = {"connector.class": "FileStreamSource", "tasks.max": "1", "file": file, "topic": "py-lines"}
assert connect.create_connector({"name": "from-py", "config": config})["name"] == "from-py"
wait("the state", state, ["RUNNING", "RUNNING"])
assert connect.list_connectors() == ["from-py"]
assert connect.list_connectors(expand="status", state="running")
assert connect.get_connector("from-py")["type"] == "source"
assert connect.get_connector_config("from-py")["topic"] == "py-lines"
assert connect.update_connector("from-py", {**config, "batch.size": "7"})["config"]["batch.size"] == "7"
wait("the state", state, ["RUNNING", "RUNNING"])
assert connect.list_connector_tasks("from-py")[0]["config"]["batch.size"] == "7"
assert connect.get_connector_task_status("from-py", 0)["state"] == "RUNNING"
wait("the topics", lambda: connect.list_connector_topics("from-py")["from-py"]["topics"], ["py-lines"])
connect.pause_connector("from-py")
wait("the state", state, ["PAUSED", "PAUSED"])
connect.resume_connector("from-py")
wait("the state", state, ["RUNNING", "RUNNING"])
connect.restart_connector("from-py", include_tasks=True)
wait("the state", state, ["RUNNING", "RUNNING"])
connect.restart_connector_task("from-py", 0)
wait("the state", state, ["RUNNING", "RUNNING"])
connect.reset_connector_topics("from-py")
assert any("FileStreamSource" in plugin["class"] for plugin in connect.list_connector_plugins())
checked = connect.validate_connector_config("FileStreamSource", {"connector.class": "FileStreamSource", "name": "x"})
assert checked["error_count"] == 1, checked
connect.stop_connector("from-py")
wait("the state", state, ["STOPPED"])
connect.delete_connector("from-py")
assert connect.list_connectors() == []
print("kafka-connect-py: all calls")
