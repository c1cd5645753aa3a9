//! The broker's own memory on disk: committed offsets, transactions and producer ids, as an
//! append-only file of checksummed entries that is rewritten when most of it is out of date.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use bytes::{BufMut, Bytes, BytesMut};
use parking_lot::Mutex;

use crate::encoding::{Reader, Write as _, framed, unframe};
use crate::group::offsets::{Committed, TopicPartition};

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TxnPhase {
    /// Nothing written yet.
    Empty = 0,
    /// Open.
    Ongoing = 1,
    /// Decided: markers are being written.
    PrepareCommit = 2,
    /// Decided: markers are being written.
    PrepareAbort = 3,
    /// Done.
    CompleteCommit = 4,
    /// Done.
    CompleteAbort = 5,
}

impl TxnPhase {
    fn from(number: u8) -> Option<Self> {
        use TxnPhase::{CompleteAbort, CompleteCommit, Empty, Ongoing, PrepareAbort, PrepareCommit};
        [Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort]
            .into_iter()
            .find(|p| *p as u8 == number)
    }

    /// Kafka's name of the state.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Ongoing => "Ongoing",
            Self::PrepareCommit => "PrepareCommit",
            Self::PrepareAbort => "PrepareAbort",
            Self::CompleteCommit => "CompleteCommit",
            Self::CompleteAbort => "CompleteAbort",
        }
    }
}

/// A transactional id and its latest transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TxnRecord {
    /// The id that survives restarts of its producer.
    pub transactional_id: String,
    /// The producer id behind it.
    pub producer_id: i64,
    /// Its newest epoch; older ones are fenced.
    pub epoch: i16,
    /// How long a transaction may stay open, in ms.
    pub timeout_ms: i32,
    /// Where it stands.
    pub phase: TxnPhase,
    /// When the open transaction began, in ms since 1970.
    pub started_ms: i64,
    /// When the id was last used, in ms since 1970.
    pub used_ms: i64,
    /// Partitions that it has written to.
    pub partitions: BTreeSet<TopicPartition>,
    /// Groups whose offsets it changes.
    pub groups: BTreeSet<String>,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A group's committed offset, or that it has none any more.
    Offset {
        /// Which group.
        group: String,
        /// Which partition.
        partition: TopicPartition,
        /// The offset.
        committed: Option<Committed>,
    },
    /// An offset that waits for the end of a producer's transaction.
    Pending {
        /// Which group.
        group: String,
        /// Whose transaction.
        producer_id: i64,
        /// Which partition.
        partition: TopicPartition,
        /// The offset.
        committed: Committed,
    },
    /// The pending offsets of a producer in a group were dealt with.
    Settled {
        /// Which group.
        group: String,
        /// Whose transaction.
        producer_id: i64,
    },
    /// A transactional id.
    Txn(TxnRecord),
    /// A transactional id was not used for long and is forgotten.
    TxnGone(String),
    /// Producer ids below this may have been given out.
    ProducerIds(i64),
}

/// Everything that the journal says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Committed offsets by group.
    pub offsets: BTreeMap<String, BTreeMap<TopicPartition, Committed>>,
    /// Pending offsets by group and producer.
    pub pending: BTreeMap<(String, i64), BTreeMap<TopicPartition, Committed>>,
    /// Transactional ids.
    pub txns: BTreeMap<String, TxnRecord>,
    /// The next producer id.
    pub next_producer_id: i64,
}

impl Memory {
    fn apply(&mut self, entry: Entry) {
        match entry {
            Entry::Offset { group, partition, committed: Some(committed) } => {
                self.offsets.entry(group).or_default().insert(partition, committed);
            }
            Entry::Offset { group, partition, committed: None } => {
                if let Some(offsets) = self.offsets.get_mut(&group) {
                    offsets.remove(&partition);
                    if offsets.is_empty() {
                        self.offsets.remove(&group);
                    }
                }
            }
            Entry::Pending { group, producer_id, partition, committed } => {
                self.pending.entry((group, producer_id)).or_default().insert(partition, committed);
            }
            Entry::Settled { group, producer_id } => {
                self.pending.remove(&(group, producer_id));
            }
            Entry::Txn(txn) => {
                self.txns.insert(txn.transactional_id.clone(), txn);
            }
            Entry::TxnGone(id) => {
                self.txns.remove(&id);
            }
            Entry::ProducerIds(next) => self.next_producer_id = self.next_producer_id.max(next),
        }
    }

    fn entries(&self) -> impl Iterator<Item = Entry> {
        let offsets = self.offsets.iter().flat_map(|(group, all)| {
            all.iter().map(|(partition, committed)| Entry::Offset {
                group: group.clone(),
                partition: partition.clone(),
                committed: Some(committed.clone()),
            })
        });
        let pending = self.pending.iter().flat_map(|((group, producer_id), all)| {
            all.iter().map(|(partition, committed)| Entry::Pending {
                group: group.clone(),
                producer_id: *producer_id,
                partition: partition.clone(),
                committed: committed.clone(),
            })
        });
        let txns = self.txns.values().cloned().map(Entry::Txn);
        offsets.chain(pending).chain(txns).chain([Entry::ProducerIds(self.next_producer_id)])
    }
}

/// The journal; in memory mode it keeps nothing.
pub struct Journal(Option<Mutex<Open>>);

struct Open {
    path: PathBuf,
    file: File,
    bytes: u64,
    bytes_after_rewrite: u64,
    memory: Memory,
    sync: bool,
}

const REWRITE_FROM: u64 = 1024 * 1024;

impl Journal {
    /// A journal that keeps nothing.
    #[must_use]
    pub fn in_memory() -> Self {
        Self(None)
    }

    /// Reads the journal in `folder` and opens it for more. With `sync`, every entry is flushed to
    /// the disk before it counts.
    pub fn open(folder: &Path, sync: bool) -> io::Result<(Self, Memory)> {
        let path = folder.join("journal");
        let mut bytes = Vec::new();
        match File::open(&path) {
            Ok(mut file) => {
                file.read_to_end(&mut bytes)?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let memory = replay(&bytes.into(), &path);
        let (file, len) = rewrite(&path, &memory)?;
        let kept = replay_entries(memory.entries());
        let open = Open { path, file, bytes: len, bytes_after_rewrite: len, memory: kept, sync };
        Ok((Self(Some(Mutex::new(open))), memory))
    }

    /// Makes entries durable, all in one write.
    pub fn append(&self, entries: impl IntoIterator<Item = Entry>) -> io::Result<()> {
        let Some(open) = &self.0 else { return Ok(()) };
        let mut open = open.lock();
        let mut out = BytesMut::new();
        let mut all = Vec::new();
        for entry in entries {
            out.put_slice(&framed(&encode(&entry)));
            all.push(entry);
        }
        if let Err(error) = open.file.write_all(&out) {
            open.file.set_len(open.bytes)?;
            return Err(error);
        }
        if open.sync {
            open.file.sync_data()?;
        }
        open.bytes += out.len() as u64;
        for entry in all {
            open.memory.apply(entry);
        }
        if open.bytes > REWRITE_FROM && open.bytes > 4 * open.bytes_after_rewrite {
            let (file, len) = rewrite(&open.path, &open.memory)?;
            open.file = file;
            open.bytes = len;
            open.bytes_after_rewrite = len;
        }
        Ok(())
    }

    /// Flushes to the disk itself.
    pub fn flush(&self) -> io::Result<()> {
        match &self.0 {
            Some(open) => open.lock().file.sync_data(),
            None => Ok(()),
        }
    }
}

fn replay_entries(entries: impl Iterator<Item = Entry>) -> Memory {
    let mut memory = Memory::default();
    entries.for_each(|entry| memory.apply(entry));
    memory
}

fn replay(bytes: &Bytes, path: &Path) -> Memory {
    let mut memory = Memory::default();
    let mut rest = bytes.clone();
    while let Some(body) = unframe(&mut rest) {
        match decode(&mut Reader(body)) {
            Some(entry) => memory.apply(entry),
            None => break,
        }
    }
    if !rest.is_empty() {
        tracing::warn!(path = %path.display(), bytes = rest.len(), "dropping the torn end of the journal");
    }
    memory
}

fn rewrite(path: &Path, memory: &Memory) -> io::Result<(File, u64)> {
    let new = path.with_extension("new");
    let mut out = BytesMut::new();
    for entry in memory.entries() {
        out.put_slice(&framed(&encode(&entry)));
    }
    let mut file = File::create(&new)?;
    file.write_all(&out)?;
    file.sync_data()?;
    fs::rename(&new, path)?;
    Ok((OpenOptions::new().append(true).open(path)?, out.len() as u64))
}

fn encode(entry: &Entry) -> BytesMut {
    let mut out = BytesMut::new();
    match entry {
        Entry::Offset { group, partition, committed } => {
            out.put_u8(1);
            out.put_text(group);
            put_partition(&mut out, partition);
            out.put_u8(u8::from(committed.is_some()));
            if let Some(committed) = committed {
                put_committed(&mut out, committed);
            }
        }
        Entry::Pending { group, producer_id, partition, committed } => {
            out.put_u8(2);
            out.put_text(group);
            out.put_i64(*producer_id);
            put_partition(&mut out, partition);
            put_committed(&mut out, committed);
        }
        Entry::Settled { group, producer_id } => {
            out.put_u8(3);
            out.put_text(group);
            out.put_i64(*producer_id);
        }
        Entry::Txn(txn) => {
            out.put_u8(4);
            out.put_text(&txn.transactional_id);
            out.put_i64(txn.producer_id);
            out.put_i16(txn.epoch);
            out.put_i32(txn.timeout_ms);
            out.put_u8(txn.phase as u8);
            out.put_i64(txn.started_ms);
            out.put_i64(txn.used_ms);
            out.put_u32(txn.partitions.len() as u32);
            txn.partitions.iter().for_each(|p| put_partition(&mut out, p));
            out.put_u32(txn.groups.len() as u32);
            txn.groups.iter().for_each(|g| out.put_text(g));
        }
        Entry::ProducerIds(next) => {
            out.put_u8(5);
            out.put_i64(*next);
        }
        Entry::TxnGone(id) => {
            out.put_u8(6);
            out.put_text(id);
        }
    }
    out
}

fn put_partition(out: &mut BytesMut, (topic, partition): &TopicPartition) {
    out.put_text(topic);
    out.put_i32(*partition);
}

fn put_committed(out: &mut BytesMut, committed: &Committed) {
    out.put_i64(committed.offset);
    out.put_i32(committed.leader_epoch);
    out.put_text(&committed.metadata);
    out.put_i64(committed.at_ms);
}

fn decode(from: &mut Reader) -> Option<Entry> {
    Some(match from.u8()? {
        1 => Entry::Offset {
            group: from.text()?,
            partition: (from.text()?, from.i32()?),
            committed: match from.u8()? {
                0 => None,
                _ => Some(committed(from)?),
            },
        },
        2 => Entry::Pending {
            group: from.text()?,
            producer_id: from.i64()?,
            partition: (from.text()?, from.i32()?),
            committed: committed(from)?,
        },
        3 => Entry::Settled { group: from.text()?, producer_id: from.i64()? },
        4 => {
            let mut txn = TxnRecord {
                transactional_id: from.text()?,
                producer_id: from.i64()?,
                epoch: from.i16()?,
                timeout_ms: from.i32()?,
                phase: TxnPhase::from(from.u8()?)?,
                started_ms: from.i64()?,
                used_ms: from.i64()?,
                partitions: BTreeSet::new(),
                groups: BTreeSet::new(),
            };
            for _ in 0..from.count()? {
                txn.partitions.insert((from.text()?, from.i32()?));
            }
            for _ in 0..from.count()? {
                txn.groups.insert(from.text()?);
            }
            Entry::Txn(txn)
        }
        5 => Entry::ProducerIds(from.i64()?),
        6 => Entry::TxnGone(from.text()?),
        _ => return None,
    })
}

fn committed(from: &mut Reader) -> Option<Committed> {
    Some(Committed {
        offset: from.i64()?,
        leader_epoch: from.i32()?,
        metadata: from.text()?,
        at_ms: from.i64()?,
    })
}
