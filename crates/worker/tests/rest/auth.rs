//! Who asks: names and passwords.

use api::SystemClock;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kafka::memory::{Cluster, WorkerGroups};
use serde_json::json;
use tempfile::TempDir;

use crate::client::{Answer, eventually, send};
use crate::worker::TestWorker;

pub const PASSWORD: &str = "canary-5150:geheim";

/// A file with a user for each role, whose name is the role's.
pub struct Users {
    folder: TempDir,
}

impl Users {
    pub fn new() -> Self {
        let users = Self { folder: tempfile::tempdir().unwrap() };
        let hash = rest::basic::hash(PASSWORD).unwrap();
        let roles = ["viewer", "operator", "admin"];
        users.write(&roles.map(|role| format!("{role}:{role}:{hash}\n")).concat());
        users
    }

    pub fn file(&self) -> String {
        self.folder.path().join("users").display().to_string()
    }

    pub fn write(&self, text: &str) {
        std::fs::write(self.folder.path().join("users"), text).unwrap();
    }

    pub fn worker(&self, keys: &[(&str, &str)]) -> TestWorker {
        let file = self.file();
        let basic = [("sluice.rest.authentication", "basic"), ("sluice.rest.basic.file", &file)];
        TestWorker::with(&[&basic[..], keys].concat())
    }
}

pub fn authorization(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

/// Sends a request as the user of a role.
pub fn send_as(worker: &TestWorker, role: &str, method: &str, path: &str, body: &str) -> Answer {
    let authorization = authorization(role, PASSWORD);
    let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
    send(worker.address, method, path, &headers, body.as_bytes())
}

#[test]
fn nobody_passes_without_the_right_password() {
    let users = Users::new();
    let worker = users.worker(&[]);
    let plain = worker.send("GET", "/connectors");
    assert_eq!(plain.status, 401);
    assert_eq!(plain.header("www-authenticate"), Some("Basic realm=\"Sluice\", charset=\"UTF-8\""));
    assert!(plain.message().contains("who you are"), "{}", plain.body);
    for wrong in [
        authorization("admin", "wrong"),
        authorization("nobody", PASSWORD),
        authorization("", ""),
        "Basic".to_owned(),
        "Basic ???".to_owned(),
        "Bearer abc".to_owned(),
        "canary".to_owned(),
    ] {
        let answer = send(worker.address, "GET", "/connectors", &[("Authorization", &wrong)], b"");
        assert_eq!(answer.status, 401, "{wrong}");
        assert!(!answer.body.contains("canary") && !answer.body.contains("geheim"), "{}", answer.body);
    }
    assert_eq!(send_as(&worker, "viewer", "GET", "/connectors", "").body, "[]");
    for (path, status) in [("/", 200), ("/health", 200), ("/metrics", 401), ("/admin/loggers", 401)] {
        assert_eq!(worker.send("GET", path).status, status, "{path}");
    }
}

// What workers of a group say to each other is told apart by its signature, not by its headers.
#[test]
fn a_header_of_other_workers_opens_nothing() {
    let users = Users::new();
    let worker = users.worker(&[]);
    let headers = [
        ("X-Connect-Authorization", "aGVsbG8="),
        ("X-Connect-Request-Signature-Algorithm", "HmacSHA256"),
        ("Content-Type", "application/json"),
    ];
    let body = json!({"name": "x", "config": {"connector.class": "FakeSource"}}).to_string();
    let answer = send(worker.address, "POST", "/connectors", &headers, body.as_bytes());
    assert_eq!(answer.status, 401, "{}", answer.body);
    assert_eq!(send(worker.address, "DELETE", "/connectors/x", &headers, b"").status, 401);
}

#[test]
fn a_change_of_the_file_counts_at_once() {
    let users = Users::new();
    let worker = users.worker(&[]);
    assert_eq!(send_as(&worker, "admin", "PUT", "/connectors/x/pause", "").status, 404);
    users.write(&format!("admin:viewer:{}\n", rest::basic::hash(PASSWORD).unwrap()));
    assert_eq!(send_as(&worker, "admin", "PUT", "/connectors/x/pause", "").status, 403);
    assert_eq!(send_as(&worker, "viewer", "GET", "/connectors", "").status, 401, "it is gone");
}

// The worker that is asked knows who it is, and says so to the one that does it.
#[test]
fn a_request_that_is_forwarded_carries_who_sent_it() {
    let folder = tempfile::tempdir().unwrap();
    let audit = |name: &str| folder.path().join(name).display().to_string();
    let (cluster, groups) = (Cluster::new(), WorkerGroups::new(SystemClock::new()));
    let worker = |name: &str, file: &str| {
        let audit = audit(name);
        let keys = [
            ("sluice.rest.authentication", "basic"),
            ("sluice.rest.basic.file", file),
            ("sluice.rest.audit.file", &audit),
        ];
        TestWorker::in_group_with(name, &cluster, &groups, &keys)
    };
    // Each has a file of its own: what one knows the other does not.
    let hash = rest::basic::hash(PASSWORD).unwrap();
    let files = ["a", "b"].map(|name| {
        let file = folder.path().join(format!("users-{name}")).display().to_string();
        std::fs::write(&file, format!("of-{name}:admin:{hash}\nsees-{name}:viewer:{hash}\n")).unwrap();
        file
    });
    let (a, b) = (worker("a", &files[0]), worker("b", &files[1]));
    for (worker, name) in [(&a, "a"), (&b, "b")] {
        let config = json!({"connector.class": "FakeSource", "fake.password": "canary-geheim"}).to_string();
        let who = format!("of-{name}");
        let path = format!("/connectors/by-{name}/config");
        // While the group comes together nobody may lead it yet.
        eventually("the connector is made", || match send_as(worker, &who, "PUT", &path, &config) {
            answer if [200, 201].contains(&answer.status) => Ok(()),
            answer => Err(format!("{}: {}", answer.status, answer.body)),
        });
        let path = format!("/connectors/by-{name}/stop");
        assert_eq!(send_as(worker, &format!("sees-{name}"), "PUT", &path, "").status, 403);
    }
    // Each connector's line is in the file of the worker that was asked, whoever leads.
    for name in ["a", "b"] {
        let text = std::fs::read_to_string(audit(name)).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(
            lines.iter().all(|line| line["who"].as_str().is_some_and(|who| who.ends_with(name))),
            "{text}"
        );
        let made = lines.iter().filter(|line| line["result"] == "done").count();
        assert_eq!(made, 1, "{text}");
    }
}

#[test]
fn who_vouches_without_the_groups_key_is_not_believed() {
    let users = Users::new();
    let file = users.file();
    let (cluster, groups) = (Cluster::new(), WorkerGroups::new(SystemClock::new()));
    let keys = [("sluice.rest.authentication", "basic"), ("sluice.rest.basic.file", file.as_str())];
    let worker = TestWorker::in_group_with("a", &cluster, &groups, &keys);
    let said = json!({"identity": {"name": "x", "role": "admin", "by": "basic"}, "at_ms": 0, "once": "1"});
    let said = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(said.to_string());
    for signature in [None, Some("HmacSHA256 aGVsbG8="), Some("none "), Some("x")] {
        let mut headers = vec![("X-Sluice-Identity", said.as_str())];
        headers.extend(signature.map(|signature| ("X-Sluice-Identity-Signature", signature)));
        assert_eq!(send(worker.address, "DELETE", "/connectors/x", &headers, b"").status, 401);
        // Who sends credentials of their own is who these say.
        let own = authorization("viewer", PASSWORD);
        headers.push(("Authorization", &own));
        assert_eq!(send(worker.address, "DELETE", "/connectors/x", &headers, b"").status, 403);
    }
}
