//! `sluice worker` as a container runs it: nothing but variables, an address that the platform tells, a health check that
//! is the same program.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;

use serde_json::json;

use crate::files::{blueprint, must_be_clean, read};
use crate::process::{SLUICE, Worker, health};

// Answers as the metadata endpoint of an ECS task, until the test ends.
pub fn metadata_of_ecs() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            let body =
                json!({"Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": ["127.0.0.1"]}]}).to_string();
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        }
    });
    format!("http://{address}/v4/task")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_of_ecs_runs_from_variables_alone() {
    let broker = dev_broker::Options::default().start().await.unwrap();
    let (bootstrap, metadata) = (broker.bootstrap(), metadata_of_ecs());
    let text = "org.apache.kafka.connect.storage.StringConverter";
    let connectors =
        json!({"lines": {"connector.class": "FileStreamSource", "file": "/etc/hosts", "topic": "t"}});
    let connectors = connectors.to_string();
    let variables = [
        ("CONNECT_BOOTSTRAP_SERVERS", bootstrap.as_str()),
        ("CONNECT_GROUP_ID", "ecs"),
        ("CONNECT_LISTENERS", "http://:0"),
        ("CONNECT_SLUICE_REST_INSECURE", "true"),
        ("CONNECT_CONFIG_STORAGE_TOPIC", "configs"),
        ("CONNECT_OFFSET_STORAGE_TOPIC", "offsets"),
        ("CONNECT_STATUS_STORAGE_TOPIC", "statuses"),
        ("CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR", "1"),
        ("CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR", "1"),
        ("CONNECT_STATUS_STORAGE_REPLICATION_FACTOR", "1"),
        ("CONNECT_KEY_CONVERTER", text),
        ("CONNECT_VALUE_CONVERTER", text),
        ("ECS_CONTAINER_METADATA_URI_V4", metadata.as_str()),
        ("SLUICE_CONNECTORS", connectors.as_str()),
    ];
    let mut command = Command::new(SLUICE);
    command.arg("worker").env_clear().envs(variables);
    let mut worker = Worker::start(&mut command);
    let told = worker.log.iter().any(|line| line.contains("rest.advertised.host.name is 127.0.0.1"));
    assert!(told, "{:#?}", worker.log);
    let found =
        worker.wait("/connectors/lines/status", |answer| answer["tasks"][0]["state"] == "RUNNING").await;
    assert_eq!(found["connector"]["worker_id"], format!("127.0.0.1:{}", worker.port));
    let (code, text) = health(&format!("http://127.0.0.1:{}/health", worker.port));
    assert!(code == Some(0) && text.starts_with("healthy: "), "{text}");
    let (code, text) = health(&format!("http://127.0.0.1:{}/", worker.port));
    assert!(code == Some(1) && text.contains("not as a worker's /health"), "{text}");
    assert_eq!(worker.stop(), Some(0));
}

// What the Terraform module makes of a property's name.
fn variable(key: &str) -> String {
    let name = key.replace('_', "__").replace('-', "___").replace('.', "_").to_uppercase();
    format!("CONNECT_{name}")
}

/// The module's properties as variables, with those of REST that are in this map of rest.tf: values that are plain texts as
/// they are, others as they are in this test.
pub fn properties_of_the_module(rest: &str, bootstrap: &str) -> Vec<(String, String)> {
    let module = blueprint("terraform/modules/kafka-connect-cluster/self-managed");
    let maps = read(module.join("rest.tf"));
    let map = maps.split(&format!("{rest} = {{")).nth(1).unwrap().split("\n  }").next().unwrap().to_owned();
    let text = read(module.join("worker.tf")) + &map;
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" "));
    let open = rest == "rest_open";
    let mut found = Vec::new();
    for (key, rest) in lines {
        let Some(value) = rest.trim_start().strip_prefix("= ") else { continue };
        let plain = value.strip_prefix('"').and_then(|value| value.split_once('"')).map(|(value, _)| value);
        let value = match key {
            "bootstrap.servers" => bootstrap.to_owned(),
            "group.id" => "module".to_owned(),
            "config.storage.topic" | "offset.storage.topic" | "status.storage.topic" => key.to_owned(),
            "internal.topics.automatic.creation.enable" => "true".to_owned(),
            "exactly.once.source.support" => "disabled".to_owned(),
            // At free ports.
            "listeners" if open => "http://:0".to_owned(),
            "listeners" => "https://:0,http://127.0.0.1:0".to_owned(),
            // In Terraform $${ is ${.
            _ => plain.unwrap_or_else(|| panic!("{key} = {value}")).replace("$${", "${"),
        };
        assert!(
            key == "listeners" || !value.contains("${local") && !value.contains("${var"),
            "{key} = {value}"
        );
        found.push((variable(key), value));
    }
    for storage in ["config", "offset", "status"] {
        found.push((variable(&format!("{storage}.storage.replication.factor")), "1".to_owned()));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_properties_of_the_terraform_module_are_known_and_do_something() {
    let broker = dev_broker::Options::default().start().await.unwrap();
    let properties = properties_of_the_module("rest_open", &broker.bootstrap());
    assert!(properties.len() >= 20, "{properties:?}");
    let mut command = Command::new(SLUICE);
    command
        .arg("worker")
        .env_clear()
        .envs(properties)
        .env("ECS_CONTAINER_METADATA_URI_V4", metadata_of_ecs());
    command.env("CONNECT_SLUICE_METRICS_EMF", "true").env("CONNECT_SLUICE_METRICS_ENVIRONMENT", "test");
    let mut worker = Worker::start(&mut command);
    must_be_clean(&worker.log);
    worker.wait("/connectors", |answer| *answer == json!([])).await;
    assert_eq!(worker.stop(), Some(0));
}

#[test]
fn who_does_not_answer_is_not_healthy() {
    let (code, text) = health("http://127.0.0.1:1/health");
    assert!(code == Some(1) && text.contains("http://127.0.0.1:1/health: no answer"), "{text}");
}

#[test]
fn a_folder_of_connectors_that_is_not_there_is_said() {
    let mut command = Command::new(SLUICE);
    let command = command.args(["worker", "--connectors", "/no/such/folder"]).env_clear();
    let output = command.env("CONNECT_GROUP_ID", "g").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && text.contains("/no/such/folder: cannot read"), "{text}");
}
