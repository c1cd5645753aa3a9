//! A Kafka cluster in memory, for tests of what uses the ports.
//!
//! It is deterministic: it has no timers and no randomness, and what a test wants to go wrong or to wait is asked for
//! ([`Cluster::hold_acks`], [`Cluster::fail_next_sends`], [`Cluster::revoke`]). Start at [`Cluster`]; groups of workers
//! are beside it ([`WorkerGroups`]).

mod admin;
mod consumer;
mod group;
mod log;
mod log_reader;
mod producer;
mod transaction;
mod workers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use api::data::{Offsets, Topic, TopicPartition};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{
    Admin, ClientSettings, Clients, Consumer, Error, LogReader, Producer, Result, Subscription,
    TransactionalProducer, Trouble,
};
use group::Group;
pub use log::StoredRecord;
use log::TopicLog;
pub use transaction::TransactionFault;
pub use workers::WorkerGroups;

/// A cluster; clones are the same cluster. It makes clients for whoever asks, whatever `bootstrap.servers` says.
#[derive(Clone)]
pub struct Cluster(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    /// Something happened that a waiting client may care about.
    changed: Notify,
}

struct State {
    topics: BTreeMap<Topic, TopicLog>,
    groups: BTreeMap<String, Group>,
    auto_create: bool,
    default_partitions: u32,
    record_bytes_max: usize,
    now_ms: i64,
    sends_held: bool,
    sends: u64,
    acks_held: BTreeSet<TopicPartition>,
    all_acks_held: bool,
    waiting: BTreeMap<TopicPartition, VecDeque<producer::WaitingAck>>,
    faults: VecDeque<SendFault>,
    commit_faults: usize,
    admin_faults: usize,
    producers: u64,
    /// Spreads records without a key: each batch goes to the next partition.
    keyless: u64,
    trouble: Option<Trouble>,
    transactions: transaction::Transactions,
}

/// What goes wrong with a send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendFault {
    /// `send` answers that nothing was sent and the same may be tried again.
    Retriable,
    /// `send` answers that the producer is of no more use; so do all later sends of that producer.
    Unusable,
    /// The records at these places of the batch are refused, the others are delivered.
    BadRecords(Vec<usize>),
    /// The records from this place on fail because the producer became unusable while the batch was in flight.
    UnusableFrom(usize),
    /// The records at these places fail for a reason that passes: a delivery that took too long.
    TimedOut(Vec<usize>),
}

impl Default for Cluster {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("topics", &self.0.state.lock().topics.keys()).finish_non_exhaustive()
    }
}

impl Cluster {
    /// A cluster without topics that creates them, with one partition, when they are written to.
    pub fn new() -> Self {
        let state = State {
            topics: BTreeMap::new(),
            groups: BTreeMap::new(),
            auto_create: true,
            default_partitions: 1,
            record_bytes_max: 1_000_000,
            now_ms: 0,
            sends_held: false,
            sends: 0,
            acks_held: BTreeSet::new(),
            all_acks_held: false,
            waiting: BTreeMap::new(),
            faults: VecDeque::new(),
            commit_faults: 0,
            admin_faults: 0,
            producers: 0,
            keyless: 0,
            trouble: None,
            transactions: Default::default(),
        };
        Self(Arc::new(Inner { state: Mutex::new(state), changed: Notify::new() }))
    }

    /// This cluster as a maker of clients.
    pub fn clients(&self) -> Arc<dyn Clients> {
        Arc::new(self.clone())
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.0.state.lock());
        self.0.changed.notify_waiters();
        result
    }

    // -- topics and records ------------------------------------------------------------------------------------

    /// Makes a topic, or adds partitions to one.
    pub fn create_topic(&self, topic: &str, partitions: u32) {
        self.change(|state| state.topics.entry(topic.into()).or_default().grow_to(partitions.max(1)));
    }

    /// Whether writing to a topic that is not there makes it.
    pub fn set_auto_create(&self, on: bool) {
        self.change(|state| state.auto_create = on);
    }

    /// Partitions of topics that are made without saying how many.
    pub fn set_default_partitions(&self, partitions: u32) {
        self.change(|state| state.default_partitions = partitions.max(1));
    }

    /// Records with more bytes than this in key and value are refused; 1,000,000 unless told.
    pub fn set_record_bytes_max(&self, bytes: usize) {
        self.change(|state| state.record_bytes_max = bytes);
    }

    /// The time of records that come without one, milliseconds since the epoch; 0 unless told.
    pub fn set_now_ms(&self, now_ms: i64) {
        self.change(|state| state.now_ms = now_ms);
    }

    /// The topics that exist.
    pub fn topics(&self) -> Vec<String> {
        self.0.state.lock().topics.keys().map(|topic| topic.to_string()).collect()
    }

    /// What a topic was created with by an admin client; empty for others.
    pub fn topic_configs(&self, topic: &str) -> BTreeMap<String, String> {
        self.0.state.lock().topics.get(topic).map(|log| log.configs.clone()).unwrap_or_default()
    }

    /// Sets a config of a topic that is there.
    pub fn set_topic_config(&self, topic: &str, name: &str, value: &str) {
        self.change(|state| {
            if let Some(log) = state.topics.get_mut(topic) {
                log.configs.insert(name.to_owned(), value.to_owned());
            }
        });
    }

    /// Deletes a topic with all that is in it.
    pub fn delete_topic(&self, topic: &str) {
        self.change(|state| _ = state.topics.remove(topic));
    }

    /// All records of a topic, by partition, then offset; acknowledged or not.
    pub fn records(&self, topic: &str) -> Vec<StoredRecord> {
        self.0.state.lock().topics.get(topic).map(TopicLog::all).unwrap_or_default()
    }

    /// Writes a record as somebody else would, making the topic if needed; answers its offset.
    pub fn append(&self, topic: &str, partition: i32, key: Option<&str>, value: Option<&str>) -> i64 {
        let now_ms = self.0.state.lock().now_ms;
        let bytes = |text: Option<&str>| text.map(|text| api::data::Bytes::copy_from_slice(text.as_bytes()));
        let record = StoredRecord {
            partition,
            offset: 0,
            timestamp: now_ms,
            key: bytes(key),
            value: bytes(value),
            headers: Vec::new(),
        };
        self.append_record(topic, record)
    }

    /// As [`Self::append`], with headers and timestamp; the offset is set here.
    ///
    /// # Panics
    /// The partition is negative.
    pub fn append_record(&self, topic: &str, record: StoredRecord) -> i64 {
        let index = u32::try_from(record.partition).expect("partitions begin at 0");
        self.change(|state| {
            let partitions = state.default_partitions.max(index + 1);
            let log = state.topics.entry(topic.into()).or_default();
            log.grow_to(if log.partitions.is_empty() { partitions } else { index + 1 });
            log.push(record)
        })
    }

    // -- sending -----------------------------------------------------------------------------------------------

    /// Sends wait from now on, as if the client's queue were full.
    pub fn hold_sends(&self) {
        self.change(|state| state.sends_held = true);
    }

    /// Lets sends go.
    pub fn release_sends(&self) {
        self.change(|state| state.sends_held = false);
    }

    /// Batches that were taken so far.
    pub fn sends(&self) -> u64 {
        self.0.state.lock().sends
    }

    /// Keeps acknowledgements of a partition back from now on. The records are written at once.
    pub fn hold_acks(&self, topic: &str, partition: i32) {
        self.change(|state| state.acks_held.insert(TopicPartition::new(topic, partition)));
    }

    /// Keeps all acknowledgements back from now on.
    pub fn hold_all_acks(&self) {
        self.change(|state| state.all_acks_held = true);
    }

    /// Acknowledges what was kept back of a partition, and no longer keeps back.
    pub fn release_acks(&self, topic: &str, partition: i32) {
        let place = TopicPartition::new(topic, partition);
        self.change(|state| {
            state.acks_held.remove(&place);
            state.acknowledge(&place, usize::MAX);
        });
    }

    /// Acknowledges the first so many records that were kept back of a partition, and goes on keeping back.
    pub fn release_next_acks(&self, topic: &str, partition: i32, records: usize) {
        self.change(|state| state.acknowledge(&TopicPartition::new(topic, partition), records));
    }

    /// Acknowledges everything that was kept back, and no longer keeps back.
    pub fn release_all_acks(&self) {
        self.change(|state| {
            state.all_acks_held = false;
            state.acks_held.clear();
            let places: Vec<_> = state.waiting.keys().cloned().collect();
            for place in places {
                state.acknowledge(&place, usize::MAX);
            }
        });
    }

    /// Records whose acknowledgement is kept back.
    pub fn unacknowledged(&self) -> usize {
        self.0.state.lock().waiting.values().map(VecDeque::len).sum()
    }

    /// What clients say of brokers that are away; `None` when they are not.
    pub fn set_trouble(&self, trouble: Option<Trouble>) {
        self.0.state.lock().trouble = trouble;
    }

    /// The next so many sends, of any producer, go wrong like this; later calls queue behind earlier ones.
    pub fn fail_next_sends(&self, sends: usize, fault: SendFault) {
        self.change(|state| state.faults.extend(std::iter::repeat_n(fault, sends)));
    }

    /// Producers that were made so far.
    pub fn producers(&self) -> u64 {
        self.0.state.lock().producers
    }

    // -- groups ------------------------------------------------------------------------------------------------

    /// Takes partitions away from a group's members the orderly way: they are revoked, given back at the member's
    /// next poll, and assigned to nobody until [`Self::assign`].
    pub fn revoke(&self, group: &str, partitions: &[TopicPartition]) {
        self.change(|state| state.group(group).withhold(partitions));
    }

    /// Takes partitions away at once: they are lost, and assigned to nobody until [`Self::assign`].
    pub fn lose(&self, group: &str, partitions: &[TopicPartition]) {
        self.change(|state| state.group(group).lose(partitions));
    }

    /// Gives partitions that were taken away by [`Self::revoke`] or [`Self::lose`] back to the group.
    pub fn assign(&self, group: &str, partitions: &[TopicPartition]) {
        self.change(|state| state.group(group).release(partitions));
    }

    /// The offsets that a group committed.
    pub fn committed(&self, group: &str) -> Offsets {
        self.0.state.lock().groups.get(group).map(|group| group.committed.clone()).unwrap_or_default()
    }

    /// Sets a group's committed offsets; others stay.
    pub fn set_committed(&self, group: &str, offsets: &Offsets) {
        self.change(|state| state.group(group).committed.extend(offsets.clone()));
    }

    /// Members of a group now.
    pub fn members(&self, group: &str) -> usize {
        self.0.state.lock().groups.get(group).map_or(0, |group| group.members.len())
    }

    /// The next so many commits, of any group, fail with a retriable error.
    pub fn fail_next_commits(&self, commits: usize) {
        self.change(|state| state.commit_faults += commits);
    }

    /// The next so many calls of admin clients fail with a retriable error.
    pub fn fail_next_admin_calls(&self, calls: usize) {
        self.change(|state| state.admin_faults += calls);
    }
}

impl State {
    fn group(&mut self, name: &str) -> &mut Group {
        self.groups.entry(name.to_owned()).or_default()
    }

    fn has(&self, place: &TopicPartition) -> bool {
        let log = self.topics.get(&place.topic);
        log.is_some_and(|log| {
            usize::try_from(place.partition).is_ok_and(|index| index < log.partitions.len())
        })
    }
}

impl Clients for Cluster {
    fn producer(&self, _settings: &ClientSettings) -> Result<Arc<dyn Producer>> {
        self.change(|state| state.producers += 1);
        Ok(Arc::new(producer::MemoryProducer::new(self.clone())))
    }

    fn transactional_producer(&self, settings: &ClientSettings) -> Result<Arc<dyn TransactionalProducer>> {
        self.change(|state| state.producers += 1);
        Ok(Arc::new(transaction::MemoryTransactionalProducer::new(self.clone(), settings)?))
    }

    fn consumer(&self, settings: &ClientSettings, subscription: &Subscription) -> Result<Box<dyn Consumer>> {
        consumer::MemoryConsumer::new(self.clone(), settings, subscription)
            .map(|consumer| Box::new(consumer) as Box<dyn Consumer>)
    }

    fn log_reader(
        &self,
        _settings: &ClientSettings,
        partitions: &[TopicPartition],
    ) -> Result<Box<dyn LogReader>> {
        Ok(Box::new(log_reader::MemoryLogReader::new(self.clone(), partitions)))
    }

    fn admin(&self, _settings: &ClientSettings) -> Result<Arc<dyn Admin>> {
        Ok(Arc::new(admin::MemoryAdmin::new(self.clone())))
    }
}

fn retriable(operation: impl Into<String>, reason: impl Into<String>) -> Error {
    Error::Retriable { operation: operation.into(), reason: reason.into() }
}
