//! The way of a fetched batch: converters, transforms, and what is left of it for the connector.

use std::sync::Arc;

use api::data::{Offsets, SinkRecord, TopicPartition};
use api::{Origin, Rejection};
use kafka::{FetchedBatch, FetchedRecord};

use crate::build;
use crate::chain::Chain;
use crate::dead_letters::DeadLetters;
use crate::decode::{Decoder, Lacking};
use crate::scope::Scope;
use crate::source_loop::Trouble;
use crate::stats::add;
use crate::tolerance::{Failed, Stage, Subject, Tolerance};

/// Other tasks get their turn after so many records.
const RECORDS_A_TURN: usize = 256;
/// The class that dead letters name for records that the connector rejected.
const PUT_CLASS: &str = "org.apache.kafka.connect.sink.SinkTask";

/// The steps of a sink's batch.
pub(crate) struct SinkPipeline {
    scope: Scope,
    decoder: Decoder,
    chain: Chain,
    letters: Option<DeadLetters>,
    tolerance: Tolerance,
}

/// Records for the connector, kept until it has accepted them.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) records: Vec<SinkRecord>,
    /// For each of them its place in `fetched`.
    places: Vec<u32>,
    /// The records as they came, for dead letters; empty when bad records fail the task anyway.
    fetched: Vec<FetchedRecord>,
    /// For each partition of the batch the offset after its last record here, left out or not.
    pub(crate) end: Offsets,
}

type Step<T> = Result<Result<T, Failed>, Trouble>;

impl SinkPipeline {
    pub(crate) async fn build(scope: &mut Scope) -> Result<Self, Trouble> {
        let dead_letters = scope.spec.connector.sink.as_ref().and_then(|sink| sink.dead_letters.clone());
        let letters = match dead_letters {
            Some(spec) => Some(DeadLetters::open(scope, &spec).await?),
            None => None,
        };
        Ok(Self {
            decoder: build::decoder(scope)?,
            chain: build::chain(scope)?,
            letters,
            tolerance: Tolerance::new(scope),
            scope: scope.clone(),
        })
    }

    /// Whether a rejected record is reported and left out.
    pub(crate) fn tolerates(&self) -> bool {
        self.tolerance.is_all()
    }

    /// The batch as the connector gets it. Letters of bad records are delivered when it returns.
    ///
    /// Invariant 4: a record is kept for the connector, filtered, or settled by the tolerance.
    pub(crate) async fn process(&mut self, batch: FetchedBatch) -> Result<Held, Trouble> {
        let count = batch.records.len();
        add(&self.scope.counters.records_in, count);
        self.scope.measures().read(self.scope.clock().elapsed(), count);
        let mut held = Held {
            records: Vec::with_capacity(count),
            places: Vec::with_capacity(count),
            fetched: Vec::new(),
            end: end_of(&batch),
        };
        let mut bytes = 0;
        for (index, fetched) in batch.records.iter().enumerate() {
            if index % RECORDS_A_TURN == RECORDS_A_TURN - 1 {
                tokio::task::yield_now().await;
            }
            bytes += fetched.key.as_ref().map_or(0, |key| key.len());
            bytes += fetched.value.as_ref().map_or(0, |value| value.len());
            match self.convert(fetched).await? {
                Ok(Some(record)) => {
                    held.records.push(record);
                    held.places.push(index as u32);
                }
                Ok(None) => add(&self.scope.counters.filtered, 1),
                Err(failed) => self.settle(failed, fetched).await?,
            }
        }
        add(&self.scope.counters.bytes, bytes);
        self.deliver_letters().await?;
        if self.tolerance.is_all() || self.letters.is_some() || self.tolerance.shows_records() {
            held.fetched = batch.records;
        }
        Ok(held)
    }

    async fn convert(&mut self, fetched: &FetchedRecord) -> Step<Option<SinkRecord>> {
        while let Some(lacking) = self.decoder.lacks(fetched) {
            if let Err(failed) = self.prepare(lacking, fetched).await? {
                return Ok(Err(failed));
            }
        }
        let mut converted = self.convert_now(fetched);
        if let Err(failed) = &converted
            && failed.error.is_retriable()
        {
            let mut attempts = self.tolerance.attempts();
            while let Err(failed) = &converted
                && self.tolerance.wait(&mut attempts, &failed.error).await?
            {
                converted = self.convert_now(fetched);
            }
        }
        Ok(converted)
    }

    fn convert_now(&mut self, fetched: &FetchedRecord) -> Result<Option<SinkRecord>, Failed> {
        let decoded = self.decoder.decode(fetched)?;
        if self.chain.is_empty() {
            return Ok(Some(decoded));
        }
        let SinkRecord { record, origin_topic, origin_partition, offset, timestamp_type } = decoded;
        let record = self.chain.apply(record, &Origin::Sink { offset })?;
        Ok(record.map(|record| SinkRecord { record, origin_topic, origin_partition, offset, timestamp_type }))
    }

    /// As for sources: a registry that is away is not the record's fault.
    async fn prepare(&mut self, lacking: Lacking, fetched: &FetchedRecord) -> Step<()> {
        let mut attempts = self.tolerance.attempts();
        let mut back_off = self.scope.back_off("prepare");
        loop {
            let mut commands = self.scope.commands.clone();
            let prepared = tokio::select! {
                biased;
                () = commands.stopped() => return Err(Trouble::Interrupted),
                prepared = self.decoder.prepare(lacking, fetched) => prepared,
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

    /// Reports a bad record, writes its letter down, and decides. A record that fails the task gets its letter too.
    async fn settle(&mut self, failed: Failed, fetched: &FetchedRecord) -> Result<(), Trouble> {
        self.tolerance.report(&failed, Subject::Sink(fetched));
        if let Some(letters) = &mut self.letters {
            letters.add(&failed, fetched);
        }
        match self.tolerance.decide(failed) {
            Ok(()) => {
                if self.letters.is_none() {
                    self.tolerance.count_tolerated();
                }
                Ok(())
            }
            Err(error) => {
                self.deliver_letters().await?;
                let place = format!("{}-{}@{}", fetched.topic, fetched.partition, fetched.offset);
                Err(Trouble::Fail(error.with("record", place)))
            }
        }
    }

    async fn deliver_letters(&mut self) -> Result<(), Trouble> {
        match &mut self.letters {
            Some(letters) => letters.deliver().await,
            None => Ok(()),
        }
    }

    /// Settles records that the connector will never write; answers how many.
    pub(crate) async fn settle_rejections(
        &mut self,
        rejected: Vec<Rejection>,
        held: &Held,
    ) -> Result<usize, Trouble> {
        let count = rejected.len();
        let class: Arc<str> = PUT_CLASS.into();
        for Rejection { index, error } in rejected {
            let failed = Failed { stage: Stage::TaskPut, class: class.clone(), error };
            match held.places.get(index).and_then(|place| held.fetched.get(*place as usize)) {
                Some(fetched) => self.settle(failed, fetched).await?,
                // Without the record as it came nobody could look at it: bad records fail the task here.
                None => {
                    self.tolerance.decide(failed)?;
                    let text = format!("the connector rejected record {index} of {}", held.records.len());
                    return Err(api::Error::fatal(text).hint("this is a defect of the connector").into());
                }
            }
        }
        if count > 0 {
            self.deliver_letters().await?;
        }
        Ok(count)
    }
}

impl Held {
    /// Adds records that came later.
    pub(crate) fn append(&mut self, later: Held) {
        let before = self.fetched.len() as u32;
        self.records.extend(later.records);
        self.places.extend(later.places.into_iter().map(|place| place + before));
        self.fetched.extend(later.fetched);
        self.end.extend(later.end);
    }

    /// Leaves out the records of partitions that are no longer ours, or are read again.
    pub(crate) fn remove(&mut self, partitions: &[TopicPartition]) {
        let gone = |record: &SinkRecord| {
            partitions.iter().any(|partition| {
                partition.partition == record.origin_partition && partition.topic == record.origin_topic
            })
        };
        let records = std::mem::take(&mut self.records).into_iter().zip(std::mem::take(&mut self.places));
        (self.records, self.places) = records.filter(|(record, _)| !gone(record)).unzip();
        self.end.retain(|partition, _| !partitions.contains(partition));
    }
}

/// For each partition the offset after its last record; records of a partition mostly come together.
fn end_of(batch: &FetchedBatch) -> Offsets {
    let mut end = Offsets::new();
    let mut records = batch.records.iter().peekable();
    while let Some(record) = records.next() {
        let goes_on = records.peek().is_some_and(|next| {
            next.partition == record.partition && Arc::ptr_eq(&next.topic, &record.topic)
        });
        if !goes_on {
            end.insert(TopicPartition::new(record.topic.clone(), record.partition), record.offset + 1);
        }
    }
    end
}
