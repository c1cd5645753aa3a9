//! The life of a connector object: started with retries, asked for task configs, stopped.

use std::sync::Arc;
use std::time::Duration;

use api::registry::ConnectorClass;
use api::{ConnectorContext, ConnectorEvents, Error, dynamic::DynConnector};
use config::RawConfig;
use secrets::Redactor;
use spec::{ConnectorKind, ConnectorSpec};
use tokio::sync::{Notify, mpsc::UnboundedSender};
use tracing::Instrument;

use crate::patience::Patience;
use crate::supervise::{Ended, SideWork, Supervised};
use crate::{Event, Name, Parts, Run, task_configs};

/// The longest that a connector object may take to start.
const START_LIMIT: Duration = Duration::from_secs(120);
/// Pauses between tries grow from the first to the second.
const RETRY_PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(60));

/// How the executor talks to a connector object.
#[derive(Clone, Default)]
pub(crate) struct ObjectSignals {
    /// Ask for task configs again.
    pub(crate) reconfigure: Arc<Notify>,
    /// Stop.
    pub(crate) stop: Arc<Notify>,
}

/// Watches one object from start to stop; runs beside the herder's loop. Its last word is
/// [`Event::ConnectorStopped`], said only after it was told to stop.
pub(crate) async fn supervise(
    parts: Arc<Parts>,
    name: Name,
    run: Run,
    raw: RawConfig,
    signals: ObjectSignals,
    events: UnboundedSender<Event>,
    patience: Patience,
) {
    let inner = ObjectSignals { reconfigure: signals.reconfigure.clone(), stop: Arc::default() };
    let reporter = Reporter { name: name.clone(), run, events: events.clone() };
    let span = tracing::info_span!("connector", connector = %name);
    let life = Life { parts: parts.clone(), raw, signals: inner.clone(), reporter: reporter.clone() };
    let mut object = Supervised::spawn(&parts.work, life.run().instrument(span.clone()));
    tokio::select! {
        biased;
        () = signals.stop.notified() => {
            inner.stop.notify_one();
            let limit = patience.left();
            match object.end_within(limit).await {
                Ended::Itself => {}
                Ended::Panicked(text) => {
                    let text = parts.log_secrets.scrub(Some(&name), &text);
                    tracing::error!(parent: &span, "the connector panicked while it stopped: {text}");
                }
                Ended::GivenUp => tracing::warn!(
                    parent: &span,
                    "the connector did not stop within {} ms and is given up",
                    limit.as_millis()
                ),
            }
        }
        ended = object.ended() => {
            if let Err(panic) = ended {
                let panic = parts.log_secrets.scrub(Some(&name), &panic);
                let error = Error::fatal(format!("the connector panicked: {panic}"))
                    .hint("this is a defect of the connector; restart it, and report what it says here");
                tracing::error!(parent: &span, "{error}");
                reporter.failed(error.trace(), None, true);
            }
            signals.stop.notified().await;
        }
    }
    let _ = events.send(Event::ConnectorStopped(name, run)); // the loop is gone: so is the worker
}

/// Secrets are not looked up more often than this, whatever their references say.
const SHORTEST_TTL: Duration = Duration::from_secs(1);

struct Life {
    parts: Arc<Parts>,
    raw: RawConfig,
    signals: ObjectSignals,
    reporter: Reporter,
}

struct Started {
    object: Box<dyn DynConnector>,
    spec: ConnectorSpec,
    redactor: Redactor,
    secrets: Looked,
    // Side work ends with the object.
    _side: Arc<SideWork>,
}

/// What was looked up for an object.
struct Looked {
    /// Stands for the whole config.
    fingerprint: u64,
    /// How long it may be used.
    ttl: Option<Duration>,
}

impl Life {
    async fn run(self) {
        while let Some(mut started) = self.start().await {
            self.reporter.send(Event::ConnectorStarted(self.reporter.name.clone(), self.reporter.run));
            let starts_again = self.live(&mut started).await;
            if let Err(error) = started.object.stop().await {
                tracing::warn!(
                    "the connector did not stop cleanly: {}",
                    started.redactor.scrub(&error.to_string())
                );
            }
            if !starts_again {
                return;
            }
        }
    }

    /// Answers whether it is to start again, because a secret has changed.
    async fn live(&self, started: &mut Started) -> bool {
        let mut pauses = Pauses::default();
        let mut changed =
            std::pin::pin!(self.secrets_changed(&self.raw, started.secrets.fingerprint, started.secrets.ttl));
        loop {
            let configs = tokio::select! {
                biased;
                () = self.signals.stop.notified() => return false,
                configs = started.object.task_configs(started.spec.tasks_max) => configs,
            };
            let outcome = configs.and_then(|configs| {
                task_configs::check(&started.spec, configs.len())?;
                Ok(configs)
            });
            let pause = match outcome {
                Ok(configs) => {
                    pauses = Pauses::default();
                    let class = task_class(&self.parts, &started.spec);
                    let configs =
                        task_configs::derive(&self.raw, &started.spec, &started.redactor, class, configs);
                    let applied = task_configs::fingerprint(&started.spec.config);
                    let Reporter { name, run, .. } = self.reporter.clone();
                    self.reporter.send(Event::TaskConfigs { name, run, configs, applied });
                    None
                }
                Err(error) => {
                    let pause = error.is_retriable().then(|| pauses.next());
                    self.failed(&error, &started.redactor, pause, false);
                    pause
                }
            };
            tokio::select! {
                biased;
                () = self.signals.stop.notified() => return false,
                () = self.signals.reconfigure.notified() => {}
                () = self.wait(pause) => {}
                () = &mut changed => return true,
            }
        }
    }

    /// Waits until what the config refers to has changed: looked up again whenever its time is over. Only then are the
    /// object, and the tasks that are made of it, started again.
    async fn secrets_changed(&self, raw: &RawConfig, known: u64, ttl: Option<Duration>) {
        let stays =
            raw.get("config.action.reload").is_some_and(|text| text.trim().eq_ignore_ascii_case("none"));
        let Some(mut ttl) = ttl.filter(|_| !stays) else { return std::future::pending().await };
        loop {
            self.parts.clock.sleep(ttl.max(SHORTEST_TTL)).await;
            match self.parts.resolve(&self.reporter.name, raw).await {
                Ok(resolved) if task_configs::fingerprint(&resolved.config) != known => {
                    tracing::info!("a secret has changed: the connector and its tasks start again");
                    return;
                }
                Ok(resolved) => ttl = resolved.ttl.unwrap_or(ttl),
                // Whoever runs has a value that may still be good.
                Err(error) => tracing::warn!(
                    "a secret cannot be looked up again; what is running goes on with the value that it has: {error}"
                ),
            }
        }
    }

    // Tries until it has started, failed for good, or is told to stop.
    async fn start(&self) -> Option<Started> {
        let mut pauses = Pauses::default();
        loop {
            let mut redactor = Redactor::default();
            let started = tokio::select! {
                biased;
                () = self.signals.stop.notified() => return None,
                started = tokio::time::timeout(START_LIMIT, self.try_start(&mut redactor)) => started,
            };
            let error = match started {
                Ok(Ok(started)) => return Some(started),
                Ok(Err(error)) => error,
                Err(_) => {
                    Error::fatal(format!("the connector did not start within {} s", START_LIMIT.as_secs()))
                        .hint("look at the system that it connects to, then restart the connector")
                }
            };
            let pause = error.is_retriable().then(|| pauses.next());
            self.failed(&error, &redactor, pause, pause.is_none());
            pause?;
            tokio::select! {
                biased;
                () = self.signals.stop.notified() => return None,
                () = self.wait(pause) => {}
            }
        }
    }

    async fn try_start(&self, redactor: &mut Redactor) -> api::Result<Started> {
        let Parts { registry, defaults, policy, clock, work, tasks, .. } = &*self.parts;
        let resolved = self.parts.resolve(&self.reporter.name, &self.raw).await?;
        *redactor = resolved.redactor.clone();
        let spec = spec::build(&resolved.config, &**registry, defaults, policy)?;
        // The life of the object runs in the connector's span.
        let span = tracing::Span::current();
        let side = Arc::new(SideWork::new(work.clone(), span.clone()));
        let context = ConnectorContext {
            name: spec.name.clone(),
            clock: clock.clone(),
            spawner: side.clone(),
            events: Arc::new(Requests { reporter: self.reporter.clone(), redactor: redactor.clone(), span }),
            offsets: tasks.offset_reader(&spec.name),
        };
        let object = match registry.connector(&spec.class)? {
            ConnectorClass::Source(class) => class.start(spec.config.clone(), context).await?,
            ConnectorClass::Sink(class) => class.start(spec.config.clone(), context).await?,
        };
        let secrets = Looked { fingerprint: task_configs::fingerprint(&resolved.config), ttl: resolved.ttl };
        Ok(Started { object, spec, redactor: resolved.redactor, secrets, _side: side })
    }

    fn failed(&self, error: &Error, redactor: &Redactor, pause: Option<Duration>, ended: bool) {
        let retry_at_ms = pause.map(|pause| self.parts.clock.now_ms() + pause.as_millis() as i64);
        match pause {
            Some(pause) => {
                tracing::warn!(
                    "{}; tried again in {} ms",
                    redactor.scrub(&error.to_string()),
                    pause.as_millis()
                );
            }
            None => tracing::error!("{}", redactor.scrub(error.trace().trim_end())),
        }
        self.reporter.failed(redactor.scrub(&error.trace()).into_owned(), retry_at_ms, ended);
    }

    async fn wait(&self, pause: Option<Duration>) {
        match pause {
            Some(pause) => self.parts.clock.sleep(pause).await,
            None => std::future::pending().await,
        }
    }
}

fn task_class(parts: &Parts, spec: &ConnectorSpec) -> &'static str {
    match parts.registry.connector(&spec.class) {
        Ok(ConnectorClass::Source(class)) => class.task_class(),
        Ok(ConnectorClass::Sink(class)) => class.task_class(),
        Err(_) => match spec.kind {
            ConnectorKind::Source => "source", // not reached: the object was just made of this class
            ConnectorKind::Sink => "sink",
        },
    }
}

struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(RETRY_PAUSES.0)
    }
}

impl Pauses {
    fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(RETRY_PAUSES.1);
        pause
    }
}

#[derive(Debug, Clone)]
struct Reporter {
    name: Name,
    run: Run,
    events: UnboundedSender<Event>,
}

impl Reporter {
    fn send(&self, event: Event) {
        let _ = self.events.send(event); // the loop is gone: so is the worker
    }

    fn failed(&self, trace: String, retry_at_ms: Option<i64>, ended: bool) {
        let Reporter { name, run, .. } = self.clone();
        self.send(Event::ConnectorFailed { name, run, trace, retry_at_ms, ended });
    }
}

/// What a connector object asks of the herder.
struct Requests {
    reporter: Reporter,
    redactor: Redactor,
    span: tracing::Span,
}

impl std::fmt::Debug for Requests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Requests").field(&self.reporter.name).finish()
    }
}

impl ConnectorEvents for Requests {
    fn request_task_reconfiguration(&self) {
        let Reporter { name, run, .. } = self.reporter.clone();
        self.reporter.send(Event::ReconfigurationRequested(name, run));
    }

    fn raise_error(&self, error: Error) {
        let trace = self.redactor.scrub(&error.trace()).into_owned();
        tracing::error!(parent: &self.span, "the connector raised an error: {}", trace.trim_end());
        let Reporter { name, run, .. } = self.reporter.clone();
        self.reporter.send(Event::ErrorRaised { name, run, trace });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_raised_is_told_with_its_causes_and_without_secrets() {
        let (events, mut told) = tokio::sync::mpsc::unbounded_channel();
        let redactor = crate::testing::redactor_of("hunter22");
        let reporter = Reporter { name: "a".into(), run: 3, events };
        let requests = Requests { reporter, redactor, span: tracing::Span::none() };
        requests.raise_error(Error::fatal("no way in with hunter22").caused_by("refused".to_owned()));
        let Ok(Event::ErrorRaised { run: 3, trace, .. }) = told.try_recv() else { panic!("not told") };
        assert!(trace.contains("no way in with ") && trace.contains("\nCaused by: refused"), "{trace}");
        assert!(!trace.contains("hunter22"), "{trace}");
    }
}
