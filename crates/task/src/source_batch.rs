//! The way of a polled batch: transforms, topics, converters, and into the outbox.

use std::sync::Arc;

use api::data::{OffsetMap, Record, SourceRecord, Topic};
use api::{Error, Origin, Result};
use kafka::EncodedBatch;

use crate::batch_runs::{cut_at_changes, same_partition};
use crate::build;
use crate::chain::Chain;
use crate::dead_letters::DeadLetters;
use crate::encode::{Encoder, Lacking};
use crate::in_flight::InFlight;
use crate::outbox::{Flight, Outbox, Outgoing};
use crate::scope::Scope;
use crate::source_letters::SourceLetters;
use crate::source_loop::Trouble;
use crate::source_text::Position;
use crate::stats::add;
use crate::tolerance::{Failed, Subject, Tolerance};
use crate::topics::{ToldTopics, Topics};
use crate::transaction;

/// A batch is cut for sending when it has this many bytes.
const FLIGHT_BYTES: usize = 4 << 20;
/// Other tasks get their turn after so many records.
const RECORDS_A_TURN: usize = 256;

/// The steps of a source's batch.
pub(crate) struct SourcePipeline {
    scope: Scope,
    chain: Chain,
    topics: Topics,
    told: ToldTopics,
    pub(crate) encoder: Encoder,
    pub(crate) tolerance: Tolerance,
    letters: Option<SourceLetters>,
}

/// The result of a step for one record, unless the task must end.
type Step<T> = std::result::Result<std::result::Result<T, Failed>, Trouble>;

impl SourcePipeline {
    pub(crate) async fn build(scope: &mut Scope) -> std::result::Result<Self, Trouble> {
        let letters = scope.spec.connector.source.as_ref().and_then(|source| source.dead_letters.clone());
        let letters = match letters {
            Some(spec) => Some(SourceLetters::new(DeadLetters::open(scope, &spec).await?)),
            None => None,
        };
        Ok(Self {
            letters,
            chain: build::chain(scope)?,
            topics: build::topics(scope)?,
            told: ToldTopics::default(),
            encoder: build::encoder(scope)?,
            tolerance: Tolerance::new(scope),
            scope: scope.clone(),
        })
    }

    /// Puts what is to be sent of the batch into the outbox. `Some` is the error of a record that fails the task;
    /// the records before it are in the outbox.
    ///
    /// Invariant 4: a record is sent, filtered, or settled by the tolerance.
    pub(crate) async fn process(
        &mut self,
        records: Vec<SourceRecord>,
        in_flight: &mut InFlight,
        outbox: &mut Outbox,
    ) -> std::result::Result<Option<Error>, Trouble> {
        add(&self.scope.counters.records_in, records.len());
        let polled = records.len();
        let (records, mut failing) = match self.chain.is_empty() {
            true => (records, None),
            false => self.transform(records).await?,
        };
        let cut = cut_at_changes(&records);
        let mut drafts = Vec::new();
        let mut draft = Draft::with_capacity(records.len());
        let mut left = records.len();
        for mut record in records {
            if left % RECORDS_A_TURN == 0 {
                tokio::task::yield_now().await;
            }
            if draft.encoded.buffer.len() >= FLIGHT_BYTES || cut && !draft.continues_with(&record) {
                drafts.push(std::mem::replace(&mut draft, Draft::with_capacity(left)));
            }
            left -= 1;
            match self.encode(&record.record, &mut draft.encoded).await? {
                Ok(()) => {
                    if self.told.is_new(&record.record.topic) {
                        self.refuse_own_offsets(&record.record.topic)?;
                        draft.new_topics.push(record.record.topic.clone());
                    }
                    draft.add(record.source_partition, record.source_offset.take(), record.record);
                }
                Err(failed) => {
                    let position = Position {
                        partition: record.source_partition.as_deref(),
                        offset: record.source_offset.as_ref(),
                    };
                    match self.settle(failed, Some(&record.record), position) {
                        Ok(()) => self.tolerance.count_tolerated(),
                        Err(error) => {
                            failing = Some(error);
                            break;
                        }
                    }
                }
            }
        }
        if let Some(letters) = &mut self.letters {
            // Invariant 4: before an offset after these records can be stored.
            letters.letters.deliver().await?;
        }
        drafts.push(draft);
        drafts.retain(|draft| !draft.rows.is_empty());
        let sent: usize = drafts.iter().map(|draft| draft.rows.len()).sum();
        self.scope.measures().settled(self.scope.clock().elapsed(), polled - sent);
        let count = drafts.len();
        for (index, draft) in drafts.into_iter().enumerate() {
            add(&self.scope.counters.bytes, draft.encoded.buffer.len());
            outbox.push(draft.finish(in_flight, index + 1 == count, self.tolerance.shows_records()));
        }
        Ok(failing)
    }

    /// Records among its own offsets could be taken for offsets.
    fn refuse_own_offsets(&self, topic: &str) -> Result<()> {
        let store = &self.scope.environment.offsets;
        if !transaction::is_wanted(&self.scope) || store.topic() != Some(topic) {
            return Ok(());
        }
        Err(Error::fatal(format!(
            "the connector {} writes records to its own offsets topic {topic}: send them to another topic, or set another \
             offsets.storage.topic",
            self.scope.id.connector
        )))
    }

    /// The records after all transforms, up to one that fails the task.
    async fn transform(
        &mut self,
        records: Vec<SourceRecord>,
    ) -> std::result::Result<(Vec<SourceRecord>, Option<Error>), Trouble> {
        let mut kept = Vec::with_capacity(records.len());
        for (index, source) in records.into_iter().enumerate() {
            if index % RECORDS_A_TURN == RECORDS_A_TURN - 1 {
                tokio::task::yield_now().await;
            }
            // A transform takes the record; a copy is made only where it may be needed once more.
            let copies = self.tolerance.retries() || self.tolerance.shows_records() || self.letters.is_some();
            let copy = copies.then(|| source.record.clone());
            let SourceRecord { record, source_partition, source_offset } = source;
            let position =
                Position { partition: source_partition.as_deref(), offset: source_offset.as_ref() };
            match self.transform_one(record, copy.as_ref()).await? {
                Ok(Some(record)) => kept.push(SourceRecord { record, source_partition, source_offset }),
                Ok(None) => add(&self.scope.counters.filtered, 1),
                Err(failed) => match self.settle(failed, copy.as_ref(), position) {
                    Ok(()) => self.tolerance.count_tolerated(),
                    Err(error) => return Ok((kept, Some(error))),
                },
            }
        }
        Ok((kept, None))
    }

    /// Reports a bad record, writes a letter of it, and decides.
    fn settle(&mut self, failed: Failed, record: Option<&Record>, at: Position<'_>) -> Result<()> {
        self.tolerance.report(&failed, Subject::Source(record, Some(at)));
        if let (Some(letters), Some(record)) = (&mut self.letters, record) {
            letters.add(&failed, record, at.partition, at.offset);
        }
        self.tolerance.decide(failed).map_err(|error| match at.to_string() {
            place if place.is_empty() => error,
            place => error.with("record", place),
        })
    }

    async fn transform_one(&mut self, record: Record, copy: Option<&Record>) -> Step<Option<Record>> {
        let mut applied = self.chain.apply(record, &Origin::Source);
        if let (Err(failed), Some(copy)) = (&applied, copy)
            && failed.error.is_retriable()
        {
            let mut attempts = self.tolerance.attempts();
            while let Err(failed) = &applied
                && self.tolerance.wait(&mut attempts, &failed.error).await?
            {
                applied = self.chain.apply(copy.clone(), &Origin::Source);
            }
        }
        Ok(applied)
    }

    async fn encode(&mut self, record: &Record, batch: &mut EncodedBatch) -> Step<()> {
        if !self.topics.is_ready(&record.topic) {
            self.ensure_topic(&record.topic).await?;
        }
        while let Some(lacking) = self.encoder.lacks(record) {
            if let Err(failed) = self.prepare(lacking, record).await? {
                return Ok(Err(failed));
            }
        }
        let mut encoded = self.encoder.encode(record, batch);
        if let Err(failed) = &encoded
            && failed.error.is_retriable()
        {
            let mut attempts = self.tolerance.attempts();
            while let Err(failed) = &encoded
                && self.tolerance.wait(&mut attempts, &failed.error).await?
            {
                encoded = self.encoder.encode(record, batch);
            }
        }
        Ok(encoded)
    }

    /// Lets a converter prepare. A registry that is away is not the record's fault: without `errors.retry.timeout`
    /// it is tried for as long as it takes.
    async fn prepare(&mut self, lacking: Lacking, record: &Record) -> Step<()> {
        let mut attempts = self.tolerance.attempts();
        let mut back_off = self.scope.back_off("prepare");
        loop {
            let mut commands = self.scope.commands.clone();
            let prepared = tokio::select! {
                biased;
                () = commands.stopped() => return Err(Trouble::Interrupted),
                prepared = self.encoder.prepare(lacking, record) => prepared,
            };
            let Err(failed) = prepared else { break };
            if !failed.error.is_retriable() {
                return Ok(Err(failed));
            }
            if self.tolerance.retries() {
                if !self.tolerance.wait(&mut attempts, &failed.error).await? {
                    return Ok(Err(failed));
                }
                continue;
            }
            let wait = back_off.next();
            self.scope.tell_retrying(&failed.error, wait);
            self.scope.pause(wait).await?;
        }
        self.scope.counters.recovered();
        Ok(Ok(()))
    }

    async fn ensure_topic(&mut self, topic: &Topic) -> std::result::Result<(), Trouble> {
        let mut back_off = self.scope.back_off("topic");
        loop {
            let mut commands = self.scope.commands.clone();
            let ensured = tokio::select! {
                biased;
                () = commands.stopped() => return Err(Trouble::Interrupted),
                ensured = self.topics.ensure(topic) => ensured,
            };
            match ensured {
                Ok(()) => break,
                Err(error) if error.is_retriable() => {
                    let wait = back_off.next();
                    self.scope.tell_retrying(&error, wait);
                    self.scope.pause(wait).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.scope.counters.recovered();
        Ok(())
    }
}

/// Records that will be sent together.
struct Draft {
    rows: Vec<Record>,
    encoded: EncodedBatch,
    /// The source partitions in order, each with the offset after its last record here.
    spans: Vec<(Option<Arc<OffsetMap>>, Option<OffsetMap>)>,
    new_topics: Vec<Topic>,
}

impl Draft {
    fn with_capacity(records: usize) -> Self {
        let mut encoded = EncodedBatch::default();
        encoded.records.reserve_exact(records);
        Self { rows: Vec::with_capacity(records), encoded, spans: Vec::new(), new_topics: Vec::new() }
    }

    fn continues_with(&self, record: &SourceRecord) -> bool {
        self.spans.last().is_none_or(|(last, _)| same_partition(last, &record.source_partition))
    }

    fn add(&mut self, partition: Option<Arc<OffsetMap>>, offset: Option<OffsetMap>, row: Record) {
        match self.spans.last_mut() {
            Some((last, newest)) if same_partition(last, &partition) => {
                if offset.is_some() {
                    *newest = offset;
                }
            }
            _ => self.spans.push((partition, offset)),
        }
        self.rows.push(row);
    }

    fn finish(self, in_flight: &mut InFlight, last_of_poll: bool, keeps_rows: bool) -> Outgoing {
        let push = |(partition, offset)| in_flight.push(partition, offset);
        let flight = Flight {
            tickets: self.spans.into_iter().map(push).collect(),
            records: self.rows.len(),
            weight: self.encoded.weight(),
            new_topics: self.new_topics,
            keeps_rows,
            rows: Vec::new(),
        };
        Outgoing { rows: self.rows, encoded: Some(self.encoded), flight, last_of_poll }
    }
}
