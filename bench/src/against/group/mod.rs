//! Three workers of a group: many connectors, workers that are replaced one after another, a worker that is killed.
//!
//! Each phase has a group of its own and says its figure as soon as it is known; both sides are asked by the same lines.

mod connectors;
mod killed;
mod many;
mod rolling;
mod site;

use std::path::Path;
use std::time::Duration;

use anyhow::Context;

use super::Rival;
use super::kafka::Kafka;
use super::row::{Better, Comparison, Goal, Row, spread};
use site::Site;

const CONNECTORS: usize = 200;
/// Connectors that move records while workers come and go.
const MOVING: usize = 12;
/// A line is written to each file this often.
const PACE: Duration = Duration::from_millis(10);
/// `session.timeout.ms`, the default.
const SESSION: Duration = Duration::from_secs(10);
/// What the work of a killed worker may take after its session.
const AFTER_SESSION: Duration = Duration::from_secs(3);
/// `scheduled.rebalance.max.delay.ms` of the rolling restart.
const DELAY: Duration = Duration::from_secs(5);
/// The default of the same, which holds where a worker is killed.
const DEFAULT_DELAY: Duration = Duration::from_secs(300);

/// One of the two that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Side {
    /// This project's worker.
    Ours,
    /// Apache Kafka's.
    Java,
}

/// What is done to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Phase {
    /// The workers are started, and many connectors created.
    Many,
    /// The workers are replaced, one after another.
    Rolling,
    /// A worker is killed.
    Kill,
}

/// What of the comparison is done; nothing said is all.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Which side.
    pub side: Option<Side>,
    /// Which phase.
    pub phase: Option<Phase>,
}

impl Part {
    /// Whether this is the whole comparison.
    pub fn is_whole(&self) -> bool {
        self.side.is_none() && self.phase.is_none()
    }

    fn has(&self, phase: Phase) -> bool {
        self.phase.is_none_or(|one| one == phase)
    }
}

/// The rows, in the order of the table.
const START: usize = 0;
const MANY: usize = 1;
const ROLLING: usize = 2;
const KILL: usize = 3;

/// Measures ours, then Java's. `None` when that was a part only: its figures have been printed.
///
/// # Errors
/// A worker does not start or stop, refuses a connector, or a task does not come to run.
pub fn run(rival: &Rival, runs: usize, part: &Part) -> anyhow::Result<Option<Comparison>> {
    let folder = tempfile::tempdir()?;
    match measure(rival, runs, part, folder.path()) {
        Err(why) => {
            Err(why.context(format!("the workers' files and logs are kept in {}", folder.keep().display())))
        }
        answer => answer,
    }
}

fn measure(rival: &Rival, runs: usize, part: &Part, folder: &Path) -> anyhow::Result<Option<Comparison>> {
    let kafka = Kafka::start(rival)?;
    let mut rows = rows();
    for side in [Side::Ours, Side::Java] {
        if part.side.is_some_and(|one| one != side) {
            continue;
        }
        for run in 0..runs {
            let name = format!("{}-{run}", if side == Side::Ours { "ours" } else { "java" });
            let place = folder.join(&name);
            std::fs::create_dir_all(&place)?;
            let site = Site { rival, kafka: &kafka, side, place, name };
            phases(&site, run, part, &mut rows).with_context(|| format!("{side:?}, run {}", run + 1))?;
        }
    }
    if part.is_whole() {
        return Ok(Some(comparison(rows.into())));
    }
    for row in rows {
        for (side, runs) in
            [("ours", &row.ours), ("Java", &row.java)].into_iter().filter(|it| !it.1.is_empty())
        {
            println!("{}, {}, {side}: {}", row.name, row.unit, spread(runs));
        }
    }
    Ok(None)
}

fn phases(site: &Site<'_>, run: usize, part: &Part, rows: &mut [Row; 4]) -> anyhow::Result<()> {
    let mut is = |row: usize, number: f64| {
        let row = &mut rows[row];
        eprintln!("{}: {}: {number:.2} {}", site.name, row.name, row.unit);
        row.push(site.side == Side::Ours, number);
    };
    if part.has(Phase::Many) {
        let (start, many) = many::measure(site)?;
        is(START, start.as_secs_f64() * 1000.0);
        is(MANY, many.as_secs_f64());
    }
    if part.has(Phase::Rolling) {
        is(ROLLING, rolling::measure(site)?.as_secs_f64());
    }
    // Java's takes more than five minutes.
    if part.has(Phase::Kill) && (site.side == Side::Ours || run == 0) {
        is(KILL, killed::measure(site)?.as_secs_f64());
    }
    Ok(())
}

fn rows() -> [Row; 4] {
    let row =
        |name: &str, unit, goal| Row::new(name, unit, Better::Less, Goal { times: None, ours: Some(goal) });
    let mut rows = [
        row("start of the third worker to healthy", "ms", 50.0),
        row(&format!("{CONNECTORS} connectors to RUNNING"), "s", 3.0),
        row("rolling restart: longest pause of a connector", "s", 0.5),
        row("kill -9 to its tasks RUNNING elsewhere", "s", (SESSION + AFTER_SESSION).as_secs_f64()),
    ];
    rows[KILL].setting = Some("once".to_owned());
    rows
}

fn comparison(rows: Vec<Row>) -> Comparison {
    Comparison::new(
        "java-group",
        format!(
            "Three distributed workers, in a new group for each phase. *Many:* {CONNECTORS} FileStream sources of one task \
             each are created one after another by REST of the first worker, until it says that all tasks are RUNNING. \
             *Rolling restart:* {MOVING} sources of files to which a line is appended every {} ms; each worker is stopped \
             by SIGTERM and started again in turn, and the pause is the longest time between the timestamps of two records \
             of a connector, so that it holds what a source lets pass between two looks at its file (Java's: 1 s, ours: \
             0.1 s). *Kill:* as many sources, and a worker that does not lead is killed, until all of its tasks are \
             RUNNING on others; Java's was measured once, since it takes so long.",
            PACE.as_millis()
        ),
        format!(
            "session.timeout.ms={} and heartbeat.interval.ms=3000, the defaults; scheduled.rebalance.max.delay.ms={}, the \
             default, but {} on both sides in the rolling restart, since Java's tasks stand still as long after each stop; \
             Java with the options of its own scripts, heap up to 2 GB",
            SESSION.as_millis(),
            DEFAULT_DELAY.as_millis(),
            DELAY.as_millis(),
        ),
        rows,
    )
}
