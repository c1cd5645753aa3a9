//! Keeps lines about connectors for who asks.

use std::sync::Arc;

use chrono::Utc;
use parking_lot::Mutex;
use rest_types::sluice::LogLine;
use secrets::LogSecrets;
use tokio::sync::watch;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::context::{About, Fields};
use super::format;
use super::lines::Lines;

/// Writes lines to where REST reads them, scrubbed (invariant 5).
pub(super) struct Keep {
    pub(super) lines: Arc<Mutex<Lines>>,
    pub(super) changes: watch::Sender<u64>,
    pub(super) secrets: LogSecrets,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Keep {
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let fields = Fields::of(event);
        let about = match fields.about.connector {
            Some(_) => fields.about.clone(),
            None => {
                let mut spans = context.event_scope(event).into_iter().flatten();
                spans.find_map(|span| span.extensions().get::<About>().cloned()).unwrap_or_default()
            }
        };
        let Some(connector) = about.connector else { return };
        let metadata = event.metadata();
        let line = LogLine {
            number: 0,                // given when it is added
            worker_id: String::new(), // said by who answers: one process may have several
            time_ms: Utc::now().timestamp_millis(),
            level: metadata.level().as_str().to_owned(),
            task: about.task,
            message: format::message(&fields, |text| self.secrets.scrub(Some(&connector), text)),
            target: metadata.target().to_owned(),
        };
        self.lines.lock().push(&connector, line);
        self.changes.send_modify(|count| *count += 1);
    }
}
