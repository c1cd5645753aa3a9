//! Clients that leave before they have their answer.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};
use testkit::scenario;

use crate::client::eventually;
use crate::group::Stage;
use crate::issuer::{Issuer, Key};
use crate::worker::TestWorker;

/// A worker with this key has one connection: another one is answered when the first has ended.
const ONE_CONNECTION: (&str, &str) = ("sluice.rest.connections.max", "1");

fn begin(address: SocketAddr, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{head}\r\nhost: a\r\n\r\n").as_bytes()).unwrap();
    stream
}

fn leave(stream: TcpStream, address: SocketAddr) {
    drop(stream);
    let request = scenario::Request {
        method: "GET".to_owned(),
        path: "/".to_owned(),
        headers: BTreeMap::new(),
        body: Vec::new(),
    };
    eventually("the worker knows that the client has left", || {
        scenario::request(&address.to_string(), &request).map(|_| ()).map_err(|why| why.to_string())
    });
}

#[test]
fn a_change_is_done_and_written_down_although_its_client_has_left() {
    let stage = Stage::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit").display().to_string();
    let keys = [("sluice.rest.audit.file", file.as_str()), ONE_CONNECTION];
    let worker = TestWorker::in_group_with("a", &stage.cluster, &stage.groups, &keys);
    worker.create("x", stage.fake(1));
    worker.wait("x", &["RUNNING", "RUNNING"]);
    stage.cluster.hold_acks("configs", 0);
    let records = stage.cluster.records("configs").len();
    let client = begin(worker.address, "PUT /connectors/x/pause HTTP/1.1");
    eventually("the write is under way", || match stage.cluster.records("configs").len() {
        now if now > records => Ok(()),
        now => Err(now.to_string()),
    });
    leave(client, worker.address);
    stage.cluster.release_acks("configs", 0);
    let line = eventually("the line of it", || {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.into_iter().find(|line| line["path"] == "/connectors/x/pause").ok_or(text.clone())
    });
    assert_eq!((&line["status"], &line["result"]), (&json!(202), &json!("done")));
    worker.wait("x", &["PAUSED", "PAUSED"]);
}

#[test]
fn keys_are_read_for_all_although_the_first_who_needs_them_has_left() {
    let key = Key::ec("1");
    let issuer = Issuer::start(&[&key]);
    let worker = TestWorker::with(&[
        ("sluice.rest.authentication", "bearer"),
        ("sluice.rest.bearer.issuer", &issuer.url),
        ("sluice.rest.bearer.audience", "connect"),
        ("sluice.rest.bearer.roles.claim", "groups"),
        ("sluice.rest.bearer.roles", "viewer=everybody"),
        ONE_CONNECTION,
    ]);
    let token = key.token("ES256", &issuer.claims(&["everybody"], json!({})));
    issuer.hold(true);
    let client = begin(worker.address, &format!("GET /connectors HTTP/1.1\r\nauthorization: Bearer {token}"));
    eventually("the issuer is asked", || match issuer.asked().is_empty() {
        true => Err("not yet".to_owned()),
        false => Ok(()),
    });
    leave(client, worker.address);
    issuer.hold(false);
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str())];
    let answer = crate::client::send(worker.address, "GET", "/connectors", &headers, b"");
    assert_eq!(answer.status, 200, "{}", answer.body);
}
