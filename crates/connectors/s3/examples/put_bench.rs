//! How fast the sink is: put, encode, upload to an S3 server on loopback in a process of its own.
//!
//! ```text
//! cargo run --release -p sluice-connector-s3 --example put_bench -- [RECORDS] [map|row|bytes] [PARTITIONS] [key=value…]
//! ```
//! Prints records a second, CPU microseconds a record of this process (server not counted) and peak memory.

#![allow(clippy::print_stdout)] // the figures are what it is for

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::config::RawConfig;
use api::data::{
    Bytes, Datum, Field, Fields, Kind, Map, Offsets, Record, Schema, SinkRecord, Struct, TimestampType,
    TopicPartition, Value,
};
use api::registry::ConnectorClass;
use testkit::contexts::Lent;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: usize = 500;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().map(String::as_str) == Some("serve") {
        return serve(&arguments[1]).await;
    }
    let records: usize = arguments.first().map_or(2_000_000, |text| text.parse().expect("a number"));
    let kind = arguments.get(1).map_or("map", String::as_str);
    let partitions: usize = arguments.get(2).map_or(1, |text| text.parse().expect("a number"));

    let root = tempfile::tempdir().expect("a folder");
    let mut server = tokio::process::Command::new(std::env::current_exe().expect("this program"))
        .args(["serve", &root.path().to_string_lossy()])
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the server starts");
    let endpoint = first_line(server.stdout.take().expect("piped")).await;
    let mut config: RawConfig = [
        ("format.class", "io.confluent.connect.s3.format.json.JsonFormat"),
        ("storage.class", "io.confluent.connect.s3.storage.S3Storage"),
        ("flush.size", "100000"),
        ("s3.bucket.name", "bench"),
        ("aws.access.key.id", "sluice"),
        ("aws.secret.access.key", "sluice-secret"),
        ("store.url", endpoint.as_str()),
    ]
    .into_iter()
    .collect();
    if kind == "bytes" {
        config.set("format.class", "io.confluent.connect.s3.format.bytearray.ByteArrayFormat");
    }
    for pair in arguments.iter().skip(3) {
        let (key, value) = pair.split_once('=').expect("key=value");
        config.set(key, value);
    }

    let mut registry = api::Registry::new();
    sluice_connector_s3::register(&mut registry);
    let Ok(ConnectorClass::Sink(class)) = registry.connector("S3SinkConnector") else { panic!("a sink") };
    let lent = Lent::default();
    let mut task = class.start_task(config, lent.sink()).await.expect("starts");
    let assigned: Vec<_> = (0..partitions).map(|n| TopicPartition::new("lineitem", n as i32)).collect();
    task.open(&assigned).await.expect("opens");

    // One batch a partition, made once; only offsets move. Cloning and decoding are not what is measured.
    let mut batches: Vec<Vec<SinkRecord>> = (0..partitions).map(|n| batch(kind, n as i32)).collect();
    let before = memory_kib("VmRSS") / 1024;
    let (cpu, started) = (cpu_time(), Instant::now());
    let mut accepted = Offsets::new();
    for round in 0..records / BATCH {
        let batch = &mut batches[round % partitions];
        let outcome = task.put(batch).await.expect("puts");
        assert!(outcome.rejected.is_empty());
        for record in batch.iter_mut() {
            record.offset += BATCH as i64;
        }
        let next = batch[0].offset;
        accepted.insert(TopicPartition::new("lineitem", batch[0].origin_partition), next);
    }
    let put = started.elapsed();
    let mut durable = Offsets::new();
    let expected: i64 = (records / BATCH * BATCH) as i64;
    let size = if partitions == 1 { 100_000 } else { 0 };
    while size > 0 && durable.values().sum::<i64>() < expected / size * size {
        durable.extend(task.flush(&accepted).await.expect("flushes"));
        assert!(started.elapsed() < Duration::from_secs(600));
    }
    let (took, cpu) = (started.elapsed(), cpu_time() - cpu);
    let count = expected as f64;
    println!(
        "{kind}, {partitions} partitions, {expected} records: {:.0} records/s ({:.0} into put), {:.2} CPU µs a record, \
         peak {} MiB ({before} before), durable {}",
        count / took.as_secs_f64(),
        count / put.as_secs_f64(),
        cpu.as_secs_f64() * 1e6 / count,
        memory_kib("VmHWM") / 1024,
        durable.values().sum::<i64>(),
    );
    task.stop().await.expect("stops");
    server.kill().await.expect("the server ends");
}

async fn serve(root: &str) {
    let server = dev_s3::Options::new(root).bucket("bench").start().await.expect("the server starts");
    println!("{}", server.endpoint());
    std::future::pending::<()>().await;
}

async fn first_line(stdout: tokio::process::ChildStdout) -> String {
    use tokio::io::AsyncBufReadExt;
    let mut line = String::new();
    tokio::io::BufReader::new(stdout).read_line(&mut line).await.expect("a line");
    line.trim().to_owned()
}

// A row like TPC-H's lineitem: 16 columns and two more, about 400 bytes of JSON.
fn columns(n: usize) -> Vec<(&'static str, Kind, Value)> {
    let text = |text: &'static str| Value::String(text.into());
    // Spread as by chance, so that gzip has work to do.
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (key, price) = ((mixed >> 40) as i64, (mixed >> 44) as f64 / 100.0);
    let comment = format!("{mixed:x} courts above the \"slyly\" {:x} deposits", mixed >> 7);
    vec![
        ("l_orderkey", Kind::Int64, Value::Int64(key)),
        ("l_partkey", Kind::Int64, Value::Int64(key / 7)),
        ("l_suppkey", Kind::Int64, Value::Int64(key % 9_973)),
        ("l_linenumber", Kind::Int32, Value::Int32(1)),
        ("l_quantity", Kind::Float64, Value::Float64((mixed >> 58) as f64)),
        ("l_extendedprice", Kind::Float64, Value::Float64(price)),
        ("l_discount", Kind::Float64, Value::Float64(0.04)),
        ("l_tax", Kind::Float64, Value::Float64(0.02)),
        ("l_returnflag", Kind::String, text("N")),
        ("l_linestatus", Kind::String, text("O")),
        ("l_shipdate", Kind::String, text("1996-03-13")),
        ("l_commitdate", Kind::String, text("1996-02-12")),
        ("l_receiptdate", Kind::String, text("1996-03-22")),
        ("l_shipinstruct", Kind::String, text("DELIVER IN PERSON")),
        ("l_shipmode", Kind::String, text("TRUCK")),
        ("l_comment", Kind::String, Value::String(comment.into())),
        ("urgent", Kind::Boolean, Value::Boolean(true)),
        ("updated_at", Kind::Int64, Value::Int64(1_764_040_000_000 + n as i64 * 7)),
    ]
}

fn batch(kind: &str, partition: i32) -> Vec<SinkRecord> {
    let rows: Vec<_> = (0..BATCH).map(columns).collect();
    let fields = rows[0]
        .iter()
        .map(|(name, kind, _)| Field { name: Arc::from(*name), schema: Schema::optional(kind.clone()) });
    let schema = Schema::required(Kind::Struct(Fields::new(fields.collect()).expect("distinct")));
    let topic: Arc<str> = "lineitem".into();
    let value = |n: usize| match kind {
        "map" => {
            let entries =
                rows[n].iter().map(|(name, _, value)| (Value::String((*name).into()), value.clone()));
            Datum::schemaless(Value::Map(Map::from_distinct(entries.collect())))
        }
        "row" => {
            let values = rows[n].iter().map(|(_, _, value)| value.clone()).collect();
            let row = Struct::new(schema.clone(), values).expect("as many values");
            Datum::new(schema.clone(), Value::Struct(row))
        }
        "bytes" => Datum::schemaless(Value::Bytes(Bytes::from(vec![b'x'; 400]))),
        other => panic!("map, row or bytes, not {other}"),
    };
    let record = |n: usize| SinkRecord {
        record: Record {
            topic: topic.clone(),
            partition: Some(partition),
            key: Datum::NULL,
            value: value(n),
            timestamp: Some(1_764_040_000_000),
            headers: Vec::new(),
        },
        origin_topic: topic.clone(),
        origin_partition: partition,
        offset: n as i64,
        timestamp_type: TimestampType::CreateTime,
    };
    (0..BATCH).map(record).collect()
}

fn memory_kib(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find(|line| line.starts_with(field)).expect("the field");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

// Of all threads of this process: user and system, in ticks of a hundredth of a second.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after = &text[text.rfind(')').expect("the name ends") + 2..];
    let ticks = |at: usize| after.split(' ').nth(at).expect("a field").parse::<u64>().expect("a number");
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}
