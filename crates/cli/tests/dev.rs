//! `sluice dev` when something is in its way, and when it is killed.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

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
