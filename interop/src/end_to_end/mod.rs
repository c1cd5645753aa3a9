//! The same connector files and the same input on Java's worker and on ours, each on a broker of Apache Kafka; topics,
//! offsets, sink files, dead letters, logs and REST answers compared.
//!
//! Start at [`pipeline`] and [`flow`], then [`conversation`], then [`handover`].

mod conversation;
mod flow;
mod handover;
mod normal;
mod pipeline;
mod plugin_path;
mod sinks;
mod site;
mod sources;
mod topic;

use std::path::Path;

use anyhow::Context;
use serde_json::Value as Json;
use testkit::apache_kafka::artifacts::ConnectJars;

use crate::allowed::Allowed;
use crate::difference::{Difference, differences};
use crate::tally::Tally;
use site::{Side, Site};

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
                let said =
                    |it: anyhow::Result<Json>| it.map_or_else(|why| format!("{why:#}"), |_| "done".to_owned());
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
    let pipelines = sources::all().into_iter().chain(sinks::all());
    let pipelines: Vec<_> = pipelines.filter(|it| wanted(it.name)).collect();
    let conversations: Vec<_> = conversation::all().into_iter().filter(|it| wanted(it.name)).collect();
    let hands_over = wanted("handover");
    if pipelines.is_empty() && conversations.is_empty() && !hands_over {
        return Ok(0);
    }
    let plugins = plugin_path::with_converters(jars, confluent)?;
    let jars = ConnectJars { runtime: jars.runtime.clone(), plugins: plugins.path().to_owned() };
    let (java, ours) = both(|| Site::start(Side::Java, &jars), || Site::start(Side::Ours, &jars));
    let (mut java, mut ours) = (java.context("Java's side")?, ours.context("our side")?);
    let mut report = Report { allowed, tally };
    for pipeline in &pipelines {
        let (left, right) = both(|| flow::run(pipeline, &java), || flow::run(pipeline, &ours));
        report.compare(pipeline.name, &pipeline.config, left, right);
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
    Ok(pipelines.len() + conversations.len() + usize::from(hands_over) * 2)
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
