//! Holding a conversation with a worker.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::file::{Expected, Request, Step, TRIES};
use super::http::{Answer, request};
use super::{mismatches, normal};

/// How long to wait before asking again: each look costs Java's worker a client of its own.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// How often an answer that may be late is asked for again.
const LATE_TRIES: u32 = 40;

/// With these words a worker of Java says that nothing was done, and to come again.
const REBALANCING: [&str; 2] = [
    "Request cannot be completed because a rebalance is expected",
    "Cannot complete request momentarily due to ",
];

/// A worker.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Where REST listens, `host:port`.
    pub authority: String,
    /// The folder that it works in.
    pub folder: PathBuf,
    /// Whether it is this repository's worker: where that differs on purpose, its own answers are expected.
    pub ours: bool,
    /// Whether it is one of a group: Kafka Connect answers some requests otherwise than standalone.
    pub distributed: bool,
    /// Texts of its answers and what they are called in scenarios: addresses and folders, each with one name.
    pub called: Vec<(String, String)>,
}

/// A conversation with a worker.
#[derive(Debug)]
pub struct Talk<'a> {
    peer: &'a Peer,
    values: BTreeMap<String, Json>,
}

/// What a worker said to a step.
#[derive(Debug, Default)]
pub struct Said {
    /// The answer in its normal form: status, headers that mean something, body. Null for steps that compare nothing.
    pub answer: Json,
    /// What is not as the scenario has it.
    pub wrong: Vec<String>,
}

impl<'a> Talk<'a> {
    /// With this worker.
    pub fn with(peer: &'a Peer) -> Self {
        Self { peer, values: BTreeMap::new() }
    }

    /// Does a step.
    ///
    /// # Errors
    /// There is no answer, or what is waited for does not come.
    pub fn take(&mut self, step: &Step) -> Result<Said, String> {
        match step {
            Step::File { name, text } => {
                let path = self.peer.folder.join(name);
                std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
                Ok(Said::default())
            }
            Step::Until { path, fields, tries } => self.until(path, fields, *tries).map(|()| Said::default()),
            Step::Send { request, at_once, answers, capture } => {
                let expected = answers.of(self.peer.ours, self.peer.distributed);
                let mut given = self.send(request, *at_once)?;
                let answer = match given.len() {
                    // Which of them comes first is chance.
                    2.. => {
                        given.sort_by_key(|answer| answer["status"].as_u64());
                        json!({"status": given.iter().map(|answer| answer["status"].clone()).collect::<Json>()})
                    }
                    _ => given.pop().unwrap_or_default(),
                };
                let mut said = Said { wrong: self.check(expected, &answer), answer };
                for _ in 0..LATE_TRIES {
                    if said.wrong.is_empty() || *at_once > 1 || !self.may_be_late(request) {
                        break;
                    }
                    std::thread::sleep(LOOK_AGAIN);
                    let answer = self.send(request, 1)?.pop().unwrap_or_default();
                    said = Said { wrong: self.check(expected, &answer), answer };
                }
                for (name, place) in capture {
                    let value = said.answer["body"].pointer(place).cloned().unwrap_or_default();
                    self.values.insert(name.clone(), value);
                }
                Ok(said)
            }
        }
    }

    // A distributed worker of Java knows what it wrote itself when it has read it from its topics: what only asks, or changes
    // nothing where nothing failed, is asked again. Ours is not forgiven that.
    fn may_be_late(&self, asked: &Request) -> bool {
        let changes_nothing = asked.method == "GET" || asked.path.contains("onlyFailed=true");
        !self.peer.ours && self.peer.distributed && changes_nothing
    }

    fn send(&self, asked: &Request, at_once: u32) -> Result<Vec<Json>, String> {
        let asked = self.filled_request(asked);
        let one = || self.settled(&asked).map(|answer| self.normal(&answer));
        let failed = |why: String| format!("{} {}: {why}", asked.method, asked.path);
        if at_once == 1 {
            return Ok(vec![one().map_err(failed)?]);
        }
        let answers: Result<Vec<Json>, String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(one)).collect();
            threads
                .into_iter()
                .map(|it| it.join().unwrap_or_else(|_| Err("a thread has panicked".to_owned())))
                .collect()
        });
        answers.map_err(failed)
    }

    // A distributed worker of Java refuses what it is asked while its group is about to be dealt out anew, though it be the only
    // one in it; clients ask again. Ours is not forgiven that.
    fn settled(&self, asked: &Request) -> Result<Answer, String> {
        for _ in 0..TRIES {
            let answer = request(&self.peer.authority, asked)?;
            if self.peer.ours
                || !self.peer.distributed
                || !REBALANCING.iter().any(|it| answer.body.contains(it))
            {
                return Ok(answer);
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        Err("its group does not come to rest".to_owned())
    }

    fn until(&self, path: &str, fields: &BTreeMap<String, Json>, tries: u32) -> Result<(), String> {
        let asked = Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            headers: BTreeMap::new(),
            body: Vec::new(),
        };
        let mut last = Vec::new();
        for attempt in 0..tries {
            if attempt > 0 {
                std::thread::sleep(LOOK_AGAIN);
            }
            let answer = self.send(&asked, 1)?.pop().unwrap_or_default();
            last = self.fields(fields, &answer["body"]);
            if last.is_empty() {
                return Ok(());
            }
        }
        Err(format!("{path} did not come to it in {tries} tries: {}", last.join("; ")))
    }

    fn check(&self, expected: &Expected, answer: &Json) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut add =
            |what: &str, found: Vec<String>| wrong.extend(found.into_iter().map(|it| format!("{what}{it}")));
        add("status", mismatches(&expected.status, Some(&answer["status"])));
        if let Some(body) = &expected.answer {
            add("answer", mismatches(&self.filled(body), Some(&answer["body"])));
        }
        add("answer", self.fields(&expected.fields, &answer["body"]));
        for (name, value) in &expected.headers {
            add(&format!("header {name}"), mismatches(&self.filled(value), Some(&answer["headers"][name])));
        }
        // A body is JSON, unless the step says otherwise; some errors of Java's server have no type.
        let json = !answer["body"].is_string() && !answer["body"].is_null();
        if json
            && answer["status"].as_u64().is_some_and(|status| status < 400)
            && !expected.headers.contains_key("content-type")
        {
            let found = Some(&answer["headers"]["content-type"]);
            add("header content-type", mismatches(&json!("application/json"), found));
        }
        wrong
    }

    fn fields(&self, fields: &BTreeMap<String, Json>, body: &Json) -> Vec<String> {
        let wrong = |(place, expected): (&String, &Json)| {
            let found = mismatches(&self.filled(expected), body.pointer(place));
            found.into_iter().map(move |it| format!("{place}{it}")).collect::<Vec<_>>()
        };
        fields.iter().flat_map(wrong).collect()
    }

    fn normal(&self, answer: &Answer) -> Json {
        let text = self.called(&answer.body);
        // What is no JSON is compared as text.
        let body = serde_json::from_str(&text).unwrap_or_else(|_| Json::from(text.as_str()));
        let header = |name: &str| answer.header(name).map_or(Json::Null, |value| self.called(value).into());
        json!({
            "status": answer.status,
            "headers": {"content-type": header("content-type"), "location": header("location"), "allow": header("allow")},
            "body": normal::body(body),
        })
    }

    fn called(&self, text: &str) -> String {
        self.peer.called.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }

    // `<<name>>` stands for a value that an answer had.
    fn filled_text(&self, text: &str) -> String {
        let value = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.values
            .iter()
            .fold(text.to_owned(), |text, (name, it)| text.replace(&format!("<<{name}>>"), &value(it)))
    }

    fn filled(&self, json: &Json) -> Json {
        match json {
            Json::String(text) => self.filled_text(text).into(),
            Json::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), self.filled(value))).collect(),
            other => other.clone(),
        }
    }

    fn filled_request(&self, asked: &Request) -> Request {
        if self.values.is_empty() {
            return asked.clone();
        }
        let body = match std::str::from_utf8(&asked.body) {
            Ok(text) => self.filled_text(text).into_bytes(),
            Err(_) => asked.body.clone(),
        };
        Request { path: self.filled_text(&asked.path), body, ..asked.clone() }
    }
}
