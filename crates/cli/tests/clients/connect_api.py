"""kafka-connect-api drives a worker: connectors and tasks as objects."""

import sys
import time

from kafka_connect_api.errors import GenericNotFound
from kafka_connect_api.kafka_connect_api import Api, Cluster, Connector

host, port, file = sys.argv[1:]
cluster = Cluster(Api(host, int(port)))
connector = Connector(cluster, "from-api")


def wait(wanted):
    for _ in range(600):
        if connector.state == wanted and all(task.state == wanted for task in connector.tasks):
            return
        time.sleep(0.05)
    raise SystemExit(f"{connector.status} is not {wanted}")


# The client raises where it means to answer False.
def is_gone():
    try:
        return not connector.exists()
    except GenericNotFound as error:
        return "Connector from-api not found" in str(error)


assert cluster.version and cluster.kafka_cluster
assert is_gone()
config = {"connector.class": "FileStreamSource", "tasks.max": "1", "file": file, "topic": "api-lines"}
connector.config = config
assert connector.exists()
wait("RUNNING")
assert connector.config["topic"] == "api-lines"
assert list(cluster.connectors) == ["from-api"]
assert [task.is_running() for task in connector.tasks] == [True]
connector.pause()
wait("PAUSED")
connector.resume()
wait("RUNNING")
connector.restart()
connector.restart_all_tasks()
wait("RUNNING")
assert "root" in cluster.loggers
connector.delete()
assert is_gone()
print("kafka-connect-api: all calls")
