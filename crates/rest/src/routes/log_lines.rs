//! The last lines of the log about a connector, and those that come.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream, StreamExt as _};
use rest_types::sluice::{LogLine, LogLines};
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::body::Name;
use crate::error::{Error, Result};
use crate::query::Parameters;
use crate::{Context, Logs};

/// How many clients may follow lines at the same time.
pub(crate) const FOLLOWERS_MAX: usize = 64;

/// `GET /sluice/v1/connectors/{name}/logs`: what is kept of the log; with `after=NUMBER` only lines after this one. With
/// `follow=true` server-sent events that go on until the client leaves or the worker stops: `line`, whose id is the
/// line's number and whose data is the line, and `dropped`, whose data is how many lines were gone before they could be
/// sent. Who comes back with `Last-Event-ID` goes on where it left.
pub(super) async fn lines(
    State(context): State<Context>,
    Name(name): Name,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response> {
    let view = context.herder.view(&name).await?;
    if view.is_none() {
        return Err(Error::NotFound(format!("Connector {name} not found")));
    }
    let query = Parameters::of(query.as_deref());
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let after = match last.or(query.get("after")) {
        None => 0,
        Some(text) => {
            let wrong =
                || Error::BadRequest(format!("'{}' is not the number of a line", text.escape_debug()));
            text.parse().map_err(|_| wrong())?
        }
    };
    if !query.is("follow", "true") {
        let (lines, dropped) = context.logs.lines(&name, after);
        return Ok(Json(LogLines { lines, dropped }).into_response());
    }
    let permit = context.followers.clone().try_acquire_owned().map_err(|_| {
        Error::TooMany(format!("{FOLLOWERS_MAX} clients follow the log already; end one of them"))
    })?;
    let follower = Follower {
        changes: context.logs.changes(),
        logs: context.logs,
        ending: context.ending,
        connector: name,
        after,
        _permit: permit,
    };
    Ok(Sse::new(follower.events()).keep_alive(KeepAlive::default()).into_response())
}

struct Follower {
    logs: Arc<dyn Logs>,
    changes: watch::Receiver<u64>,
    ending: watch::Receiver<bool>,
    connector: String,
    after: u64,
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
            let (lines, dropped) = self.logs.lines(&self.connector, self.after);
            if let Some(last) = lines.last() {
                self.after = last.number;
                let gap = (dropped > 0).then(|| Event::default().event("dropped").data(dropped.to_string()));
                return Some(gap.into_iter().chain(lines.iter().map(event)).collect());
            }
            tokio::select! {
                _ = self.ending.wait_for(|ending| *ending) => return None,
                changed = self.changes.changed() => changed.ok()?,
            }
        }
    }
}

fn event(line: &LogLine) -> Event {
    let event = Event::default().event("line").id(line.number.to_string());
    // Plain fields: they can always be written.
    event.json_data(line).unwrap_or_default()
}
