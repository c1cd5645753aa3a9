//! Requests that cannot be served.

use serde_json::json;

use super::{Conversation, Step, ask, send, text};

/// Requests for what is not there, in a form that nobody understands, or with a config that cannot work.
pub fn conversation() -> Conversation {
    let mut steps: Vec<Step> = not_there();
    steps.extend(not_understood());
    steps.extend(not_possible());
    Conversation { name: "rest-errors", steps }
}

fn not_there() -> Vec<Step> {
    let c = "/connectors/nope";
    let at = |rest: &str| format!("{c}/{rest}");
    vec![
        ask("GET", c),
        ask("DELETE", c),
        ask("GET", &at("config")),
        ask("GET", &at("status")),
        ask("GET", &at("tasks")),
        ask("GET", &at("tasks/0/status")),
        ask("GET", &at("topics")),
        ask("GET", &at("offsets")),
        ask("PUT", &at("pause")),
        ask("PUT", &at("resume")),
        ask("PUT", &at("stop")),
        ask("POST", &at("restart")),
        ask("POST", &at("restart?includeTasks=true")),
        ask("POST", &at("tasks/0/restart")),
        ask("PUT", &at("topics/reset")),
        ask("DELETE", &at("offsets")),
        send("PATCH", &at("config"), json!({"a": "b"})),
        send("PATCH", &at("offsets"), json!({"offsets": [{"partition": {"a": 1}, "offset": {"b": 1}}]})),
        ask("GET", &at("tasks-config")),
        ask("GET", "/nothing/here"),
        ask("GET", "/connector-plugins/Nope/config"),
    ]
}

fn not_understood() -> Vec<Step> {
    let plain = |method, path: &str, headers, body: &str| Step::Ask {
        method,
        path: path.to_owned(),
        headers,
        body: body.to_owned(),
    };
    let post = |body: &str| text("POST", "/connectors", body);
    vec![
        ask("DELETE", "/connectors"),
        ask("PATCH", "/"),
        ask("OPTIONS", "/connectors"),
        plain("POST", "/connectors", json!({"content-type": "text/plain"}), "{}"),
        plain("PUT", "/connectors/x/config", json!({"content-type": "application/xml"}), "{}"),
        plain("GET", "/connectors", json!({"accept": "text/html"}), ""),
        post("{\"name\":"),
        post("[]"),
        post("null"),
        post("{\"name\":\"x\"}"),
        post("{\"name\":\"x\",\"config\":{},\"foo\":1}"),
        post("{\"name\":\"x\",\"config\":{\"a\":{\"b\":1}}}"),
        post("{\"name\":\"x\",\"config\":[]}"),
        text("PUT", "/connectors/x/config", "[]"),
        text("PUT", "/connectors/x/config", "{\"a\":[1]}"),
    ]
}

fn not_possible() -> Vec<Step> {
    let post = |name: &str, config| send("POST", "/connectors", json!({"name": name, "config": config}));
    let source = |more: serde_json::Value| {
        let mut config = json!({"connector.class": "FileStreamSource", "topic": "t", "file": "x"});
        if let (Some(config), serde_json::Value::Object(more)) = (config.as_object_mut(), more) {
            config.extend(more);
        }
        config
    };
    vec![
        post("", source(json!({}))),
        post("bad", json!({"connector.class": "FileStreamSource", "tasks.max": "x"})),
        post("bad", json!({"topic": "x"})),
        post("bad", source(json!({"name": "other"}))),
        post("a\u{1}b", source(json!({}))),
        post("bad", source(json!({"batch.size": null}))),
        post("bad", source(json!({"value.converter": "Nope"}))),
        post("bad", source(json!({"transforms": "a"}))),
        post("bad", source(json!({"errors.tolerance": "some", "tasks.max": "-1", "batch.size": "0"}))),
        post("bad", json!({"connector.class": "FileStreamSink", "file": "x"})),
        post("bad", json!({"connector.class": "FileStreamSink", "topics": "a", "topics.regex": "b"})),
        post(
            "bad",
            json!({"connector.class": "FileStreamSink", "topics": "a,b", "errors.deadletterqueue.topic.name": "b"}),
        ),
    ]
}
