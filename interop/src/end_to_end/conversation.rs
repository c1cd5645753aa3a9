//! The scenarios of the repository, held with both workers at once, standalone and then each in a group of its own: what each
//! answers must be what the scenario says, and the answers are compared, field by field.

use std::path::Path;

use anyhow::{Context, bail};
use serde_json::{Value as Json, json};
use testkit::apache_kafka::artifacts::ConnectJars;
use testkit::scenario::{self, Scenario, Step, Talk};

use super::site::{Side, Site};
use super::{Report, both};

/// All scenarios, under the names by which they are counted: `rest-create` with standalone workers, `group-rest-create`
/// with distributed ones.
///
/// # Errors
/// A file is no scenario.
pub fn all(prefix: &str) -> anyhow::Result<Vec<Scenario>> {
    let mut all = scenario::all(Path::new("scenarios")).map_err(anyhow::Error::msg)?;
    for scenario in &mut all {
        scenario.name = format!("{prefix}rest-{}", scenario.name);
    }
    Ok(all)
}

/// Holds conversations with a distributed worker of either kind, each alone in its group and on a broker of Apache Kafka of its
/// own: scenarios name topics and consumer groups, which two workers on one broker would share.
///
/// # Errors
/// A broker or worker does not start or stop.
pub fn hold_in_groups(
    scenarios: &[Scenario],
    jars: &ConnectJars,
    report: &mut Report<'_>,
) -> anyhow::Result<()> {
    let start = |side| {
        let mut site = Site::without_worker(jars)?;
        site.work_in_group_with(side)?;
        Ok(site)
    };
    let (java, ours) = both(|| start(Side::Java), || start(Side::Ours));
    let (mut java, mut ours) = (java.context("Java's side")?, ours.context("our side")?);
    for scenario in scenarios {
        hold(scenario, &java, &ours, report);
    }
    let (left, right) = both(|| java.stop(), || ours.stop());
    left.context("Java's side")?;
    right.context("our side")
}

/// Holds a conversation with both sides and counts each answer, and each step that is as the scenario says.
pub fn hold(scenario: &Scenario, java: &Site, ours: &Site, report: &mut Report<'_>) {
    let (left, right) = (java.peer(Side::Java), ours.peer(Side::Ours));
    let (mut left, mut right) = (Talk::with(&left), Talk::with(&right));
    for (number, step) in (1..).zip(&scenario.steps) {
        let (what, input) = match step {
            Step::Send { request, .. } => {
                let text = String::from_utf8_lossy(&request.body);
                let body = text.get(..text.floor_char_boundary(4096)).unwrap_or_default();
                (
                    format!("{} {}", request.method, request.path),
                    json!({"headers": request.headers, "body": body}),
                )
            }
            Step::Until { path, .. } => (format!("wait {path}"), Json::Null),
            Step::File { name, .. } => (format!("file {name}"), Json::Null),
        };
        let take = |talk: &mut Talk<'_>| {
            let said = talk.take(step).map_err(anyhow::Error::msg)?;
            match said.wrong.as_slice() {
                [] => Ok(said.answer),
                wrong => {
                    bail!("{}, step {number}: {}; it is {}", scenario.name, wrong.join("; "), said.answer)
                }
            }
        };
        let (left, right) = both(|| take(&mut left), || take(&mut right));
        let answer =
            |it: anyhow::Result<Json>| it.map(|answer| json!({"answer": answer})).context(what.clone());
        report.compare(&format!("{} {what}", scenario.name), &input, answer(left), answer(right));
    }
}
