//! What broker, S3 server and schema registry have to say when something is wrong: they run in this process, which has no log of its
//! own.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// A full disk is met at every attempt to write.
const AGAIN: Duration = Duration::from_secs(30);
const TEXTS_MAX: usize = 64;

/// From now on warnings and errors of these parts are told, the same text at most twice a minute.
///
/// # Errors
/// This process listens already.
pub fn listen(tell: impl Fn(&str) + Send + Sync + 'static) -> Result<(), crate::Error> {
    let parts = Targets::new().with_targets(PARTS.map(|(module, _)| (module, Level::WARN)));
    tracing_subscriber::registry()
        .with(Notices { tell, told: Mutex::default() }.with_filter(parts))
        .try_init()
        .map_err(|error| crate::Error::new("cannot listen to the parts of this process").caused_by(error))
}

/// The parts that run here, by the name of their crate.
const PARTS: [(&str, &str); 3] =
    [("sluice_dev_broker", "broker"), ("sluice_dev_s3", "S3 server"), ("sluice_registry", "schema registry")];

struct Notices<F> {
    tell: F,
    told: Mutex<HashMap<String, Instant>>,
}

impl<F: Fn(&str) + 'static, S: Subscriber> Layer<S> for Notices<F> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target();
        let part =
            PARTS.iter().find(|(module, _)| target.starts_with(module)).map_or("broker", |(_, part)| part);
        let mut line = Line::default();
        event.record(&mut line);
        let text = format!("{part}: {}{}", line.message, line.fields);
        // Ports and counters do not make it another text.
        let key: String = text.chars().filter(|char| !char.is_ascii_digit()).collect();
        let now = Instant::now();
        {
            let mut told = self.told.lock();
            if told.get(&key).is_some_and(|at| now.saturating_duration_since(*at) < AGAIN) {
                return;
            }
            if told.len() >= TEXTS_MAX {
                told.clear();
            }
            told.insert(key, now);
        }
        (self.tell)(&text);
    }
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            name => _ = write!(self.fields, "; {name} {value:?}"), // writing to a text does not fail
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_same_is_told_once() {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let keep = told.clone();
        let tell = move |text: &str| keep.lock().push(text.to_owned());
        let subscriber = tracing_subscriber::registry().with(Notices { tell, told: Mutex::default() });
        tracing::subscriber::with_default(subscriber, || {
            for partition in ["a-0", "a-1", "b-0"] {
                tracing::error!(partition, error = %"No space left on device", "cannot write to the log");
            }
        });
        assert_eq!(
            *told.lock(),
            [
                "broker: cannot write to the log; partition \"a-0\"; error No space left on device",
                "broker: cannot write to the log; partition \"b-0\"; error No space left on device"
            ]
        );
    }
}
