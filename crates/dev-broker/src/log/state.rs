//! What a partition's files do not say by themselves, kept in a small file beside them: where the
//! log starts, how far it is on disk and compacted, and the producers whose batches are gone.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use bytes::{BufMut, BytesMut};

use super::producers::{Aborted, Producer, Producers, Seen};
use crate::encoding::{Reader, framed, unframe};

const FILE: &str = "state";
const VERSION: u8 = 1;

/// A compaction that reached `end_offset`. Tombstones and markers before it may go once
/// `delete.retention.ms` has passed since `at_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CleanPass {
    /// Offset behind the last that was compacted.
    pub end_offset: i64,
    /// When, in ms since 1970.
    pub at_ms: i64,
}

/// The state of a partition as of `end_offset`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// First offset that readers may see.
    pub start_offset: i64,
    /// Offset up to which the files were flushed to the disk itself.
    pub flushed_offset: i64,
    /// Offset that the producers below account for; later batches are read again at start.
    pub end_offset: i64,
    /// Compactions, oldest first.
    pub passes: Vec<CleanPass>,
    /// Producers and aborted transactions.
    pub producers: Producers,
}

impl State {
    /// Replaces the file in one step; a crash leaves the old one or the new one.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let new = folder.join("state.new");
        let mut file = File::create(&new)?;
        file.write_all(&framed(&self.encode()))?;
        file.sync_data()?;
        fs::rename(&new, folder.join(FILE))
    }

    /// The stored state; `None` when there is none or it is damaged (it is then rebuilt).
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(folder.join(FILE)) {
            Ok(bytes) => {
                let state = unframe(&mut bytes.into()).and_then(|body| Self::decode(&mut Reader(body)));
                if state.is_none() {
                    tracing::warn!(folder = %folder.display(), "the partition's state file is damaged; it is rebuilt from the log");
                }
                Ok(state)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn encode(&self) -> BytesMut {
        let mut out = BytesMut::new();
        out.put_u8(VERSION);
        out.put_i64(self.start_offset);
        out.put_i64(self.flushed_offset);
        out.put_i64(self.end_offset);
        out.put_u32(self.passes.len() as u32);
        for pass in &self.passes {
            out.put_i64(pass.end_offset);
            out.put_i64(pass.at_ms);
        }
        out.put_u32(self.producers.by_id.len() as u32);
        for (id, producer) in &self.producers.by_id {
            out.put_i64(*id);
            out.put_i16(producer.epoch);
            out.put_i64(producer.txn_first_offset.unwrap_or(-1));
            out.put_i64(producer.last_append_ms);
            out.put_u32(producer.seen.len() as u32);
            for seen in &producer.seen {
                out.put_i32(seen.first_sequence);
                out.put_i32(seen.last_sequence);
                out.put_i64(seen.base_offset);
                out.put_i64(seen.timestamp);
            }
        }
        out.put_u32(self.producers.aborted.len() as u32);
        for aborted in self.producers.aborted.values() {
            out.put_i64(aborted.producer_id);
            out.put_i64(aborted.first_offset);
            out.put_i64(aborted.last_offset);
        }
        out
    }

    fn decode(from: &mut Reader) -> Option<Self> {
        if from.u8()? != VERSION {
            return None;
        }
        let mut state = Self {
            start_offset: from.i64()?,
            flushed_offset: from.i64()?,
            end_offset: from.i64()?,
            ..Self::default()
        };
        for _ in 0..from.count()? {
            state.passes.push(CleanPass { end_offset: from.i64()?, at_ms: from.i64()? });
        }
        for _ in 0..from.count()? {
            let id = from.i64()?;
            let mut producer = Producer {
                epoch: from.i16()?,
                txn_first_offset: Some(from.i64()?).filter(|o| *o >= 0),
                last_append_ms: from.i64()?,
                ..Producer::default()
            };
            for _ in 0..from.count()? {
                producer.seen.push_back(Seen {
                    first_sequence: from.i32()?,
                    last_sequence: from.i32()?,
                    base_offset: from.i64()?,
                    timestamp: from.i64()?,
                });
            }
            state.producers.by_id.insert(id, producer);
        }
        for _ in 0..from.count()? {
            let aborted =
                Aborted { producer_id: from.i64()?, first_offset: from.i64()?, last_offset: from.i64()? };
            state.producers.aborted.insert(aborted.last_offset, aborted);
        }
        Some(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_survives_and_damage_is_noticed() {
        let mut state = State { start_offset: 3, flushed_offset: 90, end_offset: 100, ..State::default() };
        state.passes.push(CleanPass { end_offset: 50, at_ms: 1234 });
        let seen = Seen { first_sequence: 0, last_sequence: 9, base_offset: 80, timestamp: 5 };
        let producer =
            Producer { epoch: 2, seen: [seen].into(), txn_first_offset: Some(80), last_append_ms: 7 };
        state.producers.by_id.insert(11, producer);
        let aborted = Aborted { producer_id: 11, first_offset: 60, last_offset: 70 };
        state.producers.aborted.insert(70, aborted);

        let folder = tempfile::tempdir().unwrap();
        assert_eq!(State::read(folder.path()).unwrap(), None);
        state.write(folder.path()).unwrap();
        assert_eq!(State::read(folder.path()).unwrap(), Some(state));
        let path = folder.path().join(FILE);
        let mut bytes = fs::read(&path).unwrap();
        bytes[20] ^= 1;
        fs::write(&path, bytes).unwrap();
        assert_eq!(State::read(folder.path()).unwrap(), None);
    }
}
