//! What a task has done so far: cheap counters, read by status and metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use secrets::Redactor;

use crate::causes;
use crate::measures::Measures;

/// What a task has done since it was started. Every record read ends as delivered, filtered, tolerated or
/// dead-lettered, unless it is still on its way or the task failed (invariant 4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Records that the connector gave (source) or Kafka (sink).
    pub records_in: u64,
    /// Records that Kafka acknowledged (source) or the connector accepted (sink).
    pub records_out: u64,
    /// Bytes that were sent (source) or read (sink): keys, values, headers.
    pub bytes: u64,
    /// Records that a transform dropped.
    pub filtered: u64,
    /// Records left out because of an error that was tolerated; those that went to the dead letter topic are not
    /// among them.
    pub tolerated: u64,
    /// Records written to the dead letter topic instead.
    pub dead_lettered: u64,
    /// Errors of any kind, tolerated and tried again included.
    pub errors: u64,
    /// Attempts that were made again.
    pub retries: u64,
    /// Offset commits that worked.
    pub commits: u64,
    /// Offset commits that did not.
    pub commit_failures: u64,
    /// Transactions that were committed (exactly-once sources).
    pub transactions: u64,
    /// Transactions that were aborted, by the connector's wish or because something went wrong.
    pub transactions_aborted: u64,
    /// What the task is waiting to try again; `None` when all is well.
    pub retry: Option<Retry>,
    /// Since when something is tried again or Kafka does not answer, as [`api::Clock::elapsed`]; `None` when all is
    /// well.
    pub failing_since: Option<Duration>,
    /// Since when a call of the connector's code (poll, put, flush) lasts, as [`api::Clock::elapsed`]; `None` between calls.
    pub calling_since: Option<Duration>,
    /// The last error with its causes, whatever became of it. Neither this nor [`Retry::error`] holds a secret.
    pub last_error: Option<String>,
}

/// An attempt that will be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// What went wrong, with its causes.
    pub error: String,
    /// When the next attempt is made, as [`api::Clock::elapsed`].
    pub next_attempt_at: Duration,
}

#[derive(Debug)]
pub(crate) struct Counters {
    pub(crate) records_in: AtomicU64,
    pub(crate) records_out: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) filtered: AtomicU64,
    pub(crate) tolerated: AtomicU64,
    pub(crate) dead_lettered: AtomicU64,
    pub(crate) errors: AtomicU64,
    pub(crate) retries: AtomicU64,
    pub(crate) commits: AtomicU64,
    pub(crate) commit_failures: AtomicU64,
    pub(crate) transactions: AtomicU64,
    pub(crate) transactions_aborted: AtomicU64,
    /// Milliseconds, one added; 0 between calls.
    calling_since: AtomicU64,
    /// What is told as metrics only.
    pub(crate) measures: Measures,
    /// Whether Kafka does not answer; set with `trouble`.
    is_stalled: AtomicBool,
    trouble: Mutex<Trouble>,
    redactor: Arc<Redactor>,
}

#[derive(Debug, Default)]
struct Trouble {
    retry: Option<(Retry, Duration)>,
    /// Kafka does not answer since then.
    stalled_since: Option<Duration>,
    last_error: Option<String>,
}

impl Trouble {
    fn since(&self) -> Option<Duration> {
        let retrying = self.retry.as_ref().map(|(_, since)| *since);
        retrying.into_iter().chain(self.stalled_since).min()
    }
}

/// Adds to a counter.
pub(crate) fn add(counter: &AtomicU64, count: usize) {
    counter.fetch_add(count as u64, Ordering::Relaxed);
}

impl Counters {
    /// Nothing done yet. What is kept of errors is scrubbed by the redactor (invariant 5).
    pub(crate) fn new(redactor: Arc<Redactor>, now: Duration) -> Self {
        Self {
            records_in: AtomicU64::default(),
            records_out: AtomicU64::default(),
            bytes: AtomicU64::default(),
            filtered: AtomicU64::default(),
            tolerated: AtomicU64::default(),
            dead_lettered: AtomicU64::default(),
            errors: AtomicU64::default(),
            retries: AtomicU64::default(),
            commits: AtomicU64::default(),
            commit_failures: AtomicU64::default(),
            transactions: AtomicU64::default(),
            transactions_aborted: AtomicU64::default(),
            calling_since: AtomicU64::default(),
            measures: Measures::new(now),
            is_stalled: AtomicBool::default(),
            trouble: Mutex::default(),
            redactor,
        }
    }

    fn text_of(&self, error: &api::Error) -> String {
        self.redactor.scrub(&causes::of(error)).into_owned()
    }

    pub(crate) fn error(&self, error: &api::Error) {
        add(&self.errors, 1);
        self.trouble.lock().last_error = Some(self.text_of(error));
    }

    pub(crate) fn retry(&self, error: &api::Error, now: Duration, next_attempt_at: Duration) {
        self.error(error);
        add(&self.retries, 1);
        let error = self.text_of(error);
        let mut trouble = self.trouble.lock();
        let since = trouble.retry.as_ref().map_or(now, |(_, since)| *since);
        trouble.retry = Some((Retry { error, next_attempt_at }, since));
    }

    /// A call of the connector's code begins.
    pub(crate) fn calls(&self, now: Duration) {
        self.calling_since.store(now.as_millis() as u64 + 1, Ordering::Relaxed);
    }

    /// The call is over.
    pub(crate) fn called(&self) {
        self.calling_since.store(0, Ordering::Relaxed);
    }

    pub(crate) fn recovered(&self) {
        self.trouble.lock().retry = None;
    }

    /// Kafka does not answer. Whether that is news.
    pub(crate) fn stalled(&self, text: String, since: Duration) -> bool {
        let mut trouble = self.trouble.lock();
        trouble.last_error = Some(text);
        let news = trouble.stalled_since.is_none();
        trouble.stalled_since.get_or_insert(since);
        self.is_stalled.store(true, Ordering::Relaxed);
        news
    }

    /// Kafka answers. Since when it had not, if that is news.
    pub(crate) fn flowing(&self) -> Option<Duration> {
        match self.is_stalled.load(Ordering::Relaxed) {
            true => {
                self.is_stalled.store(false, Ordering::Relaxed);
                self.trouble.lock().stalled_since.take()
            }
            false => None, // asked for each batch
        }
    }

    /// Since when something is tried again or Kafka does not answer; `None` when all is well.
    pub(crate) fn failing_since(&self) -> Option<Duration> {
        self.trouble.lock().since()
    }

    pub(crate) fn snapshot(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let trouble = self.trouble.lock();
        Stats {
            records_in: read(&self.records_in),
            records_out: read(&self.records_out),
            bytes: read(&self.bytes),
            filtered: read(&self.filtered),
            tolerated: read(&self.tolerated),
            dead_lettered: read(&self.dead_lettered),
            errors: read(&self.errors),
            retries: read(&self.retries),
            commits: read(&self.commits),
            commit_failures: read(&self.commit_failures),
            transactions: read(&self.transactions),
            transactions_aborted: read(&self.transactions_aborted),
            retry: trouble.retry.as_ref().map(|(retry, _)| retry.clone()),
            failing_since: trouble.since(),
            calling_since: read(&self.calling_since).checked_sub(1).map(Duration::from_millis),
            last_error: trouble.last_error.clone(),
        }
    }
}
