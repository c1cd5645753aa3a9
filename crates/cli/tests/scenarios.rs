//! The scenarios of the repository, held with our worker on the embedded broker: as Kafka Connect answers, or as the
//! scenario says that ours does on purpose.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test that cannot go on fails; counts are for whoever looks

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use testkit::scenario::{self, Peer, Step, Talk};

/// The name that scenarios have for the worker's address.
const ADDRESS: &str = "127.0.0.1:8083";

struct Worker {
    process: Child,
    folder: tempfile::TempDir,
    peer: Peer,
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Worker {
    fn start(bootstrap: &str, more: &[(&str, &str)], standalone: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut properties = format!(
            "bootstrap.servers={bootstrap}\nlisteners=http://127.0.0.1:0\noffset.flush.interval.ms=100\n\
             key.converter=org.apache.kafka.connect.json.JsonConverter\n\
             value.converter=org.apache.kafka.connect.json.JsonConverter\n\
             rest.advertised.host.name=127.0.0.1\nrest.advertised.port=8083\n"
        );
        for (key, value) in more {
            properties.push_str(&format!("{key}={value}\n"));
        }
        let file = folder.path().join("worker.properties");
        std::fs::write(&file, properties).unwrap();
        let log = std::fs::File::create(folder.path().join("worker.log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
        command.arg("worker").args(standalone.then_some("--standalone")).arg(&file);
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let process = command.spawn().unwrap();
        let peer = Peer {
            authority: String::new(),
            folder: folder.path().to_owned(),
            ours: true,
            distributed: !standalone,
            called: Vec::new(),
        };
        let mut worker = Self { process, folder, peer };
        let port = worker.port();
        worker.peer.authority = format!("127.0.0.1:{port}");
        let whole = worker.folder.path().display().to_string();
        worker.peer.called = vec![
            (worker.peer.authority.clone(), ADDRESS.to_owned()),
            (bootstrap.to_owned(), "broker:9092".to_owned()),
            (whole, "/folder".to_owned()),
        ];
        worker
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("worker.log")).unwrap()
    }

    // The one that the system gave it.
    fn port(&mut self) -> u16 {
        loop {
            let log = self.log();
            let port = log.lines().find_map(|line| line.split_once("REST listens on http://127.0.0.1:"));
            let digits = port.and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next());
            if let Some(port) = digits.and_then(|digits| digits.parse().ok()) {
                return port;
            }
            assert!(self.process.try_wait().unwrap().is_none(), "the worker has ended:\n{log}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn hold_all(&self) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
        let scenarios = scenario::all(&folder).unwrap();
        let (mut requests, mut differing, mut wrong) = (0, 0, Vec::new());
        for scenario in &scenarios {
            let mut talk = Talk::with(&self.peer);
            for (number, step) in (1..).zip(&scenario.steps) {
                let at = |why: &str| format!("{}, step {number}: {why}", scenario.name);
                if let Step::Send { answers, .. } = step {
                    requests += 1;
                    differing += u32::from(answers.differ());
                }
                match talk.take(step) {
                    Ok(said) if said.wrong.is_empty() => {}
                    Ok(said) => {
                        wrong.push(at(&format!("{}\n    it is {}", said.wrong.join("; "), said.answer)))
                    }
                    Err(why) => wrong.push(at(&why)),
                }
            }
        }
        println!(
            "{} scenarios, {requests} requests: {} answered as Kafka Connect does, {differing} otherwise on purpose, \
             {} wrong",
            scenarios.len(),
            requests - differing,
            wrong.len()
        );
        assert!(scenarios.len() > 10 && requests > 200, "the scenarios are not there");
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standalone_worker_answers_as_the_scenarios_say() {
    let broker = dev_broker::Options::default().start().await.unwrap();
    let worker = Worker::start(&broker.bootstrap(), &[("offset.storage.file.filename", "offsets")], true);
    worker.hold_all();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_distributed_worker_answers_as_the_scenarios_say() {
    let broker = dev_broker::Options::default().start().await.unwrap();
    let group = [
        ("group.id", "scenarios"),
        ("config.storage.topic", "configs"),
        ("offset.storage.topic", "offsets"),
        ("status.storage.topic", "statuses"),
        ("config.storage.replication.factor", "1"),
        ("offset.storage.replication.factor", "1"),
        ("status.storage.replication.factor", "1"),
    ];
    let worker = Worker::start(&broker.bootstrap(), &group, false);
    worker.hold_all();
}
