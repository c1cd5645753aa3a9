//! A worker that is killed, and what becomes of its tasks.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::worker::Worker;

use super::connectors::{create, owned_by, until_running};
use super::site::Site;
use super::{DEFAULT_DELAY, MOVING, SESSION};

const START_LIMIT: Duration = Duration::from_secs(60);
/// After the session and the delay.
const LIMIT: Duration = Duration::from_secs(60);

/// How long the tasks of a killed worker did not run.
///
/// # Errors
/// A worker does not start or stop, or a task does not run.
pub fn measure(site: &Site<'_>) -> anyhow::Result<Duration> {
    let mut workers = site.trio("kill", DEFAULT_DELAY)?;
    let input = site.place.join("kill.txt");
    std::fs::write(&input, "line\n")?;
    for number in 0..MOVING {
        create(&workers[0], &format!("{}-kill-{number}", site.name), &input, "kill")?;
    }
    until_running(&workers[0], MOVING, None, START_LIMIT)?;
    // The last one that came does not lead.
    let killed = workers.pop().context("no worker")?;
    let name = killed.name().to_owned();
    let had = owned_by(&workers[0], &name)?;
    ensure!(had > 0, "{name} has nothing that could be missed");
    let started = Instant::now();
    killed.kill();
    eprintln!("{}: a worker with {had} of {MOVING} tasks is killed", site.name);
    until_running(&workers[0], MOVING, Some(&name), SESSION + DEFAULT_DELAY + LIMIT)?;
    let lasted = started.elapsed();
    workers.into_iter().try_for_each(Worker::stop)?;
    Ok(lasted)
}
