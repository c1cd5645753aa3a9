//! The program.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

fn start(arguments: &[&str]) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fake-confluent-cloud"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim_end().to_owned())
}

#[test]
fn its_first_line_is_the_base_url_and_a_closed_stdin_ends_it() {
    let (mut child, url) = start(&["--stop-with-stdin", "--api-key", "K", "--api-secret", "S"]);
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let body = ureq::get(format!("{url}/fake/v1/state")).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(body.contains("\"counts\":{}"), "{body}");
    let authorized =
        ureq::get(format!("{url}/org/v2/environments")).header("authorization", "Basic Szpd").call();
    assert!(authorized.is_err(), "another secret");
    let authorized =
        ureq::get(format!("{url}/org/v2/environments")).header("authorization", "Basic SzpT").call();
    assert!(authorized.is_ok(), "{authorized:?}");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn sigterm_ends_it_and_a_closed_stdin_alone_does_not() {
    let (mut child, url) = start(&[]);
    drop(child.stdin.take());
    assert!(ureq::get(format!("{url}/fake/v1/state")).call().is_ok());
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert!(child.wait().unwrap().success());
    assert!(ureq::get(format!("{url}/fake/v1/state")).call().is_err());
}

#[test]
fn it_listens_on_loopback_only() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fake-confluent-cloud"))
        .args(["--listen", "0.0.0.0:0"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!child.wait().unwrap().success());
    assert!(said.contains("loopback only"), "{said}");
}
