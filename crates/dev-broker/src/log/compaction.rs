//! Compaction: of every key only the last value stays.
//!
//! Closed segments below the first open transaction are read twice: once to learn the last offset of
//! every key, once to copy what stays. Records of aborted transactions neither stay nor supersede
//! anything. Tombstones and markers stay until `delete.retention.ms` after the first compaction that
//! saw them; a marker also stays as long as records of its transaction do. Offsets never change.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::PathBuf;

use bytes::BytesMut;

use super::batch::{Batch, seal};
use super::partition::{Log, Partition};
use super::producers::Aborted;
use super::records::{Record, compress, decompress, walk};
use super::segment::{Body, Segment, file_name};
use super::state::CleanPass;

/// Memory for the keys of one pass; what does not fit is compacted in the next one.
const KEY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Added to a key for its place in the map.
const KEY_OVERHEAD: usize = 48;
/// The time of a pass behind which nothing is left that could expire.
const SETTLED: i64 = i64::MIN;

/// Compacts a partition if its settings and contents call for it.
pub fn apply(partition: &Partition, now_ms: i64) {
    if let Err(error) = run(partition, now_ms) {
        tracing::error!(partition = partition.name, %error, "cannot compact the log; it is tried again");
    }
}

fn run(partition: &Partition, now_ms: i64) -> io::Result<()> {
    let Some(job) = partition.with(|log| Job::plan(log, now_ms)).transpose()? else { return Ok(()) };
    let keys = Keys::read(&job)?;
    let mut kept = Kept { in_txn: HashSet::new(), expirable: false, markers_gone: Vec::new() };
    for group in job.groups(keys.end_offset) {
        let rewritten = rewrite(&job, group, &keys, &mut kept)?;
        if !partition.with(|log| replace(log, group, rewritten, &kept.markers_gone))? {
            // Retention or a deletion was quicker; the next pass sees what is left.
            return Ok(());
        }
    }
    partition.with(|log| {
        let at_ms = if kept.expirable { now_ms } else { SETTLED };
        log.passes.retain(|p| !job.is_expired(p) && p.end_offset <= keys.end_offset);
        if job.expired_to > i64::MIN {
            log.passes.insert(0, CleanPass { end_offset: job.expired_to, at_ms: SETTLED });
        }
        if log.passes.last().is_none_or(|p| p.end_offset < keys.end_offset) {
            log.passes.push(CleanPass { end_offset: keys.end_offset, at_ms });
        }
        log.save_state()
    })
}

/// What one pass works on.
struct Job {
    folder: Option<PathBuf>,
    /// Closed, stable segments from the start of the log on.
    segments: Vec<Segment>,
    /// Where uncompacted records begin.
    first_dirty: i64,
    /// Tombstones and markers before this offset have been kept for long enough.
    expired_to: i64,
    delete_retention_ms: i64,
    /// The last offset of the log if it is in these segments. It stays whatever it is:
    /// who reads to the end would otherwise never get there.
    last_of_log: Option<i64>,
    now_ms: i64,
    segment_bytes: u64,
    index_interval: u64,
    aborted: HashMap<i64, Vec<Aborted>>,
}

impl Job {
    fn plan(log: &mut Log, now_ms: i64) -> Option<io::Result<Self>> {
        let config = log.config.clone();
        if !config.compact || log.deleted {
            return None;
        }
        let begun = log.active().first_timestamp.unwrap_or(now_ms);
        let overdue = |since: i64| now_ms.saturating_sub(since) >= config.compaction_lag_max_ms;
        if !log.active().is_empty()
            && (log.is_old(now_ms) || overdue(begun))
            && let Err(error) = log.roll(now_ms)
        {
            return Some(Err(error));
        }
        let stable = log.last_stable();
        let closed = &log.segments[..log.segments.len() - 1];
        let ripe = |s: &&Segment| {
            s.last_offset < stable && now_ms.saturating_sub(s.max_timestamp) >= config.compaction_lag_min_ms
        };
        let segments: Vec<Segment> = closed.iter().take_while(ripe).cloned().collect();
        let first_dirty = log.passes.last().map_or(log.start_offset, |p| p.end_offset);
        let dirty: Vec<&Segment> = segments.iter().filter(|s| s.last_offset >= first_dirty).collect();
        let dirty_bytes: u64 = dirty.iter().map(|s| s.bytes).sum();
        let bytes: u64 = segments.iter().map(|s| s.bytes).sum();
        let is_dirty = dirty_bytes > 0
            && (dirty_bytes as f64 / bytes as f64 >= config.dirty_ratio_min
                || dirty.iter().any(|s| overdue(s.first_timestamp.unwrap_or(now_ms))));
        let expires = |p: &&CleanPass| {
            p.at_ms != SETTLED && now_ms.saturating_sub(p.at_ms) >= config.delete_retention_ms
        };
        let expired = log.passes.iter().filter(expires).map(|p| p.end_offset).max();
        if segments.is_empty() || !(is_dirty || expired.is_some()) {
            return None;
        }
        let settled = log.passes.iter().filter(|p| p.at_ms == SETTLED).map(|p| p.end_offset).max();
        let mut aborted: HashMap<i64, Vec<Aborted>> = HashMap::new();
        for a in log.producers.aborted.values() {
            aborted.entry(a.producer_id).or_default().push(*a);
        }
        Some(Ok(Self {
            folder: log.folder.clone(),
            segments,
            first_dirty,
            expired_to: expired.max(settled).unwrap_or(i64::MIN),
            delete_retention_ms: config.delete_retention_ms,
            last_of_log: log.active().is_empty().then_some(log.end_offset - 1),
            now_ms,
            segment_bytes: config.segment_bytes,
            index_interval: config.index_interval_bytes,
            aborted,
        }))
    }

    fn is_expired(&self, pass: &CleanPass) -> bool {
        pass.at_ms == SETTLED || self.now_ms.saturating_sub(pass.at_ms) >= self.delete_retention_ms
    }

    fn is_aborted(&self, batch: &Batch) -> bool {
        let header = &batch.header;
        header.is_transactional()
            && self.aborted.get(&header.producer_id).is_some_and(|all| {
                all.iter().any(|a| (a.first_offset..a.last_offset).contains(&header.base_offset))
            })
    }

    /// Neighbouring segments that together fit into one, so that small ones do not pile up.
    fn groups(&self, end_offset: i64) -> Vec<&[Segment]> {
        let mut groups: Vec<&[Segment]> = Vec::new();
        let count = self.segments.partition_point(|s| s.base_offset < end_offset);
        let mut from = 0;
        while from < count {
            let mut to = from + 1;
            let mut bytes = self.segments[from].bytes;
            while to < count
                && bytes + self.segments[to].bytes <= self.segment_bytes
                && self.segments[to].last_offset - self.segments[from].base_offset < i64::from(i32::MAX)
            {
                bytes += self.segments[to].bytes;
                to += 1;
            }
            groups.push(&self.segments[from..to]);
            from = to;
        }
        groups
    }
}

/// The last offset of every key in the uncompacted part, as far as there was memory.
struct Keys {
    last: HashMap<Box<[u8]>, i64>,
    /// Offset behind what was read.
    end_offset: i64,
}

impl Keys {
    fn read(job: &Job) -> io::Result<Self> {
        let mut keys = Self { last: HashMap::new(), end_offset: job.first_dirty };
        let mut bytes = 0;
        for segment in job.segments.iter().filter(|s| s.last_offset >= job.first_dirty) {
            segment.slice(job.first_dirty, i64::MAX).each(|batch| {
                keys.end_offset = batch.header.last_offset() + 1;
                if batch.header.is_control() || job.is_aborted(&batch) {
                    return Ok(true);
                }
                let plain = decompress(&batch).map_err(io::Error::other)?;
                walk(&batch.header, &plain, |record| {
                    let Some(key) = record.key.map(|k| &plain[k]) else { return };
                    match keys.last.get_mut(key) {
                        Some(last) => *last = record.offset,
                        None => {
                            bytes += key.len() + KEY_OVERHEAD;
                            keys.last.insert(key.into(), record.offset);
                        }
                    }
                })
                .map_err(io::Error::other)?;
                Ok(bytes < KEY_BYTES_MAX)
            })?;
            if bytes >= KEY_BYTES_MAX {
                break;
            }
        }
        Ok(keys)
    }
}

/// What is carried from batch to batch.
struct Kept {
    /// Producers that have records left in the transaction that is being read.
    in_txn: HashSet<i64>,
    /// Something stayed that will expire.
    expirable: bool,
    /// Offsets of abort markers that did not stay.
    markers_gone: Vec<i64>,
}

fn rewrite(job: &Job, group: &[Segment], keys: &Keys, kept: &mut Kept) -> io::Result<Segment> {
    let base_offset = group[0].base_offset;
    let mut out = match &job.folder {
        Some(folder) => {
            let path = folder.join(format!("{base_offset:020}.cleaned"));
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            Segment::in_file(path, base_offset)?
        }
        None => Segment::in_memory(base_offset),
    };
    for segment in group {
        segment.slice(segment.base_offset, i64::MAX).each(|batch| {
            if let Some(batch) = clean(job, batch, keys, kept)? {
                out.append(batch, job.index_interval)?;
            }
            Ok(true)
        })?;
    }
    if let Some(file) = out.file() {
        file.sync_data()?;
    }
    Ok(out)
}

/// What stays of a batch.
fn clean(job: &Job, batch: Batch, keys: &Keys, kept: &mut Kept) -> io::Result<Option<Batch>> {
    let header = batch.header;
    if header.last_offset() >= keys.end_offset {
        return Ok(Some(batch));
    }
    let expired = |offset: i64| offset < job.expired_to;
    if header.is_control() {
        let has_records = kept.in_txn.remove(&header.producer_id);
        let is_last = job.last_of_log == Some(header.base_offset);
        if has_records || is_last || !expired(header.base_offset) {
            kept.expirable |= !has_records;
            return Ok(Some(batch));
        }
        kept.markers_gone.push(header.base_offset);
        return Ok(None);
    }
    if job.is_aborted(&batch) {
        return Ok(None);
    }
    let plain = decompress(&batch).map_err(io::Error::other)?;
    let mut stay: Vec<Record> = Vec::new();
    walk(&header, &plain, |record| {
        // Without a key there is nothing to keep it for; it dates from before the topic was compacted.
        let Some(key) = record.key.clone().map(|k| &plain[k]) else { return };
        let superseded = keys.last.get(key).is_some_and(|last| *last > record.offset);
        let is_last = job.last_of_log == Some(record.offset);
        let has_expired = record.is_tombstone && expired(record.offset) && !is_last;
        if !superseded && !has_expired {
            kept.expirable |= record.is_tombstone;
            stay.push(record);
        }
    })
    .map_err(io::Error::other)?;
    if stay.is_empty() {
        return Ok((job.last_of_log == Some(header.last_offset())).then_some(batch));
    }
    if header.is_transactional() {
        kept.in_txn.insert(header.producer_id);
    }
    if stay.len() == header.count as usize {
        return Ok(Some(batch));
    }
    let mut records = BytesMut::new();
    let mut fewer = header;
    // The range of offsets stays, so that producers' sequences can be read off the header.
    fewer.count = stay.len() as i32;
    if !header.is_log_append_time() {
        fewer.max_timestamp = stay.iter().map(|r| r.timestamp).max().unwrap_or(header.max_timestamp);
    }
    for record in stay {
        records.extend_from_slice(&plain[record.whole]);
    }
    let payload = compress(records, header.codec()).map_err(io::Error::other)?;
    Ok(Some(seal(fewer, &payload)))
}

/// Puts the rewritten segment in the place of those that it was made from; `false` when they are no
/// longer what the log has.
fn replace(log: &mut Log, group: &[Segment], mut new: Segment, markers_gone: &[i64]) -> io::Result<bool> {
    let first = log.segments.iter().position(|s| s.base_offset == group[0].base_offset);
    let same = first.is_some_and(|first| {
        let there = log.segments.get(first..first + group.len()).unwrap_or_default();
        there.len() == group.len()
            && there.iter().zip(group).all(|(a, b)| a.base_offset == b.base_offset && a.bytes == b.bytes)
    });
    let (Some(first), true, false) = (first, same, log.deleted) else {
        if let Some(path) = new.path() {
            fs::remove_file(path)?;
        }
        return Ok(false);
    };
    // What the removed batches said about producers must not be lost with them.
    log.save_state()?;
    if let (Some(folder), Body::File(body)) = (&log.folder, &mut new.body) {
        let end = group[group.len() - 1].last_offset + 1;
        let swap = folder.join(format!("{:020}-{end:020}.swap", new.base_offset));
        let place = folder.join(file_name(new.base_offset));
        if new.bytes > 0 {
            // From here on the start of the broker completes what a crash interrupts.
            fs::rename(&body.path, &swap)?;
        }
        for old in group {
            if let Some(path) = old.path() {
                fs::remove_file(path)?;
            }
        }
        if new.bytes > 0 {
            fs::rename(&swap, &place)?;
            body.path = place;
        } else {
            fs::remove_file(&body.path)?;
        }
    }
    let replacement = (!new.is_empty()).then_some(new);
    log.segments.splice(first..first + group.len(), replacement);
    for marker in markers_gone {
        log.producers.aborted.remove(marker);
    }
    Ok(true)
}
