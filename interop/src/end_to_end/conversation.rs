//! Conversations with the REST API: the same requests to both workers, one after the other.

mod connectors;
mod errors;
mod loggers;
mod plugins;
mod validation;

use std::time::Instant;

use serde_json::{Value as Json, json};

use super::site::Site;
use super::{Report, both, normal};

/// Some requests in order.
pub struct Conversation {
    /// Its name.
    pub name: &'static str,
    steps: Vec<Step>,
}

enum Step {
    /// A request whose answers are compared.
    Ask { method: &'static str, path: String, headers: Json, body: String },
    /// Asks a path until its answer's body has this value there.
    Until { path: String, at: &'static str, is: Json },
    /// A file that a connector reads.
    File { name: &'static str, text: &'static str },
}

/// All conversations.
pub fn all() -> Vec<Conversation> {
    vec![
        connectors::conversation(),
        errors::conversation(),
        loggers::conversation(),
        plugins::conversation(),
        validation::conversation(),
    ]
}

/// Holds a conversation with both sides and counts each answer.
pub fn hold(conversation: &Conversation, java: &Site, ours: &Site, report: &mut Report<'_>) {
    for step in &conversation.steps {
        let (left, right) = both(|| step.take(java), || step.take(ours));
        let (what, input) = match step {
            Step::Ask { method, path, headers, body } => {
                let asked = json!({"headers": headers, "body": body});
                (format!("{} {method} {path}", conversation.name), asked)
            }
            Step::Until { path, .. } => (format!("{} wait {path}", conversation.name), Json::Null),
            Step::File { .. } => (conversation.name.to_owned(), Json::Null),
        };
        report.compare(&what, &input, left, right);
    }
}

impl Step {
    // What there is to compare, if anything.
    fn take(&self, site: &Site) -> anyhow::Result<Json> {
        match self {
            Step::Ask { method, path, headers, body } => {
                Ok(json!({"answer": normal::answer(site.send(method, path, headers, body)?)}))
            }
            Step::Until { path, at, is } => {
                let started = Instant::now();
                loop {
                    let body = site.get(path)?["body"].take();
                    if body.pointer(at).unwrap_or(&Json::Null) == is {
                        return Ok(json!({}));
                    }
                    site.must_be_quick(started, &format!("{at} = {is} in {path}, which is {body},"))?;
                }
            }
            Step::File { name, text } => {
                std::fs::write(site.file(name), text)?;
                Ok(json!({}))
            }
        }
    }
}

fn ask(method: &'static str, path: &str) -> Step {
    Step::Ask { method, path: path.to_owned(), headers: json!({}), body: String::new() }
}

fn send(method: &'static str, path: &str, body: Json) -> Step {
    text(method, path, &body.to_string())
}

fn text(method: &'static str, path: &str, body: &str) -> Step {
    let headers = json!({"content-type": "application/json"});
    Step::Ask { method, path: path.to_owned(), headers, body: body.to_owned() }
}

fn until(path: &str, at: &'static str, is: impl Into<Json>) -> Step {
    Step::Until { path: path.to_owned(), at, is: is.into() }
}
