//! Three workers of a group: many connectors, a worker that is killed, workers that are replaced one after another.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use serde_json::{Value as Json, json};

use crate::worker::Worker;

use super::kafka::Kafka;
use super::row::{Better, Comparison, Goal, Row};
use super::{Rival, USUAL_JAVA};

const WORKERS: usize = 3;
const CONNECTORS: usize = 200;
/// Connectors that move records while workers come and go.
const MOVING: usize = 12;
const PATIENCE: Duration = Duration::from_secs(600);
/// A line is written to each file this often.
const PACE: Duration = Duration::from_millis(10);
/// `scheduled.rebalance.max.delay.ms` of both sides: Java's default, five minutes, is what its users wait.
const DELAY: Duration = Duration::from_secs(10);
/// `session.timeout.ms`, the default.
const SESSION: Duration = Duration::from_secs(10);

/// Measures.
///
/// # Errors
/// A worker does not start or stop, refuses a connector, or a task does not come to run.
pub fn run(rival: &Rival, runs: usize) -> anyhow::Result<Comparison> {
    let folder = tempfile::tempdir()?;
    let kafka = Kafka::start(rival)?;
    let goal = |seconds: f64| Goal { times: None, ours: Some(seconds) };
    let kill_goal = (SESSION + Duration::from_secs(3)).as_secs_f64();
    let mut rows = [
        Row::new("start of the third worker to healthy", "ms", Better::Less, goal(50.0)),
        Row::new(format!("{CONNECTORS} connectors to RUNNING"), "s", Better::Less, goal(3.0)),
        Row::new("rolling restart: longest pause of a connector", "s", Better::Less, goal(0.5)),
        Row::new("kill -9 to its tasks RUNNING elsewhere", "s", Better::Less, goal(kill_goal)),
    ];
    for run in 0..runs {
        for is_ours in [true, false] {
            let side = if is_ours { "ours" } else { "java" };
            let place = folder.path().join(format!("{side}-{run}"));
            let site = Site { rival, kafka: &kafka, is_ours, place, name: format!("{side}-{run}") };
            let figures = measure(&site).with_context(|| format!("{side}, run {}", run + 1))?;
            for (row, number) in rows.iter_mut().zip(figures) {
                row.push(is_ours, number);
            }
            eprintln!("group of {side}, run {}: {figures:.2?}", run + 1);
        }
    }
    Ok(Comparison::new(
        "java-group",
        format!(
            "Three distributed workers. {CONNECTORS} FileStream sources of one task each are created one after another by \
             REST of one worker, until it says that all tasks are RUNNING. Then, in a fresh group, {MOVING} sources of \
             files to which a line is appended every {} ms: each worker is stopped by SIGTERM and started again in turn, \
             and the pause is the longest time between the timestamps of two records of a connector, so that it holds what \
             a source lets pass between two looks at its file (Java's: 1 s, ours: 0.1 s). Then a worker that does not lead \
             is killed, until all of its tasks are RUNNING on others.",
            PACE.as_millis()
        ),
        format!(
            "scheduled.rebalance.max.delay.ms={} on both sides (Java's default is 300000, and its tasks wait as long), \
             session.timeout.ms={}; defaults otherwise; Java with the options of its own scripts, heap up to 2 GB",
            DELAY.as_millis(),
            SESSION.as_millis()
        ),
        rows.into(),
    ))
}

struct Site<'a> {
    rival: &'a Rival,
    kafka: &'a Kafka,
    is_ours: bool,
    place: PathBuf,
    name: String,
}

impl Site<'_> {
    fn start(&self, group: &str, folder: &str) -> anyhow::Result<Worker> {
        let group = format!("{}-{group}", self.name);
        let mut properties = format!(
            "bootstrap.servers={}\ngroup.id={group}\nscheduled.rebalance.max.delay.ms={}\nsession.timeout.ms={}\n\
             key.converter=org.apache.kafka.connect.json.JsonConverter\n\
             value.converter=org.apache.kafka.connect.json.JsonConverter\nvalue.converter.schemas.enable=false\n",
            self.kafka.address,
            DELAY.as_millis(),
            SESSION.as_millis()
        );
        for topic in ["config", "offset", "status"] {
            properties.push_str(&format!(
                "{topic}.storage.topic={group}-{topic}\n{topic}.storage.replication.factor=1\n"
            ));
        }
        let folder = self.place.join(folder);
        match self.is_ours {
            true => Worker::ours_in_group(&folder, &properties),
            false => Worker::java_in_group(USUAL_JAVA, &self.rival.jars, &folder, &properties),
        }
    }

    fn trio(&self, group: &str) -> anyhow::Result<Vec<Worker>> {
        (0..WORKERS).map(|index| self.start(group, &format!("{group}-w{index}"))).collect()
    }
}

fn measure(site: &Site<'_>) -> anyhow::Result<[f64; 4]> {
    std::fs::create_dir_all(&site.place)?;
    let workers = site.trio("many")?;
    let start = workers[WORKERS - 1].start.as_secs_f64() * 1000.0;
    let many = many_connectors(site, &workers[0])?;
    workers.into_iter().try_for_each(Worker::stop)?;

    let mut workers = site.trio("moving")?;
    let names: Vec<String> = (0..MOVING).map(|number| format!("{}-moving-{number}", site.name)).collect();
    for name in &names {
        std::fs::write(site.place.join(name), "line\n")?;
        create(&workers[0], name, &site.place.join(name), name)?;
    }
    until_running(&workers[0], MOVING, |_| true)?;
    let ended = AtomicBool::new(false);
    let (pause, killed) = std::thread::scope(|scope| {
        let lines = scope.spawn(|| append_lines(&site.place, &names, &ended));
        let measured = comings_and_goings(site, &mut workers, &names);
        ended.store(true, Ordering::Relaxed);
        lines.join().unwrap_or_else(|_| anyhow::bail!("whoever writes lines has panicked"))?;
        measured
    })?;
    workers.into_iter().try_for_each(Worker::stop)?;
    Ok([start, many, pause, killed])
}

fn many_connectors(site: &Site<'_>, worker: &Worker) -> anyhow::Result<f64> {
    let input = site.place.join("in.txt");
    std::fs::write(&input, "line\n")?;
    let started = Instant::now();
    for number in 0..CONNECTORS {
        create(worker, &format!("source-{number}"), &input, "many")?;
    }
    until_running(worker, CONNECTORS, |_| true)?;
    Ok(started.elapsed().as_secs_f64())
}

fn comings_and_goings(
    site: &Site<'_>,
    workers: &mut Vec<Worker>,
    names: &[String],
) -> anyhow::Result<(f64, f64)> {
    // Records must flow before something is done to them.
    let flowing = |more: u64| -> anyhow::Result<()> {
        let ends: Vec<u64> = names.iter().map(|name| site.kafka.end(name)).collect();
        let started = Instant::now();
        while names.iter().zip(&ends).any(|(name, end)| site.kafka.end(name) < end + more) {
            ensure!(started.elapsed() < PATIENCE, "records do not flow");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    };
    flowing(100)?;
    let before: Vec<u64> = names.iter().map(|name| site.kafka.end(name)).collect();
    for round in 0..WORKERS {
        workers.remove(0).stop()?;
        workers.push(site.start("moving", &format!("moving-again-{round}"))?);
        until_running(&workers[0], MOVING, |_| true)?;
        flowing(200)?;
    }
    let mut pause = 0.0_f64;
    for (name, from) in names.iter().zip(before) {
        let times = site.kafka.timestamps(name, from, site.kafka.end(name))?;
        let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default();
        pause = pause.max(longest as f64 / 1000.0);
    }
    // The last one has just started: it does not lead.
    let killed = workers.pop().context("no worker")?;
    let name = killed.name().to_owned();
    let had = owned_by(&workers[0], &name)?;
    ensure!(had > 0, "{name} has nothing that could be missed");
    drop(killed);
    let started = Instant::now();
    until_running(&workers[0], MOVING, |worker| worker != name)?;
    Ok((pause, started.elapsed().as_secs_f64()))
}

fn append_lines(place: &Path, names: &[String], ended: &AtomicBool) -> anyhow::Result<()> {
    let files = names.iter().map(|name| std::fs::File::options().append(true).open(place.join(name)));
    let mut files = files.collect::<std::io::Result<Vec<_>>>()?;
    while !ended.load(Ordering::Relaxed) {
        for file in &mut files {
            file.write_all(b"line\n")?;
        }
        std::thread::sleep(PACE);
    }
    Ok(())
}

// A request during a rebalance may be refused for the moment.
fn create(worker: &Worker, name: &str, file: &Path, topic: &str) -> anyhow::Result<()> {
    let body = json!({"name": name, "config": {
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "tasks.max": "1", "file": file, "topic": topic,
    }});
    let started = Instant::now();
    loop {
        match worker.create(&body) {
            Err(error) if error.to_string().contains(": 409 ") && started.elapsed() < PATIENCE => {}
            answer => return answer,
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn statuses(worker: &Worker) -> anyhow::Result<Vec<Json>> {
    let all: Json = serde_json::from_str(&worker.get("/connectors?expand=status")?)?;
    let all = all.as_object().context("no list of connectors")?.values();
    Ok(all.map(|connector| connector["status"].clone()).collect())
}

fn owned_by(worker: &Worker, name: &str) -> anyhow::Result<usize> {
    Ok(statuses(worker)?.iter().filter(|status| status["tasks"][0]["worker_id"] == name).count())
}

// Waits until the tasks of so many connectors run, each on one of these workers.
fn until_running(worker: &Worker, count: usize, on: impl Fn(&str) -> bool) -> anyhow::Result<()> {
    let started = Instant::now();
    loop {
        let runs = |status: &&Json| {
            let task = &status["tasks"][0];
            task["state"] == "RUNNING" && task["worker_id"].as_str().is_some_and(&on)
        };
        // A worker that rebalances may not answer.
        let running = statuses(worker).map_or(0, |statuses| statuses.iter().filter(runs).count());
        if running >= count {
            return Ok(());
        }
        ensure!(started.elapsed() < PATIENCE, "{running} of {count} run");
        std::thread::sleep(Duration::from_millis(10));
    }
}
