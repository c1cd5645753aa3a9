//! Confluent's Python client against the registry.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::server::Registry;

const PACKAGE: &str = "confluent-kafka[avro,json,protobuf,schemaregistry]==2.16.1";
const PROGRAM: &str = include_str!("client.py");

/// The interpreter of an environment with the client, below target/; made when it is not there.
fn python() -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = target.join("confluent-kafka-python");
    let python = folder.join("bin/python");
    let mark = folder.join("installed");
    if std::fs::read_to_string(&mark).is_ok_and(|text| text == PACKAGE) && python.exists() {
        return Ok(python);
    }
    let _ = std::fs::remove_dir_all(&folder);
    let run = |command: &mut Command| {
        let output = command.output().map_err(|error| error.to_string())?;
        let errors = String::from_utf8_lossy(&output.stderr);
        let last = errors.lines().last().unwrap_or_default().to_owned();
        if output.status.success() { Ok(()) } else { Err(last) }
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    run(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        PACKAGE,
    ]))?;
    std::fs::write(mark, PACKAGE).map_err(|error| error.to_string())?;
    Ok(python)
}

#[test]
fn the_python_client_registers_reads_checks_and_deletes() {
    let name = "the_python_client_registers_reads_checks_and_deletes";
    if !testkit::interop(name) {
        return;
    }
    let python = match python() {
        Ok(python) => python,
        Err(why) => return testkit::skip(name, &format!("the Python client cannot be installed: {why}")),
    };
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
