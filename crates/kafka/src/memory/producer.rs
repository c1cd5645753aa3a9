//! Sending to the cluster in memory.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use api::data::{Bytes, Text, Topic, TopicPartition};
use api::{BoxFuture, RawHeader};
use futures::channel::oneshot;
use parking_lot::Mutex;

use super::{Cluster, SendFault, State, StoredRecord, retriable};
use crate::partitioner::partition_of;
use crate::{Delivery, EncodedBatch, EncodedRecord, Error, Failure, Producer, Receipt, Result, Trouble};

pub(super) struct MemoryProducer {
    cluster: Cluster,
    unusable: AtomicBool,
    unfinished: Arc<AtomicU64>,
}

/// One record whose acknowledgement is kept back; dropping it acknowledges.
pub(super) struct WaitingAck {
    _flight: Arc<Flight>,
}

/// A batch of which not everything is acknowledged; completes when the last reference goes.
struct Flight {
    answer: Mutex<Option<(oneshot::Sender<Delivery>, Delivery)>>,
    unfinished: Arc<AtomicU64>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.unfinished.fetch_sub(1, Ordering::SeqCst);
        if let Some((sender, delivery)) = self.answer.get_mut().take() {
            let _ = sender.send(delivery); // a receipt that nobody waits for
        }
    }
}

impl State {
    pub(super) fn acknowledge(&mut self, place: &TopicPartition, records: usize) {
        if let Some(waiting) = self.waiting.get_mut(place) {
            waiting.drain(..records.min(waiting.len()));
        }
    }
}

impl fmt::Debug for MemoryProducer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryProducer").field("unusable", &self.unusable).finish_non_exhaustive()
    }
}

fn unusable() -> Error {
    Error::Unusable { operation: "sending".to_owned(), reason: "the producer was told to fail".to_owned() }
}

impl MemoryProducer {
    pub(super) fn new(cluster: Cluster) -> Self {
        Self { cluster, unusable: AtomicBool::new(false), unfinished: Arc::default() }
    }

    /// Waits while sends are held.
    pub(super) async fn until_sends_go(&self) {
        loop {
            let changed = self.cluster.0.changed.notified();
            if !self.cluster.0.state.lock().sends_held {
                break;
            }
            changed.await;
        }
    }

    /// Takes a batch; each good record is written by `write`.
    pub(super) fn take(
        &self,
        state: &mut State,
        batch: &EncodedBatch,
        mut write: impl FnMut(&mut State, Topic, StoredRecord),
    ) -> Result<Receipt> {
        if self.unusable.load(Ordering::SeqCst) {
            return Err(unusable());
        }
        let fault = state.faults.pop_front();
        match fault {
            Some(SendFault::Retriable) => return Err(retriable("sending", "the cluster was told to fail")),
            Some(SendFault::Unusable) => {
                self.unusable.store(true, Ordering::SeqCst);
                return Err(unusable());
            }
            Some(SendFault::UnusableFrom(_)) => self.unusable.store(true, Ordering::SeqCst),
            _ => {}
        }
        state.sends += 1;
        state.keyless += 1;
        let (sender, receiver) = oneshot::channel();
        self.unfinished.fetch_add(1, Ordering::SeqCst);
        let flight = Arc::new(Flight { answer: Mutex::new(None), unfinished: Arc::clone(&self.unfinished) });
        let mut failures = Vec::new();
        for (index, record) in batch.records.iter().enumerate() {
            let written = match faulty(fault.as_ref(), index) {
                Some(error) => Err(error),
                None => state.place(batch, record).map(|stored| {
                    let place = TopicPartition { topic: record.topic.clone(), partition: stored.partition };
                    write(state, record.topic.clone(), stored);
                    place
                }),
            };
            match written {
                Ok(place) if state.all_acks_held || state.acks_held.contains(&place) => {
                    state
                        .waiting
                        .entry(place)
                        .or_default()
                        .push_back(WaitingAck { _flight: Arc::clone(&flight) });
                }
                Ok(_) => {}
                Err(error) => failures.push(Failure { index, error }),
            }
        }
        *flight.answer.lock() = Some((sender, Delivery { failures }));
        drop(flight);
        Ok(Box::pin(async move { receiver.await.expect("a flight answers when it is dropped") }))
    }
}

fn faulty(fault: Option<&SendFault>, index: usize) -> Option<Error> {
    let operation = || format!("sending record {index} of the batch");
    match fault? {
        SendFault::BadRecords(indexes) if indexes.contains(&index) => Some(Error::BadRecord {
            operation: operation(),
            reason: "the cluster was told to refuse it".to_owned(),
        }),
        SendFault::TimedOut(indexes) if indexes.contains(&index) => {
            Some(retriable(operation(), "the cluster was told to let it time out"))
        }
        SendFault::UnusableFrom(from) if index >= *from => Some(unusable()),
        _ => None,
    }
}

impl State {
    /// The record as it would be stored.
    fn place(&mut self, batch: &EncodedBatch, record: &EncodedRecord) -> Result<StoredRecord> {
        let operation = || format!("sending to topic {}", record.topic);
        let bytes = |range: &_| Bytes::copy_from_slice(batch.slice(range));
        let key = record.key.as_ref().map(bytes);
        let value = record.value.as_ref().map(bytes);
        let size = key.as_ref().map_or(0, Bytes::len) + value.as_ref().map_or(0, Bytes::len);
        if size > self.record_bytes_max {
            let reason = format!("{size} bytes are above the cluster's {}", self.record_bytes_max);
            return Err(Error::BadRecord { operation: operation(), reason });
        }
        let partitions = self.partitions_for_writing(&record.topic)?;
        let partition = match (record.partition, &key) {
            (Some(partition), _) => partition,
            (None, Some(key)) => partition_of(key, partitions),
            (None, None) => (self.keyless % u64::from(partitions)) as i32,
        };
        if !(0..partitions as i32).contains(&partition) {
            let reason = format!("there is no partition {partition}, only {partitions} of them");
            return Err(Error::Fatal { operation: operation(), reason });
        }
        let headers = batch.headers[record.headers.start as usize..record.headers.end as usize].iter();
        let headers = headers.map(|header| {
            let key = Text::try_from(bytes(&header.key)).map_err(|_| Error::BadRecord {
                operation: operation(),
                reason: "a header's name is not UTF-8".to_owned(),
            })?;
            Ok(RawHeader { key, value: header.value.as_ref().map(bytes) })
        });
        let headers = headers.collect::<Result<Vec<_>>>()?;
        let timestamp = record.timestamp.unwrap_or(self.now_ms);
        Ok(StoredRecord { partition, offset: 0, timestamp, key, value, headers })
    }

    fn partitions_for_writing(&mut self, topic: &Topic) -> Result<u32> {
        if !self.topics.contains_key(topic) {
            if !self.auto_create {
                return Err(Error::Fatal {
                    operation: format!("sending to topic {topic}"),
                    reason: "there is no such topic and the cluster does not make topics".to_owned(),
                });
            }
            self.topics.entry(Topic::clone(topic)).or_default().grow_to(self.default_partitions);
        }
        Ok(self.topics[topic].partitions.len() as u32)
    }
}

impl Producer for MemoryProducer {
    fn trouble(&self) -> Option<Trouble> {
        self.cluster.0.state.lock().trouble.clone()
    }

    fn send(&self, batch: EncodedBatch) -> BoxFuture<'_, Result<Receipt>> {
        Box::pin(async move {
            self.until_sends_go().await;
            self.cluster.change(|state| {
                self.take(state, &batch, |state, topic, record| {
                    state.topics.entry(topic).or_default().push(record);
                })
            })
        })
    }

    fn flush(&self, timeout: Duration) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let finished = async {
                loop {
                    let changed = self.cluster.0.changed.notified();
                    if self.unfinished.load(Ordering::SeqCst) == 0 {
                        break;
                    }
                    changed.await;
                }
            };
            tokio::time::timeout(timeout, finished).await.map_err(|_| {
                retriable("flushing", format!("not everything is acknowledged after {timeout:?}"))
            })
        })
    }
}
