//! Reading through librdkafka as a member of a group.
//!
//! No thread of our own: librdkafka's queue wakes the waiting poll, which then takes what is there without blocking.
//! What may block (assigning, committing, closing) runs on the blocking threads.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CString;
use std::sync::Arc;
use std::time::Duration;

use api::BoxFuture;
use api::data::{Offsets, TopicPartition};
use rdkafka::bindings as sys;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, RebalanceProtocol};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::failure::{code_of, failed, with_code};
use super::fetched::BatchBuilder;
use super::java_keys::{Translated, wrong};
use super::login::{Login, Member};
use super::membership::{Change, Membership};
use super::pattern;
use crate::{Consumer, Error, Polled, Result, Subscription, Trouble};

/// How long a call waits for a coordinator or a leader.
const ANSWER: Duration = Duration::from_secs(60);
/// How long a seek waits until librdkafka has begun to read a partition that was just assigned.
const SEEK: Duration = Duration::from_secs(30);

type Native = BaseConsumer<Membership>;

pub(super) struct RdKafkaConsumer {
    /// Dropped before the client, which it has a pointer to.
    login: Option<Member>,
    /// Taken when it is closed.
    native: Option<Arc<Native>>,
    readable: Arc<Notify>,
    batch: BatchBuilder,
    /// What the loop was told, and what librdkafka is told by the next poll.
    announced: Option<Announced>,
    /// The call that tells it, which goes on when a poll is dropped.
    settling: Option<JoinHandle<Result<()>>>,
    assigned: BTreeSet<TopicPartition>,
    paused: BTreeSet<TopicPartition>,
    /// An error that came after records: the next poll answers it.
    error: Option<Error>,
}

enum Announced {
    /// With the offsets that were sought meanwhile.
    Assigned(BTreeMap<TopicPartition, Option<i64>>),
    Revoked(Vec<TopicPartition>),
}

impl RdKafkaConsumer {
    pub(super) fn new(
        translated: &Translated,
        subscription: &Subscription,
        login: Option<Arc<Login>>,
    ) -> Result<Self> {
        let topics = match subscription {
            Subscription::Topics(topics) => {
                if let Some(topic) = topics.iter().find(|topic| topic.starts_with('^')) {
                    return Err(wrong("topics", format!("{topic} cannot be a topic's name")));
                }
                topics.clone()
            }
            Subscription::Pattern(pattern) => vec![pattern::translate(pattern)?],
        };
        let mut native: Native = translated
            .native()?
            .create_with_context(Membership::default())
            .map_err(|error| translated.not_created(&error))?;
        let reports = native.context().reports.clone();
        // SAFETY: the member is dropped before the client: it is declared later here, is the first field of the
        // consumer, and `close` and `Drop` drop it before they hand the client to who ends it.
        #[allow(unsafe_code)]
        let login = login.map(|login| unsafe { login.join(native.client(), reports) });
        let readable = Arc::new(Notify::new());
        let wake = Arc::clone(&readable);
        native.set_nonempty_callback(move || wake.notify_one());
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        native.subscribe(&topics).map_err(|error| failed(format!("subscribing to {topics:?}"), &error))?;
        Ok(Self {
            login,
            native: Some(Arc::new(native)),
            readable,
            batch: BatchBuilder::new(translated.poll_records_max),
            announced: None,
            settling: None,
            assigned: BTreeSet::new(),
            paused: BTreeSet::new(),
            error: None,
        })
    }

    fn native(&self) -> &Arc<Native> {
        self.native.as_ref().expect("it is taken when the consumer is gone")
    }

    /// Tells librdkafka what was announced by the last poll. Dropping this future loses nothing.
    async fn settle(&mut self) -> Result<()> {
        if let Some(announced) = self.announced.take() {
            let native = Arc::clone(self.native());
            let paused: Vec<_> = self.paused.iter().cloned().collect();
            self.settling = Some(tokio::task::spawn_blocking(move || announced.tell(&native, &paused)));
        }
        let Some(settling) = &mut self.settling else { return Ok(()) };
        let settled = joined("changing the assignment", settling.await);
        self.settling = None;
        settled
    }

    /// The next change as the loop sees it.
    fn announce(&mut self, change: Change) -> Polled {
        match change {
            Change::Assign(partitions) => {
                self.assigned.extend(partitions.iter().cloned());
                self.announced =
                    Some(Announced::Assigned(partitions.iter().map(|p| (p.clone(), None)).collect()));
                Polled::Assigned(partitions)
            }
            Change::Revoke { partitions, lost } => {
                for partition in &partitions {
                    self.assigned.remove(partition);
                    self.paused.remove(partition);
                }
                self.announced = Some(Announced::Revoked(partitions.clone()));
                match lost {
                    true => Polled::Lost(partitions),
                    false => Polled::Revoked(partitions),
                }
            }
        }
    }

    /// Takes what is there, without waiting: records first, then what stopped them.
    fn take(&mut self) -> Result<Option<Polled>> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let native = Arc::clone(self.native());
        let membership = native.context();
        let mut unseen = self.login.is_some();
        while !membership.has_change() && !self.batch.is_full() {
            let served = membership.reports.served();
            match native.poll(Duration::ZERO) {
                Some(Ok(message)) => self.batch.push(&message),
                Some(Err(error)) => {
                    if let Some(error) = visible(&error, membership.reports.take_text()) {
                        self.error = Some(error);
                        break;
                    }
                }
                // Or librdkafka's hint that a token is due was served, of which nothing is seen.
                None if membership.reports.served() == served && std::mem::take(&mut unseen) => {}
                None if membership.reports.served() == served => break,
                None => {}
            }
        }
        if let Some(batch) = self.batch.finish() {
            membership.reports.answered();
            return Ok(Some(Polled::Records(batch)));
        }
        if let Some(error) = self.error.take().or_else(|| membership.reports.take_refusal()) {
            return Err(error);
        }
        Ok(membership.next_change().map(|change| self.announce(change)))
    }

    fn check_assigned(&self, operation: &str, partitions: &[TopicPartition]) -> Result<()> {
        match partitions.iter().find(|partition| !self.assigned.contains(partition)) {
            None => Ok(()),
            Some(partition) => Err(Error::Fatal {
                operation: format!("{operation} {partition}"),
                reason: "it is not assigned to this consumer".to_owned(),
            }),
        }
    }

    /// Those that librdkafka knows of already.
    fn settled<'a>(&self, partitions: &'a [TopicPartition]) -> impl Iterator<Item = &'a TopicPartition> {
        let announced = match &self.announced {
            Some(Announced::Assigned(starts)) => starts.keys().cloned().collect(),
            _ => BTreeSet::new(),
        };
        partitions.iter().filter(move |partition| !announced.contains(partition))
    }
}

impl Announced {
    fn tell(self, native: &Native, paused: &[TopicPartition]) -> Result<()> {
        let cooperative = matches!(native.rebalance_protocol(), RebalanceProtocol::Cooperative);
        match self {
            Announced::Assigned(starts) => {
                let mut list = TopicPartitionList::with_capacity(starts.len());
                for (partition, start) in &starts {
                    let offset = start.map_or(Offset::Invalid, Offset::Offset); // invalid: the committed one
                    list.add_partition_offset(&partition.topic, partition.partition, offset)
                        .map_err(|error| failed(format!("assigning {partition}"), &error))?;
                }
                let done = if cooperative { native.incremental_assign(&list) } else { native.assign(&list) };
                done.map_err(|error| failed("taking the assigned partitions", &error))?;
                let paused = list_of(paused.iter().filter(|partition| starts.contains_key(*partition)));
                if paused.count() > 0 {
                    native.pause(&paused).map_err(|error| failed("pausing partitions", &error))?;
                }
                Ok(())
            }
            Announced::Revoked(partitions) => {
                let done = match cooperative {
                    true => native.incremental_unassign(&list_of(partitions.iter())),
                    false => native.unassign(),
                };
                done.map_err(|error| failed("giving the revoked partitions back", &error))
            }
        }
    }
}

fn list_of<'a>(partitions: impl Iterator<Item = &'a TopicPartition>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        list.add_partition(&partition.topic, partition.partition);
    }
    list
}

fn list_with_offsets(offsets: &Offsets) -> Result<TopicPartitionList> {
    let mut list = TopicPartitionList::with_capacity(offsets.len());
    for (partition, offset) in offsets {
        list.add_partition_offset(&partition.topic, partition.partition, Offset::Offset(*offset))
            .map_err(|error| failed(format!("naming offset {offset} of {partition}"), &error))?;
    }
    Ok(list)
}

fn joined<T>(operation: &str, result: std::result::Result<Result<T>, tokio::task::JoinError>) -> Result<T> {
    result.unwrap_or_else(|error| {
        Err(Error::Fatal { operation: operation.to_owned(), reason: error.to_string() })
    })
}

/// Runs a call that blocks.
async fn blocking<T: Send + 'static>(
    operation: &'static str,
    call: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    joined(operation, tokio::task::spawn_blocking(call).await)
}

/// The end of a partition that the last fetch told of.
#[allow(unsafe_code)]
fn known_end(native: &Native, partition: &TopicPartition) -> Option<i64> {
    let topic = CString::new(&*partition.topic).ok()?;
    let (mut low, mut high) = (sys::RD_KAFKA_OFFSET_INVALID.into(), sys::RD_KAFKA_OFFSET_INVALID.into());
    // SAFETY: the client lives as long as the reference to it; the name ends with a zero and outlives the call, which
    // writes to the two numbers and keeps neither pointer.
    let code = unsafe {
        sys::rd_kafka_get_watermark_offsets(
            native.client().native_ptr(),
            topic.as_ptr(),
            partition.partition,
            &mut low,
            &mut high,
        )
    };
    (code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0).then_some(high)
}

/// What the loop must know of; librdkafka repairs connections by itself and has logged them.
pub(super) fn visible(error: &KafkaError, text: Option<String>) -> Option<Error> {
    if matches!(error, KafkaError::PartitionEOF(_)) {
        return None;
    }
    let operation = text.map_or_else(|| "reading".to_owned(), |text| format!("reading ({text})"));
    match code_of(error) {
        Some(
            Code::BrokerTransportFailure
            | Code::AllBrokersDown
            | Code::Resolve
            | Code::OperationTimedOut
            | Code::PollExceeded
            | Code::SSL
            | Code::Authentication, // kept by the context with its reason
        ) => None,
        Some(code) => Some(with_code(operation, code)),
        None => Some(failed(operation, error)),
    }
}

impl Consumer for RdKafkaConsumer {
    fn end(&self, partition: &TopicPartition) -> Option<i64> {
        known_end(self.native.as_ref()?, partition)
    }

    fn trouble(&self) -> Option<Trouble> {
        self.native.as_ref()?.context().reports.trouble()
    }

    fn poll(&mut self, max_wait: Duration) -> BoxFuture<'_, Result<Polled>> {
        Box::pin(async move {
            let deadline = Instant::now() + max_wait;
            loop {
                self.settle().await?;
                match self.take()? {
                    // Nothing to tell, but librdkafka waits for its answer.
                    Some(
                        Polled::Assigned(partitions) | Polled::Revoked(partitions) | Polled::Lost(partitions),
                    ) if partitions.is_empty() => {}
                    Some(polled) => return Ok(polled),
                    None => {
                        let readable = Arc::clone(&self.readable);
                        if timeout_at(deadline, readable.notified()).await.is_err() {
                            return Ok(Polled::Nothing);
                        }
                    }
                }
            }
        })
    }

    fn commit<'a>(&'a mut self, offsets: &'a Offsets) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if offsets.is_empty() {
                return Ok(());
            }
            let list = list_with_offsets(offsets)?;
            let native = Arc::clone(self.native());
            let commit = blocking("committing offsets", move || {
                native.commit(&list, CommitMode::Sync).map_err(|error| failed("committing offsets", &error))
            });
            match tokio::time::timeout(ANSWER, commit).await {
                Ok(result) => result,
                Err(_) => Err(with_code("committing offsets", Code::OperationTimedOut)),
            }
        })
    }

    fn committed<'a>(&'a mut self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<Offsets>> {
        Box::pin(async move {
            let list = list_of(partitions.iter());
            let native = Arc::clone(self.native());
            let operation = "asking for committed offsets";
            let answer = blocking(operation, move || {
                native.committed_offsets(list, ANSWER).map_err(|error| failed(operation, &error))
            })
            .await?;
            let mut offsets = Offsets::new();
            for element in answer.elements() {
                element.error().map_err(|error| failed(operation, &error))?;
                if let Offset::Offset(offset) = element.offset() {
                    offsets.insert(TopicPartition::new(element.topic(), element.partition()), offset);
                }
            }
            Ok(offsets)
        })
    }

    fn seek<'a>(&'a mut self, partition: &'a TopicPartition, offset: i64) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.check_assigned("seeking in", std::slice::from_ref(partition))?;
            if let Some(Announced::Assigned(starts)) = &mut self.announced
                && let Some(start) = starts.get_mut(partition)
            {
                *start = Some(offset);
                return Ok(());
            }
            self.settle().await?;
            let operation = format!("seeking to offset {offset} of {partition}");
            let give_up = Instant::now() + SEEK;
            loop {
                let native = Arc::clone(self.native());
                let list = list_with_offsets(&[(partition.clone(), offset)].into())?;
                let sought = blocking("seeking", move || {
                    native.seek_partitions(list, ANSWER).map_err(|error| failed("seeking", &error))
                });
                let sought = sought.await?;
                let error = sought.elements().first().and_then(|element| element.error().err());
                match error {
                    None => return Ok(()),
                    // Librdkafka still looks for the place to begin at, and takes no other until it has found it.
                    Some(error) if code_of(&error) == Some(Code::State) && Instant::now() < give_up => {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    Some(error) => return Err(failed(operation, &error)),
                }
            }
        })
    }

    fn pause(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.check_assigned("pausing", partitions)?;
        self.paused.extend(partitions.iter().cloned());
        let list = list_of(self.settled(partitions));
        self.native().pause(&list).map_err(|error| failed("pausing partitions", &error))
    }

    fn resume(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        self.check_assigned("resuming", partitions)?;
        for partition in partitions {
            self.paused.remove(partition);
        }
        let list = list_of(self.settled(partitions));
        self.native().resume(&list).map_err(|error| failed("resuming partitions", &error))
    }

    fn close(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        self.login = None;
        let native = self.native.take();
        Box::pin(async move {
            let _ = tokio::task::spawn_blocking(move || leave(native)).await; // a leave that panics is over as well
        })
    }
}

/// Leaves the group, blocking.
fn leave(native: Option<Arc<Native>>) {
    if let Some(native) = native {
        native.context().close();
        drop(native);
    }
}

impl Drop for RdKafkaConsumer {
    fn drop(&mut self) {
        self.login = None;
        if let Some(native) = self.native.take() {
            // Closing waits for brokers; whoever drops must not.
            let _ =
                std::thread::Builder::new().name("kafka-leave".to_owned()).spawn(move || leave(Some(native)));
        }
    }
}
