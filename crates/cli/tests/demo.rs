//! `sluice demo` as a user runs it: any number of rows is exact, and the answer is for people or programs.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::process::{Command, Output};

use serde_json::Value;

fn sluice(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluice")).args(arguments).output().unwrap()
}

fn demo_json(arguments: &[&str]) -> Value {
    let output = sluice(&[&["demo", "-o", "json"], arguments].concat());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}\n{}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).expect("standard output carries one JSON object and nothing else")
}

fn check(answer: &Value, rows: u64) {
    assert_eq!(answer["schema"], "sluice/demo/v1");
    assert_eq!(answer["ok"], true);
    let places = &answer["result"]["places"];
    for place in ["database", "topic", "bucket"] {
        assert_eq!(places[place]["rows"], rows, "{place}");
        assert_eq!(places[place]["checksum"], places["database"]["checksum"], "{place}");
    }
    for address in ["kafka", "s3", "rest", "folder"] {
        assert!(answer["result"]["addresses"][address].is_string(), "{address}");
    }
}

#[test]
fn one_row_is_exact() {
    check(&demo_json(&["--rows", "1"]), 1);
}

#[test]
fn a_number_that_fills_no_file_is_exact() {
    check(&demo_json(&["--rows", "12345"]), 12_345);
}

#[test]
fn postgresql_works_the_same_way() {
    let server = testkit::postgres::Server::start().expect("a PostgreSQL for tests");
    check(&demo_json(&["--rows", "2345", "--postgres", &server.url()]), 2_345);
}

#[test]
fn people_get_a_table_and_progress_goes_elsewhere() {
    let output = sluice(&["demo", "--rows", "100"]);
    let (answer, progress) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{progress}");
    assert!(answer.starts_with("PLACE "), "{answer}");
    assert!(answer.contains("[ok] every field of every row is the same"), "{answer}");
    assert!(!answer.contains('\u{1b}'), "no escapes when nobody looks: {answer:?}");
    assert!(progress.contains("filling SQLite with 100 orders"), "{progress}");
}

#[test]
fn a_wrong_postgres_url_is_said_without_its_password() {
    let output =
        sluice(&["demo", "--rows", "1", "--postgres", "postgres://me:canary-secret@127.0.0.1:1/none"]);
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("error: cannot connect to the PostgreSQL"), "{text}");
    assert!(!text.contains("canary-secret"), "{text}");
}

#[test]
fn a_folder_that_cannot_be_made_is_one_clear_line() {
    let output = sluice(&["demo", "--rows", "1", "--data", "/proc/no-such-folder", "--quiet"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(errors.starts_with("error: cannot make the folder /proc/no-such-folder"), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

#[test]
fn a_folder_with_an_earlier_demo_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("orders.sqlite"), "mine").unwrap();
    let output = sluice(&["demo", "--rows", "1", "--data", folder.path().to_str().unwrap(), "--quiet"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("orders.sqlite is there already"), "{errors}");
    assert_eq!(std::fs::read(folder.path().join("orders.sqlite")).unwrap(), b"mine");
}

#[test]
fn no_command_is_a_usage_error_that_lists_them() {
    let output = sluice(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("sluice demo"));
    let output = sluice(&["dmeo"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("demo"), "a typo is answered with a suggestion");
}
