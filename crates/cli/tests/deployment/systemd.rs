//! blueprint/systemd.

use std::process::Command;

use serde_json::{Value, json};

use crate::files::{Root, blueprint, must_be_clean, number, on_embedded_broker, read, secret_names};
use crate::process::Worker;

const UNIT: &str = "sluice-worker.service";
const CREDENTIALS: &str = "/run/credentials/sluice-worker.service";

// Settings in order; a key may come several times.
fn settings() -> Vec<(String, String)> {
    let text = read(blueprint("systemd").join(UNIT));
    let lines = text.lines().filter(|line| !line.starts_with(['#', '[']) && !line.trim().is_empty());
    lines
        .map(|line| {
            let (key, value) = line.split_once('=').unwrap_or_else(|| panic!("{line}"));
            (key.to_owned(), value.to_owned())
        })
        .collect()
}

fn all(key: &str) -> Vec<String> {
    settings().into_iter().filter(|(known, _)| known == key).map(|(_, value)| value).collect()
}

fn one(key: &str) -> String {
    let mut all = all(key);
    assert_eq!(all.len(), 1, "{key}: {all:?}");
    all.remove(0)
}

#[test]
fn the_service_has_no_rights_and_the_time_that_it_takes() {
    for (key, value) in [
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("RestrictNamespaces", "yes"),
        ("MemoryDenyWriteExecute", "yes"),
    ] {
        assert_eq!(one(key), value, "{key}");
    }
    let properties = read(blueprint("systemd/worker.properties"));
    let graceful = number(&properties, "task.shutdown.graceful.timeout.ms") / 1000;
    let stop: u64 = one("TimeoutStopSec").trim_end_matches('s').parse().unwrap();
    assert!(stop >= graceful + 10, "{stop} s for {graceful} s and REST's 10 s");
    assert!(properties.contains("\nlisteners=http://127.0.0.1:8083\n"), "REST is for this machine alone");
}

#[test]
fn what_exec_start_says_runs_with_the_files_that_it_names() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let broker = dev_broker::Options::default().start().await.unwrap();
        let (root, places) = (Root::new(), ["/etc/sluice", CREDENTIALS]);
        let properties = read(blueprint("systemd/worker.properties"));
        let connector = read(blueprint("systemd/connectors/orders-source.json"));
        root.write("/etc/sluice/worker.properties", &properties, &places);
        root.write("/etc/sluice/connectors/orders-source.json", &connector, &places);
        // What LoadCredential brings is what the files name.
        let given: Vec<String> = all("LoadCredential")
            .iter()
            .map(|credential| {
                let (name, path) = credential.split_once(':').unwrap();
                assert_eq!(path, format!("/etc/sluice/secrets/{name}"));
                name.to_owned()
            })
            .collect();
        let mut sorted = given.clone();
        sorted.sort();
        assert_eq!(sorted, secret_names(&(properties + &connector), CREDENTIALS));
        std::fs::create_dir_all(root.path(CREDENTIALS)).unwrap();
        for name in &given {
            std::fs::write(root.path(CREDENTIALS).join(name), format!("s3cret-of-{name}")).unwrap();
        }
        let command = root.led_here(&one("ExecStart"), &places);
        let arguments: Vec<String> = command.split(' ').skip(1).map(str::to_owned).collect();
        let mut command = on_embedded_broker(&arguments, &broker.bootstrap());
        let (name, value) =
            one("Environment").split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())).unwrap();
        assert_eq!(value, "%H", "the machine's name");
        command.env(name, "vm-1.example.com");
        let mut worker = Worker::start(&mut command);
        must_be_clean(&worker.log);
        worker.wait("/connectors", |answer| *answer == json!(["orders-source"])).await;
        let is_mine =
            |status: &Value| status["connector"]["worker_id"] == format!("vm-1.example.com:{}", worker.port);
        worker.wait("/connectors/orders-source/status", is_mine).await;
        assert_eq!(worker.stop(), Some(0));
    });
}

#[test]
fn systemd_takes_the_unit() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        return testkit::skip("systemd_takes_the_unit", "systemd-analyze is not installed");
    }
    // It looks for the program, which is where the test has it.
    let folder = tempfile::tempdir().unwrap();
    let unit = folder.path().join(UNIT);
    let text = read(blueprint("systemd").join(UNIT)).replace("/usr/local/bin/sluice", crate::process::SLUICE);
    std::fs::write(&unit, text).unwrap();
    let verified = Command::new("systemd-analyze").arg("verify").arg(&unit).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    let about: Vec<&str> = said.lines().filter(|line| line.contains(UNIT)).collect();
    assert!(verified.status.success() && about.is_empty(), "{said}");
    let mut security = Command::new("systemd-analyze");
    security.args(["security", "--offline=true", "--threshold=15"]).arg(&unit);
    let judged = security.output().unwrap();
    let said = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "exposure above 1.5 of 10: {}", said.lines().last().unwrap_or_default());
}
