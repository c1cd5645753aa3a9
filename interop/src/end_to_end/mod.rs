//! The same connector files and the same input on Java's worker and on ours, each on a broker of Apache Kafka; topics,
//! offsets, sink files, dead letters, logs and REST answers compared.
//!
//! Start at [`pipeline`] and [`flow`], then [`conversation`], then [`handover`] and [`group_handover`].

mod conversation;
mod flow;
mod group_handover;
mod handover;
mod normal;
mod pipeline;
mod plugin_path;
mod sinks;
mod site;
mod sources;
mod topic;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use serde_json::Value as Json;
use testkit::apache_kafka::artifacts::ConnectJars;

use crate::allowed::Allowed;
use crate::difference::{Difference, differences};
use crate::tally::Tally;
use pipeline::Pipeline;
use site::{Side, Site};

/// How many pipelines run at a time.
const AT_ONCE: usize = 6;

/// Counts what was looked at.
struct Report<'a> {
    allowed: &'a Allowed,
    tally: &'a mut Tally,
}

impl Report<'_> {
    /// What a pipeline or conversation left on either side: each thing counts for itself.
    fn compare(&mut self, name: &str, input: &Json, java: anyhow::Result<Json>, ours: anyhow::Result<Json>) {
        let (java, ours) = match (java, ours) {
            (Ok(java), Ok(ours)) => (java, ours),
            (java, ours) => {
                // One that does not come to its end is a difference; the others go on.
                let said = |it: anyhow::Result<Json>| {
                    it.map_or_else(|why| format!("{why:#}"), |_| "done".to_owned())
                };
                let wrong = Difference { at: "flow".to_owned(), java: said(java), ours: said(ours) };
                self.tally.add(self.allowed, name, &|| input.to_string(), &[wrong]);
                return;
            }
        };
        for (what, java) in java.as_object().into_iter().flatten() {
            let found = differences(java, &ours[what]);
            self.tally.add(self.allowed, &format!("{name} {what}"), &|| input.to_string(), &found);
        }
    }
}

/// Runs all pipelines and conversations whose name contains `only`.
///
/// # Errors
/// A broker, registry or worker does not start.
pub fn run(
    only: Option<&str>,
    jars: &ConnectJars,
    confluent: &Path,
    allowed: &Allowed,
    tally: &mut Tally,
) -> anyhow::Result<usize> {
    let wanted = |name: &str| only.is_none_or(|only| name.contains(only) || "end-to-end".contains(only));
    let mut sources = sources::all();
    let mut sinks = sinks::all();
    sinks.retain(|it| wanted(it.name));
    sources.retain(|it| wanted(it.name));
    let mut registering = sources::registered();
    registering.retain(|it| wanted(it.name) || sinks.iter().any(|sink| sink.reads(it)));
    let conversations = |prefix| -> anyhow::Result<Vec<_>> {
        Ok(conversation::all(prefix)?.into_iter().filter(|it| wanted(&it.name)).collect())
    };
    let (conversations, in_groups) = (conversations("")?, conversations("group-")?);
    let hands_over = wanted("handover");
    let groups = if wanted("group handover") { group_handovers(jars, allowed, tally)? } else { 0 };
    let pipelines = sources.len() + registering.len() + sinks.len();
    let alone = pipelines + conversations.len() + usize::from(hands_over) * 2;
    if alone + in_groups.len() == 0 {
        return Ok(groups);
    }
    let plugins = plugin_path::with_converters(jars, confluent)?;
    let jars = ConnectJars { runtime: jars.runtime.clone(), plugins: plugins.path().to_owned() };
    if !in_groups.is_empty() {
        conversation::hold_in_groups(&in_groups, &jars, &mut Report { allowed, tally })?;
    }
    if alone == 0 {
        return Ok(groups + in_groups.len());
    }
    let (java, ours) = both(|| Site::start(Side::Java, &jars), || Site::start(Side::Ours, &jars));
    let (mut java, mut ours) = (java.context("Java's side")?, ours.context("our side")?);
    let mut report = Report { allowed, tally };
    // Ids of schemas are given in order, and sinks read what some of the sources have written.
    for (pipelines, at_once) in [(&sources, AT_ONCE), (&registering, 1), (&sinks, AT_ONCE)] {
        for (pipeline, (left, right)) in pipelines.iter().zip(run_all(pipelines, at_once, &java, &ours)) {
            report.compare(pipeline.name, &pipeline.config, left, right);
        }
    }
    for conversation in &conversations {
        conversation::hold(conversation, &java, &ours, &mut report);
    }
    if hands_over {
        let (left, right) =
            both(|| handover::run(&mut java, Side::Ours), || handover::run(&mut ours, Side::Java));
        report.compare("handover from Java to ours", &Json::Null, Ok(handover::expected()), left);
        report.compare("handover from ours to Java", &Json::Null, Ok(handover::expected()), right);
    }
    let (left, right) = both(|| java.stop(), || ours.stop());
    left.context("Java's side")?;
    right.context("our side")?;
    Ok(alone + in_groups.len() + groups)
}

// Three of Java's workers one after another, and then one or two of ours among them.
fn group_handovers(jars: &ConnectJars, allowed: &Allowed, tally: &mut Tally) -> anyhow::Result<usize> {
    let mut report = Report { allowed, tally };
    let held_by = |workers: [Side; 3], exactly_once| {
        let mut site = Site::without_worker(jars)?;
        site.exactly_once = exactly_once;
        let seen = group_handover::run(&mut site, workers);
        site.stop().and(seen)
    };
    let held = |workers| held_by(workers, false);
    use Side::{Java, Ours};
    let (alone, between) = both(|| held([Java, Java, Java]), || held([Java, Ours, Java]));
    let alone = alone.context("Java's workers alone")?;
    let (around, ours) = both(|| held([Ours, Java, Ours]), || held([Ours, Ours, Ours]));
    report.compare("group handover from Java to ours and back", &Json::Null, Ok(alone.clone()), between);
    report.compare("group handover from ours to Java and back", &Json::Null, Ok(alone.clone()), around);
    report.compare("group handover from ours to ours", &Json::Null, Ok(alone.clone()), ours);
    // The same with exactly-once support: offsets in the transactions of the one are read by the other, which fences it.
    let (between, around) = both(|| held_by([Java, Ours, Java], true), || held_by([Ours, Java, Ours], true));
    report.compare(
        "group handover from Java to ours and back, exactly once",
        &Json::Null,
        Ok(alone.clone()),
        between,
    );
    report.compare("group handover from ours to Java and back, exactly once", &Json::Null, Ok(alone), around);
    Ok(5)
}

type Seen = anyhow::Result<Json>;

// Runs pipelines, a few at a time, since most of their time is spent waiting. What each has left, on either side.
fn run_all(pipelines: &[Pipeline], at_once: usize, java: &Site, ours: &Site) -> Vec<(Seen, Seen)> {
    let next = AtomicUsize::new(0);
    let seen: Vec<Mutex<Option<(Seen, Seen)>>> = pipelines.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(pipeline) = pipelines.get(index) else { break };
                    let both = both(|| flow::run(pipeline, java), || flow::run(pipeline, ours));
                    *seen[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(both);
                }
            });
        }
    });
    let taken = seen.into_iter().map(|it| it.into_inner().unwrap_or_else(PoisonError::into_inner));
    let missing = || Err(anyhow::anyhow!("a thread has panicked"));
    taken.map(|both| both.unwrap_or_else(|| (missing(), missing()))).collect()
}

// The same on both sides at once.
fn both<T: Send>(
    java: impl FnOnce() -> anyhow::Result<T> + Send,
    ours: impl FnOnce() -> anyhow::Result<T> + Send,
) -> (anyhow::Result<T>, anyhow::Result<T>) {
    std::thread::scope(|scope| {
        let ours = scope.spawn(ours);
        let java = java();
        (java, ours.join().unwrap_or_else(|_| Err(anyhow::anyhow!("a thread has panicked"))))
    })
}
