//! What Kafka Connect does not tell: why something is tried again, when, and what tasks have done.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::request::Parts;
use herder::{InstanceView, Target, View};
use percent_encoding::utf8_percent_encode;
use rest_types::sluice::{
    ConnectorDetails, ConnectorHealth, InstanceDetails, RecordCounts, TaskDetails, Unanswered, WorkerInfo,
};

use crate::body::{Name, SEGMENT};
use crate::error::{Error, Result};
use crate::gather::{Answers, Gatherer};
use crate::query::Parameters;
use crate::{Context, health, views};

/// `GET /sluice/v1/workers`: the workers of the group, as its leader knows them; with `scope=worker` the leader alone answers.
pub(super) async fn workers(
    State(context): State<Context>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Result<Json<Vec<WorkerInfo>>> {
    if context.peers.is_none() {
        let views = context.herder.views().await?;
        let (connectors, tasks) = (views.len(), views.iter().map(|view| view.tasks.len()).sum());
        let (worker_id, url) = (context.about.worker_id.clone(), context.about.url.clone());
        let problems = context.herder.problems();
        return Ok(Json(vec![WorkerInfo { worker_id, url, leader: true, connectors, tasks, problems }]));
    }
    let gatherer = Gatherer::of(&context, &Parameters::of(query.as_deref()), &parts);
    let mut workers = match (context.herder.workers().await, gatherer) {
        (Ok(workers), _) => workers.into_iter().map(worker).collect(),
        (Err(herder::Error::Elsewhere { url, .. }), Some(gatherer)) => {
            let asked = gatherer.workers(&url).await;
            let failed = |why| {
                Error::Herder(herder::Error::Failed(format!("the leader at {url} was asked in vain: {why}")))
            };
            asked.map_err(failed)?
        }
        (Err(error), _) => return Err(error.into()),
    };
    for worker in workers.iter_mut().filter(|worker| worker.worker_id == context.about.worker_id) {
        worker.problems = context.herder.problems();
    }
    Ok(Json(workers))
}

fn worker(worker: herder::GroupWorker) -> WorkerInfo {
    WorkerInfo {
        worker_id: worker.id().to_owned(),
        url: worker.url,
        leader: worker.is_this, // only the leader knows them
        connectors: worker.connectors,
        tasks: worker.tasks,
        problems: Vec::new(),
    }
}

/// `GET /sluice/v1/connectors`; with `scope=worker` what this worker knows by itself.
pub(super) async fn list(
    State(context): State<Context>,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Result<Json<Vec<ConnectorDetails>>> {
    let views = context.herder.views().await?;
    let mut all: Vec<_> = views.iter().map(|view| (view.target, of(&context, view))).collect();
    if let Some(gatherer) = Gatherer::of(&context, &Parameters::of(query.as_deref()), &parts) {
        let answers: Answers<Vec<ConnectorDetails>> =
            gather(&gatherer, &context, all.iter().map(|(_, it)| it), "/sluice/v1/connectors").await;
        for (_, details) in &mut all {
            let theirs = answers.by_worker.iter();
            let theirs =
                theirs.filter_map(|(id, all)| Some((id, all.iter().find(|it| it.name == details.name)?)));
            join(&context, details, theirs.collect(), &answers.unanswered);
        }
    } else if let Some(outside) = outside(&context).await {
        for (_, details) in &mut all {
            join(&context, details, Vec::new(), std::slice::from_ref(&outside));
        }
    }
    Ok(Json(all.into_iter().map(|(target, details)| judged(&context, target, details)).collect()))
}

/// `GET /sluice/v1/connectors/{name}`; with `scope=worker` what this worker knows by itself.
pub(super) async fn details(
    State(context): State<Context>,
    Name(name): Name,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Result<Json<ConnectorDetails>> {
    let view = context.herder.view(&name).await?;
    let view = view.ok_or_else(|| Error::NotFound(format!("Connector {name} not found")))?;
    let mut details = of(&context, &view);
    if let Some(gatherer) = Gatherer::of(&context, &Parameters::of(query.as_deref()), &parts) {
        let path = format!("/sluice/v1/connectors/{}", utf8_percent_encode(&name, SEGMENT));
        let answers: Answers<ConnectorDetails> =
            gather(&gatherer, &context, std::iter::once(&details), &path).await;
        join(&context, &mut details, answers.by_worker.iter().collect(), &answers.unanswered);
    } else if let Some(outside) = outside(&context).await {
        join(&context, &mut details, Vec::new(), &[outside]);
    }
    Ok(Json(judged(&context, view.target, details)))
}

/// The workers that have a part of a connector, as statuses say. What has not started is left out: another worker may have
/// it by now.
pub(super) fn having(details: &ConnectorDetails) -> BTreeSet<String> {
    let started = instances(details).filter(|instance| has_started(instance));
    started.filter_map(|instance| instance.worker_id.clone()).collect()
}

fn instances(details: &ConnectorDetails) -> impl Iterator<Item = &InstanceDetails> {
    std::iter::once(&details.connector).chain(details.tasks.iter().map(|task| &task.instance))
}

fn has_started(instance: &InstanceDetails) -> bool {
    instance.state != "UNASSIGNED"
}

// Whether this worker has it and knows how it is; what has not started says what it is tried again for.
fn is_known(instance: &InstanceDetails, worker: &str) -> bool {
    let tells =
        has_started(instance) || instance.next_attempt_ms.is_some() || instance.failing_since_ms.is_some();
    instance.worker_id.as_deref() == Some(worker) && tells
}

// Asks the other workers, unless this one has all parts of these connectors.
async fn gather<'a, T: serde::de::DeserializeOwned>(
    gatherer: &Gatherer,
    context: &Context,
    of: impl Iterator<Item = &'a ConnectorDetails> + Clone,
    path: &str,
) -> Answers<T> {
    let own = &context.about.worker_id;
    if of.clone().flat_map(instances).all(|instance| is_known(instance, own)) {
        return Answers::default();
    }
    gatherer.gather(&of.flat_map(having).collect(), |_| path.to_owned()).await
}

// Why the group has no word in what this worker alone answers: it is not one of it now.
async fn outside(context: &Context) -> Option<Unanswered> {
    context.peers.as_ref()?;
    match context.herder.workers().await {
        Ok(_) | Err(herder::Error::Elsewhere { .. }) => None,
        Err(error) => Some(Unanswered { worker_id: None, error: error.to_string() }),
    }
}

// Takes the parts over that other workers say are theirs.
fn join(
    context: &Context,
    details: &mut ConnectorDetails,
    theirs: Vec<(&String, &ConnectorDetails)>,
    unanswered: &[Unanswered],
) {
    let own = &context.about.worker_id;
    let having = having(details);
    let asked: BTreeSet<_> = theirs.iter().map(|(id, _)| (*id).clone()).collect();
    for (id, theirs) in theirs {
        // Who is told to have it knows best, also that it does not run there.
        let counts = |ours: &InstanceDetails, theirs: &InstanceDetails| {
            let named = [ours, theirs].iter().all(|it| it.worker_id.as_ref() == Some(id));
            !is_known(ours, own) && (named || is_known(theirs, id))
        };
        if counts(&details.connector, &theirs.connector) {
            details.connector = theirs.connector.clone();
        }
        for task in &theirs.tasks {
            let ours = details.tasks.iter_mut().find(|ours| ours.id == task.id);
            if let Some(ours) = ours.filter(|ours| counts(&ours.instance, &task.instance)) {
                *ours = task.clone();
            }
        }
    }
    // Of what is not started yet nobody knows which silent worker has it.
    let is_open =
        instances(details).any(|instance| !has_started(instance) && instance.next_attempt_ms.is_none());
    let concerns = |it: &&Unanswered| is_open || it.worker_id.as_ref().is_none_or(|id| having.contains(id));
    let mut silent: Vec<_> = unanswered.iter().filter(concerns).cloned().collect();
    // Without a group, what others have told last may not be so any more.
    if let Some(Unanswered { error, .. }) = unanswered.iter().find(|it| it.worker_id.is_none()) {
        let named: BTreeSet<_> = unanswered.iter().filter_map(|it| it.worker_id.clone()).collect();
        let unasked = having.iter().filter(|id| *id != own && !asked.contains(*id) && !named.contains(*id));
        silent.extend(unasked.map(|id| Unanswered { worker_id: Some(id.clone()), error: error.clone() }));
    }
    details.unanswered = silent;
}

fn judged(context: &Context, target: Target, mut details: ConnectorDetails) -> ConnectorDetails {
    health::judge(target, &mut details, context.herder.now_ms());
    details
}

// What this worker knows by itself.
pub(super) fn of(context: &Context, view: &View) -> ConnectorDetails {
    let target = match view.target {
        Target::Started => "STARTED",
        Target::Paused => "PAUSED",
        Target::Stopped => "STOPPED",
    };
    let task = |(id, it)| task(context, id, it, context.herder.task_details(&view.name, id));
    ConnectorDetails {
        name: view.name.to_string(),
        target_state: target.to_owned(),
        health: ConnectorHealth::Ok, // judged when all is known
        reasons: Vec::new(),
        connector: instance(context, &view.object),
        tasks: (0..).zip(view.tasks.iter().map(|task| &task.state)).map(task).collect(),
        unanswered: Vec::new(),
    }
}

fn instance(context: &Context, view: &InstanceView) -> InstanceDetails {
    InstanceDetails {
        state: view.state.to_owned(),
        last_error: view.trace.as_deref().map(one_line),
        next_attempt_ms: view.retry_at_ms,
        failing_since_ms: None,
        worker_id: Some(views::worker_id(context, view)),
    }
}

// A trace says why on lines of their own; a value that people read in a list has one line.
fn one_line(trace: &str) -> String {
    let lines: Vec<&str> = trace.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("; ").replace("; Caused by: ", ": ")
}

fn task(
    context: &Context,
    id: u32,
    state: &InstanceView,
    details: Option<herder::TaskDetails>,
) -> TaskDetails {
    let mut instance = instance(context, state);
    let mut calling_since_ms = None;
    if let Some(details) = &details {
        instance.last_error = instance.last_error.or_else(|| details.counts.last_error.clone());
        instance.failing_since_ms = details.failing_since_ms;
        instance.next_attempt_ms = instance.next_attempt_ms.or(details.next_attempt_at_ms);
        calling_since_ms = details.calling_since_ms;
    }
    let records = details.map(|details| RecordCounts {
        read: details.counts.read,
        written: details.counts.written,
        failed: details.counts.failed,
    });
    TaskDetails { id, instance, calling_since_ms, records }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_one_line_with_its_causes() {
        assert_eq!(one_line("a (x)\nCaused by: b\nCaused by: c\n"), "a (x): b: c");
        assert_eq!(one_line("first\n  second\n"), "first; second");
    }
}
