//! `sluice worker` with its properties in `CONNECT_*` variables, as container images of Kafka Connect take them.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

fn worker(variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.arg("worker").env_clear().envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

// What it says when it cannot start.
fn refused(command: &mut Command) -> String {
    let output = command.stderr(Stdio::piped()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    text
}

#[test]
fn without_file_and_variables_it_says_how() {
    let text = refused(&mut worker(&[("PATH", "/bin")]));
    assert!(text.contains("CONNECT_BOOTSTRAP_SERVERS for bootstrap.servers"), "{text}");
}

#[test]
fn variables_alone_are_checked_as_a_file_is() {
    let text = refused(&mut worker(&[("CONNECT_GROUP_ID", "g"), ("CONNECT_LISTENERS", "ftp://x")]));
    for part in ["CONNECT_* variables", "bootstrap.servers", "config.storage.topic", "listeners"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("group.id\""), "{text}");
}

#[test]
fn a_variable_outweighs_the_file_and_standalone_reads_none() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("worker.properties");
    std::fs::write(&file, "bootstrap.servers=a:1\nlisteners=ftp://x\n").unwrap();
    let text = refused(worker(&[("CONNECT_LISTENERS", "http://127.0.0.1:0")]).arg(&file));
    assert!(text.contains("group.id") && !text.contains("ftp"), "the file's listeners are not used: {text}");
    assert!(!text.contains("bootstrap.servers"), "the file's servers are: {text}");
    let mut alone = worker(&[("CONNECT_LISTENERS", "http://127.0.0.1:0")]);
    let text = refused(alone.arg("--standalone").arg(&file));
    assert!(text.contains("ftp"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_of_a_group_runs_from_variables_and_tells_no_value() {
    let broker = dev_broker::Options::default().start().await.unwrap();
    let json = "org.apache.kafka.connect.json.JsonConverter";
    let variables = [
        ("CONNECT_BOOTSTRAP_SERVERS", broker.bootstrap()),
        ("CONNECT_REST_ADVERTISED_HOST_NAME", "connect".to_owned()),
        ("CONNECT_LISTENERS", "http://127.0.0.1:0".to_owned()),
        ("CONNECT_GROUP_ID", "compose".to_owned()),
        ("CONNECT_CONFIG_STORAGE_TOPIC", "configs".to_owned()),
        ("CONNECT_OFFSET_STORAGE_TOPIC", "offsets".to_owned()),
        ("CONNECT_STATUS_STORAGE_TOPIC", "statuses".to_owned()),
        ("CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR", "1".to_owned()),
        ("CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR", "1".to_owned()),
        ("CONNECT_STATUS_STORAGE_REPLICATION_FACTOR", "1".to_owned()),
        ("CONNECT_KEY_CONVERTER", json.to_owned()),
        ("CONNECT_VALUE_CONVERTER", json.to_owned()),
        ("CONNECT_PLUGIN_PATH", "/usr/share/java".to_owned()),
        ("CONNECT_LOG4J_ROOT_LOGLEVEL", "WARN".to_owned()),
        ("CONNECT_SOME__PASS___WORD", "s3cret-canary".to_owned()),
    ];
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut process = worker(&variables).spawn().unwrap();
    let mut log = Vec::new();
    let output = BufReader::new(process.stdout.take().unwrap());
    for line in output.lines() {
        log.push(line.unwrap());
        if log.iter().any(|line| line.contains("REST listens on http://127.0.0.1:")) {
            break;
        }
    }
    let _ = process.kill();
    let _ = process.wait();
    let text = log.join("\n");
    assert!(text.contains("REST listens on"), "{text}");
    assert!(text.contains("these keys are from CONNECT_* variables: bootstrap.servers, "), "{text}");
    assert!(text.contains("some_pass-word") && !text.contains("s3cret-canary"), "{text}");
    let unused = log.iter().find(|line| line.contains("for a Java worker and have no effect")).unwrap();
    assert!(unused.contains("log4j.root.loglevel") && unused.contains("plugin.path"), "{unused}");
}
