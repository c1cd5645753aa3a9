//! `sluice worker --standalone` with what can be wrong about its files and its machine: one clear line each.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Output};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    // Good properties, with one key replaced.
    fn properties(&self, key: &str, value: &str) -> PathBuf {
        let offsets = self.path("offsets").display().to_string();
        let mut properties = vec![
            ("bootstrap.servers", "127.0.0.1:1"),
            ("listeners", "http://127.0.0.1:0"),
            ("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("offset.storage.file.filename", &offsets),
        ];
        properties.retain(|(known, _)| *known != key);
        properties.push((key, value));
        let text: String = properties.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        let path = self.path("worker.properties");
        std::fs::write(&path, text).unwrap();
        path
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn worker(files: &[&PathBuf]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.args(["worker", "--standalone"]).args(files).output().unwrap()
}

fn check(output: &Output, code: i32, parts: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn a_missing_properties_file() {
    check(&worker(&[&PathBuf::from("no/such/worker.properties")]), 2, &["no/such/worker.properties"]);
}

#[test]
fn every_problem_of_the_properties_at_once() {
    let folder = Folder::new();
    let path = folder.write("worker.properties", "listeners=ftp://x\noffset.flush.interval.ms=soon\n");
    let parts = ["bootstrap.servers", "listeners", "offset.flush.interval.ms", "Not a number of type LONG"];
    check(&worker(&[&path]), 2, &parts);
}

#[test]
fn a_taken_port() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let path = folder.properties("listeners", &format!("http://127.0.0.1:{port}"));
    check(&worker(&[&path]), 3, &[&port, "in use"]);
}

#[test]
fn a_missing_folder_for_the_offsets() {
    let folder = Folder::new();
    let path = folder.properties("offset.storage.file.filename", "/no/such/folder/offsets");
    check(&worker(&[&path]), 3, &["/no/such/folder"]);
}

#[test]
fn an_offset_file_that_is_none() {
    let folder = Folder::new();
    let offsets = folder.write("nonsense", "this is no offset file");
    let path = folder.properties("offset.storage.file.filename", &offsets.display().to_string());
    check(&worker(&[&path]), 3, &["nonsense"]);
    let kept = std::fs::read_to_string(&offsets).unwrap();
    assert_eq!(kept, "this is no offset file", "a file that is not ours is left alone");
}

#[test]
fn connector_files_that_cannot_be_read_are_named_all_of_them() {
    let folder = Folder::new();
    let properties = folder.properties("topic.creation.enable", "true");
    let no_json = folder.write("one.json", "{");
    let no_text = folder.write("two.json", "[1]");
    check(
        &worker(&[&properties, &no_json, &no_text, &folder.path("three.json")]),
        2,
        &["one.json", "two.json", "three.json"],
    );
}

#[test]
fn a_connector_that_is_refused_is_named_with_every_problem() {
    let folder = Folder::new();
    let properties = folder.properties("topic.creation.enable", "true");
    let config = r#"{"name": "one", "config": {"connector.class": "FileStreamSource", "tasks.max": "many"}}"#;
    let refused = folder.write("one.json", config);
    check(
        &worker(&[&properties, &refused]),
        2,
        &["one", "tasks.max", "Missing required configuration \"topic\""],
    );
}

#[test]
fn a_listener_for_everybody_is_refused() {
    let folder = Folder::new();
    let path = folder.properties("listeners", "http://0.0.0.0:0");
    check(&worker(&[&path]), 2, &["listeners", "127.0.0.1", "sluice.rest.authentication"]);
}
