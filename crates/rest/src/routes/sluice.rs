//! What Kafka Connect does not tell: why something is tried again, when, and what tasks have done.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use herder::{InstanceView, Target, View};
use rest_types::sluice::{ConnectorDetails, InstanceDetails, RecordCounts, TaskDetails};

use crate::body::Name;
use crate::error::{Error, Result};
use crate::{Context, health};

/// `GET /sluice/v1/connectors`
pub(super) async fn list(State(context): State<Context>) -> Result<Json<Vec<ConnectorDetails>>> {
    let views = context.herder.views().await?;
    Ok(Json(views.iter().map(|view| of(&context, view)).collect()))
}

/// `GET /sluice/v1/connectors/{name}`
pub(super) async fn details(
    State(context): State<Context>,
    Name(name): Name,
) -> Result<Json<ConnectorDetails>> {
    let view = context.herder.view(&name).await?;
    let view = view.ok_or_else(|| Error::NotFound(format!("Connector {name} not found")))?;
    Ok(Json(of(&context, &view)))
}

fn of(context: &Context, view: &View) -> ConnectorDetails {
    let target = match view.target {
        Target::Started => "STARTED",
        Target::Paused => "PAUSED",
        Target::Stopped => "STOPPED",
    };
    let details = |id| context.herder.task_details(&view.name, id);
    let tasks = (0..).zip(&view.tasks).map(|(id, it)| (id, &it.state, details(id)));
    let (tasks, calling): (Vec<_>, Vec<_>) = tasks
        .map(|(id, state, details)| {
            let calling_for = details.as_ref().map_or(Duration::ZERO, |details| details.calling_for);
            (task(id, state, details), calling_for)
        })
        .unzip();
    let connector = instance(&view.object);
    let (health, reasons) = health::of(view.target, &connector, &tasks, &calling, context.herder.now_ms());
    ConnectorDetails {
        name: view.name.to_string(),
        target_state: target.to_owned(),
        health,
        reasons,
        connector,
        tasks,
    }
}

fn instance(view: &InstanceView) -> InstanceDetails {
    InstanceDetails {
        state: view.state.to_owned(),
        last_error: view.trace.as_deref().map(one_line),
        next_attempt_ms: view.retry_at_ms,
        failing_since_ms: None,
    }
}

// A trace says why on lines of their own; a value that people read in a list has one line.
fn one_line(trace: &str) -> String {
    let lines: Vec<&str> = trace.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("; ").replace("; Caused by: ", ": ")
}

fn task(id: u32, state: &InstanceView, details: Option<herder::TaskDetails>) -> TaskDetails {
    let mut instance = instance(state);
    if let Some(details) = &details {
        instance.last_error = instance.last_error.or_else(|| details.counts.last_error.clone());
        instance.failing_since_ms = details.failing_since_ms;
        instance.next_attempt_ms = instance.next_attempt_ms.or(details.next_attempt_at_ms);
    }
    let records = details.map(|details| RecordCounts {
        read: details.counts.read,
        written: details.counts.written,
        failed: details.counts.failed,
    });
    TaskDetails { id, instance, records }
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
