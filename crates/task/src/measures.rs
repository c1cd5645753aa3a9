//! What a task measures for metrics: by batch, never by record, in atomics that its loop alone writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use api::Clock;
use metrics::{Labels, Meter, Snapshot, Times, Window, list};
use spec::ConnectorKind;

use crate::TaskState;
use crate::stats::Counters;

/// What [`Times`] tells apart.
const IDLE: usize = 0;
const RUNNING: usize = 1;
const PAUSED: usize = 2;

/// The measured values of a task. Durations are kept in microseconds.
#[derive(Debug)]
pub(crate) struct Measures {
    states: Times<3>,
    batches: Window,
    commit_times: Window,
    commit_failures: Meter,
    /// Records in: polled, or read.
    taken: Meter,
    /// Records out: written, or accepted.
    given: Meter,
    /// Time in `poll` or `put`.
    calls: Window,
    /// Records on their way.
    active: AtomicU64,
    active_seen: Window,
    transactions: Window,
    /// Records of the open transaction that Kafka acknowledged.
    in_transaction: AtomicU64,
    partitions: AtomicU64,
    commits: AtomicU64,
    commits_done: Meter,
    /// Records that the connector has not accepted yet, of the worst partition and of all; below 0 is unknown.
    lag_max: AtomicI64,
    lag: AtomicI64,
    errors: RecordErrors,
}

/// What happened to records that could not be processed.
#[derive(Debug, Default)]
struct RecordErrors {
    failures: AtomicU64,
    errors: AtomicU64,
    skipped: AtomicU64,
    retries: AtomicU64,
    logged: AtomicU64,
    letters: AtomicU64,
    letter_failures: AtomicU64,
    last_ms: AtomicI64,
}

impl Measures {
    pub(crate) fn new(now: Duration) -> Self {
        Self {
            states: Times::new(now, IDLE),
            batches: Window::new(now),
            commit_times: Window::new(now),
            commit_failures: Meter::new(now),
            taken: Meter::new(now),
            given: Meter::new(now),
            calls: Window::new(now),
            active: AtomicU64::new(0),
            active_seen: Window::new(now),
            transactions: Window::new(now),
            in_transaction: AtomicU64::new(0),
            partitions: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            commits_done: Meter::new(now),
            lag_max: AtomicI64::new(-1),
            lag: AtomicI64::new(-1),
            errors: RecordErrors::default(),
        }
    }

    pub(crate) fn state(&self, now: Duration, state: &TaskState) {
        let state = match state {
            TaskState::Running => RUNNING,
            TaskState::Paused => PAUSED,
            TaskState::Failed { .. } | TaskState::Unassigned => IDLE,
        };
        self.states.enter(now, state);
    }

    /// The connector gave records.
    pub(crate) fn polled(&self, now: Duration, records: usize, took: Duration) {
        self.calls.record(now, micros(took));
        self.batches.record(now, records as u64);
        self.taken.add(now, records as u64);
        self.set_active(now, self.active.load(Relaxed) + records as u64);
    }

    /// Kafka acknowledged records.
    pub(crate) fn written(&self, now: Duration, records: usize) {
        self.given.add(now, records as u64);
        self.in_transaction.fetch_add(records as u64, Relaxed);
    }

    /// What was on its way is read again, if it is not there.
    pub(crate) fn begin_anew(&self, now: Duration) {
        self.in_transaction.store(0, Relaxed);
        self.set_active(now, 0);
    }

    /// Nothing is to become of records any more: they were acknowledged, filtered or left out.
    pub(crate) fn settled(&self, now: Duration, records: usize) {
        self.set_active(now, self.active.load(Relaxed).saturating_sub(records as u64));
    }

    /// Records were read from Kafka.
    pub(crate) fn read(&self, now: Duration, records: usize) {
        self.taken.add(now, records as u64);
        self.set_active(now, self.active.load(Relaxed) + records as u64);
    }

    /// The connector accepted a batch, perhaps of no records.
    pub(crate) fn put(&self, now: Duration, records: usize, took: Duration) {
        self.calls.record(now, micros(took));
        self.batches.record(now, records as u64);
        self.given.add(now, records as u64);
    }

    /// So many records are on their way.
    pub(crate) fn set_active(&self, now: Duration, records: u64) {
        self.active.store(records, Relaxed);
        self.active_seen.record(now, records);
    }

    /// The transaction was committed, or aborted.
    pub(crate) fn transaction_ended(&self, now: Duration, is_committed: bool) {
        let records = self.in_transaction.swap(0, Relaxed);
        if is_committed {
            self.transactions.record(now, records);
        }
    }

    /// Offsets were committed in this time.
    pub(crate) fn committed(&self, now: Duration, took: Duration) {
        self.commits.store(self.commits.load(Relaxed) + 1, Relaxed);
        self.commits_done.add(now, 1);
        self.commit_times.record(now, micros(took));
    }

    /// Offsets could not be committed.
    pub(crate) fn commit_failed(&self, now: Duration) {
        self.commits.store(self.commits.load(Relaxed) + 1, Relaxed);
        self.commit_failures.add(now, 1);
    }

    pub(crate) fn set_partitions(&self, partitions: usize) {
        self.partitions.store(partitions as u64, Relaxed);
    }

    /// How far the task is behind: by the partition that is furthest, and by all together; `None` when unknown.
    pub(crate) fn set_lag(&self, lag: Option<(i64, i64)>) {
        let (max, all) = lag.unwrap_or((-1, -1));
        self.lag_max.store(max, Relaxed);
        self.lag.store(all, Relaxed);
    }

    /// A record could not be processed.
    pub(crate) fn record_error(&self, now_ms: i64, is_logged: bool) {
        count(&self.errors.failures);
        count(&self.errors.errors);
        if is_logged {
            count(&self.errors.logged);
        }
        self.errors.last_ms.store(now_ms, Relaxed);
    }

    /// An attempt at a record is made again.
    pub(crate) fn record_retry(&self, now_ms: i64) {
        count(&self.errors.failures);
        count(&self.errors.retries);
        self.errors.last_ms.store(now_ms, Relaxed);
    }

    /// A record was left out, with a letter or without.
    pub(crate) fn record_skipped(&self) {
        count(&self.errors.skipped);
    }

    /// A letter is to be sent.
    pub(crate) fn letter(&self) {
        count(&self.errors.letters);
    }

    /// Letters could not be sent, and are tried again.
    pub(crate) fn letters_failed(&self, letters: usize) {
        self.errors.letter_failures.fetch_add(letters as u64, Relaxed);
    }

    /// Adds the values of this moment.
    pub(crate) fn report(
        &self,
        now: Duration,
        kind: ConnectorKind,
        counters: &Counters,
        labels: &Labels,
        into: &mut Snapshot,
    ) {
        self.report_common(now, counters, labels, into);
        match kind {
            ConnectorKind::Source => self.report_source(now, labels, into),
            ConnectorKind::Sink => self.report_sink(now, labels, into),
        }
        let errors = &self.errors;
        for (metric, counter) in [
            (&list::RECORD_FAILURES, &errors.failures),
            (&list::RECORD_ERRORS, &errors.errors),
            (&list::RECORDS_SKIPPED, &errors.skipped),
            (&list::RETRIES, &errors.retries),
            (&list::ERRORS_LOGGED, &errors.logged),
            (&list::LETTERS, &errors.letters),
            (&list::LETTER_FAILURES, &errors.letter_failures),
            (&list::BYTES, &counters.bytes),
            (&list::FILTERED, &counters.filtered),
        ] {
            into.number(metric, labels, counter.load(Relaxed) as f64);
        }
        into.number(&list::LAST_ERROR, labels, errors.last_ms.load(Relaxed) as f64);
    }

    fn report_common(&self, now: Duration, counters: &Counters, labels: &Labels, into: &mut Snapshot) {
        let (worked, failed) = (self.commits_done.recent(now), self.commit_failures.recent(now));
        let share = |of: f64| if worked + failed == 0.0 { 0.0 } else { of / (worked + failed) };
        let failing = counters.failing_since().map_or(Duration::ZERO, |since| now.saturating_sub(since));
        for (metric, value) in [
            (&list::RUNNING_RATIO, self.states.share(now, RUNNING)),
            (&list::PAUSE_RATIO, self.states.share(now, PAUSED)),
            (&list::COMMIT_MAX, millis(self.commit_times.max(now))),
            (&list::COMMIT_AVG, millis(self.commit_times.avg(now))),
            (&list::COMMIT_SUCCESS_SHARE, share(worked)),
            (&list::COMMIT_FAILURE_SHARE, share(failed)),
            (&list::BATCH_MAX, self.batches.max(now)),
            (&list::BATCH_AVG, self.batches.avg(now)),
            (&list::FAILING, failing.as_millis() as f64),
        ] {
            into.number(metric, labels, value);
        }
    }

    fn report_source(&self, now: Duration, labels: &Labels, into: &mut Snapshot) {
        for (metric, value) in [
            (&list::POLLED, self.taken.total()),
            (&list::POLL_RATE, self.taken.rate(now)),
            (&list::WRITTEN, self.given.total()),
            (&list::WRITE_RATE, self.given.rate(now)),
            (&list::POLL_MAX, millis(self.calls.max(now))),
            (&list::POLL_AVG, millis(self.calls.avg(now))),
            (&list::SOURCE_ACTIVE, self.active.load(Relaxed) as f64),
            (&list::SOURCE_ACTIVE_MAX, self.active_seen.max(now)),
            (&list::SOURCE_ACTIVE_AVG, self.active_seen.avg(now)),
        ] {
            into.number(metric, labels, value);
        }
        if self.transactions.count(now) > 0.0 {
            into.number(&list::TRANSACTION_MIN, labels, self.transactions.min(now));
            into.number(&list::TRANSACTION_MAX, labels, self.transactions.max(now));
            into.number(&list::TRANSACTION_AVG, labels, self.transactions.avg(now));
        }
    }

    fn report_sink(&self, now: Duration, labels: &Labels, into: &mut Snapshot) {
        for (metric, value) in [
            (&list::READ, self.taken.total()),
            (&list::READ_RATE, self.taken.rate(now)),
            (&list::SENT, self.given.total()),
            (&list::SEND_RATE, self.given.rate(now)),
            (&list::PUT_MAX, millis(self.calls.max(now))),
            (&list::PUT_AVG, millis(self.calls.avg(now))),
            (&list::SINK_ACTIVE, self.active.load(Relaxed) as f64),
            (&list::SINK_ACTIVE_MAX, self.active_seen.max(now)),
            (&list::SINK_ACTIVE_AVG, self.active_seen.avg(now)),
            (&list::PARTITION_COUNT, self.partitions.load(Relaxed) as f64),
            (&list::COMMIT_NUMBER, self.commits.load(Relaxed) as f64),
            (&list::COMMITS, self.commits_done.total()),
            (&list::COMMIT_RATE, self.commits_done.rate(now)),
            (&list::COMMITS_SKIPPED, 0.0), // a commit is waited for before the next
            (&list::COMMIT_SKIP_RATE, 0.0),
        ] {
            into.number(metric, labels, value);
        }
        for (metric, lag) in [(&list::LAG_MAX, &self.lag_max), (&list::SINK_LAG, &self.lag)] {
            let lag = lag.load(Relaxed);
            if lag >= 0 {
                into.number(metric, labels, lag as f64);
            }
        }
    }
}

/// Measures so many batches of 2000 records as the loop of a source does, with everything that metrics alone need the time
/// for. It is what `cargo xtask bench metrics` times: nothing can switch measuring off in a task.
#[doc(hidden)]
pub fn measure_batches(clock: &dyn Clock, batches: u64) {
    const RECORDS: usize = 2000;
    let counters = Counters::new(Arc::default(), clock.elapsed());
    let measures = &counters.measures;
    for _ in 0..batches {
        let began = clock.elapsed();
        counters.calls(began);
        counters.called();
        let now = clock.elapsed();
        measures.polled(now, RECORDS, now.saturating_sub(began));
        measures.settled(clock.elapsed(), 0);
        let now = clock.elapsed();
        measures.written(now, RECORDS);
        measures.settled(now, RECORDS);
    }
    std::hint::black_box(&counters);
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn millis(micros: f64) -> f64 {
    micros / 1000.0
}
