//! The two forms of a line.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use chrono::{SecondsFormat, Utc};
use secrets::LogSecrets;
use serde_json::{Map, Value};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use super::context::{About, Fields};

pub(super) struct Text(pub(super) LogSecrets);
pub(super) struct Json(pub(super) LogSecrets);

// The event's own word on what it is about, else the nearest span's.
fn about<S, N>(context: &FmtContext<'_, S, N>, own: &About) -> About
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    if own.connector.is_some() {
        return own.clone();
    }
    let mut spans = context.event_scope().into_iter().flatten();
    spans.find_map(|span| span.extensions().get::<About>().cloned()).unwrap_or_default()
}

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let fields = Fields::of(event);
        let time = Utc::now().format("%Y-%m-%d %H:%M:%S,%3f");
        let level = event.metadata().level();
        write!(writer, "[{time}] {level} ")?;
        let about = about(context, &fields.about);
        if let Some(connector) = &about.connector {
            match about.task {
                Some(task) => write!(writer, "[{}|task-{task}] ", OneLine(connector))?,
                None => write!(writer, "[{}|worker] ", OneLine(connector))?,
            }
        }
        let scrub = |text| self.0.scrub(about.connector.as_deref(), text);
        writeln!(writer, "{} ({})", message(&fields, scrub), event.metadata().target())
    }
}

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let fields = Fields::of(event);
        let about = about(context, &fields.about);
        let owner = about.connector.clone();
        let scrub = |text: &str| self.0.scrub(owner.as_deref(), text).into_owned();
        let mut line = Map::new();
        let mut add = |name: &str, value: Value| _ = line.insert(name.to_owned(), value);
        add("time", Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true).into());
        add("level", event.metadata().level().as_str().into());
        if let Some(connector) = about.connector {
            add("connector", connector.into());
        }
        if let Some(task) = about.task {
            add("task", task.into());
        }
        add("message", scrub(&fields.message).into());
        add("target", event.metadata().target().into());
        for (name, value) in fields.others {
            add(name, scrub(&value).into());
        }
        writeln!(writer, "{}", Value::Object(line))
    }
}

/// The message with the other fields behind it, as in the text form, and without control characters.
pub(super) fn message<'a>(fields: &'a Fields, scrub: impl Fn(&'a str) -> Cow<'a, str>) -> String {
    let mut text = Clean(&scrub(&fields.message)).to_string();
    for (name, value) in &fields.others {
        let _ = write!(text, " {name}={}", OneLine(&scrub(value))); // a String takes everything
    }
    text
}

/// A text whose control characters cannot forge lines or move the cursor; line ends stay, since traces have them.
struct Clean<'a>(&'a str);

/// The same, on one line.
struct OneLine<'a>(&'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_clean(f, self.0, |char| matches!(char, '\n' | '\t'))
    }
}

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_clean(f, self.0, |_| false)
    }
}

fn write_clean(f: &mut fmt::Formatter<'_>, text: &str, stays: impl Fn(char) -> bool) -> fmt::Result {
    for char in text.chars() {
        match char.is_control() && !stays(char) {
            true => write!(f, "{}", char.escape_default())?,
            false => f.write_char(char)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;
    use crate::logging::context::ContextLayer;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl<'a> MakeWriter<'a> for Lines {
        type Writer = Lines;
        fn make_writer(&'a self) -> Lines {
            self.clone()
        }
    }

    fn speak() {
        tracing::info!("plain");
        tracing::info_span!("task", connector = %"orders", task = 3_u32).in_scope(|| {
            tracing::info_span!("inner").in_scope(|| tracing::warn!(count = 2, "a\nb\u{1b}[0m"));
        });
        tracing::error!(connector = "x\n[forged]", "own");
    }

    #[test]
    fn lines_say_what_they_are_about() {
        let lines = Lines::default();
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(lines.clone())
            .event_format(Text(LogSecrets::default()));
        let subscriber = tracing_subscriber::registry().with(ContextLayer).with(layer);
        tracing::subscriber::with_default(subscriber, speak);
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let target = "(worker::logging::format::tests)".replace("worker", env!("CARGO_CRATE_NAME"));
        let rest: Vec<_> =
            text.lines().map(|line| line.split_once("] ").map_or(line, |(_, rest)| rest)).collect();
        assert_eq!(rest[0], format!("INFO plain {target}"));
        assert_eq!(rest[1], "WARN [orders|task-3] a");
        assert_eq!(rest[2], format!("b\\u{{1b}}[0m count=2 {target}"));
        assert_eq!(rest[3], format!("ERROR [x\\n[forged]|worker] own {target}"));
    }

    #[test]
    fn invariant_5_no_line_shows_a_secret_whoever_writes_it() {
        let lines = Lines::default();
        let secrets = LogSecrets::default();
        let mut redactor = secrets::Redactor::default();
        redactor.hide("canary-4711");
        secrets.remember(Some("orders"), &redactor);
        let text = tracing_subscriber::fmt::layer().with_writer(lines.clone());
        let json = tracing_subscriber::fmt::layer().with_writer(lines.clone());
        let subscriber = tracing_subscriber::registry()
            .with(ContextLayer)
            .with(text.event_format(Text(secrets.clone())))
            .with(json.event_format(Json(secrets)));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(url = "http://canary-4711@h", "from a library: canary-4711");
            tracing::info_span!("task", connector = %"orders", task = 3_u32)
                .in_scope(|| tracing::warn!(error = %"canary-4711", "cannot connect"));
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!((text.lines().count(), text.matches("[hidden]").count()), (4, 6), "{text}");
        assert!(!text.contains("4711"), "{text}");
    }

    #[test]
    fn json_is_one_object_a_line() {
        let lines = Lines::default();
        let layer = tracing_subscriber::fmt::layer()
            .with_writer(lines.clone())
            .event_format(Json(LogSecrets::default()));
        let subscriber = tracing_subscriber::registry().with(ContextLayer).with(layer);
        tracing::subscriber::with_default(subscriber, speak);
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!((&lines[1]["connector"], &lines[1]["task"]), (&"orders".into(), &3.into()));
        assert_eq!(lines[1]["message"], "a\nb\u{1b}[0m");
        assert_eq!(lines[1]["count"], "2");
    }
}
