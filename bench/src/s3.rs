//! Kafka to S3: lineitem as JSON lines, one task.

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::json;
use tpchgen::distribution::Distributions;
use tpchgen::generators::{LineItemGenerator, OrderGenerator};
use tpchgen::text::TextPool;

use super::parts::{Broker, S3};
use super::report::{Figure, Report, machine};
use super::worker::Worker;

const TOPIC: &str = "bench.lineitem";
const FLUSH: u64 = 50_000;

/// Measures. Rows are rounded down to whole files, so that no file waits for a clock.
pub fn run(rows: u64, runs: usize) -> anyhow::Result<Report> {
    let rows = (rows / FLUSH).max(1) * FLUSH;
    let folder = tempfile::tempdir()?;
    let broker = Broker::start(&folder.path().join("broker"), &[&format!("{TOPIC}:1")])?;
    produce(&broker.address, rows)?;
    let mut rate = Figure::new("rate", "records/s", "≥ 200,000", "42,000");
    let mut cpu = Figure::new("worker CPU a record", "µs", "≤ 5", "42");
    let mut memory = Figure::new("worker peak memory", "MB", "≤ 100", "2,300");
    for run in 0..runs {
        let folder = folder.path().join(run.to_string());
        let s3 = S3::start(&folder.join("s3"))?;
        let mut worker = Worker::start(&folder.join("worker"), &broker.address)?;
        let cpu_before = worker.cpu()?;
        let name = format!("s3-{run}"); // a new consumer group, from the beginning
        worker.create(&sink(&name, &s3.endpoint))?;
        let started = Instant::now();
        worker.wait(&name, || Ok(s3.objects().len() as u64 >= rows / FLUSH))?;
        let seconds = started.elapsed().as_secs_f64();
        let used = worker.cpu()? - cpu_before;
        memory.runs.push(worker.megabytes("VmHWM")?);
        let mut lines = 0;
        for object in s3.objects() {
            lines += BufReader::new(std::fs::File::open(object)?).lines().count() as u64;
        }
        anyhow::ensure!(lines == rows, "{lines} lines of {rows} records");
        rate.runs.push(rows as f64 / seconds);
        cpu.runs.push(used.as_micros() as f64 / rows as f64);
        eprintln!("run {}: {:.0} records/s", run + 1, rate.runs[run]);
    }
    Ok(Report {
        name: "s3".to_owned(),
        what: format!(
            "{rows} records of lineitem as JSON from one partition into S3 as JSON lines, one task; \
            from the connector's creation to the last object."
        ),
        settings: [
            format!("flush.size={FLUSH}"),
            "no compression".to_owned(),
            "JsonConverter without schemas".to_owned(),
        ]
        .into(),
        machine: machine(),
        figures: vec![rate, cpu, memory],
    })
}

fn sink(name: &str, endpoint: &str) -> serde_json::Value {
    json!({"name": name, "config": {
        "connector.class": "io.confluent.connect.s3.S3SinkConnector", "topics": TOPIC,
        "storage.class": "io.confluent.connect.s3.storage.S3Storage",
        "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
        "store.url": endpoint, "s3.bucket.name": "lake", "s3.region": "us-east-1",
        "aws.access.key.id": "bench", "aws.secret.access.key": "bench-secret", "flush.size": FLUSH.to_string(),
    }})
}

// The records that the JDBC source makes of the same table.
fn produce(broker: &str, rows: u64) -> anyhow::Result<()> {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", broker)
        .set("batch.size", "900000")
        .set("linger.ms", "20")
        .set("queue.buffering.max.messages", "200000")
        .create()?;
    let distributions = Distributions::static_default();
    let pool = TextPool::new(10 << 20, distributions);
    let scale = rows as f64 / 3.5 / f64::from(OrderGenerator::SCALE_BASE) + 0.01;
    let generator =
        LineItemGenerator::new_with_distributions_and_text_pool(scale, 1, 1, distributions, &pool);
    for (index, item) in generator.iter().take(rows as usize).enumerate() {
        let value = format!(
            r#"{{"id":{},"l_orderkey":{},"l_partkey":{},"l_suppkey":{},"l_linenumber":{},"l_quantity":{}.0,"l_extendedprice":{},"l_discount":{},"l_tax":{},"l_returnflag":"{}","l_linestatus":"{}","l_shipdate":{},"l_commitdate":{},"l_receiptdate":{},"l_shipinstruct":"{}","l_shipmode":"{}","l_comment":"{}","updated_at":{}}}"#,
            index + 1,
            item.l_orderkey,
            item.l_partkey,
            item.l_suppkey,
            item.l_linenumber,
            item.l_quantity,
            item.l_extendedprice,
            item.l_discount,
            item.l_tax,
            item.l_returnflag,
            item.l_linestatus,
            item.l_shipdate.to_unix_epoch(),
            item.l_commitdate.to_unix_epoch(),
            item.l_receiptdate.to_unix_epoch(),
            item.l_shipinstruct,
            item.l_shipmode,
            item.l_comment,
            1_767_225_600_000 + index as i64
        );
        let mut record = BaseRecord::<(), str>::to(TOPIC).payload(&value).partition(0);
        while let Err((error, refused)) = producer.send(record) {
            if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                return Err(error.into());
            }
            producer.poll(Duration::from_millis(10));
            record = refused;
        }
    }
    producer.flush(Duration::from_secs(60))?;
    Ok(())
}
