//! What metrics cost: measuring, and being scraped.
//!
//! The whole is measured twice, scraped and not; runs differ by more than that costs. So its parts are measured too, each
//! alone and often: a scrape, and what a batch's measuring takes. Their sum, at the rates of the run that is scraped, is
//! the share that has a goal.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use api::SystemClock;
use serde_json::json;

use super::against::stream::line;
use super::parts::Broker;
use super::report::{Figure, Report, machine};
use super::worker::{Mode, Worker};

/// As Prometheus' shortest usual interval; the usual one is 15 times that.
const INTERVAL: Duration = Duration::from_secs(1);
/// Scrapes in a row, to see what one takes: CPU time is told in steps of 10 ms.
const SCRAPES: u32 = 500;
/// Batches in a row, for the same.
const BATCHES: u64 = 2_000_000;
/// Connectors of a large worker.
const CONNECTORS: usize = 200;

const PROPERTIES: &str = "key.converter=org.apache.kafka.connect.json.JsonConverter\n\
    value.converter=org.apache.kafka.connect.json.JsonConverter\n\
    value.converter.schemas.enable=false\n\
    producer.batch.size=262144\n\
    producer.linger.ms=20\n";

/// A stream of all lines into a topic.
struct Stream {
    /// Records a second, from the first to the last.
    rate: f64,
    /// The worker's CPU a record, in microseconds.
    cpu: f64,
    /// Records that the connector gave at once, on average.
    batch: f64,
    scrapes: u32,
}

/// Measures; `rows` lines in each run.
///
/// # Errors
/// A connector fails, or the worker is not scraped as often as it should be.
pub fn run(rows: u64, runs: usize) -> anyhow::Result<Report> {
    let folder = tempfile::tempdir()?;
    let input = folder.path().join("in.txt");
    write_lines(&input, rows)?;
    let mut rate = Figure::new("not scraped, rate", "records/s", "–", "–");
    let mut quiet = Figure::new("not scraped, worker's CPU a record", "µs", "–", "–");
    let mut scraped = Figure::new("scraped each second, worker's CPU a record", "µs", "–", "–");
    let mut difference = Figure::new("the second to the first", "%", "–", "–");
    let mut batch = Figure::new("records a batch", "records", "–", "–");
    let mut measuring = Figure::new("measuring a batch, CPU", "ns", "–", "–");
    let mut scrape = Figure::new("a scrape with one connector, worker's CPU", "µs", "–", "–");
    let mut large =
        Figure::new(&format!("a scrape with {CONNECTORS} connectors, worker's CPU"), "µs", "–", "–");
    let mut share = Figure::new("measuring and a scrape each second, of the worker's CPU", "%", "≤ 1", "–");
    let mut share_large = Figure::new(
        &format!("the same with {CONNECTORS} connectors and a scrape each 15 s"),
        "%",
        "≤ 1",
        "–",
    );
    for run in 0..runs {
        let folder = folder.path().join(run.to_string());
        let broker = Broker::start(&folder.join("broker"), &["quiet:1", "scraped:1"])?;
        let properties = format!("bootstrap.servers={}\n{PROPERTIES}", broker.address);
        let mut worker = Worker::ours(Mode::Standalone, &folder.join("worker"), &properties)?;
        // In turn, since who comes second finds a warm machine.
        let mut both = [("quiet", false), ("scraped", true)];
        both.rotate_left(run % 2);
        let mut streams = Vec::new();
        for (topic, is_scraped) in both {
            streams.push((is_scraped, stream(&mut worker, &broker, &input, topic, rows, is_scraped)?));
        }
        streams.sort_by_key(|(is_scraped, _)| *is_scraped);
        let [(_, alone), (_, watched)] = &streams[..] else { continue };
        let seconds = rows as f64 / watched.rate;
        ensure!(f64::from(watched.scrapes) + 2.0 > seconds, "{} scrapes in {seconds} s", watched.scrapes);
        rate.runs.push(alone.rate);
        quiet.runs.push(alone.cpu);
        scraped.runs.push(watched.cpu);
        difference.runs.push((watched.cpu / alone.cpu - 1.0) * 100.0);
        batch.runs.push(alone.batch);
        let of_batch = measure();
        measuring.runs.push(of_batch.as_nanos() as f64 / BATCHES as f64);
        let of_scrape = scrapes(&worker)?;
        scrape.runs.push(of_scrape);
        // Of what the worker uses in a second of the watched run.
        let used = watched.rate * watched.cpu;
        let measured = of_batch.as_micros() as f64 / BATCHES as f64 * watched.rate / alone.batch;
        share.runs.push((measured + of_scrape) / used * 100.0);
        let of_large = with_many(&worker, &folder.join("empty.txt"))?;
        large.runs.push(of_large);
        share_large.runs.push((measured + of_large / 15.0) / used * 100.0);
    }
    let figures = vec![rate, quiet, scraped, difference, batch, measuring, scrape, large, share, share_large];
    Ok(Report {
        name: "metrics".to_owned(),
        what: format!(
            "FileStream, {rows} lines of a log into a topic of one partition as fast as it goes, by the same worker not \
             scraped and scraped each second; then {SCRAPES} scrapes in a row, and {BATCHES} batches that are measured \
             as a task's loop does, without a task."
        ),
        settings: vec![
            "acks=all; idempotent; no compression; batch.size=262144; linger.ms=20; JsonConverter without schemas"
                .to_owned(),
        ],
        machine: machine(),
        figures,
    })
}

fn write_lines(path: &Path, rows: u64) -> anyhow::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    for n in 0..rows {
        writeln!(file, "{}", line(n))?;
    }
    Ok(file.flush()?)
}

fn stream(
    worker: &mut Worker,
    broker: &Broker,
    input: &Path,
    topic: &str,
    rows: u64,
    is_scraped: bool,
) -> anyhow::Result<Stream> {
    let over = AtomicBool::new(false);
    let scraper = worker.scraper();
    std::thread::scope(|threads| {
        let scrapes = is_scraped.then(|| {
            threads.spawn(|| {
                let (begin, mut count) = (Instant::now(), 0);
                while !over.load(Ordering::Relaxed) {
                    // Its answer is what counts; that of a failed one would be missed in the count.
                    count += u32::from(scraper.scrape().is_ok());
                    while begin.elapsed() < INTERVAL * count && !over.load(Ordering::Relaxed) {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                }
                count
            })
        });
        let seen = moved(worker, broker, input, topic, rows);
        over.store(true, Ordering::Relaxed);
        let scrapes = scrapes.map_or(Ok(0), std::thread::ScopedJoinHandle::join);
        let scrapes = scrapes.map_err(|_| anyhow::anyhow!("the scraper failed"))?;
        let (rate, cpu, batch) = seen?;
        Ok(Stream { rate, cpu, batch, scrapes })
    })
}

// Rate, CPU a record, and records a batch.
fn moved(
    worker: &mut Worker,
    broker: &Broker,
    input: &Path,
    topic: &str,
    rows: u64,
) -> anyhow::Result<(f64, f64, f64)> {
    let before = worker.cpu()?;
    worker.create(&json!({"name": topic, "config": {
        "connector.class": "FileStreamSource", "tasks.max": "1", "file": input, "topic": topic,
    }}))?;
    worker.wait(topic, || Ok(broker.end(topic) > 0))?;
    let (started, first) = (Instant::now(), broker.end(topic));
    worker.wait(topic, || Ok(broker.end(topic) >= rows))?;
    let seconds = started.elapsed().as_secs_f64();
    let cpu = worker.cpu()? - before;
    let name =
        format!("kafka_connect_connector_task_metrics_batch_size_avg{{connector=\"{topic}\",task=\"0\"}} ");
    let page = worker.get("/metrics")?;
    let batch = page.lines().find_map(|line| line.strip_prefix(&name)?.trim().parse().ok());
    let batch = batch.with_context(|| format!("/metrics has no {name}"))?;
    worker.delete(topic)?;
    Ok(((rows - first) as f64 / seconds, cpu.as_micros() as f64 / rows as f64, batch))
}

// CPU time of this thread that measuring the batches takes.
fn measure() -> Duration {
    let clock = SystemClock::new();
    let now = || {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
    };
    let before = now();
    task::measure_batches(&*clock, BATCHES);
    now() - before
}

// Microseconds of the worker's CPU for a scrape.
fn scrapes(worker: &Worker) -> anyhow::Result<f64> {
    let scraper = worker.scraper();
    scraper.scrape()?;
    let before = worker.cpu()?;
    for _ in 0..SCRAPES {
        scraper.scrape()?;
    }
    Ok((worker.cpu()? - before).as_micros() as f64 / f64::from(SCRAPES))
}

fn with_many(worker: &Worker, input: &Path) -> anyhow::Result<f64> {
    std::fs::write(input, "")?;
    for n in 0..CONNECTORS {
        worker.create(&json!({"name": format!("idle-{n}"), "config": {
            "connector.class": "FileStreamSource", "tasks.max": "1", "file": input, "topic": "quiet",
        }}))?;
    }
    let started = Instant::now();
    loop {
        let page = worker.get("/metrics")?;
        let running = page.lines().filter(|line| line.contains("_batch_size_max{")).count();
        if running >= CONNECTORS {
            return scrapes(worker);
        }
        ensure!(started.elapsed() < Duration::from_secs(60), "{running} of {CONNECTORS} run");
        std::thread::sleep(Duration::from_millis(50));
    }
}
