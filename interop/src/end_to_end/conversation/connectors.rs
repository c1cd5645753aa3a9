//! Connectors from creation to deletion.

use serde_json::{Value as Json, json};

use super::{Conversation, Step, ask, send, until};

/// A source and a sink, and everything that can be done to them.
pub fn conversation() -> Conversation {
    let mut steps = vec![Step::File { name: "rest-in.txt", text: "one\ntwo\nthree\n" }];
    steps.extend(a_source());
    steps.extend(its_offsets());
    steps.extend(a_sink());
    steps.extend(states_from_the_start());
    Conversation { name: "rest-connectors", steps }
}

fn source(more: Json) -> Json {
    let mut config = json!({
        "connector.class": "FileStreamSource", "tasks.max": 1, "file": "rest-in.txt", "topic": "rest-lines",
    });
    if let (Some(config), Json::Object(more)) = (config.as_object_mut(), more) {
        config.extend(more);
    }
    config
}

const C: &str = "/connectors/rest-source";
const S: &str = "/connectors/rest-sink";

fn a_source() -> Vec<Step> {
    let status = format!("{C}/status");
    let at = |rest: &str| format!("{C}/{rest}");
    let connector_is = |state: &str| until(&status, "/connector/state", state);
    let task_is = |state: &str| until(&status, "/tasks/0/state", state);
    vec![
        ask("GET", "/"),
        ask("GET", "/health"),
        ask("GET", "/connectors"),
        send("POST", "/connectors", json!({"name": "  rest-source ", "config": source(json!({}))})),
        task_is("RUNNING"),
        until(&at("offsets"), "/offsets/0/offset/position", 14),
        ask("GET", "/connectors"),
        ask("HEAD", "/connectors"),
        ask("GET", "/connectors/"),
        ask("GET", "/connectors?expand=info"),
        ask("GET", "/connectors?expand=status"),
        ask("GET", "/connectors?expand=status&expand=info"),
        ask("GET", "/connectors?expand=nonsense"),
        ask("GET", C),
        ask("GET", &at("config")),
        ask("GET", &status),
        ask("GET", &at("tasks")),
        ask("GET", &at("tasks/0/status")),
        ask("GET", &at("offsets")),
        ask("GET", &at("topics")),
        ask("PUT", &at("topics/reset")),
        ask("GET", &at("topics")),
        send("POST", "/connectors", json!({"name": "rest-source", "config": source(json!({}))})),
        send("PUT", &at("config"), source(json!({"batch.size": "10", "unknown.key": "kept"}))),
        task_is("RUNNING"),
        ask("GET", &at("config")),
        ask("GET", &at("tasks")),
        send("PATCH", &at("config"), json!({"unknown.key": null, "batch.size": "20"})),
        task_is("RUNNING"),
        ask("GET", &at("config")),
        send("PATCH", &at("config"), json!({"batch.size": "none"})),
        send("PUT", &at("config"), source(json!({"tasks.max": "0"}))),
        send("PUT", &at("config"), source(json!({"name": "other"}))),
        ask("GET", &at("config")),
        ask("PUT", &at("pause")),
        task_is("PAUSED"),
        connector_is("PAUSED"),
        ask("GET", &status),
        ask("PUT", &at("resume")),
        task_is("RUNNING"),
        connector_is("RUNNING"),
        ask("GET", &status),
        ask("POST", &at("restart")),
        connector_is("RUNNING"),
        ask("POST", &at("restart?includeTasks=true&onlyFailed=true")),
        ask("POST", &at("tasks/0/restart")),
        task_is("RUNNING"),
        ask("GET", &at("tasks/7/status")),
        ask("GET", &at("tasks/x/status")),
    ]
}

fn its_offsets() -> Vec<Step> {
    let at = |rest: &str| format!("{C}/{rest}");
    let offsets = at("offsets");
    let patch = |partition: Json, offset: Json| {
        send("PATCH", &offsets, json!({"offsets": [{"partition": partition, "offset": offset}]}))
    };
    let file = || json!({"filename": "rest-in.txt"});
    vec![
        patch(file(), json!({"position": 4})),
        ask("DELETE", &offsets),
        ask("PUT", &at("stop")),
        until(&at("status"), "/connector/state", "STOPPED"),
        until(&at("status"), "/tasks", json!([])),
        ask("PUT", &at("stop")),
        ask("GET", &at("status")),
        ask("GET", &at("tasks")),
        ask("GET", C),
        patch(file(), json!({"position": 4})),
        ask("GET", &offsets),
        patch(json!({"name": "x"}), json!({"position": 4})),
        patch(file(), json!({"position": -1})),
        patch(file(), json!({"position": "x"})),
        patch(file(), json!({"place": 1})),
        send("PATCH", &offsets, json!({"offsets": []})),
        send("PATCH", &offsets, json!({})),
        patch(file(), Json::Null),
        ask("GET", &offsets),
        patch(file(), json!({"position": 8})),
        ask("PUT", &at("resume")),
        until(&at("status"), "/tasks/0/state", "RUNNING"),
        until(&offsets, "/offsets/0/offset/position", 14),
        ask("GET", &offsets),
        ask("PUT", &at("stop")),
        until(&at("status"), "/tasks", json!([])),
        ask("DELETE", &offsets),
        ask("GET", &offsets),
    ]
}

fn a_sink() -> Vec<Step> {
    let at = |rest: &str| format!("{S}/{rest}");
    let config = json!({
        "connector.class": "FileStreamSink", "file": "rest-out.txt", "topics": "rest-lines",
        "key.converter": "StringConverter", "value.converter": "org.apache.kafka.connect.storage.StringConverter",
    });
    let offsets = at("offsets");
    let partition = json!({"kafka_topic": "rest-lines", "kafka_partition": 0});
    let patch = |offset: Json| send("PATCH", &offsets, json!({"offsets": [offset]}));
    vec![
        send("PUT", &at("config"), config.clone()),
        until(&at("status"), "/tasks/0/state", "RUNNING"),
        ask("GET", S),
        ask("GET", &at("tasks")),
        until(&at("topics"), "/rest-sink/topics", json!(["rest-lines"])),
        ask("GET", &at("topics")),
        send("PUT", &at("config"), config),
        until(&at("status"), "/tasks/0/state", "RUNNING"),
        patch(json!({"partition": partition, "offset": {"kafka_offset": 2}})),
        ask("DELETE", &offsets),
        ask("PUT", &at("stop")),
        until(&at("status"), "/tasks", json!([])),
        patch(json!({"partition": partition, "offset": {"kafka_offset": 2}})),
        ask("GET", &offsets),
        patch(json!({"partition": null, "offset": {"kafka_offset": 1}})),
        patch(json!({"partition": {"kafka_topic": "rest-lines"}, "offset": null})),
        patch(json!({"partition": {"kafka_topic": null, "kafka_partition": 0}, "offset": null})),
        patch(json!({"partition": {"kafka_topic": "rest-lines", "kafka_partition": "x"}, "offset": null})),
        patch(json!({"partition": partition, "offset": {"x": 1}})),
        patch(json!({"partition": partition, "offset": {"kafka_offset": 1.5}})),
        send("PATCH", &offsets, json!({"offsets": []})),
        patch(
            json!({"partition": {"kafka_topic": "rest-lines", "kafka_partition": "0"}, "offset": {"kafka_offset": "1"}}),
        ),
        ask("GET", &offsets),
        patch(json!({"partition": partition, "offset": null})),
        ask("GET", &offsets),
        ask("DELETE", &offsets),
        ask("GET", &offsets),
        ask("DELETE", S),
        ask("GET", S),
        ask("DELETE", S),
        ask("DELETE", C),
        ask("GET", &format!("{C}/status")),
        ask("GET", "/connectors"),
    ]
}

fn states_from_the_start() -> Vec<Step> {
    let make = |name: &str, state: &str| {
        send(
            "POST",
            "/connectors",
            json!({"name": name, "config": source(json!({})), "initial_state": state}),
        )
    };
    vec![
        make("rest-stopped", "STOPPED"),
        until("/connectors/rest-stopped/status", "/connector/state", "STOPPED"),
        ask("GET", "/connectors/rest-stopped/status"),
        ask("GET", "/connectors/rest-stopped/tasks"),
        ask("GET", "/connectors/rest-stopped/offsets"),
        make("rest-paused", "paused"),
        until("/connectors/rest-paused/status", "/connector/state", "PAUSED"),
        ask("GET", "/connectors/rest-paused/status"),
        make("rest-nonsense", "asleep"),
        ask("DELETE", "/connectors/rest-stopped"),
        ask("DELETE", "/connectors/rest-paused"),
    ]
}
