//! Follows the lines that other workers of the group have of a connector: a request to each, whose answer goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rest_types::sluice::{LogLine, Unanswered};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::gather::{Gatherer, Other};
use crate::log_position::LogPosition;

/// How often it is looked which workers there are: a new one's lines are there so late at most.
const LOOK: Duration = Duration::from_secs(5);
/// So long a worker may send nothing: it sends a comment every 15 s.
const SILENCE: Duration = Duration::from_secs(45);
/// What may wait for the client.
const HEARD_MAX: usize = 64;
/// The largest event of another worker, in bytes: a line has 16 KB at most.
const EVENT_BYTES_MAX: usize = 1 << 20;

/// Something of another worker.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A line.
    Line(LogLine),
    /// So many lines are no longer kept.
    Dropped(String),
    /// It does not say its lines, for now.
    Unanswered(Unanswered),
}

/// The others' lines. Dropping it ends all requests.
pub(crate) struct LogTail {
    heard: mpsc::Receiver<Heard>,
    followed: JoinHandle<()>,
}

impl Drop for LogTail {
    fn drop(&mut self) {
        self.followed.abort();
    }
}

impl LogTail {
    /// Follows from this position on. `path` has the lines; `known` are workers that have the connector's parts.
    pub(crate) fn begin(
        gatherer: Gatherer,
        path: String,
        position: LogPosition,
        known: BTreeSet<String>,
    ) -> Self {
        let (says, heard) = mpsc::channel(HEARD_MAX);
        let tails = Tails { gatherer, path, position, known, says, silent: BTreeMap::new() };
        Self { heard, followed: tokio::spawn(tails.run()) }
    }

    /// What comes next. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Heard {
        match self.heard.recv().await {
            Some(heard) => heard,
            None => std::future::pending().await, // it goes on as long as this is here
        }
    }
}

struct Tails {
    gatherer: Gatherer,
    path: String,
    position: LogPosition,
    known: BTreeSet<String>,
    says: mpsc::Sender<Heard>,
    /// Who was said not to answer, and with what text.
    silent: BTreeMap<Option<String>, String>,
}

/// How a worker's answer ended.
struct Ended {
    worker: String,
    /// Whether it answered at all.
    answered: bool,
    /// The number of the last line that came; 0 if none did.
    last: u64,
    why: Result<(), String>,
}

impl Tails {
    async fn run(mut self) {
        let mut running = JoinSet::new();
        let mut follows = BTreeSet::new();
        loop {
            let (others, trouble) = self.gatherer.others(&self.known).await;
            match trouble {
                Some(trouble) => self.is_silent(trouble).await,
                None => _ = self.silent.remove(&None),
            }
            for other in others {
                if follows.insert(other.id.clone()) {
                    let after = self.position.of(&other.id);
                    running.spawn(follow(
                        self.gatherer.clone(),
                        other,
                        self.path.clone(),
                        after,
                        self.says.clone(),
                    ));
                }
            }
            let look = tokio::time::sleep(LOOK);
            tokio::pin!(look);
            loop {
                tokio::select! {
                    () = &mut look => break,
                    Some(ended) = running.join_next() => {
                        let Ok(Ended { worker, answered, last, why }) = ended else { continue };
                        follows.remove(&worker);
                        if last > 0 {
                            self.position.set(&worker, last);
                        }
                        if answered {
                            self.silent.remove(&Some(worker.clone()));
                        }
                        if let Err(error) = why {
                            self.is_silent(Unanswered { worker_id: Some(worker), error }).await;
                        }
                    }
                }
            }
        }
    }

    // Said once, not at each look.
    async fn is_silent(&mut self, who: Unanswered) {
        let before = self.silent.insert(who.worker_id.clone(), who.error.clone());
        if before.as_ref() != Some(&who.error) {
            let _ = self.says.send(Heard::Unanswered(who)).await; // the client went away
        }
    }
}

// Until the answer ends.
async fn follow(
    gatherer: Gatherer,
    other: Other,
    path: String,
    after: u64,
    says: mpsc::Sender<Heard>,
) -> Ended {
    let (mut answered, mut last) = (false, 0);
    let why = async {
        let mut answer = gatherer.open(&other, &format!("{path}?follow=true&after={after}")).await?;
        answered = true;
        let mut events = Events::default();
        loop {
            let chunk = tokio::time::timeout(SILENCE, answer.chunk()).await;
            let chunk = chunk.map_err(|_| format!("it has said nothing for {} s", SILENCE.as_secs()))?;
            let Some(chunk) = chunk.map_err(|error| error.to_string())? else { return Ok(()) };
            for heard in events.take(&chunk)? {
                if let Heard::Line(line) = &heard {
                    last = line.number;
                }
                if says.send(heard).await.is_err() {
                    return Ok(()); // the client went away
                }
            }
        }
    };
    let why = why.await;
    Ended { worker: other.id, answered, last, why }
}

/// Reads server-sent events as our own workers write them: each field on one line.
#[derive(Default)]
struct Events {
    bytes: Vec<u8>,
}

impl Events {
    /// The events that are whole with this chunk.
    ///
    /// # Errors
    /// It is no such event, or too large.
    fn take(&mut self, chunk: &[u8]) -> Result<Vec<Heard>, String> {
        self.bytes.extend_from_slice(chunk);
        let mut events = Vec::new();
        while let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = self.bytes.drain(..end + 2).collect();
            let text = std::str::from_utf8(&event).map_err(|_| "its event is not UTF-8".to_owned())?;
            events.extend(event_of(text)?);
        }
        match self.bytes.len() > EVENT_BYTES_MAX {
            true => Err(format!("its event is larger than {EVENT_BYTES_MAX} bytes")),
            false => Ok(events),
        }
    }
}

fn event_of(text: &str) -> Result<Option<Heard>, String> {
    let field = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.map(|value| value.strip_prefix(' ').unwrap_or(value))
    };
    match (field("event"), field("data")) {
        (Some("line"), Some(data)) => {
            let line: LogLine =
                serde_json::from_str(data).map_err(|error| format!("its line cannot be read: {error}"))?;
            // Its worker becomes a part of an event's id.
            match line.worker_id.contains(char::is_control) {
                true => Err("its line is of a worker whose name has control characters".to_owned()),
                false => Ok(Some(Heard::Line(line))),
            }
        }
        (Some("dropped"), Some(data)) => {
            let lines: u64 =
                data.parse().map_err(|_| "its number of lines that are gone is none".to_owned())?;
            Ok(Some(Heard::Dropped(lines.to_string())))
        }
        _ => Ok(None), // a comment, or of a later version
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let line = r#"{"number":7,"worker_id":"b:1","time_ms":1,"level":"INFO","task":null,"message":"a\nb\n\nc","target":"t"}"#;
        let text = format!(
            ":\n\nevent: dropped\ndata: 3\n\nevent: line\nid: 7\ndata: {line}\n\nevent: later\ndata: x\n\n"
        );
        for size in 1..text.len() {
            let mut events = Events::default();
            let heard: Vec<_> =
                text.as_bytes().chunks(size).flat_map(|chunk| events.take(chunk).unwrap()).collect();
            let expected = [Heard::Dropped("3".to_owned()), Heard::Line(serde_json::from_str(line).unwrap())];
            assert_eq!(heard, expected, "in chunks of {size}");
        }
        assert!(Events::default().take(b"event: line\ndata: {}\n\n").is_err());
        assert!(Events::default().take(b"event: dropped\ndata: 1\r2\n\n").is_err());
        let forged = line.replace("b:1", "b\\n:1");
        assert!(Events::default().take(format!("event: line\ndata: {forged}\n\n").as_bytes()).is_err());
        assert!(Events::default().take(&vec![b'x'; EVENT_BYTES_MAX + 1]).is_err());
    }
}
