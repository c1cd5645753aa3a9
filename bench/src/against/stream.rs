//! FileStream: a file to a topic, and a topic to a file.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::json;

use crate::worker::{Mode, Worker};

use super::kafka::Kafka;
use super::row::{Better, Comparison, Goal, Row};
use super::{Rival, USUAL_JAVA};

const INPUT: &str = "lines";

// The producer's larger batches and the consumer's larger polls are Java's better settings; both workers have them.
const PROPERTIES: &str = "key.converter=org.apache.kafka.connect.json.JsonConverter\n\
    value.converter=org.apache.kafka.connect.json.JsonConverter\n\
    key.converter.schemas.enable=false\n\
    value.converter.schemas.enable=false\n\
    producer.acks=all\n\
    producer.compression.type=none\n\
    producer.batch.size=262144\n\
    producer.linger.ms=20\n\
    consumer.max.poll.records=5000\n";

/// A worker, and its name in those of topics, files and connectors.
struct Side {
    name: &'static str,
    worker: Worker,
}

/// What a connector was seen to do.
struct Seen {
    rate: f64,
    cpu: f64,
}

/// Measures; `rows` lines in each run.
///
/// # Errors
/// A connector fails, or the two sides do not come to the same result.
pub fn run(rival: &Rival, rows: u64, runs: usize) -> anyhow::Result<Comparison> {
    let folder = tempfile::tempdir()?;
    let kafka = Kafka::start(rival)?;
    let input = folder.path().join("in.txt");
    let mut file = BufWriter::new(std::fs::File::create(&input)?);
    for n in 0..rows {
        writeln!(file, "{}", line(n))?;
    }
    file.flush()?;
    kafka.write(INPUT, (0..rows).map(|n| format!("\"{}\"", line(n))))?;
    let properties = format!("bootstrap.servers={}\n{PROPERTIES}", kafka.address);
    let java =
        Worker::java(Mode::Standalone, USUAL_JAVA, &rival.jars, &folder.path().join("java"), &properties)?;
    let ours = Worker::ours(Mode::Standalone, &folder.path().join("ours"), &properties)?;
    let mut sides = [Side { name: "ours", worker: ours }, Side { name: "java", worker: java }];

    let none = Goal::default();
    let each = |what: &str| {
        [
            Row::new(format!("{what}, rate"), "records/s", Better::More, none),
            Row::new(format!("{what}, worker's CPU a record"), "µs", Better::Less, none),
        ]
    };
    let (mut source_rows, mut sink_rows) = (each("file to topic"), each("topic to file"));
    let mut cold = Vec::new();
    // The first pair is Java's cold one: it warms both up, and its results are compared.
    for run in 0..=runs {
        let mut results = Vec::new();
        for side in &mut sides {
            let (name, worker) = (side.name, &mut side.worker);
            let topic = format!("{name}-{run}");
            let seen = source(worker, &kafka, &input, &topic, rows)?;
            let out = folder.path().join(format!("{topic}.txt"));
            let sunk = sink(worker, &input, &out, &topic, rows)?;
            eprintln!("{topic}: source {:.0} records/s, sink {:.0}", seen.rate, sunk.rate);
            if run == 0 {
                results.push((kafka.digest(&topic, rows)?, file_digest(&out)?));
                cold.push(format!("{name} {:.0} and {:.0} records/s", seen.rate, sunk.rate));
            } else {
                for (rows, seen) in [(&mut source_rows, seen), (&mut sink_rows, sunk)] {
                    for (row, number) in rows.iter_mut().zip([seen.rate, seen.cpu]) {
                        row.push(name == "ours", number);
                    }
                }
            }
            std::fs::remove_file(&out)?;
        }
        ensure!(results.windows(2).all(|pair| pair[0] == pair[1]), "the two sides' results differ");
    }
    let mut memory = Row::new("peak resident memory, both", "MB", Better::Less, none);
    for side in &sides {
        memory.push(side.name == "ours", side.worker.megabytes("VmHWM")?);
    }
    let bytes = std::fs::metadata(&input)?.len() / rows;
    Ok(Comparison::new(
        "java-stream",
        format!(
            "FileStream, {rows} lines of {bytes} bytes: a file to a topic of one partition, and a topic to a file, one \
             task. Rates from the first record to the last. Both sides' topics and files were the same. The first run \
             of each, which does not count: {}.",
            cold.join("; ")
        ),
        "acks=all; no compression; batch.size=262144; linger.ms=20; max.poll.records=5000; JsonConverter without \
         schemas; Java with the options of its own scripts, heap up to 2 GB",
        source_rows.into_iter().chain(sink_rows).chain([memory]).collect(),
    ))
}

/// A line of a log, about 100 bytes.
pub fn line(n: u64) -> String {
    format!(
        "2026-11-28T12:{:02}:{:02}.{:03}Z INFO request {n:08} of customer {:06} was answered with 200 in {:03} ms, {:06} bytes",
        n / 60_000 % 60,
        n / 1000 % 60,
        n % 1000,
        n * 7919 % 1_000_000,
        n * 31 % 1000,
        n * 104_729 % 1_000_000
    )
}

fn source(worker: &mut Worker, kafka: &Kafka, input: &Path, topic: &str, rows: u64) -> anyhow::Result<Seen> {
    let name = format!("source-{topic}");
    kafka.create(topic)?;
    let before = worker.cpu()?;
    worker.create(&json!({"name": name, "config": {
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector", "tasks.max": "1",
        "file": input, "topic": topic,
    }}))?;
    worker.wait(&name, || Ok(kafka.end(topic) > 0))?;
    let (started, first) = (Instant::now(), kafka.end(topic));
    worker.wait(&name, || Ok(kafka.end(topic) >= rows))?;
    let seconds = started.elapsed().as_secs_f64();
    let cpu = worker.cpu()? - before;
    ensure!(kafka.end(topic) == rows, "{} records of {rows} lines", kafka.end(topic));
    worker.delete(&name)?;
    Ok(Seen { rate: (rows - first) as f64 / seconds, cpu: cpu.as_micros() as f64 / rows as f64 })
}

fn sink(worker: &mut Worker, input: &Path, out: &Path, side: &str, rows: u64) -> anyhow::Result<Seen> {
    let name = format!("sink-{side}");
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |it| it.len());
    let whole = length(input);
    let before = worker.cpu()?;
    worker.create(&json!({"name": name, "config": {
        "connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector", "tasks.max": "1",
        "file": out, "topics": INPUT,
    }}))?;
    worker.wait(&name, || Ok(length(out) > 0))?;
    let (started, first) = (Instant::now(), length(out));
    worker.wait(&name, || Ok(length(out) >= whole))?;
    let seconds = started.elapsed().as_secs_f64();
    let cpu = worker.cpu()? - before;
    worker.delete(&name)?;
    let rows = rows as f64;
    let moved = (whole - first) as f64 / whole as f64 * rows;
    Ok(Seen { rate: moved / seconds, cpu: cpu.as_micros() as f64 / rows })
}

fn file_digest(path: &Path) -> anyhow::Result<u64> {
    let mut hasher = DefaultHasher::new();
    std::fs::read(path).with_context(|| path.display().to_string())?.hash(&mut hasher);
    Ok(hasher.finish())
}
