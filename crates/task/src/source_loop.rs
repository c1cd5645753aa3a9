//! The loop of a source task.
//!
//! In this order, each turn: stop, acknowledgements, offsets that are due, pause, and a poll if the byte budget allows.
//! A batch is read and encoded while the one before is being sent. Stop and pause are looked at between calls of the
//! connector; no call is ever dropped, unless the task is cancelled.

use std::time::Duration;

use api::dynamic::{DynSourceTask, SourceClass};
use api::{Error, ErrorKind, SourceContext, SourceOffsets};
use kafka::{Delivery, EncodedBatch};

use crate::TaskState;
use crate::back_off::BackOff;
use crate::build;
use crate::causes;
use crate::commands::Command;
use crate::in_flight::InFlight;
use crate::outbox::{Flight, Outbox};
use crate::scope::{Interrupted, Scope};
use crate::source_batch::SourcePipeline;
use crate::stats::add;
use crate::tolerance::{Failed, Stage, Subject};

/// Why a loop ends.
pub(crate) enum Trouble {
    /// It was told to stop.
    Interrupted,
    /// The task fails.
    Fail(Error),
    /// What was sent may be lost: the source is started again at its last stored offset. The task does not fail.
    Rewind(Error),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Trouble::Fail(error)
    }
}

impl From<Interrupted> for Trouble {
    fn from(_: Interrupted) -> Self {
        Trouble::Interrupted
    }
}

/// The longest a poll may wait, which is also how long a stop may have to wait.
const POLL_WAIT_MAX: Duration = Duration::from_millis(500);
/// The pause after an empty batch that came at once: a source that does not wait must not spin.
const IDLE_WAIT: Duration = Duration::from_millis(20);
const PRODUCE_CLASS: &str = "org.apache.kafka.connect.runtime.WorkerSourceTask";

/// Runs a source task until it is told to stop.
///
/// # Errors
/// Why the task failed.
pub(crate) async fn run(mut scope: Scope) -> Result<(), Error> {
    let class = build::source_class(&scope)?;
    if scope.commands.current() == Command::Pause {
        // As in Java, a task that begins paused starts its connector when it is resumed.
        scope.tell(TaskState::Paused);
        scope.commands.other_than(Command::Pause).await;
    }
    let mut rewinds = scope.back_off("rewind");
    let mut told_paused = None; // a rewind is no change of state
    loop {
        let mut source = match SourceLoop::start(&mut scope, class.as_ref(), told_paused).await {
            Ok(source) => source,
            Err(Trouble::Fail(error) | Trouble::Rewind(error)) => return Err(error),
            Err(Trouble::Interrupted) => return Ok(()),
        };
        let trouble = source.run().await;
        told_paused = source.told_paused;
        if source.progressed {
            rewinds.reset();
        }
        source.finish(&trouble).await;
        stop(&scope, source.task, &trouble).await;
        match trouble {
            Trouble::Interrupted => return Ok(()),
            Trouble::Fail(error) => return Err(error),
            Trouble::Rewind(error) => {
                let wait = rewinds.next();
                scope.tell_retrying(&error, wait);
                if scope.pause(wait).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

struct SourceLoop {
    scope: Scope,
    task: Box<dyn DynSourceTask>,
    pipeline: SourcePipeline,
    in_flight: InFlight,
    outbox: Outbox,
    polls: BackOff,
    next_commit: Duration,
    /// The state that was told last.
    told_paused: Option<bool>,
    /// A record failed the task; what came before it is sent first.
    failing: Option<Error>,
    /// Something was acknowledged since the start.
    progressed: bool,
}

impl SourceLoop {
    /// Starts the connector's task; retriable errors are tried again for as long as it takes.
    async fn start(
        scope: &mut Scope,
        class: &dyn SourceClass,
        told_paused: Option<bool>,
    ) -> Result<Self, Trouble> {
        let pipeline = SourcePipeline::build(scope)?;
        let producer = build::producer(scope)?;
        let mut back_off = scope.back_off("start");
        let task = loop {
            if scope.commands.is_stop() {
                return Err(Trouble::Interrupted);
            }
            let context = SourceContext {
                connector: scope.id.connector.clone(),
                task: scope.id.task,
                clock: scope.clock().clone(),
                spawner: scope.spawner.clone(),
                offsets: scope.offset_reader(),
            };
            match class.start_task(scope.spec.config.clone(), context).await {
                Ok(task) => break task,
                Err(error) if error.is_retriable() => {
                    let wait = back_off.next();
                    scope.tell_retrying(&error, wait);
                    scope.pause(wait).await?;
                }
                Err(error) => return Err(error.into()),
            }
        };
        scope.counters.recovered();
        let paused = scope.commands.current() == Command::Pause;
        let mut source = Self {
            task,
            pipeline,
            in_flight: InFlight::default(),
            outbox: Outbox::new(scope, producer),
            polls: scope.back_off("poll"),
            next_commit: scope.clock().elapsed() + scope.settings().offset_flush_interval,
            told_paused,
            failing: None,
            progressed: false,
            scope: scope.clone(),
        };
        source.tell_state(paused);
        Ok(source)
    }

    async fn run(&mut self) -> Trouble {
        loop {
            if let Err(trouble) = self.turn().await {
                return trouble;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn turn(&mut self) -> Result<(), Trouble> {
        let command = self.scope.commands.current();
        if command == Command::Stop {
            return Err(Trouble::Interrupted);
        }
        self.outbox.collect();
        self.settle_landed()?;
        self.encode_again()?;
        if self.scope.clock().elapsed() >= self.next_commit {
            self.commit_offsets().await;
        }
        self.tell_state(command == Command::Pause);
        let budget_spent = self.outbox.bytes() >= self.scope.settings().source_budget_bytes;
        if let Some(error) = self.failing.take_if(|_| self.outbox.all_sent()) {
            return Err(Trouble::Fail(error));
        }
        if command == Command::Pause || self.failing.is_some() || budget_spent || self.outbox.is_ahead() {
            return self.wait(None).await;
        }
        self.poll().await
    }

    fn tell_state(&mut self, paused: bool) {
        if self.told_paused.replace(paused) != Some(paused) {
            self.scope.tell(if paused { TaskState::Paused } else { TaskState::Running });
        }
    }

    /// Waits for whatever comes first: another command, a batch sent or acknowledged, offsets due, or this time.
    async fn wait(&mut self, at_most: Option<Duration>) -> Result<(), Trouble> {
        let clock = self.scope.clock().clone();
        let due = self.next_commit.saturating_sub(clock.elapsed());
        let command = self.scope.commands.current();
        tokio::select! {
            biased;
            () = self.scope.commands.other_than(command) => Ok(()),
            event = self.outbox.event(), if self.outbox.has_work() => event,
            () = clock.sleep(at_most.map_or(due, |most| most.min(due))) => Ok(()),
        }
    }

    async fn poll(&mut self) -> Result<(), Trouble> {
        let clock = self.scope.clock().clone();
        let began = clock.elapsed();
        let max_wait = POLL_WAIT_MAX.min(self.next_commit.saturating_sub(began));
        let mut trouble = None;
        let polled = {
            let mut poll = self.task.poll(max_wait);
            loop {
                // Sending goes on beside the poll; trouble waits for the poll, which must not be dropped.
                tokio::select! {
                    biased;
                    polled = &mut poll => break polled,
                    event = self.outbox.event(), if self.outbox.has_work() && trouble.is_none() => {
                        trouble = event.err();
                    }
                }
            }
        };
        if let Some(trouble) = trouble {
            return Err(trouble); // what was polled will be read again
        }
        match polled {
            Ok(batch) => {
                self.polls.reset();
                if self.outbox.all_sent() {
                    self.scope.counters.recovered();
                }
                if !batch.records.is_empty() {
                    let Self { pipeline, in_flight, outbox, .. } = self;
                    self.failing = pipeline.process(batch.records, in_flight, outbox).await?;
                    return Ok(());
                }
                let waited = clock.elapsed().saturating_sub(began);
                match waited < Duration::from_millis(1) {
                    true => self.wait(Some(IDLE_WAIT)).await,
                    false => Ok(()),
                }
            }
            Err(error) if error.is_retriable() => {
                let wait = self.polls.next();
                self.scope.tell_retrying(&error, wait);
                let until = clock.elapsed() + wait;
                while clock.elapsed() < until && self.scope.commands.current() == Command::Run {
                    self.wait(Some(until - clock.elapsed())).await?;
                    self.settle_landed()?;
                    self.encode_again()?;
                    if clock.elapsed() >= self.next_commit {
                        self.commit_offsets().await;
                    }
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What became of the batches that came back.
    fn settle_landed(&mut self) -> Result<(), Trouble> {
        let mut trouble = Ok(());
        for (flight, delivery) in self.outbox.take_landed() {
            // One that is lost does not keep the others from counting.
            if let Err(error) = self.settle(flight, delivery) {
                trouble = Err(error);
            }
        }
        trouble
    }

    fn settle(&mut self, flight: Flight, delivery: Delivery) -> Result<(), Trouble> {
        let failures = delivery.failures.len();
        for failure in delivery.failures {
            let lost =
                matches!(failure.error, kafka::Error::Retriable { .. } | kafka::Error::Unusable { .. });
            let error = Error::from(failure.error);
            match error.kind() {
                // Not the record's fault: leaving it out, even with errors.tolerance=all, would lose good records.
                _ if lost => return Err(Trouble::Rewind(error)),
                ErrorKind::BadRecord => {
                    let failed = Failed { stage: Stage::KafkaProduce, class: PRODUCE_CLASS.into(), error };
                    let record = flight.rows.get(failure.index);
                    self.pipeline.tolerance.settle(failed, Subject::Source(record))?;
                    self.pipeline.tolerance.count_tolerated();
                }
                _ => return Err(Trouble::Fail(error)),
            }
        }
        // Invariant 1: acknowledged by Kafka, or left out on purpose and reported.
        flight.tickets.into_iter().for_each(|ticket| self.in_flight.acknowledge(ticket));
        flight.new_topics.iter().for_each(|topic| self.scope.tell_topic_used(topic));
        add(&self.scope.counters.records_out, flight.records - failures);
        self.progressed = true;
        Ok(())
    }

    /// Makes the bytes again of a batch that Kafka did not take.
    fn encode_again(&mut self) -> Result<(), Trouble> {
        let Some(outgoing) = self.outbox.lacks_bytes() else { return Ok(()) };
        let mut encoded = EncodedBatch::default();
        for record in &outgoing.rows {
            // It could be encoded before, so this is no bad record.
            self.pipeline.encoder.encode(record, &mut encoded).map_err(|failed| failed.error)?;
        }
        outgoing.encoded = Some(encoded);
        Ok(())
    }

    /// Stores what Kafka acknowledged and tells the connector. A failure is seen and tried again at the next interval.
    async fn commit_offsets(&mut self) {
        self.next_commit = self.scope.clock().elapsed() + self.scope.settings().offset_flush_interval;
        if self.scope.is_cancelled() {
            return; // another instance may own the offsets by now
        }
        let offsets = self.in_flight.take_committable();
        if !offsets.is_empty() {
            let limit = self.scope.settings().offset_flush_timeout;
            let store = self.scope.environment.offsets.store(&self.scope.id.connector, &offsets);
            let stored = self.scope.at_most(limit, store).await.unwrap_or_else(|| {
                let error = Error::retry(format!("offsets were not stored within {} ms", limit.as_millis()));
                Err(error.hint("see whether Kafka answers, or raise offset.flush.timeout.ms"))
            });
            if let Err(error) = stored {
                return self.commit_failed(&error, offsets);
            }
        }
        add(&self.scope.counters.commits, 1);
        if let Err(error) = self.task.commit(&offsets).await {
            self.scope.counters.error(&error);
            tracing::warn!("the connector could not take note of stored offsets: {}", causes::of(&error));
        }
    }

    fn commit_failed(&mut self, error: &Error, offsets: SourceOffsets) {
        tracing::error!(
            "offsets could not be stored; they are kept for the next commit: {}",
            causes::of(error)
        );
        self.scope.counters.error(error);
        add(&self.scope.counters.commit_failures, 1);
        self.in_flight.put_back(offsets);
    }

    /// Lets what is on its way arrive, stores its offsets, and stops the connector's task. Every wait is bounded.
    async fn finish(&mut self, trouble: &Trouble) {
        let settings = self.scope.environment.settings.clone();
        if matches!(trouble, Trouble::Rewind(_)) {
            self.outbox.discard_unsent();
        }
        // Something must be left of the graceful time for the offsets.
        let limit = settings.offset_flush_timeout.min(settings.graceful_timeout.mul_f64(0.75));
        let scope = self.scope.clone();
        let _ = scope.at_most(limit, self.drain()).await;
        self.commit_offsets().await;
    }

    async fn drain(&mut self) {
        while self.outbox.has_work() {
            let encoded = self.encode_again();
            let sent = self.outbox.event().await;
            let settled = self.settle_landed();
            if encoded.and(sent).and(settled).is_err() {
                self.outbox.discard_unsent(); // what was sent may still arrive
            }
        }
    }
}

/// Stops the connector's task. One that failed may hang; nobody else would bound the wait.
async fn stop(scope: &Scope, task: Box<dyn DynSourceTask>, trouble: &Trouble) {
    let stopped = match trouble {
        Trouble::Interrupted => Some(task.stop().await), // bounded by the graceful time of whoever said stop
        _ => scope.at_most(scope.settings().graceful_timeout, task.stop()).await,
    };
    match stopped {
        Some(Ok(())) => {}
        Some(Err(error)) => {
            tracing::warn!("the connector's task did not stop cleanly: {}", causes::of(&error))
        }
        None => tracing::warn!("the connector's task did not stop in time and was dropped"),
    }
}
