//! What a group tells as one when its workers ask who sends a request: the worker that is asked vouches for them to the others.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Certificate, Identity, Method};
use serde_json::{Value, json};
use testkit::certificates::Authority;

use crate::stage::{Stage, Worker};

const PATIENCE: Duration = Duration::from_secs(60);
const BROKEN: &str = "/sluice/v1/connectors/broken";

/// Somebody who asks.
struct Client {
    http: reqwest::Client,
    name: Option<(&'static str, &'static str)>,
}

impl Client {
    fn request(&self, worker: &Worker, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}://{}{path}", worker.scheme, worker.id));
        match self.name {
            Some((name, password)) => request.basic_auth(name, Some(password)),
            None => request,
        }
    }

    async fn send(&self, worker: &Worker, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let mut request = self.request(worker, method, path);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    async fn get(&self, worker: &Worker, path: &str) -> Value {
        let (status, body) = self.send(worker, Method::GET, path, &Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}\n{}", worker.log());
        body
    }

    /// Asks until the answer is as it should be, with patience.
    async fn until(
        &self,
        worker: &Worker,
        (method, path): (Method, &str),
        body: &Value,
        good: impl Fn(u16, &Value) -> bool,
    ) -> Value {
        let begin = Instant::now();
        loop {
            let (status, answer) = self.send(worker, method.clone(), path, body).await;
            if good(status, &answer) {
                return answer;
            }
            assert!(begin.elapsed() < PATIENCE, "{method} {path}: {status} {answer}\n{}", worker.log());
            tokio::time::sleep(Duration::from_millis(20)).await; // polls a condition, with a bound
        }
    }
}

/// How a group asks, and who there is.
struct Asking {
    keys: Vec<(&'static str, String)>,
    admin: Client,
    viewer: Client,
    nobody: Client,
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn by_password(folder: &Path) -> Asking {
    let hash = |password: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command.args(["worker", "--hash-password"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut made = command.spawn().unwrap();
        made.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        String::from_utf8(made.wait_with_output().unwrap().stdout).unwrap().trim().to_owned()
    };
    let users = format!("ann:admin:{}\nvic:viewer:{}\n", hash("a-word"), hash("another"));
    let client = |name| Client { http: reqwest::Client::new(), name };
    Asking {
        keys: vec![
            ("sluice.rest.authentication", "basic".to_owned()),
            ("sluice.rest.basic.file", write(folder, "users", &users)),
        ],
        admin: client(Some(("ann", "a-word"))),
        viewer: client(Some(("vic", "another"))),
        nobody: client(None),
    }
}

fn by_certificate(folder: &Path) -> Asking {
    let authority = Authority::new("authority");
    let sign = |name: &str| authority.sign(name).store();
    let client = |name: Option<&str>| {
        let trusted = Certificate::from_pem(authority.pem.as_bytes()).unwrap();
        let mut http = reqwest::Client::builder().tls_certs_only([trusted]);
        if let Some(name) = name {
            http = http.identity(Identity::from_pem(sign(name).as_bytes()).unwrap());
        }
        Client { http: http.build().unwrap(), name: None }
    };
    Asking {
        keys: vec![
            ("listeners", "https://127.0.0.1:0".to_owned()),
            ("ssl.keystore.location", write(folder, "worker.pem", &sign("worker"))),
            ("ssl.truststore.location", write(folder, "ca.pem", &authority.pem)),
            ("ssl.client.auth", "requested".to_owned()),
            ("sluice.rest.authentication", "mtls".to_owned()),
            ("sluice.rest.mtls.roles", "admin=subject:CN=ann;viewer=subject:CN=vic".to_owned()),
        ],
        admin: client(Some("ann")),
        viewer: client(Some("vic")),
        nobody: client(None),
    }
}

async fn a_group_answers_as_one(asking: impl FnOnce(&Path) -> Asking) {
    let _ = rustls::crypto::ring::default_provider().install_default(); // it may be there already
    let folder = tempfile::tempdir().unwrap();
    let Asking { keys, admin, viewer, nobody } = asking(folder.path());
    let keys: Vec<_> = keys.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let stage = Stage::new(&keys).await;
    let (a, b) = (stage.worker("a"), stage.worker("b"));
    let both = BTreeSet::from([a.id.as_str(), b.id.as_str()]);
    let workers = (Method::GET, "/sluice/v1/workers");
    viewer.until(&a, workers, &Value::Null, |_, all| all.as_array().is_some_and(|all| all.len() == 2)).await;
    let config = json!({
        "connector.class": "FileStreamSink", "tasks.max": "2", "topics": "nothing",
        "file": stage.path("no/such/folder").display().to_string(),
    });
    // One of them leads, so one of these is sent on.
    for worker in [&a, &b] {
        let put = (Method::PUT, "/connectors/broken/config");
        admin.until(worker, put, &config, |status, _| matches!(status, 200 | 201)).await;
    }
    for worker in [&a, &b] {
        let owners = |details: &Value| {
            let tasks = details["tasks"].as_array().cloned().unwrap_or_default();
            let failed =
                tasks.iter().filter(|task| task["state"] == "FAILED" && task["last_error"].is_string());
            let owners: BTreeSet<_> =
                failed.filter_map(|task| task["worker_id"].as_str().map(str::to_owned)).collect();
            owners.iter().map(String::as_str).eq(both.iter().copied())
        };
        let details = viewer.until(worker, (Method::GET, BROKEN), &Value::Null, |_, told| owners(told)).await;
        assert_eq!(details["unanswered"], json!([]), "{details}");
        let lines = viewer.get(worker, &format!("{BROKEN}/logs")).await;
        assert_eq!(lines["unanswered"], json!([]), "{lines}");
        let of: BTreeSet<_> =
            lines["lines"].as_array().unwrap().iter().filter_map(|line| line["worker_id"].as_str()).collect();
        assert_eq!(of, both, "{lines}");
        let mut followed = viewer.request(worker, Method::GET, &format!("{BROKEN}/logs?follow=true"));
        followed = followed.timeout(PATIENCE);
        let (mut followed, mut text) = (followed.send().await.unwrap(), String::new());
        while !both.iter().all(|id| text.contains(&format!("\"worker_id\":\"{id}\""))) {
            let chunk = followed.chunk().await.unwrap_or_else(|error| panic!("{error}: {text}"));
            text.push_str(&String::from_utf8_lossy(&chunk.expect("lines of both")));
        }
        assert!(!text.contains("unanswered"), "{text}");
        for path in [BROKEN, &format!("{BROKEN}/logs"), "/sluice/v1/workers"] {
            assert_eq!(nobody.send(worker, Method::GET, path, &Value::Null).await.0, 401, "{path}");
        }
        let level = json!({"level": "DEBUG"});
        let set = viewer.send(worker, Method::PUT, &format!("{BROKEN}/log-level"), &level).await;
        assert_eq!(set.0, 403, "{}", set.1);
        assert_eq!(admin.send(worker, Method::PUT, &format!("{BROKEN}/log-level"), &level).await.0, 200);
    }
    for worker in [&a, &b] {
        let log = worker.log();
        assert!(
            !log.contains("which counts for nothing") && !log.contains("asked for its part in vain"),
            "{log}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_asks_for_passwords_answers_as_one() {
    a_group_answers_as_one(by_password).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_asks_for_certificates_answers_as_one() {
    a_group_answers_as_one(by_certificate).await;
}
