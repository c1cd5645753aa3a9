//! A partition: its segments, offsets and producers behind one lock, and those who wait for data.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::batch::{self, Batch, Marker};
use super::producers::{Aborted, Producers, Verdict};
use super::segment::{Segment, Slice, file_name};
use super::state::{CleanPass, State};
use crate::config_keys::TopicConfig;

/// A partition of a topic.
pub struct Partition {
    /// Topic and number, for log lines.
    pub name: String,
    log: Mutex<Log>,
    waiting: Mutex<Vec<Arc<Notify>>>,
}

/// Everything that changes when something is appended or removed.
pub struct Log {
    /// The folder of the files; `None` keeps everything in memory.
    pub folder: Option<PathBuf>,
    /// Settings of the topic.
    pub config: Arc<TopicConfig>,
    /// In order; the last one is appended to. Never empty.
    pub segments: Vec<Segment>,
    /// First offset that readers may see.
    pub start_offset: i64,
    /// Offset that the next record gets; with one replica also the high watermark.
    pub end_offset: i64,
    /// Offset up to which the files are known to be on the disk itself.
    pub flushed_offset: i64,
    /// Idempotent producers and transactions.
    pub producers: Producers,
    /// Compactions so far.
    pub passes: Vec<CleanPass>,
    /// When the newest segment was begun.
    pub rolled_ms: i64,
    /// The topic was deleted: nothing may be written any more.
    pub deleted: bool,
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Offset of the first record.
    pub base_offset: i64,
    /// The broker's time, if it was written into the records, else -1.
    pub log_append_ms: i64,
    /// Start of the log.
    pub start_offset: i64,
    /// End of the log, up to which a flush must reach to cover this append.
    pub end_offset: i64,
}

/// What one partition contributes to a fetch.
#[derive(Debug)]
pub struct Found {
    /// Where the batches are.
    pub slice: Option<Slice>,
    /// End of the log.
    pub high_watermark: i64,
    /// Start of the first open transaction, or the end.
    pub last_stable: i64,
    /// Start of the log.
    pub start_offset: i64,
    /// Aborted transactions among the batches, for readers of committed data.
    pub aborted: Vec<Aborted>,
    /// Bytes from the fetch offset on that the reader may see, roughly.
    pub available: u64,
}

impl Partition {
    /// Puts a log behind its lock.
    #[must_use]
    pub fn new(name: String, log: Log) -> Self {
        Self { name, log: Mutex::new(log), waiting: Mutex::new(Vec::new()) }
    }

    /// Does something with the log.
    pub fn with<T>(&self, act: impl FnOnce(&mut Log) -> T) -> T {
        act(&mut self.log.lock())
    }

    /// Appends a producer's batch; `records` is what the request carried for this partition.
    pub fn append(&self, records: &Bytes, now_ms: i64) -> Result<Appended, ResponseError> {
        let config = self.log.lock().config.clone();
        // The checksum is the expensive part and needs no lock.
        let mut batch = batch::check(records, config.message_bytes_max)?;
        if config.log_append_time {
            batch.set_log_append_time(now_ms);
        } else {
            check_timestamps(&batch, &config, now_ms)?;
        }
        if config.compact {
            super::records::require_keys(&batch)?;
        }
        let appended = self.log.lock().append_checked(batch, now_ms, &self.name)?;
        self.wake();
        Ok(appended)
    }

    /// Appends the marker that ends a producer's transaction.
    pub fn end_transaction(
        &self,
        producer_id: i64,
        epoch: i16,
        marker: Marker,
        now_ms: i64,
    ) -> Result<Appended, ResponseError> {
        let batch = marker.batch(producer_id, epoch, now_ms);
        let appended = self.log.lock().append_marker(batch, marker, now_ms, &self.name)?;
        self.wake();
        Ok(appended)
    }

    /// Asks to be woken at the next append. One registration, one wake-up.
    pub fn wait(&self, who: &Arc<Notify>) {
        let mut waiting = self.waiting.lock();
        if !waiting.iter().any(|w| Arc::ptr_eq(w, who)) {
            waiting.push(who.clone());
        }
    }

    /// Takes a registration back.
    pub fn stop_waiting(&self, who: &Arc<Notify>) {
        self.waiting.lock().retain(|w| !Arc::ptr_eq(w, who));
    }

    /// Wakes everyone who waits for this partition.
    pub fn wake(&self) {
        for who in self.waiting.lock().drain(..) {
            who.notify_one();
        }
    }
}

fn check_timestamps(batch: &Batch, config: &TopicConfig, now_ms: i64) -> Result<(), ResponseError> {
    let (oldest, newest) = (batch.header.base_timestamp, batch.header.max_timestamp);
    // -1 is "no time stamp", which old clients send.
    let too_old = oldest >= 0 && now_ms.saturating_sub(oldest) > config.before_max_ms;
    let too_new = newest.saturating_sub(now_ms) > config.after_max_ms;
    if too_old || too_new { Err(ResponseError::InvalidTimestamp) } else { Ok(()) }
}

impl Log {
    /// An empty log in memory.
    #[must_use]
    pub fn in_memory(config: Arc<TopicConfig>, now_ms: i64) -> Self {
        Self::with_segments(None, config, vec![Segment::in_memory(0)], now_ms)
    }

    /// A log made of these segments, before producers and state are filled in.
    #[must_use]
    pub fn with_segments(
        folder: Option<PathBuf>,
        config: Arc<TopicConfig>,
        segments: Vec<Segment>,
        now_ms: i64,
    ) -> Self {
        let start_offset = segments.first().map_or(0, |s| s.base_offset);
        let end_offset = segments.last().map_or(0, |s| s.last_offset + 1);
        Self {
            folder,
            config,
            segments,
            start_offset,
            end_offset,
            flushed_offset: 0,
            producers: Producers::default(),
            passes: Vec::new(),
            rolled_ms: now_ms,
            deleted: false,
        }
    }

    /// Readers of committed data stop here.
    #[must_use]
    pub fn last_stable(&self) -> i64 {
        self.producers.first_unstable().unwrap_or(self.end_offset)
    }

    /// The segment that is appended to.
    #[must_use]
    pub fn active(&self) -> &Segment {
        self.segments.last().expect("a log always has an active segment")
    }

    fn append_checked(&mut self, batch: Batch, now_ms: i64, name: &str) -> Result<Appended, ResponseError> {
        if let Verdict::Repeated(seen) = self.producers.check(&batch.header)? {
            return Ok(Appended {
                base_offset: seen.base_offset,
                log_append_ms: if self.config.log_append_time { seen.timestamp } else { -1 },
                start_offset: self.start_offset,
                end_offset: self.end_offset,
            });
        }
        let batch = self.store(batch, now_ms, name)?;
        self.producers.appended(&batch, now_ms);
        Ok(self.appended(&batch))
    }

    fn append_marker(
        &mut self,
        batch: Batch,
        marker: Marker,
        now_ms: i64,
        name: &str,
    ) -> Result<Appended, ResponseError> {
        let header = self.store(batch, now_ms, name)?;
        self.producers.ended(&header, Some(marker), now_ms);
        Ok(self.appended(&header))
    }

    fn appended(&self, header: &batch::Header) -> Appended {
        Appended {
            base_offset: header.base_offset,
            log_append_ms: if header.is_log_append_time() { header.max_timestamp } else { -1 },
            start_offset: self.start_offset,
            end_offset: self.end_offset,
        }
    }

    fn store(&mut self, mut batch: Batch, now_ms: i64, name: &str) -> Result<batch::Header, ResponseError> {
        if self.deleted {
            return Err(ResponseError::UnknownTopicOrPartition);
        }
        let failed = |error: io::Error| {
            tracing::error!(partition = name, %error, "cannot write to the log; check the disk under the data directory");
            ResponseError::KafkaStorageError
        };
        if self.must_roll(batch.size() as u64, batch.header.max_timestamp, now_ms) {
            self.roll(now_ms).map_err(failed)?;
        }
        batch.header.base_offset = self.end_offset;
        let header = batch.header;
        let interval = self.config.index_interval_bytes;
        let active = self.segments.last_mut().expect("a log always has an active segment");
        active.append(batch, interval).map_err(failed)?;
        self.end_offset = header.last_offset() + 1;
        Ok(header)
    }

    fn must_roll(&self, size: u64, timestamp: i64, now_ms: i64) -> bool {
        let active = self.active();
        if active.is_empty() {
            return false;
        }
        // Offsets in an index count from the segment's base in 32 bits; Kafka rolls there too.
        let far = self.end_offset - active.base_offset > i64::from(i32::MAX) - 1_000_000;
        active.bytes + size > self.config.segment_bytes
            || active.index_len() >= self.config.index_entries_max
            || far
            || self.is_old(timestamp.max(now_ms))
    }

    /// Whether the active segment has reached `segment.ms`.
    #[must_use]
    pub fn is_old(&self, now_ms: i64) -> bool {
        let begun = self.active().first_timestamp.filter(|t| *t >= 0).unwrap_or(self.rolled_ms);
        now_ms.saturating_sub(begun) >= self.config.segment_ms
    }

    /// Begins a new segment.
    pub fn roll(&mut self, now_ms: i64) -> io::Result<()> {
        let next = match &self.folder {
            Some(folder) => Segment::in_file(folder.join(file_name(self.end_offset)), self.end_offset)?,
            None => Segment::in_memory(self.end_offset),
        };
        self.segments.push(next);
        self.rolled_ms = now_ms;
        Ok(())
    }

    /// Locates what a reader at `from` may see; `committed` hides open transactions.
    pub fn find(&self, from: i64, committed: bool, bytes_max: usize) -> Result<Found, ResponseError> {
        if self.deleted {
            return Err(ResponseError::UnknownTopicOrPartition);
        }
        if from < self.start_offset || from > self.end_offset {
            return Err(ResponseError::OffsetOutOfRange);
        }
        let last_stable = self.last_stable();
        let below = if committed { last_stable } else { self.end_offset };
        let mut found = Found {
            slice: None,
            high_watermark: self.end_offset,
            last_stable,
            start_offset: self.start_offset,
            aborted: Vec::new(),
            available: 0,
        };
        // Compaction leaves gaps: the wanted offset may lie behind the last one of a segment.
        let at = self.segments.partition_point(|s| s.last_offset < from);
        if let Some(segment) = self.segments.get(at)
            && from < below
        {
            found.slice = Some(segment.slice_bounded(from, below, bytes_max));
            found.available =
                segment.bytes_from(from) + self.segments[at + 1..].iter().map(|s| s.bytes).sum::<u64>();
            if committed {
                found.aborted = self.producers.aborted_between(from, below);
            }
        }
        Ok(found)
    }

    fn unflushed_files(&self) -> Vec<Arc<std::fs::File>> {
        let unflushed = self.segments.iter().filter(|s| s.last_offset >= self.flushed_offset);
        unflushed.filter_map(Segment::file).collect()
    }

    /// What must be known at the next start.
    #[must_use]
    pub fn state(&self) -> State {
        State {
            start_offset: self.start_offset,
            flushed_offset: self.flushed_offset,
            end_offset: self.end_offset,
            passes: self.passes.clone(),
            producers: self.producers.clone(),
        }
    }

    /// Writes [`state`](Self::state) beside the files.
    pub fn save_state(&self) -> io::Result<()> {
        match &self.folder {
            Some(folder) if !self.deleted => self.state().write(folder),
            _ => Ok(()),
        }
    }
}

impl Partition {
    /// Flushes what is not known to be on the disk itself, and notes how far it is there.
    pub fn flush(&self) -> io::Result<()> {
        let (files, end) = self.with(|log| (log.unflushed_files(), log.end_offset));
        if files.is_empty() {
            return Ok(());
        }
        for file in files {
            file.sync_data()?;
        }
        self.with(|log| {
            log.flushed_offset = log.flushed_offset.max(end);
            log.save_state()
        })
    }

    /// Flushes the data up to `end`, for an append that must be durable before it is answered.
    pub fn flush_to(&self, end: i64) -> io::Result<()> {
        let files =
            self.with(|log| if log.flushed_offset >= end { Vec::new() } else { log.unflushed_files() });
        for file in files {
            file.sync_data()?;
        }
        self.with(|log| log.flushed_offset = log.flushed_offset.max(end));
        Ok(())
    }
}
