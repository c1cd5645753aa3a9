//! What becomes of a record that cannot be processed: `errors.*`.

use std::sync::Arc;
use std::time::Duration;

use api::data::Record;
use api::{Error, ErrorKind};
use kafka::FetchedRecord;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use spec::{ErrorPolicy, Tolerance as Level};

use crate::scope::{Interrupted, Scope};
use crate::source_text::{Position, Shown};
use crate::stats::add;

/// The step that failed, by its name in logs and dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Transformation,
    KeyConverter,
    ValueConverter,
    HeaderConverter,
    KafkaProduce,
    TaskPut,
}

impl Stage {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Stage::Transformation => "TRANSFORMATION",
            Stage::KeyConverter => "KEY_CONVERTER",
            Stage::ValueConverter => "VALUE_CONVERTER",
            Stage::HeaderConverter => "HEADER_CONVERTER",
            Stage::KafkaProduce => "KAFKA_PRODUCE",
            Stage::TaskPut => "TASK_PUT",
        }
    }
}

/// A record that could not be processed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) stage: Stage,
    /// Class of the plugin that failed.
    pub(crate) class: Arc<str>,
    pub(crate) error: Error,
}

/// The record that failed, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'a> {
    /// Of a source, with its place; both are kept only while somebody may want to see them.
    Source(Option<&'a Record>, Option<Position<'a>>),
    Sink(&'a FetchedRecord),
}

/// Decides by `errors.tolerance`, counts and reports.
pub(crate) struct Tolerance {
    policy: ErrorPolicy,
    scope: Scope,
    random: StdRng,
}

/// Attempts of one operation so far.
#[derive(Debug)]
pub(crate) struct Attempts {
    since: Duration,
    made: u32,
}

const FIRST_DELAY: Duration = Duration::from_millis(300);

impl Tolerance {
    pub(crate) fn new(scope: &Scope) -> Self {
        let policy = scope.spec.connector.pipeline.errors.clone();
        Self { policy, scope: scope.clone(), random: StdRng::seed_from_u64(u64::from(scope.id.task)) }
    }

    /// Whether bad records are left out.
    pub(crate) fn is_all(&self) -> bool {
        self.policy.tolerance == Level::All
    }

    /// Whether the log shows the records' contents, so that they must be kept until their fate is known.
    pub(crate) fn shows_records(&self) -> bool {
        self.policy.log && self.policy.log_messages
    }

    /// Whether a retriable error of a transform or converter is tried again at all.
    pub(crate) fn retries(&self) -> bool {
        self.policy.retry_timeout != Some(Duration::ZERO)
    }

    /// Reports a failed record, then decides. A record that fails the task is reported too.
    ///
    /// # Errors
    /// The record is not tolerated: the task fails.
    pub(crate) fn settle(&self, failed: Failed, subject: Subject<'_>) -> Result<(), Error> {
        self.report(&failed, subject);
        self.decide(failed)
    }

    /// Counts and logs a failed record.
    pub(crate) fn report(&self, failed: &Failed, subject: Subject<'_>) {
        self.scope.counters.error(&failed.error);
        self.scope.measures().record_error(self.scope.clock().now_ms(), self.policy.log);
        if self.policy.log {
            self.log(failed, subject);
        }
    }

    /// Whether the record may be left out.
    ///
    /// # Errors
    /// It may not: the task fails.
    pub(crate) fn decide(&self, failed: Failed) -> Result<(), Error> {
        // A config that cannot work is not the record's fault: leaving records out would lose all of them.
        if self.is_all() && failed.error.kind() != ErrorKind::Misconfigured {
            self.scope.measures().record_skipped();
            return Ok(());
        }
        let error = Error::fatal("Tolerance exceeded in error handler")
            .with("stage", failed.stage.name())
            .with("class", &failed.class);
        let error = match self.is_all() {
            true => error.hint("correct the config"),
            false => error.hint(
                "correct the record or the config, or set errors.tolerance=all to leave such records out",
            ),
        };
        Err(error.caused_by(failed.error))
    }

    /// Counts a record that was left out.
    pub(crate) fn count_tolerated(&self) {
        add(&self.scope.counters.tolerated, 1);
    }

    fn log(&self, failed: &Failed, subject: Subject<'_>) {
        let record = match subject {
            Subject::Source(Some(record), at) if self.policy.log_messages => {
                format!(", where source record is = {}", Shown { record, at })
            }
            Subject::Sink(record) if self.policy.log_messages => format!(
                ", where consumed record is {{topic='{}', partition={}, offset={}, timestamp={}, \
                 timestampType={}}}",
                record.topic,
                record.partition,
                record.offset,
                record.timestamp.unwrap_or(-1),
                record.timestamp_type.name()
            ),
            _ => String::new(),
        };
        tracing::error!(
            "Error encountered in task {}. Executing stage '{}' with class '{}'{record}.\n{}",
            self.scope.id,
            failed.stage.name(),
            failed.class,
            self.scope.trace_of(&failed.error).trim_end()
        );
    }

    /// The first attempt of an operation is about to fail or has failed.
    pub(crate) fn attempts(&self) -> Attempts {
        Attempts { since: self.scope.clock().elapsed(), made: 1 }
    }

    /// Waits before the next attempt; `Ok(false)` when there is none, because the error is not retriable or
    /// `errors.retry.timeout` is over.
    pub(crate) async fn wait(&mut self, attempts: &mut Attempts, error: &Error) -> Result<bool, Interrupted> {
        if !error.is_retriable() {
            return Ok(false);
        }
        let Some(delay) = self.delay(attempts) else { return Ok(false) };
        self.scope.measures().record_retry(self.scope.clock().now_ms());
        self.scope.tell_retrying(error, delay);
        self.scope.pause(delay).await?;
        self.scope.counters.recovered();
        Ok(true)
    }

    fn delay(&mut self, attempts: &mut Attempts) -> Option<Duration> {
        let mut delay = FIRST_DELAY.saturating_mul(1 << (attempts.made - 1).min(20));
        if delay > self.policy.retry_delay_max {
            delay = self.policy.retry_delay_max.mul_f64(self.random.random_range(0.0..1.0));
        }
        attempts.made += 1;
        let Some(timeout) = self.policy.retry_timeout else { return Some(delay) };
        let left = (attempts.since + timeout).saturating_sub(self.scope.clock().elapsed());
        (!left.is_zero()).then(|| delay.min(left))
    }
}
