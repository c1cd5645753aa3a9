//! Whole partitions from their beginning, through librdkafka and without joining a group.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use api::BoxFuture;
use api::data::{Offsets, TopicPartition};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::message::Message as _;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::consumer::visible;
use super::failure::failed;
use super::fetched::BatchBuilder;
use super::java_keys::Translated;
use super::login::{Login, Member};
use super::membership::Membership;
use crate::{Error, FetchedRecord, LogReader, Result};

/// After so long at a partition's end without a record, a fetch that began after the end was asked for has come back
/// empty (a broker answers within half a second): the records up to the end that was told are no longer there, as when
/// compaction removed a tombstone that was the last one.
const EMPTY_END: Duration = Duration::from_secs(3);

/// The longest that nothing may come while the end is not reached: the brokers are away. Time that a broker says an open
/// transaction takes does not count: it ends it at last (`transaction.timeout.ms` of who began it).
const STALLED: Duration = Duration::from_secs(30);

/// How often it is said that an open transaction is waited for.
const WAITING: Duration = Duration::from_secs(30);

/// The longest that a broker may take to say how far everything is decided.
const ANSWER: Duration = Duration::from_secs(10);

type Native = BaseConsumer<Membership>;

pub(super) struct RdKafkaLogReader {
    /// Dropped before the client, which it has a pointer to.
    login: Option<Member>,
    /// Taken by `Drop` only.
    native: Option<Arc<Native>>,
    /// Only what is committed is seen, and nothing after what is not: an end that was reached may be such a place.
    committed: bool,
    readable: Arc<Notify>,
    batch: BatchBuilder,
    /// Read and not yet answered.
    read: Vec<FetchedRecord>,
    /// The next offset of each partition; those of records that are not visible, such as a transaction's end, count.
    positions: BTreeMap<TopicPartition, i64>,
    /// Partitions whose end was seen, with no record since.
    at_end: BTreeSet<i32>,
}

impl RdKafkaLogReader {
    pub(super) fn new(
        translated: &Translated,
        partitions: &[TopicPartition],
        login: Option<Arc<Login>>,
    ) -> Result<Self> {
        let mut config = translated.native()?;
        // Tells of the end also where the last records are not visible.
        config.set("enable.partition.eof", "true");
        config.set("auto.offset.reset", "earliest");
        config.set("allow.auto.create.topics", "false");
        let mut native: Native = config
            .create_with_context(Membership::default())
            .map_err(|error| translated.not_created(&error))?;
        let reports = native.context().reports.clone();
        // SAFETY: the member is dropped before the client: it is declared later here, is the first field of the
        // reader, and `Drop` drops it before it hands the client to who ends it.
        #[allow(unsafe_code)]
        let login = login.map(|login| unsafe { login.join(native.client(), reports) });
        let readable = Arc::new(Notify::new());
        let wake = Arc::clone(&readable);
        native.set_nonempty_callback(move || wake.notify_one());
        let mut list = TopicPartitionList::with_capacity(partitions.len());
        for partition in partitions {
            // Not the beginning, which would have to be asked for first: where records at the front are gone,
            // auto.offset.reset leads there.
            list.add_partition_offset(&partition.topic, partition.partition, Offset::Offset(0))
                .map_err(|error| failed(format!("reading {partition}"), &error))?;
        }
        native.assign(&list).map_err(|error| failed("reading a topic from its beginning", &error))?;
        Ok(Self {
            login,
            native: Some(Arc::new(native)),
            committed: translated.get("isolation.level") == Some("read_committed"),
            readable,
            batch: BatchBuilder::new(translated.poll_records_max),
            read: Vec::new(),
            positions: partitions.iter().map(|partition| (partition.clone(), 0)).collect(),
            at_end: BTreeSet::new(),
        })
    }

    /// Takes what librdkafka has, without waiting.
    fn take(&mut self) -> Result<()> {
        let Some(native) = &self.native else { return Ok(()) };
        let membership = native.context();
        let mut unseen = self.login.is_some();
        let mut wrong = None;
        loop {
            let served = membership.reports.served();
            match native.poll(Duration::ZERO) {
                Some(Ok(message)) => {
                    self.at_end.remove(&message.partition());
                    self.batch.push(&message);
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => _ = self.at_end.insert(partition),
                Some(Err(error)) => {
                    wrong = visible(&error, membership.reports.take_text());
                    if wrong.is_some() {
                        break;
                    }
                }
                // Or librdkafka's hint that a token is due was served, of which nothing is seen.
                None if membership.reports.served() == served && std::mem::take(&mut unseen) => {}
                None if membership.reports.served() == served => break,
                None => {}
            }
            if self.batch.is_full() {
                self.read.extend(self.batch.finish().into_iter().flat_map(|batch| batch.records));
            }
        }
        if let Some(batch) = self.batch.finish() {
            membership.reports.answered();
            self.read.extend(batch.records);
        }
        // Where it stands, records that are not visible included.
        let ends = native.position().map_err(|error| failed("asking where reading stands", &error))?;
        for element in ends.elements() {
            let place = TopicPartition::new(element.topic(), element.partition());
            if let (Offset::Offset(offset), Some(position)) =
                (element.offset(), self.positions.get_mut(&place))
            {
                *position = offset.max(*position);
            }
        }
        match wrong.or_else(|| membership.reports.take_refusal()) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// These offsets, but not after the first record of a transaction that is open: those before it are decided.
    async fn decided(&self, ends: &Offsets) -> Result<Offsets> {
        let Some(native) = self.native.as_ref().filter(|_| self.committed).map(Arc::clone) else {
            return Ok(ends.clone());
        };
        let mut ends = ends.clone();
        let unread = |place: &TopicPartition, end: i64| self.positions.get(place).is_some_and(|at| *at < end);
        let asked: Vec<_> =
            ends.iter().filter(|(place, end)| unread(place, **end)).map(|(place, _)| place.clone()).collect();
        let answers = tokio::task::spawn_blocking(move || {
            let stable = |place: TopicPartition| {
                // With read_committed this is where the first open transaction begins.
                let (_, stable) =
                    native.fetch_watermarks(&place.topic, place.partition, ANSWER).map_err(|error| {
                        failed(format!("asking for the last stable offset of {place}"), &error)
                    })?;
                Ok((place, stable))
            };
            asked.into_iter().map(stable).collect::<Result<Vec<_>>>()
        });
        let answers = answers.await.unwrap_or_else(|error| {
            let operation = "asking for last stable offsets".to_owned();
            Err(Error::Fatal { operation, reason: error.to_string() })
        })?;
        for (place, stable) in answers {
            ends.entry(place).and_modify(|end| *end = stable.min(*end));
        }
        Ok(ends)
    }

    /// Whether everything below these offsets was read, or is gone.
    fn has_read(&self, ends: &Offsets, empty: bool) -> bool {
        ends.iter().all(|(place, end)| {
            let position = self.positions.get(place).copied().unwrap_or(*end);
            position >= *end || (empty && self.at_end.contains(&place.partition))
        })
    }
}

impl LogReader for RdKafkaLogReader {
    fn next(&mut self) -> BoxFuture<'_, Result<Vec<FetchedRecord>>> {
        Box::pin(async move {
            loop {
                self.take()?;
                if !self.read.is_empty() {
                    return Ok(std::mem::take(&mut self.read));
                }
                let readable = Arc::clone(&self.readable);
                readable.notified().await;
            }
        })
    }

    fn read_to<'a>(&'a mut self, ends: &'a Offsets) -> BoxFuture<'a, Result<Vec<FetchedRecord>>> {
        Box::pin(async move {
            let begin = Instant::now();
            let (mut empty_at, mut stalled_at, mut told_at) =
                (begin + EMPTY_END, begin + STALLED, begin + WAITING);
            loop {
                let before = self.positions.clone();
                self.take()?;
                if self.positions != before {
                    (empty_at, stalled_at) = (Instant::now() + EMPTY_END, Instant::now() + STALLED);
                }
                if self.has_read(ends, false) {
                    return Ok(std::mem::take(&mut self.read));
                }
                if self.has_read(ends, Instant::now() >= empty_at) {
                    let decided = self.decided(ends).await?;
                    let Some((place, _)) = ends.iter().find(|(place, end)| decided.get(*place) < Some(*end))
                    else {
                        return Ok(std::mem::take(&mut self.read));
                    };
                    if Instant::now() >= told_at {
                        let (topic, partition) = (place.topic.as_ref(), place.partition);
                        tracing::warn!(
                            topic,
                            partition,
                            seconds = begin.elapsed().as_secs(),
                            "reading waits for a transaction that is open; the broker ends it after the \
                             transaction.timeout.ms of who began it"
                        );
                        told_at = Instant::now() + WAITING;
                    }
                    (empty_at, stalled_at) = (Instant::now() + EMPTY_END, Instant::now() + STALLED);
                }
                if Instant::now() >= stalled_at {
                    return Err(Error::Retriable {
                        operation: "reading a topic to its end".to_owned(),
                        reason: format!("nothing has come for {} s", STALLED.as_secs()),
                    });
                }
                let readable = Arc::clone(&self.readable);
                let _ = timeout_at(empty_at.max(Instant::now() + EMPTY_END / 10), readable.notified()).await; // then look again
            }
        })
    }

    fn read_decided<'a>(&'a mut self, ends: &'a Offsets) -> BoxFuture<'a, Result<Vec<FetchedRecord>>> {
        Box::pin(async move {
            let decided = self.decided(ends).await?;
            self.read_to(&decided).await
        })
    }
}

impl Drop for RdKafkaLogReader {
    fn drop(&mut self) {
        self.login = None;
        let native = self.native.take();
        // Closing connections blocks; whoever drops must not.
        let _ = std::thread::Builder::new().name("kafka-close".to_owned()).spawn(move || drop(native));
    }
}
