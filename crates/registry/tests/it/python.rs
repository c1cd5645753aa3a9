//! Confluent's Python client against the registry.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::server::Registry;

const PROGRAM: &str = include_str!("client.py");

#[test]
fn the_python_client_registers_reads_checks_and_deletes() {
    let name = "the_python_client_registers_reads_checks_and_deletes";
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let Some(python) = testkit::python::with_confluent_client(target, name) else { return };
    let registry = Registry::start();
    let output =
        Command::new(python).args(["-c", PROGRAM, registry.url()]).env("NO_PROXY", "*").output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().last(), Some("done"));
    // What it left: the schemas that its serializers registered.
    let subjects = registry.get("/subjects").ok();
    assert_eq!(subjects, json!(["orders-value", "parts-value", "people-value"]));
}
