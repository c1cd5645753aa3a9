//! The transaction coordinator: who holds a transactional id, what its transaction has touched, and
//! how it ends. Everything is journalled before it counts, so a crash in the middle is completed.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use kafka_protocol::ResponseError;
use parking_lot::Mutex;

use crate::broker::Shared;
use crate::group::offsets::TopicPartition;
use crate::journal::{Entry, TxnPhase, TxnRecord};
use crate::log::batch::Marker;
use crate::options::Fsync;

/// Producer ids are reserved in the journal this many at a time.
const ID_BLOCK: i64 = 1000;
/// `transactional.id.expiration.ms`: ids not used for this long are forgotten.
pub const EXPIRATION_MS: i64 = 7 * 24 * 3600 * 1000;

/// All transactional ids.
pub struct Transactions {
    by_id: Mutex<HashMap<String, Arc<Mutex<TxnRecord>>>>,
    ids: Mutex<Ids>,
}

struct Ids {
    next: i64,
    reserved: i64,
}

/// A producer's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Producer id.
    pub id: i64,
    /// Epoch.
    pub epoch: i16,
}

fn disk(error: io::Error) -> ResponseError {
    tracing::error!(%error, "cannot write the journal; check the disk under the data directory");
    ResponseError::KafkaStorageError
}

impl Transactions {
    /// Continues with what the journal says.
    #[must_use]
    pub fn new(records: impl IntoIterator<Item = TxnRecord>, next_producer_id: i64) -> Self {
        let by_id =
            records.into_iter().map(|t| (t.transactional_id.clone(), Arc::new(Mutex::new(t)))).collect();
        let ids = Ids { next: next_producer_id, reserved: next_producer_id };
        Self { by_id: Mutex::new(by_id), ids: Mutex::new(ids) }
    }

    /// The transactional id's record.
    pub fn get(&self, id: &str) -> Option<Arc<Mutex<TxnRecord>>> {
        self.by_id.lock().get(id).cloned()
    }

    /// All records, in no order.
    pub fn all(&self) -> Vec<Arc<Mutex<TxnRecord>>> {
        self.by_id.lock().values().cloned().collect()
    }

    /// A producer id that was never given out.
    pub fn new_producer_id(&self, shared: &Shared) -> Result<i64, ResponseError> {
        let mut ids = self.ids.lock();
        if ids.next >= ids.reserved {
            let reserved = ids.next + ID_BLOCK;
            shared.journal.append([Entry::ProducerIds(reserved)]).map_err(disk)?;
            ids.reserved = reserved;
        }
        ids.next += 1;
        Ok(ids.next - 1)
    }

    /// `InitProducerId` with a transactional id: takes it over from whoever had it, aborting what
    /// is open. `current` is what the client believes it is (from v3 on).
    pub fn init(
        &self,
        shared: &Shared,
        id: &str,
        timeout_ms: i32,
        current: Option<Identity>,
    ) -> Result<Identity, ResponseError> {
        if timeout_ms <= 0 || timeout_ms > shared.options.transaction_timeout_max_ms {
            return Err(ResponseError::InvalidTransactionTimeout);
        }
        let now_ms = shared.clock.now_ms();
        let record = {
            let mut by_id = self.by_id.lock();
            match by_id.get(id) {
                Some(record) => record.clone(),
                None => {
                    let record = TxnRecord {
                        transactional_id: id.to_owned(),
                        producer_id: -1,
                        epoch: -1,
                        timeout_ms,
                        phase: TxnPhase::Empty,
                        started_ms: 0,
                        used_ms: now_ms,
                        partitions: Default::default(),
                        groups: Default::default(),
                    };
                    by_id.entry(id.to_owned()).or_insert(Arc::new(Mutex::new(record))).clone()
                }
            }
        };
        let mut txn = record.lock();
        if let Some(current) = current
            && txn.producer_id >= 0
            && (current.id != txn.producer_id || current.epoch != txn.epoch)
        {
            return Err(ResponseError::ProducerFenced);
        }
        if txn.phase == TxnPhase::Ongoing {
            // The marker carries a newer epoch, which fences the older producer in every partition.
            txn.epoch += 1;
            end(shared, &mut txn, false)?;
        }
        finish(shared, &mut txn)?;
        if txn.producer_id < 0 || txn.epoch >= i16::MAX - 2 {
            txn.producer_id = self.new_producer_id(shared)?;
            txn.epoch = 0;
        } else {
            txn.epoch += 1;
        }
        txn.timeout_ms = timeout_ms;
        txn.phase = TxnPhase::Empty;
        txn.used_ms = now_ms;
        shared.journal.append([Entry::Txn(txn.clone())]).map_err(disk)?;
        Ok(Identity { id: txn.producer_id, epoch: txn.epoch })
    }

    /// Adds partitions to the open transaction, or opens one.
    pub fn add_partitions(
        &self,
        shared: &Shared,
        id: &str,
        who: Identity,
        partitions: impl IntoIterator<Item = TopicPartition>,
    ) -> Result<(), ResponseError> {
        self.touch(shared, id, who, |txn| {
            let before = txn.partitions.len();
            txn.partitions.extend(partitions);
            txn.partitions.len() != before
        })
    }

    /// Adds a group's offsets to the open transaction, or opens one.
    pub fn add_group(
        &self,
        shared: &Shared,
        id: &str,
        who: Identity,
        group: &str,
    ) -> Result<(), ResponseError> {
        self.touch(shared, id, who, |txn| txn.groups.insert(group.to_owned()))
    }

    fn touch(
        &self,
        shared: &Shared,
        id: &str,
        who: Identity,
        add: impl FnOnce(&mut TxnRecord) -> bool,
    ) -> Result<(), ResponseError> {
        let record = self.get(id).ok_or(ResponseError::InvalidProducerIdMapping)?;
        let mut txn = record.lock();
        check(&txn, who)?;
        finish(shared, &mut txn)?;
        let mut next = txn.clone();
        let opened = next.phase != TxnPhase::Ongoing;
        if opened {
            next.phase = TxnPhase::Ongoing;
            next.started_ms = shared.clock.now_ms();
            next.partitions.clear();
            next.groups.clear();
        }
        let added = add(&mut next);
        if opened || added {
            next.used_ms = shared.clock.now_ms();
            shared.journal.append([Entry::Txn(next.clone())]).map_err(disk)?;
            *txn = next;
        }
        drop(txn);
        if opened {
            shared.timer.notify_one();
        }
        Ok(())
    }

    /// Does something inside an open transaction, which cannot end meanwhile.
    pub fn within<T>(
        &self,
        id: &str,
        who: Identity,
        is_part: impl FnOnce(&TxnRecord) -> bool,
        act: impl FnOnce() -> Result<T, ResponseError>,
    ) -> Result<T, ResponseError> {
        let record = self.get(id).ok_or(ResponseError::InvalidProducerIdMapping)?;
        let txn = record.lock();
        check(&txn, who)?;
        if txn.phase != TxnPhase::Ongoing || !is_part(&txn) {
            return Err(ResponseError::InvalidTxnState);
        }
        act()
    }

    /// `EndTxn`; asked again, it answers as before.
    pub fn end(&self, shared: &Shared, id: &str, who: Identity, commit: bool) -> Result<(), ResponseError> {
        let record = self.get(id).ok_or(ResponseError::InvalidProducerIdMapping)?;
        let mut txn = record.lock();
        check(&txn, who)?;
        finish(shared, &mut txn)?;
        match (txn.phase, commit) {
            (TxnPhase::Ongoing, _) => end(shared, &mut txn, commit),
            (TxnPhase::CompleteCommit, true) | (TxnPhase::CompleteAbort, false) => Ok(()),
            _ => Err(ResponseError::InvalidTxnState),
        }
    }

    /// Aborts what was open for too long, completes what a crash or a full disk interrupted, and
    /// forgets ids nobody uses. Returns the next moment (in ms since 1970) to look again.
    pub fn sweep(&self, shared: &Shared) -> Option<i64> {
        let now_ms = shared.clock.now_ms();
        let mut next: Option<i64> = None;
        let mut unused = Vec::new();
        for record in self.all() {
            let mut txn = record.lock();
            match txn.phase {
                TxnPhase::Ongoing => {
                    let due = txn.started_ms.saturating_add(i64::from(txn.timeout_ms));
                    if due <= now_ms {
                        tracing::info!(
                            transactional_id = txn.transactional_id,
                            "transaction timed out; aborting it"
                        );
                        txn.epoch = txn.epoch.saturating_add(1);
                        // A failure is logged where it happens; the next sweep tries again.
                        let _ = end(shared, &mut txn, false);
                    } else {
                        next = Some(next.map_or(due, |n| n.min(due)));
                    }
                }
                TxnPhase::PrepareCommit | TxnPhase::PrepareAbort => {
                    let _ = finish(shared, &mut txn);
                }
                _ if now_ms - txn.used_ms > EXPIRATION_MS => unused.push(txn.transactional_id.clone()),
                _ => {}
            }
        }
        for id in unused {
            if shared.journal.append([Entry::TxnGone(id.clone())]).is_ok() {
                self.by_id.lock().remove(&id);
            }
        }
        next
    }
}

/// After a start: ends transactions that are open in a partition although the coordinator knows them
/// as ended. Their markers were lost with the power, and nothing else would ever end them.
pub fn end_forgotten(shared: &Shared) {
    for topic in shared.topics.all() {
        for (partition, index) in topic.partitions().into_iter().zip(0..) {
            let open: Vec<Identity> = partition.with(|log| {
                let all = log.producers.by_id.iter().filter(|(_, p)| p.txn_first_offset.is_some());
                all.map(|(id, p)| Identity { id: *id, epoch: p.epoch }).collect()
            });
            for who in open {
                let record = shared.txns.all().into_iter().find(|t| t.lock().producer_id == who.id);
                let txn = record.map(|t| t.lock().clone());
                let goes_on = |t: &TxnRecord| t.partitions.contains(&(topic.name.clone(), index));
                if txn.as_ref().is_some_and(goes_on) {
                    continue;
                }
                let committed =
                    txn.is_some_and(|t| t.phase == TxnPhase::CompleteCommit && t.epoch == who.epoch);
                let marker = if committed { Marker::Commit } else { Marker::Abort };
                tracing::warn!(
                    partition = partition.name,
                    producer = who.id,
                    ?marker,
                    "ending a transaction whose marker was lost"
                );
                // A failure is logged where it happens; the transaction then stays open until the next start.
                let _ = partition.end_transaction(who.id, who.epoch, marker, shared.clock.now_ms());
            }
        }
    }
}

fn check(txn: &TxnRecord, who: Identity) -> Result<(), ResponseError> {
    if txn.producer_id != who.id {
        return Err(ResponseError::InvalidProducerIdMapping);
    }
    if txn.epoch != who.epoch {
        return Err(ResponseError::ProducerFenced);
    }
    Ok(())
}

/// Decides the end of an open transaction and carries it out.
fn end(shared: &Shared, txn: &mut TxnRecord, commit: bool) -> Result<(), ResponseError> {
    let mut decided = txn.clone();
    decided.phase = if commit { TxnPhase::PrepareCommit } else { TxnPhase::PrepareAbort };
    decided.used_ms = shared.clock.now_ms();
    shared.journal.append([Entry::Txn(decided.clone())]).map_err(disk)?;
    *txn = decided;
    finish(shared, txn)
}

/// Carries out what was decided: markers into every partition, offsets into every group.
fn finish(shared: &Shared, txn: &mut TxnRecord) -> Result<(), ResponseError> {
    let commit = match txn.phase {
        TxnPhase::PrepareCommit => true,
        TxnPhase::PrepareAbort => false,
        _ => return Ok(()),
    };
    let marker = if commit { Marker::Commit } else { Marker::Abort };
    while let Some((topic, index)) = txn.partitions.first().cloned() {
        if let Some(partition) = shared.topics.partition(&topic, index) {
            match partition.end_transaction(txn.producer_id, txn.epoch, marker, shared.clock.now_ms()) {
                // A topic that is being deleted needs no marker.
                Err(ResponseError::UnknownTopicOrPartition) => {}
                Ok(marker) if shared.options.fsync == Fsync::Always => {
                    partition.flush_to(marker.end_offset).map_err(disk)?;
                }
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        txn.partitions.pop_first();
    }
    let mut entries = Vec::new();
    for id in &txn.groups {
        let Some(group) = shared.groups.get(id) else { continue };
        let now_in_effect = group.lock().offsets.end_transaction(txn.producer_id, commit);
        entries.extend(now_in_effect.into_iter().map(|(partition, committed)| Entry::Offset {
            group: id.clone(),
            partition,
            committed: Some(committed),
        }));
        entries.push(Entry::Settled { group: id.clone(), producer_id: txn.producer_id });
    }
    let mut done = txn.clone();
    done.phase = if commit { TxnPhase::CompleteCommit } else { TxnPhase::CompleteAbort };
    done.groups.clear();
    entries.push(Entry::Txn(done.clone()));
    shared.journal.append(entries).map_err(disk)?;
    *txn = done;
    Ok(())
}
