//! The last lines of the log about a connector, and those that come.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::request::Parts;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt as _};
use percent_encoding::utf8_percent_encode;
use rest_types::sluice::{LogLine, LogLines};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::sluice;
use crate::body::{Name, SEGMENT};
use crate::error::{Error, Result};
use crate::gather::Gatherer;
use crate::log_position::LogPosition;
use crate::log_tail::{Heard, LogTail};
use crate::query::Parameters;
use crate::{Context, Logs};

/// How many clients may follow lines at the same time.
pub(crate) const FOLLOWERS_MAX: usize = 64;

/// `GET /sluice/v1/connectors/{name}/logs`: what all workers of the group keep of the log; with `after=` what `next` of an
/// answer said only lines after these, with `scope=worker` those of this worker only. With `follow=true` server-sent events
/// that go on until the client leaves or the worker stops: `line`, whose data is the line and whose id says how far the client
/// has read; `dropped`, whose data is how many lines were gone before they could be sent; and `unanswered`, a worker that does
/// not send its lines for now. Who comes back with `Last-Event-ID` goes on where it left.
pub(super) async fn lines(
    State(context): State<Context>,
    Name(name): Name,
    RawQuery(query): RawQuery,
    parts: Parts,
) -> Result<Response> {
    let view = context.herder.view(&name).await?;
    let view = view.ok_or_else(|| Error::NotFound(format!("Connector {name} not found")))?;
    let query = Parameters::of(query.as_deref());
    let last = parts.headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let own = Own { id: context.about.worker_id.clone(), is_alone: context.peers.is_none() };
    let position = match last.or(query.get("after")) {
        None => LogPosition::default(),
        Some(text) => LogPosition::parse(text, &own.id).map_err(Error::BadRequest)?,
    };
    let gatherer = Gatherer::of(&context, &query, &parts);
    let having = sluice::having(&sluice::of(&context, &view));
    let path = format!("/sluice/v1/connectors/{}/logs", utf8_percent_encode(&name, SEGMENT));
    if !query.is("follow", "true") {
        return Ok(Json(kept(&context, own, &name, gatherer, position, having, &path).await).into_response());
    }
    let permit = context.followers.clone().try_acquire_owned().map_err(|_| {
        Error::TooMany(format!("{FOLLOWERS_MAX} clients follow the log already; end one of them"))
    })?;
    let follower = Follower {
        changes: context.logs.changes(),
        logs: context.logs,
        ending: context.ending,
        others: gatherer.map(|gatherer| LogTail::begin(gatherer, path, position.clone(), having)),
        own,
        connector: name,
        position,
        _permit: permit,
    };
    Ok(Sse::new(follower.events()).keep_alive(KeepAlive::default()).into_response())
}

/// This worker, as its lines say it.
struct Own {
    id: String,
    /// A worker without a group has one numbering.
    is_alone: bool,
}

impl Own {
    fn lines(&self, logs: &dyn Logs, connector: &str, position: &LogPosition) -> (Vec<LogLine>, u64) {
        let (mut lines, dropped) = logs.lines(connector, position.of(&self.id));
        lines.iter_mut().for_each(|line| line.worker_id.clone_from(&self.id));
        (lines, dropped)
    }

    /// What the client sends to go on from here.
    fn text(&self, position: &LogPosition) -> String {
        match self.is_alone {
            true => position.of(&self.id).to_string(),
            false => position.to_string(),
        }
    }
}

// What is kept, here and elsewhere.
async fn kept(
    context: &Context,
    own: Own,
    name: &str,
    gatherer: Option<Gatherer>,
    mut position: LogPosition,
    having: BTreeSet<String>,
    path: &str,
) -> LogLines {
    let (lines, mut dropped) = own.lines(&*context.logs, name, &position);
    let mut by_worker = vec![lines];
    let mut unanswered = Vec::new();
    if let Some(gatherer) = gatherer {
        let path = |other: &crate::gather::Other| format!("{path}?after={}", position.of(&other.id));
        let answers = gatherer.gather::<LogLines>(&having, path).await;
        for theirs in answers.by_worker.into_values() {
            dropped += theirs.dropped;
            by_worker.push(theirs.lines);
        }
        unanswered = answers.unanswered;
    }
    for line in by_worker.iter().filter_map(|lines| lines.last()) {
        position.set(&line.worker_id, line.number);
    }
    LogLines { lines: by_time(by_worker), dropped, next: own.text(&position), unanswered }
}

// All lines by time, those of one worker in its order even if its clock was set back; the same whoever is asked.
fn by_time(by_worker: Vec<Vec<LogLine>>) -> Vec<LogLine> {
    let mut all = Vec::new();
    for lines in by_worker {
        let mut latest = i64::MIN;
        all.extend(lines.into_iter().map(|line| {
            latest = latest.max(line.time_ms);
            (latest, line)
        }));
    }
    all.sort_by(|(time_ms, line), (other_ms, other)| {
        time_ms.cmp(other_ms).then_with(|| line.worker_id.cmp(&other.worker_id))
    });
    all.into_iter().map(|(_, line)| line).collect()
}

struct Follower {
    logs: Arc<dyn Logs>,
    changes: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
    others: Option<LogTail>,
    own: Own,
    connector: String,
    position: LogPosition,
    _permit: OwnedSemaphorePermit,
}

impl Follower {
    fn events(self) -> impl Stream<Item = std::result::Result<Event, Infallible>> + Send {
        let batches = stream::unfold(self, async |mut follower| {
            let batch = follower.next().await?;
            Some((stream::iter(batch.into_iter().map(Ok)), follower))
        });
        batches.flatten()
    }

    /// The next events, at least one; none when the worker stops.
    async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            self.changes.borrow_and_update();
            let (lines, dropped) = self.own.lines(&*self.logs, &self.connector, &self.position);
            if !lines.is_empty() {
                let gap = (dropped > 0).then(|| gone(&dropped.to_string()));
                return Some(gap.into_iter().chain(lines.iter().map(|line| self.line(line))).collect());
            }
            let heard = tokio::select! {
                _ = self.ending.wait_for(|ending| *ending) => return None,
                changed = self.changes.changed() => {
                    changed.ok()?;
                    None
                }
                heard = next_of(&mut self.others) => Some(heard),
            };
            if let Some(heard) = heard {
                return Some(vec![self.heard(heard)]);
            }
        }
    }

    fn heard(&mut self, heard: Heard) -> Event {
        match heard {
            Heard::Line(line) => self.line(&line),
            Heard::Dropped(lines) => gone(&lines),
            // Plain fields here and below: they can always be written.
            Heard::Unanswered(who) => Event::default().event("unanswered").json_data(who).unwrap_or_default(),
        }
    }

    fn line(&mut self, line: &LogLine) -> Event {
        self.position.set(&line.worker_id, line.number);
        let event = Event::default().event("line").id(self.own.text(&self.position));
        event.json_data(line).unwrap_or_default()
    }
}

fn gone(lines: &str) -> Event {
    Event::default().event("dropped").data(lines)
}

async fn next_of(others: &mut Option<LogTail>) -> Heard {
    match others {
        Some(others) => others.next().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_workers_come_by_time_and_each_workers_in_its_order() {
        let line = |worker: &str, number, time_ms| LogLine {
            number,
            worker_id: worker.to_owned(),
            time_ms,
            level: "INFO".to_owned(),
            task: None,
            message: String::new(),
            target: String::new(),
        };
        // The clock of a was set back after its second line.
        let a = vec![line("a", 1, 10), line("a", 2, 30), line("a", 3, 5)];
        let b = vec![line("b", 1, 20), line("b", 2, 40)];
        let joined = by_time(vec![a, b]);
        let seen: Vec<_> = joined.iter().map(|line| (line.worker_id.as_str(), line.number)).collect();
        assert_eq!(seen, [("a", 1), ("b", 1), ("a", 2), ("a", 3), ("b", 2)]);
    }
}
