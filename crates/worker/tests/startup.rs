//! What keeps a worker from starting: one clear line each, all of them at once.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

use std::path::Path;

use config::RawConfig;
use herder::Health;
use kafka::memory::Cluster;
use sluice_worker::{Error, Options, Worker, connector_file};

fn properties(folder: &Path) -> RawConfig {
    RawConfig::new()
        .with("bootstrap.servers", "memory:1")
        .with("key.converter", "org.apache.kafka.connect.json.JsonConverter")
        .with("value.converter", "org.apache.kafka.connect.json.JsonConverter")
        .with("listeners", "http://127.0.0.1:0")
        .with("offset.storage.file.filename", folder.join("offsets").display().to_string())
}

fn options(properties: RawConfig) -> Options {
    Options::new(properties).named("worker.properties").clients(Cluster::new().clients())
}

async fn refused(options: Options) -> Error {
    match Worker::start(options).await {
        Ok(running) => {
            running.shutdown().await;
            panic!("the worker started");
        }
        Err(error) => error,
    }
}

#[tokio::test]
async fn connectors_of_files_are_created() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.txt").display().to_string();
    let files = [folder.path().join("a.properties"), folder.path().join("b.json")];
    let class = "connector.class=FileStreamSource";
    std::fs::write(&files[0], format!("name=a\n{class}\ntopic=t\nfile={input}\n")).unwrap();
    let text = format!(
        r#"{{"name":"b","config":{{"connector.class":"FileStreamSource","topic":"t","file":"{input}"}},"initial_state":"stopped"}}"#
    );
    std::fs::write(&files[1], text).unwrap();
    let connectors = connector_file::read(&files).unwrap();
    let running = Worker::start(options(properties(folder.path())).connectors(connectors)).await.unwrap();
    assert_eq!(running.herder().health().await, Health::Healthy);
    let names = running.herder().connectors().await.unwrap();
    assert_eq!(names.iter().map(|name| name.as_ref()).collect::<Vec<_>>(), ["a", "b"]);
    running.shutdown().await;
}

#[tokio::test]
async fn every_problem_of_every_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let files = [folder.path().join("a.properties"), folder.path().join("b.json")];
    std::fs::write(&files[0], "name=a\nconnector.class=FileStreamSource\ntasks.max=x\n").unwrap();
    std::fs::write(&files[1], r#"{"name":"b","connector.class":"com.example.Nope"}"#).unwrap();
    let connectors = connector_file::read(&files).unwrap();
    let error = refused(options(properties(folder.path())).connectors(connectors)).await;
    assert_eq!(error.exit_code(), 2);
    let text = error.to_string();
    for expected in [
        "a.properties: Invalid value x for configuration tasks.max",
        "a.properties: Missing required configuration \"topic\"",
        "b.json: Failed to find any class",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }

    let error = refused(options(RawConfig::new().with("listeners", "ftp://x"))).await;
    let text = error.to_string();
    assert!(
        text.lines().count() >= 4 && text.lines().all(|line| line.starts_with("worker.properties: ")),
        "{text}"
    );
}

#[tokio::test]
async fn a_taken_port_and_a_missing_folder_are_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = format!("http://{}", other.local_addr().unwrap());
    let error = refused(options(properties(folder.path()).with("listeners", taken))).await;
    assert_eq!((error.exit_code(), error.to_string().lines().count()), (3, 1));
    assert!(error.to_string().contains("set another one in listeners"), "{error}");

    let missing = folder.path().join("missing").join("offsets").display().to_string();
    let error =
        refused(options(properties(folder.path()).with("offset.storage.file.filename", missing))).await;
    assert_eq!((error.exit_code(), error.to_string().lines().count()), (3, 1));
    assert!(error.to_string().contains("create it"), "{error}");
}

#[tokio::test]
async fn brokers_that_do_not_answer_do_not_keep_it_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster::new();
    cluster.fail_next_admin_calls(usize::MAX);
    let options = Options::new(properties(folder.path())).clients(cluster.clients());
    let running = Worker::start(options).await.unwrap();
    assert_eq!(running.herder().health().await, Health::Healthy);
    running.shutdown().await;
}
