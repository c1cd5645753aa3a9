//! `sluice dev` when something is in its way, and when it is killed.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use testkit::scenario::{Request, request};

/// Longer than anything here takes; a test that waits so long has failed.
const LONG: Duration = Duration::from_secs(60);

fn dev(folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.arg("dev").env("TMPDIR", folder.path());
    command
}

#[test]
fn a_killed_dev_takes_its_worker_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut dev = dev(&folder).args(["-o", "json"]).stdout(Stdio::piped()).spawn().unwrap();
    let output = dev.stdout.take().unwrap();
    let answer: Value = serde_json::Deserializer::from_reader(output).into_iter().next().unwrap().unwrap();
    let rest = answer["result"]["rest"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let mut connection = TcpStream::connect(rest).unwrap();
    connection.set_read_timeout(Some(LONG)).unwrap();
    dev.kill().unwrap(); // SIGKILL
    dev.wait().unwrap();
    match connection.read(&mut [0]) {
        Ok(bytes) => assert_eq!(bytes, 0),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "the worker still runs"),
    }
}

#[test]
fn a_folder_of_secrets_stands_for_secrets_manager() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("secrets")).unwrap();
    std::fs::write(at("secrets/orders.json"), r#"{"topic": "canary-topic"}"#).unwrap();
    std::fs::write(at("in.txt"), "one\n").unwrap();
    let mut command = dev(&folder);
    command.args(["-o", "json", "--secrets"]).arg(at("secrets"));
    let mut dev = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let output = dev.stdout.take().unwrap();
    let answer: Value = serde_json::Deserializer::from_reader(output).into_iter().next().unwrap().unwrap();
    let rest = answer["result"]["rest"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let ask = |method: &str, path: &str, body: String| {
        let headers = [("content-type".to_owned(), "application/json".to_owned())].into();
        let asked = Request {
            method: method.to_owned(),
            path: format!("/connectors/orders{path}"),
            headers,
            body: body.into_bytes(),
        };
        request(&rest, &asked).unwrap()
    };
    let reference = "${secretsmanager:orders:topic}";
    let config = serde_json::json!({
        "connector.class": "FileStreamSource", "file": at("in.txt"), "topic": reference,
    });
    let made = ask("PUT", "/config", config.to_string());
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(made.body.contains(reference) && !made.body.contains("canary"), "{}", made.body);
    // What the worker wrote to shows that it has the secret.
    let used = (0..600).find_map(|_| {
        let answer = ask("GET", "/topics", String::new()).body;
        std::thread::sleep(Duration::from_millis(50));
        answer.contains("canary-topic").then_some(answer)
    });
    assert!(used.is_some(), "{}", ask("GET", "/status", String::new()).body);
    dev.kill().unwrap();
    dev.wait().unwrap();
}

#[test]
fn a_folder_of_secrets_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for (path, why) in [(folder.path().join("nowhere"), "No such file"), (file, "it is a file")] {
        let output = dev(&folder).arg("--secrets").arg(&path).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(&format!("--secrets {}: ", path.display())) && text.contains(why), "{text}");
    }
}

#[test]
fn a_port_of_a_program_that_accepts_and_never_answers() {
    let folder = tempfile::tempdir().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let output = dev(&folder).args(["--rest-port", &port]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success()
            && text.contains(&format!("--rest-port {port}: another program has this port")),
        "{text}"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "its folder is gone");
}
