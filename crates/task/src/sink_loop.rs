//! The loop of a sink task, the mirror of the source's.
//!
//! In this order, each turn: stop, pause, a commit that is due, and then a batch: one that the connector could not take
//! yet is offered again, else the consumer is polled. Accepted and durable are two words: `put` accepts, `flush` makes
//! durable, and only what `flush` returned is committed (invariant 2).

mod measuring;
mod offsets;
mod requests;

use std::time::Duration;

use api::data::{Offsets, TopicPartition};
use api::dynamic::{DynSinkTask, SinkClass};
use api::{CloseReason, Error, SinkContext, SinkRequests};
use kafka::{Consumer, FetchedBatch, Polled};

use crate::TaskState;
use crate::assignment::Assignment;
use crate::back_off::BackOff;
use crate::build;
use crate::commands::Command;
use crate::scope::Scope;
use crate::sink_batch::{Held, SinkPipeline};
use crate::source_loop::{STORE_SHARE, Trouble};
use crate::stats::add;
use crate::topics::ToldTopics;

/// The connector is called at least this often, so that time can pass for it.
const POLL_WAIT_MAX: Duration = Duration::from_secs(1);

type Result<T> = std::result::Result<T, Trouble>;

/// Runs a sink task until it is told to stop.
///
/// # Errors
/// Why the task failed.
pub(crate) async fn run(mut scope: Scope) -> std::result::Result<(), Error> {
    let class = build::sink_class(&scope)?;
    if scope.commands.current() == Command::Pause {
        // As in Java, a task that begins paused starts its connector when it is resumed.
        scope.tell(TaskState::Paused);
        scope.commands.other_than(Command::Pause).await;
    }
    let mut sink = match SinkLoop::start(&mut scope, class.as_ref()).await {
        Ok(sink) => sink,
        Err(Trouble::Interrupted) => return Ok(()),
        Err(Trouble::Fail(error) | Trouble::Rewind(error)) => return Err(error),
    };
    let trouble = sink.run().await;
    let ended = sink.finish(&trouble).await;
    match trouble {
        Trouble::Interrupted => ended,
        Trouble::Fail(error) | Trouble::Rewind(error) => Err(error),
    }
}

struct SinkLoop {
    scope: Scope,
    task: Box<dyn DynSinkTask>,
    requests: SinkRequests,
    consumer: Box<dyn Consumer>,
    pipeline: SinkPipeline,
    assignment: Assignment,
    told: ToldTopics,
    /// Records that the connector has not accepted yet.
    held: Option<Held>,
    /// When they are offered again; partitions are paused meanwhile.
    redelivery: Option<Duration>,
    /// The wait that the connector asked for.
    asked_wait: Option<Duration>,
    commit_asked: bool,
    next_commit: Duration,
    /// When it is looked again how far behind the task is.
    next_measure: Duration,
    paused: bool,
    puts: BackOff,
    polls: BackOff,
}

impl SinkLoop {
    /// Starts the connector's task, then joins the group.
    async fn start(scope: &mut Scope, class: &dyn SinkClass) -> Result<Self> {
        let pipeline = SinkPipeline::build(scope).await?;
        let requests = SinkRequests::default();
        let mut back_off = scope.back_off("start");
        let task = loop {
            if scope.commands.is_stop() {
                return Err(Trouble::Interrupted);
            }
            let context = SinkContext {
                connector: scope.id.connector.clone(),
                task: scope.id.task,
                clock: scope.clock().clone(),
                spawner: scope.spawner.clone(),
                requests: requests.clone(),
                reports_rejections: pipeline.tolerates(),
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
        scope.tell(if paused { TaskState::Paused } else { TaskState::Running });
        Ok(Self {
            task,
            requests,
            consumer: build::consumer(scope)?,
            pipeline,
            assignment: Assignment::default(),
            told: ToldTopics::default(),
            held: None,
            redelivery: None,
            asked_wait: None,
            commit_asked: false,
            next_commit: scope.clock().elapsed() + scope.settings().offset_flush_interval,
            next_measure: Duration::ZERO,
            paused,
            puts: scope.back_off("put"),
            polls: scope.back_off("poll"),
            scope: scope.clone(),
        })
    }

    async fn run(&mut self) -> Trouble {
        loop {
            if let Err(trouble) = self.turn().await {
                return trouble;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn turn(&mut self) -> Result<()> {
        match self.scope.commands.current() {
            Command::Stop => return Err(Trouble::Interrupted),
            command => self.set_paused(command == Command::Pause)?,
        }
        self.follow_requests().await?;
        let now = self.scope.clock().elapsed();
        self.measure(now);
        if self.commit_asked || now >= self.next_commit {
            self.commit().await?;
            // What flush asks for (a seek, a pause) holds before anything more is read or put.
            self.follow_requests().await?;
        }
        match self.redelivery {
            Some(due) if now >= due => self.put().await,
            _ => self.poll().await,
        }
    }

    fn set_paused(&mut self, paused: bool) -> Result<()> {
        if self.paused == paused {
            return Ok(());
        }
        self.paused = paused;
        if paused {
            self.consumer.pause(&self.assignment.all()).map_err(Error::from)?;
            self.commit_asked = true;
        } else if self.redelivery.is_none() {
            self.resume()?;
        }
        self.scope.tell(if paused { TaskState::Paused } else { TaskState::Running });
        Ok(())
    }

    fn resume(&mut self) -> Result<()> {
        let partitions = self.assignment.not_paused_by_task();
        Ok(self.consumer.resume(&partitions).map_err(Error::from)?)
    }

    /// The next records or the next change of assignment.
    async fn poll(&mut self) -> Result<()> {
        let now = self.scope.clock().elapsed();
        let mut wait = POLL_WAIT_MAX.min(self.next_commit.saturating_sub(now));
        if let Some(due) = self.redelivery {
            wait = wait.min(due.saturating_sub(now));
        } else if let Some(asked) = self.asked_wait.take() {
            wait = wait.min(asked);
        }
        let command = self.scope.commands.current();
        let polled = tokio::select! {
            biased;
            () = self.scope.commands.other_than(command) => return Ok(()),
            polled = self.consumer.poll(wait) => polled,
        };
        match polled {
            Ok(polled) => {
                self.polls.reset();
                self.watch(&polled);
                self.take(polled).await
            }
            Err(error) => self.poll_failed(error).await,
        }
    }

    async fn take(&mut self, polled: Polled) -> Result<()> {
        match polled {
            Polled::Nothing if self.held.is_some() => Ok(()),
            Polled::Nothing => {
                self.held = Some(Held::default()); // the connector is called without records, too
                self.put().await
            }
            Polled::Records(batch) => self.take_records(batch).await,
            Polled::Assigned(partitions) => self.assigned(&partitions).await,
            Polled::Revoked(partitions) => {
                self.drop_gone(&partitions)?;
                let by = self.scope.clock().elapsed() + self.scope.settings().offset_flush_timeout;
                self.commit_closing(&partitions, by).await
            }
            Polled::Lost(partitions) => {
                self.drop_gone(&partitions)?;
                self.assignment.remove(&partitions);
                Ok(self.task.close(&partitions, CloseReason::Lost).await?)
            }
        }
    }

    /// Brokers that are away fail no poll: there is only nothing to read.
    fn watch(&self, polled: &Polled) {
        let trouble = match polled {
            Polled::Nothing => self.consumer.trouble(),
            _ => None,
        };
        match trouble {
            Some(trouble) => {
                let since = self.scope.clock().elapsed().saturating_sub(trouble.lasts);
                self.scope.tell_stalled("Kafka cannot be read", &trouble.reason, since);
            }
            None => self.scope.tell_flowing(),
        }
    }

    async fn poll_failed(&mut self, error: kafka::Error) -> Result<()> {
        let unusable = matches!(error, kafka::Error::Unusable { .. });
        let error = Error::from(error);
        if !error.is_retriable() {
            return Err(error.into());
        }
        if unusable {
            // A new member begins anew, where the group has committed.
            let all = self.assignment.all();
            self.drop_gone(&all)?;
            self.assignment = Assignment::default();
            self.task.close(&all, CloseReason::Lost).await?;
            self.consumer = build::consumer(&self.scope)?;
        }
        let wait = self.polls.next();
        self.scope.tell_retrying(&error, wait);
        self.scope.pause(wait).await?;
        self.scope.counters.recovered();
        Ok(())
    }

    /// Where reading began, and which topics there are: once a run of records.
    fn note_read(&mut self, batch: &FetchedBatch) {
        let mut last = None;
        for record in &batch.records {
            let place = (record.partition, record.topic.as_ptr());
            if last.replace(place) != Some(place) {
                let partition = TopicPartition::new(record.topic.clone(), record.partition);
                self.assignment.note_start(&partition, record.offset);
                if self.told.is_new(&record.topic) {
                    self.scope.tell_topic_used(&record.topic);
                }
            }
        }
    }

    async fn take_records(&mut self, batch: FetchedBatch) -> Result<()> {
        self.note_read(&batch);
        let fresh = self.pipeline.process(batch).await?;
        match &mut self.held {
            // Records that were fetched before the partitions were paused go behind the others.
            Some(held) => {
                held.append(fresh);
                Ok(())
            }
            None => {
                self.held = Some(fresh);
                // Side work of the connector may have asked meanwhile: a seek drops what was fetched before it.
                self.follow_requests().await?;
                self.put().await
            }
        }
    }

    /// Offers the held records to the connector. They are kept until it has accepted them.
    async fn put(&mut self) -> Result<()> {
        let Some(held) = &self.held else { return Ok(()) };
        let began = self.scope.clock().elapsed();
        self.scope.counters.calls(began);
        let put = self.task.put(&held.records).await;
        self.scope.counters.called();
        match put {
            Ok(outcome) => {
                let now = self.scope.clock().elapsed();
                self.scope.measures().put(now, held.records.len(), now.saturating_sub(began));
                let rejected = self.pipeline.settle_rejections(outcome.rejected, held).await?;
                add(&self.scope.counters.records_out, held.records.len().saturating_sub(rejected));
                let end = self.held.take().map(|held| held.end).unwrap_or_default();
                self.assignment.accept(end);
                self.puts.reset();
                if self.redelivery.take().is_some() {
                    self.scope.counters.recovered();
                    if !self.paused {
                        self.resume()?;
                    }
                }
                Ok(())
            }
            Err(error) if error.is_retriable() => self.put_later(&error),
            Err(error) => Err(Trouble::Fail(
                Error::fatal("Exiting WorkerSinkTask due to unrecoverable exception.").caused_by(error),
            )),
        }
    }

    fn put_later(&mut self, error: &Error) -> Result<()> {
        // They need the consumer or more than this place; the next turn begins with them.
        self.note_requests().into_iter().for_each(|request| self.requests.push(request));
        let wait = self.asked_wait.take().unwrap_or_else(|| self.puts.next());
        self.scope.tell_retrying(error, wait);
        if self.redelivery.is_none() {
            self.consumer.pause(&self.assignment.all()).map_err(Error::from)?;
        }
        self.redelivery = Some(self.scope.clock().elapsed() + wait);
        Ok(())
    }

    async fn assigned(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        if partitions.is_empty() {
            return Ok(());
        }
        let committed = self.committed(partitions).await?;
        self.assignment.add(partitions, &committed);
        if self.paused || self.redelivery.is_some() {
            self.consumer.pause(partitions).map_err(Error::from)?;
        }
        Ok(self.task.open(partitions).await?)
    }

    async fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Offsets> {
        let mut back_off = self.scope.back_off("committed");
        loop {
            match self.consumer.committed(partitions).await.map_err(Error::from) {
                Ok(offsets) => return Ok(offsets),
                Err(error) if error.is_retriable() => {
                    let wait = back_off.next();
                    self.scope.tell_retrying(&error, wait);
                    self.scope.pause(wait).await?;
                    self.scope.counters.recovered();
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Drops kept records of partitions that are read again from elsewhere.
    fn drop_held(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        if self.remove_held(partitions) && !self.paused {
            self.resume()?;
        }
        Ok(())
    }

    /// Drops kept records of partitions that are no longer ours.
    fn drop_gone(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        if self.remove_held(partitions) && !self.paused {
            let mut rest = self.assignment.not_paused_by_task();
            rest.retain(|partition| !partitions.contains(partition)); // they cannot be resumed any more
            self.consumer.resume(&rest).map_err(Error::from)?;
        }
        Ok(())
    }

    /// Leaves out kept records; whether that ended the wait for redelivery, for which all partitions were paused.
    fn remove_held(&mut self, partitions: &[TopicPartition]) -> bool {
        let Some(held) = &mut self.held else { return false };
        held.remove(partitions);
        if !held.end.is_empty() {
            return false;
        }
        self.held = None;
        let waited = self.redelivery.take().is_some();
        if waited {
            self.puts.reset();
            self.scope.counters.recovered();
        }
        waited
    }

    /// Flushes, closes and commits everything, leaves the group, stops the connector's task.
    async fn finish(mut self, trouble: &Trouble) -> std::result::Result<(), Error> {
        let scope = self.scope.clone();
        let work = async move {
            let all = self.assignment.all();
            let begun = self.scope.clock().elapsed();
            let left = self.scope.end().saturating_sub(begun);
            let closed = self.commit_closing(&all, begun + left.mul_f64(STORE_SHARE)).await;
            self.consumer.close().await;
            if let Err(error) = self.task.stop().await {
                tracing::warn!("the connector's task did not stop cleanly: {}", self.scope.text_of(&error));
            }
            match closed {
                Err(Trouble::Fail(error) | Trouble::Rewind(error)) => Err(error),
                Ok(()) | Err(Trouble::Interrupted) => Ok(()),
            }
        };
        match trouble {
            Trouble::Interrupted => work.await, // bounded by the graceful time of whoever said stop
            _ => scope.at_most(scope.settings().graceful_timeout, work).await.unwrap_or_else(|| {
                tracing::warn!("the connector's task did not stop in time and was dropped");
                Ok(())
            }),
        }
    }
}
