//! A worker of a test: fake connectors, the file connectors, Kafka in memory.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use api::{Clock, ManualClock};
use config::RawConfig;
use kafka::memory::{Cluster, WorkerGroups};
use serde_json::{Value, json};
use sluice_worker::logging::Logs;
use sluice_worker::{Options, Running, Worker};
use tempfile::TempDir;

use crate::client::{Answer, eventually, send};
use crate::fakes;

/// Keeps what is written.
#[derive(Debug, Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    pub fn json(&self) -> Vec<Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "whole lines only");
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub struct TestWorker {
    pub cluster: Cluster,
    pub folder: TempDir,
    pub address: SocketAddr,
    /// Of each listener.
    pub addresses: Vec<SocketAddr>,
    pub admin: Vec<SocketAddr>,
    /// What was written for CloudWatch.
    pub metric_lines: Lines,
    running: Option<Running>,
    runtime: tokio::runtime::Runtime,
}

impl TestWorker {
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// A worker with more keys than a plain one.
    pub fn with(keys: &[(&str, &str)]) -> Self {
        Self::with_logs(keys, Logs::default())
    }

    /// And with this log.
    pub fn with_logs(keys: &[(&str, &str)], logs: Logs) -> Self {
        Self::try_with(keys, |options| options.logs(logs)).unwrap_or_else(|why| panic!("{why}"))
    }

    /// A worker whose REST goes by this clock.
    pub fn with_clock(keys: &[(&str, &str)], clock: Arc<ManualClock>) -> Self {
        Self::try_with(keys, |options| options.rest_clock(clock)).unwrap_or_else(|why| panic!("{why}"))
    }

    /// And with this log.
    pub fn with_clock_and_logs(keys: &[(&str, &str)], clock: Arc<ManualClock>, logs: Logs) -> Self {
        Self::try_with(keys, |options| options.rest_clock(clock).logs(logs))
            .unwrap_or_else(|why| panic!("{why}"))
    }

    /// Why a worker of these keys does not start.
    pub fn refused(keys: &[(&str, &str)]) -> String {
        Self::try_with(keys, |options| options).err().expect("it starts")
    }

    fn try_with(keys: &[(&str, &str)], more: impl FnOnce(Options) -> Options) -> Result<Self, String> {
        let folder = tempfile::tempdir().unwrap();
        let cluster = Cluster::new();
        let mut properties: RawConfig = [
            ("bootstrap.servers", "memory:1"),
            ("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("value.converter.schemas.enable", "false"),
            ("listeners", "http://127.0.0.1:0"),
            ("offset.flush.interval.ms", "50"),
        ]
        .into_iter()
        .collect();
        properties.set("offset.storage.file.filename", folder.path().join("offsets").display().to_string());
        for (key, value) in keys {
            properties.set(*key, *value);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = Options::new(properties).registry(fakes::registry()).clients(cluster.clients());
        let metric_lines = Lines::default();
        let options = more(options.metric_lines(metric_lines.clone()));
        let running = runtime.block_on(Worker::start(options)).map_err(|error| error.to_string())?;
        let (addresses, admin) = (running.rest_addresses().to_vec(), running.admin_addresses().to_vec());
        let (address, running) = (running.rest_address(), Some(running));
        Ok(Self { cluster, folder, address, addresses, admin, metric_lines, running, runtime })
    }

    /// One of a group, on a cluster that others use, too. It is known as [`Self::id`].
    pub fn in_group(name: &str, cluster: &Cluster, groups: &WorkerGroups) -> Self {
        Self::in_group_with(name, cluster, groups, &[])
    }

    /// And with more keys.
    pub fn in_group_with(
        name: &str,
        cluster: &Cluster,
        groups: &WorkerGroups,
        keys: &[(&str, &str)],
    ) -> Self {
        Self::in_group_as(name, cluster, groups, keys, |options| options)
    }

    /// And whose REST goes by this clock.
    pub fn in_group_by(
        name: &str,
        cluster: &Cluster,
        groups: &WorkerGroups,
        keys: &[(&str, &str)],
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::in_group_as(name, cluster, groups, keys, |options| options.rest_clock(clock))
    }

    /// And with other options.
    pub fn in_group_as(
        name: &str,
        cluster: &Cluster,
        groups: &WorkerGroups,
        keys: &[(&str, &str)],
        more: impl FnOnce(Options) -> Options,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut properties: RawConfig = [
            ("bootstrap.servers", "memory:1"),
            ("client.id", name),
            ("group.id", "workers"),
            ("config.storage.topic", "configs"),
            ("offset.storage.topic", "offsets"),
            ("status.storage.topic", "statuses"),
            ("session.timeout.ms", "600"),
            ("heartbeat.interval.ms", "50"),
            ("key.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("value.converter", "org.apache.kafka.connect.json.JsonConverter"),
            ("listeners", "http://127.0.0.1:0"),
        ]
        .into_iter()
        .collect();
        for (key, value) in keys {
            properties.set(*key, *value);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let options = Options::new(properties)
            .distributed()
            .registry(fakes::registry())
            .clients(cluster.clients())
            .memberships(Arc::new(groups.clone()));
        let running = runtime.block_on(Worker::start(more(options))).unwrap();
        let (address, admin) = (running.rest_address(), running.admin_addresses().to_vec());
        let addresses = running.rest_addresses().to_vec();
        let metric_lines = Lines::default();
        Self {
            cluster: cluster.clone(),
            folder,
            address,
            addresses,
            admin,
            metric_lines,
            running: Some(running),
            runtime,
        }
    }

    /// The name under which the worker is known in its group.
    pub fn id(&self) -> String {
        self.address.to_string()
    }

    /// Waits until the worker says that it cannot go on.
    pub fn failed(&self) -> String {
        let running = self.running.as_ref().unwrap();
        let limit = std::time::Duration::from_secs(30);
        self.runtime.block_on(async { tokio::time::timeout(limit, running.failed()).await }).unwrap()
    }

    pub fn send(&self, method: &str, path: &str) -> Answer {
        send(self.address, method, path, &[], b"")
    }

    pub fn send_json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send_text(method, path, &body.to_string())
    }

    pub fn send_text(&self, method: &str, path: &str, body: &str) -> Answer {
        send(self.address, method, path, &[("Content-Type", "application/json")], body.as_bytes())
    }

    /// Creates a connector and expects it to be accepted.
    pub fn create(&self, name: &str, config: Value) -> Answer {
        let answer = self.send_json("POST", "/connectors", &json!({"name": name, "config": config}));
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer
    }

    /// Waits until the connector and each task are in these states.
    pub fn wait(&self, name: &str, states: &[&str]) -> Value {
        let path = format!("/connectors/{name}/status");
        eventually(&format!("{name}: {states:?}"), || {
            let answer = self.send("GET", &path);
            if answer.status != 200 {
                return Err(answer.body);
            }
            let status = answer.json();
            let tasks = status["tasks"].as_array().unwrap();
            let found: Vec<&str> = [&status["connector"]["state"]]
                .into_iter()
                .chain(tasks.iter().map(|task| &task["state"]))
                .filter_map(Value::as_str)
                .collect();
            if found == states { Ok(status.clone()) } else { Err(status.to_string()) }
        })
    }

    pub fn path(&self, file: &str) -> String {
        self.folder.path().join(file).display().to_string()
    }

    pub fn stop(mut self) {
        self.end();
    }

    /// Ends as a killed process does: nothing is told to anybody.
    pub fn crash(mut self) {
        drop(self.running.take());
    }

    fn end(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.shutdown());
        }
    }
}

impl Drop for TestWorker {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end();
        }
    }
}
