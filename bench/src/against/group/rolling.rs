//! Workers that are replaced one after another while records flow.

use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::worker::Worker;

use super::connectors::{create, until, until_running};
use super::site::{Site, WORKERS};
use super::{DELAY, MOVING, PACE};

const LIMIT: Duration = Duration::from_secs(90);

/// The longest time between two records of a connector.
///
/// # Errors
/// A worker does not start or stop, a task does not run, or records do not flow.
pub fn measure(site: &Site<'_>) -> anyhow::Result<Duration> {
    let mut workers = site.trio("rolling", DELAY)?;
    let names: Vec<String> = (0..MOVING).map(|number| format!("{}-moving-{number}", site.name)).collect();
    for name in &names {
        std::fs::write(site.place.join(name), "line\n")?;
        create(&workers[0], name, &site.place.join(name), name)?;
    }
    until_running(&workers[0], MOVING, None, LIMIT)?;
    let ended = AtomicBool::new(false);
    let pause = std::thread::scope(|scope| {
        let lines = scope.spawn(|| append_lines(&site.place, &names, &ended));
        let measured = replace(site, &mut workers, &names);
        ended.store(true, Ordering::Relaxed);
        lines.join().unwrap_or_else(|_| anyhow::bail!("whoever writes lines has panicked"))?;
        measured
    })?;
    workers.into_iter().try_for_each(Worker::stop)?;
    Ok(pause)
}

fn replace(site: &Site<'_>, workers: &mut Vec<Worker>, names: &[String]) -> anyhow::Result<Duration> {
    let ends = || -> Vec<u64> { names.iter().map(|name| site.kafka.end(name)).collect() };
    // Records must flow before something is done to them.
    let flowing = |more: u64| {
        let before = ends();
        until(&format!("{more} records more of each connector"), LIMIT, || {
            let lacks = |(name, before): (&String, &u64)| match site.kafka.end_or_why(name) {
                Ok(end) if end >= before + more => None,
                Ok(end) => Some(format!("{name} had {before} and has {end}")),
                Err(why) => Some(format!("{name} had {before}; now: {why}")),
            };
            let lacking: Vec<String> = names.iter().zip(&before).filter_map(lacks).collect();
            Ok((!lacking.is_empty()).then(|| lacking.join("; ")))
        })
    };
    flowing(100)?;
    let before = ends();
    for round in 0..WORKERS {
        let (first, name) = (ends(), workers[0].name().to_owned());
        workers.remove(0).stop()?;
        workers.push(site.start("rolling", &format!("rolling-again-{round}"), DELAY)?);
        until_running(&workers[0], MOVING, Some(&name), LIMIT)?;
        flowing(200)?;
        let pause = longest_pause(site, names, &first)?;
        eprintln!("{}: worker {} of {WORKERS} replaced, longest pause {pause:.2?}", site.name, round + 1);
    }
    longest_pause(site, names, &before)
}

fn longest_pause(site: &Site<'_>, names: &[String], from: &[u64]) -> anyhow::Result<Duration> {
    let mut longest = 0;
    for (name, from) in names.iter().zip(from) {
        // The record before is where a pause may begin.
        let times = site.kafka.timestamps(name, from.saturating_sub(1), site.kafka.end(name))?;
        longest = times.windows(2).map(|pair| pair[1] - pair[0]).fold(longest, i64::max);
    }
    Ok(Duration::from_millis(longest.unsigned_abs()))
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
