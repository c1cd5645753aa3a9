//! Levels of loggers.

use serde_json::json;

use super::{Conversation, ask, send, text};

/// A logger that neither side has, then the root.
pub fn conversation() -> Conversation {
    const L: &str = "/admin/loggers/com.example.rest";
    let set = |query: &str, level: &str| send("PUT", &format!("{L}{query}"), json!({"level": level}));
    let steps = vec![
        ask("GET", "/admin/loggers/root"),
        ask("GET", L),
        send("PUT", L, json!({})),
        send("PUT", L, json!({"level": null})),
        set("", "FOO"),
        text("PUT", L, "[]"),
        set("", "DEBUG"),
        ask("GET", L),
        set("", "debug"),
        set("?scope=worker", "TRACE"),
        set("?scope=nowhere", "ERROR"),
        set("?scope=cluster", "WARN"),
        ask("GET", L),
        set("", "ALL"),
        set("", "FATAL"),
        set("", "OFF"),
        ask("GET", L),
        ask("DELETE", L),
        ask("OPTIONS", L),
    ];
    Conversation { name: "rest-loggers", steps }
}
