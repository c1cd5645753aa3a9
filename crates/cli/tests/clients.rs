//! Clients that others wrote for Kafka Connect drive our worker with their own calls: `tests/clients/`.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

struct Stack {
    process: Child,
    folder: tempfile::TempDir,
    url: String,
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Stack {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("in.txt"), "one\n").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command.args(["dev", "-o", "json"]).env("TMPDIR", folder.path()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let output = process.stdout.take().unwrap();
        let answer: Value =
            serde_json::Deserializer::from_reader(output).into_iter().next().unwrap().unwrap();
        let url = answer["result"]["rest"].as_str().unwrap().to_owned();
        Self { process, folder, url }
    }

    fn drive(&self, client: &mut Command, script: &str, address: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(script);
        let output =
            client.arg(script).args(address).arg(self.folder.path().join("in.txt")).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(": all calls"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    }

    fn host_and_port(&self) -> [&str; 2] {
        let (host, port) = self.url.strip_prefix("http://").unwrap().split_once(':').unwrap();
        [host, port]
    }
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_sluice")).ancestors().nth(2).unwrap()
}

#[test]
fn the_python_clients_of_kafka_connect_drive_the_worker() {
    let name = "the_python_clients_of_kafka_connect_drive_the_worker";
    let Some(python) = testkit::python::with_connect_clients(target(), name) else { return };
    let stack = Stack::start();
    stack.drive(&mut Command::new(&python), "connect_py.py", &[&stack.url]);
    stack.drive(&mut Command::new(&python), "connect_api.py", &stack.host_and_port());
}

#[test]
fn the_npm_client_of_kafka_connect_drives_the_worker() {
    let name = "the_npm_client_of_kafka_connect_drives_the_worker";
    let Some(modules) = testkit::node::with_connect_client(target(), name) else { return };
    let stack = Stack::start();
    stack.drive(Command::new("node").env("NODE_PATH", modules), "client.js", &stack.host_and_port());
}
