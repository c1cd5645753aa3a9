//! Java's own programs against the embedded broker: its clients, its console tools, and Kafka Connect, distributed.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value as Json, json};
use testkit::apache_kafka::ConnectWorker;
use testkit::apache_kafka::artifacts::ConnectJars;
use testkit::apache_kafka::java::Java;

use crate::allowed::Allowed;
use crate::difference::Difference;
use crate::oracle::Oracle;
use crate::program::Program;
use crate::tally::Tally;

const PATIENCE: Duration = Duration::from_secs(60);

/// Runs all checks; each that fails is a difference.
///
/// # Errors
/// The broker does not start.
pub fn run(
    oracle: &mut Oracle,
    jars: &ConnectJars,
    allowed: &Allowed,
    tally: &mut Tally,
) -> anyhow::Result<usize> {
    let mut count = 0;
    let mut report = |name: &str, wrong: Option<String>| {
        let found =
            wrong.map(|why| Difference { at: "check".to_owned(), java: "works".to_owned(), ours: why });
        count += 1;
        tally.add(allowed, &format!("embedded broker, {name}"), &|| name.to_owned(), found.as_slice());
    };
    {
        let broker = Program::start("dev-broker", &[])?;
        let answer = oracle.ask(&json!({"op": "clients", "bootstrap": broker.address}))?;
        for check in answer["checks"].as_array().context("no checks")? {
            report(check[0].as_str().unwrap_or_default(), check[1].as_str().map(str::to_owned));
        }
        let console = console(&broker.address, jars);
        report("console producer and consumer", console.err().map(|error| format!("{error:#}")));
    }
    let broker = Program::start("dev-broker", &[])?;
    let connect = connect(&broker.address, jars);
    report("Kafka Connect, distributed, FileStream", connect.err().map(|error| format!("{error:#}")));
    Ok(count)
}

fn tool(jars: &ConnectJars, class: &str) -> Command {
    let mut command = Command::new("java");
    command
        .args(["-Xmx256m", "-XX:+UseSerialGC", "-Dlog4j2.level=OFF", "-cp"])
        .arg(format!("{}/*", jars.runtime.display()))
        .arg(class)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

fn console(bootstrap: &str, jars: &ConnectJars) -> anyhow::Result<()> {
    let topic = ["--topic", "console", "--bootstrap-server", bootstrap];
    let mut producer = tool(jars, "org.apache.kafka.tools.ConsoleProducer");
    producer.args(topic).args([
        "--reader-property",
        "parse.key=true",
        "--reader-property",
        "key.separator=:",
    ]);
    let mut process = Java::start(producer.stdin(Stdio::piped()))?;
    let mut input = process.process().stdin.take().context("no input")?;
    input.write_all(b"a:one\nb:two\nc:three\n")?;
    drop(input);
    let ended = process.process().wait()?;
    ensure!(ended.success(), "the console producer ended with {ended}");
    let mut consumer = tool(jars, "org.apache.kafka.tools.consumer.ConsoleConsumer");
    consumer.args(topic).args(["--from-beginning", "--max-messages", "3", "--timeout-ms", "30000"]);
    consumer.args(["--formatter-property", "print.key=true"]).stdin(Stdio::null()).stderr(Stdio::null());
    let mut process = Java::start(&mut consumer)?;
    let mut text = String::new();
    process.process().stdout.take().context("no output")?.read_to_string(&mut text)?;
    ensure!(text == "a\tone\nb\ttwo\nc\tthree\n", "the console consumer printed {text:?}");
    Ok(())
}

fn connect(bootstrap: &str, jars: &ConnectJars) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("sluice-interop-").tempdir()?;
    let properties = format!(
        "bootstrap.servers={bootstrap}\ngroup.id=interop\nconfig.storage.topic=interop-configs\n\
         offset.storage.topic=interop-offsets\nstatus.storage.topic=interop-status\n\
         config.storage.replication.factor=1\noffset.storage.replication.factor=1\n\
         status.storage.replication.factor=1\noffset.flush.interval.ms=500\n\
         key.converter=org.apache.kafka.connect.storage.StringConverter\n\
         value.converter=org.apache.kafka.connect.storage.StringConverter\n"
    );
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(PATIENCE))
        .build()
        .into();
    let lines: String = (0..500).map(|at| format!("line {at}\n")).collect();
    std::fs::write(folder.path().join("in.txt"), &lines)?;
    let worker = ConnectWorker::distributed(jars, folder.path(), &properties).map_err(anyhow::Error::msg)?;
    healthy(&agent, &worker)?;
    for (name, config) in [
        ("source", json!({"connector.class": "FileStreamSource", "file": "in.txt", "topic": "lines"})),
        (
            "sink",
            json!({"connector.class": "FileStreamSink", "file": "out.txt", "topics": "lines",
                        "consumer.override.auto.offset.reset": "earliest"}),
        ),
    ] {
        let request =
            agent.post(format!("{}/connectors", worker.url())).header("content-type", "application/json");
        let mut answer = request.send(json!({"name": name, "config": config}).to_string())?;
        ensure!(answer.status() == 201, "POST {name}: {}", answer.body_mut().read_to_string()?);
    }
    wait("the sink's file", &worker, || {
        Ok(std::fs::read_to_string(folder.path().join("out.txt")).is_ok_and(|text| text == lines))
    })?;
    let offset = json!({"position": lines.len()});
    wait("the source's offset", &worker, || {
        Ok(get(&agent, &worker, "/connectors/source/offsets")?["offsets"][0]["offset"] == offset)
    })?;
    worker.stop().map_err(anyhow::Error::msg)?;
    // Configs and offsets are in the broker: the next worker goes on where this one was.
    let next = ConnectWorker::distributed(jars, folder.path(), &properties).map_err(anyhow::Error::msg)?;
    healthy(&agent, &next)?;
    let added = "one more line\n";
    let mut file = std::fs::OpenOptions::new().append(true).open(folder.path().join("in.txt"))?;
    file.write_all(added.as_bytes())?;
    wait("the line that came later", &next, || {
        Ok(std::fs::read_to_string(folder.path().join("out.txt"))
            .is_ok_and(|text| text == format!("{lines}{added}")))
    })?;
    next.stop().map_err(anyhow::Error::msg)
}

fn healthy(agent: &ureq::Agent, worker: &ConnectWorker) -> anyhow::Result<()> {
    wait("health", worker, || Ok(get(agent, worker, "/health").is_ok_and(|it| it["status"] == "healthy")))
}

fn get(agent: &ureq::Agent, worker: &ConnectWorker, path: &str) -> anyhow::Result<Json> {
    let mut answer = agent.get(format!("{}{path}", worker.url())).call()?;
    Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
}

fn wait(
    what: &str,
    worker: &ConnectWorker,
    mut done: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    while !done()? {
        if started.elapsed() > PATIENCE {
            let log = worker.log();
            let tail: Vec<_> = log.lines().rev().take(30).collect();
            bail!(
                "{what} did not come; the log's end:\n{}",
                tail.into_iter().rev().collect::<Vec<_>>().join("\n")
            );
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
