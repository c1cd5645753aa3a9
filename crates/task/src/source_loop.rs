//! The loop of a source task.
//!
//! In this order, each turn: stop, acknowledgements, offsets that are due, pause, and a poll if the byte budget allows.
//! A batch is read and encoded while the one before is being sent. Stop and pause are looked at between calls of the
//! connector; no call is ever dropped, unless the task is cancelled.

use std::sync::Arc;
use std::time::Duration;

use api::dynamic::{DynSourceTask, SourceClass};
use api::{Error, SourceContext, SourceOffsets};
use kafka::Producer;

use crate::TaskState;
use crate::back_off::BackOff;
use crate::build;
use crate::commands::Command;
use crate::scope::{Interrupted, Scope};
use crate::source_batch::SourcePipeline;
use crate::source_flow::{Flow, ended};
use crate::transaction::{self, Transaction};

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

/// How much of the time that a task has to end may pass until all is acknowledged, and until offsets are stored.
const DRAIN_SHARE: f64 = 0.75;
pub(crate) const STORE_SHARE: f64 = 0.9;

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
        let mut trouble = source.run().await;
        told_paused = source.told_paused;
        if source.flow.progressed {
            rewinds.reset();
        }
        source.finish(&mut trouble).await;
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
    flow: Flow,
    polls: BackOff,
    /// The state that was told last.
    told_paused: Option<bool>,
    /// A record failed the task; what came before it is sent first.
    failing: Option<Error>,
}

impl SourceLoop {
    /// Starts the connector's task; retriable errors are tried again for as long as it takes.
    async fn start(
        scope: &mut Scope,
        class: &dyn SourceClass,
        told_paused: Option<bool>,
    ) -> Result<Self, Trouble> {
        let scope = &mut scope.clone();
        let (producer, transaction) = match transaction::is_wanted(scope) {
            false => (build::producer(scope)?, None),
            true => {
                let transaction = Transaction::start(scope).await?;
                confirm(scope).await?;
                (transaction.producer() as Arc<dyn Producer>, Some(transaction))
            }
        };
        open_offsets(scope).await?;
        let pipeline = SourcePipeline::build(scope).await?;
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
            flow: Flow::new(scope, pipeline, producer, transaction),
            polls: scope.back_off("poll"),
            told_paused,
            failing: None,
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
        self.flow.outbox.collect();
        self.flow.settle_landed()?;
        self.flow.encode_again()?;
        self.commit(command == Command::Pause).await?;
        self.tell_state(command == Command::Pause);
        let budget_spent = self.flow.outbox.bytes() >= self.scope.settings().source_budget_bytes;
        if let Some(error) = self.failing.take_if(|_| self.flow.outbox.all_sent()) {
            return Err(Trouble::Fail(error));
        }
        if command == Command::Pause || self.failing.is_some() || budget_spent || self.flow.outbox.is_ahead()
        {
            return self.wait(None).await;
        }
        self.poll().await
    }

    /// Stores offsets, or ends the transaction, when that is due.
    async fn commit(&mut self, resting: bool) -> Result<(), Trouble> {
        let timed = self.scope.clock().elapsed() >= self.flow.next_commit;
        match &mut self.flow.transaction {
            None if timed => self.commit_offsets().await,
            None => {}
            Some(transaction) => match transaction.take_due(timed, resting) {
                Some(end) => {
                    let offsets = self.flow.end_transaction(end, true).await?;
                    self.tell_stored(&offsets).await;
                }
                None if timed => {
                    self.flow.next_commit = self.scope.clock().elapsed() + transaction.interval();
                }
                None => {}
            },
        }
        Ok(())
    }

    fn tell_state(&mut self, paused: bool) {
        if self.told_paused.replace(paused) != Some(paused) {
            self.scope.tell(if paused { TaskState::Paused } else { TaskState::Running });
        }
    }

    /// Waits for whatever comes first: another command, a batch sent or acknowledged, offsets due, or this time.
    async fn wait(&mut self, at_most: Option<Duration>) -> Result<(), Trouble> {
        let clock = self.scope.clock().clone();
        let due = self.flow.next_commit.saturating_sub(clock.elapsed());
        let due = self.flow.outbox.watch().map_or(due, |look| look.min(due));
        let command = self.scope.commands.current();
        tokio::select! {
            biased;
            () = self.scope.commands.other_than(command) => Ok(()),
            event = self.flow.outbox.event(), if self.flow.outbox.has_work() => event,
            () = clock.sleep(at_most.map_or(due, |most| most.min(due))) => Ok(()),
        }
    }

    async fn poll(&mut self) -> Result<(), Trouble> {
        let clock = self.scope.clock().clone();
        let began = clock.elapsed();
        let max_wait = POLL_WAIT_MAX.min(self.flow.next_commit.saturating_sub(began));
        let mut trouble = None;
        let mut storing = None;
        let mut stored: Vec<SourceOffsets> = Vec::new();
        let polled = {
            let Self { task, flow, .. } = self;
            self.scope.counters.calls(began);
            let mut poll = task.poll(max_wait);
            loop {
                // All else goes on beside the poll, however long it takes; trouble waits for it, since it must not be
                // dropped.
                let well = trouble.is_none();
                let due = flow.next_commit.saturating_sub(clock.elapsed());
                let look = flow.outbox.watch();
                // A transaction ends between polls only.
                let stores = flow.transaction.is_none();
                tokio::select! {
                    biased;
                    polled = &mut poll => break polled,
                    outcome = ended(&mut storing) => {
                        let offsets = flow.after_store(outcome);
                        // Intervals in which there was nothing to store are told of once.
                        stored.extend(offsets.filter(|offsets| stored.is_empty() || !offsets.is_empty()));
                    }
                    event = flow.outbox.event(), if well && flow.outbox.has_work() => {
                        trouble = event.and_then(|()| flow.go_on()).err();
                    }
                    () = clock.sleep(due), if well && stores && storing.is_none() => storing = flow.start_store(),
                    () = clock.sleep(look.unwrap_or_default()), if well && look.is_some() => {}
                }
            }
        };
        self.scope.counters.called();
        if let Some(store) = storing {
            stored.extend(self.flow.after_store(store.await)); // its wait is bounded
        }
        for offsets in stored {
            self.tell_stored(&offsets).await;
        }
        if let Some(trouble) = trouble {
            return Err(trouble); // what was polled will be read again
        }
        match polled {
            Ok(batch) => {
                self.polls.reset();
                if self.flow.outbox.all_sent() {
                    self.scope.counters.recovered();
                }
                if let Some(transaction) = &mut self.flow.transaction {
                    transaction.polled(!batch.records.is_empty(), batch.boundary);
                }
                if !batch.records.is_empty() {
                    let now = clock.elapsed();
                    self.scope.measures().polled(now, batch.records.len(), now.saturating_sub(began));
                    let Flow { pipeline, in_flight, outbox, .. } = &mut self.flow;
                    self.failing = pipeline.process(batch.records, in_flight, outbox).await?;
                    if let Some(error) = self.failing.take_if(|_| self.flow.transaction.is_some()) {
                        return Err(Trouble::Fail(error)); // what came before it would be aborted
                    }
                    return self.flow.begin_transaction().await;
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
                    self.flow.go_on()?;
                    self.commit(false).await?;
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Stores what Kafka acknowledged and tells the connector. A failure is seen and tried again at the next interval.
    async fn commit_offsets(&mut self) {
        let Some(store) = self.flow.start_store() else { return };
        if let Some(offsets) = self.flow.after_store(store.await) {
            self.tell_stored(&offsets).await;
        }
    }

    async fn tell_stored(&mut self, offsets: &SourceOffsets) {
        if let Err(error) = self.task.commit(offsets).await {
            self.scope.counters.error(&error);
            tracing::warn!(
                "the connector could not take note of stored offsets: {}",
                self.scope.text_of(&error)
            );
        }
    }

    /// Lets what is on its way arrive, stores its offsets, and stops the connector's task. Every wait is bounded.
    async fn finish(&mut self, trouble: &mut Trouble) {
        let settings = self.scope.environment.settings.clone();
        if matches!(*trouble, Trouble::Rewind(_)) {
            self.flow.outbox.discard_unsent();
        }
        let scope = self.scope.clone();
        let (begun, end) = (scope.clock().elapsed(), scope.end());
        let left = end.saturating_sub(begun);
        // Something must be left of the time for the offsets, and for the connector's own stop.
        let limit = settings.offset_flush_timeout.min(left.mul_f64(DRAIN_SHARE));
        let store_by = begun + left.mul_f64(STORE_SHARE);
        if self.flow.transaction.is_some() {
            let clean = matches!(trouble, Trouble::Interrupted);
            match (self.flow.last_transaction(clean, limit).await, clean) {
                (Ok(offsets), true) => self.tell_stored(&offsets).await,
                (Ok(_), false) => {}
                (Err(Trouble::Fail(error) | Trouble::Rewind(error)), true) => {
                    scope.counters.error(&error);
                    tracing::warn!("the last transaction was not committed: {}", scope.text_of(&error));
                }
                // Another instance has its place: it must not begin anew.
                (Err(fenced @ Trouble::Fail(_)), false) => *trouble = fenced,
                (Err(_), _) => {}
            }
            return;
        }
        let _ = scope.at_most(limit, self.drain()).await;
        self.store_last(store_by).await;
    }

    /// Stores offsets for the last time: nobody does it later, and whoever runs the task next would send the same records
    /// again. What may work a moment later is tried again while there is time.
    async fn store_last(&mut self, by: Duration) {
        let clock = self.scope.clock().clone();
        let mut back_off = self.scope.back_off("last offsets").short();
        loop {
            let limit = self.scope.settings().offset_flush_timeout.min(by.saturating_sub(clock.elapsed()));
            let Some(store) = self.flow.start_store_within(limit) else { return };
            let (offsets, stored) = store.await;
            let again = matches!(&stored, Err(error) if error.is_retriable());
            if let Some(offsets) = self.flow.after_store((offsets, stored)) {
                return self.tell_stored(&offsets).await;
            }
            let wait = back_off.next();
            if !again || clock.elapsed() + wait >= by {
                return;
            }
            clock.sleep(wait).await;
        }
    }

    async fn drain(&mut self) {
        while self.flow.outbox.has_work() {
            let encoded = self.flow.encode_again();
            let sent = self.flow.outbox.event().await;
            let settled = self.flow.settle_landed();
            if encoded.and(sent).and(settled).is_err() {
                self.flow.outbox.discard_unsent(); // what was sent may still arrive
            }
        }
    }
}

/// Asks whether this instance is still the one that is wanted, now that those before it can write no more.
async fn confirm(scope: &mut Scope) -> Result<(), Trouble> {
    let mut back_off = scope.back_off("confirm");
    loop {
        let mut commands = scope.commands.clone();
        let listener = scope.listener.clone();
        let confirmed = tokio::select! {
            biased;
            () = commands.stopped() => return Err(Trouble::Interrupted),
            confirmed = listener.confirm(&scope.id) => confirmed,
        };
        match confirmed {
            Ok(()) => return Ok(()),
            Err(error) if error.is_retriable() => {
                let wait = back_off.next();
                scope.tell_retrying(&error, wait);
                scope.pause(wait).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// From here on the offsets are read and stored where the connector keeps them.
async fn open_offsets(scope: &mut Scope) -> Result<(), Trouble> {
    let mut back_off = scope.back_off("offsets");
    loop {
        let mut commands = scope.commands.clone();
        let store = scope.environment.offsets.clone();
        let opened = tokio::select! {
            biased;
            () = commands.stopped() => return Err(Trouble::Interrupted),
            opened = store.of_connector(&scope.spec.connector) => opened,
        };
        match opened {
            Ok(None) => return Ok(()),
            Ok(Some(own)) => {
                scope.environment.offsets = own;
                return Ok(());
            }
            Err(error) if error.is_retriable() => {
                let wait = back_off.next();
                scope.tell_retrying(&error, wait);
                scope.pause(wait).await?;
            }
            Err(error) => return Err(error.into()),
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
            tracing::warn!("the connector's task did not stop cleanly: {}", scope.text_of(&error))
        }
        None => tracing::warn!("the connector's task did not stop in time and was dropped"),
    }
}
