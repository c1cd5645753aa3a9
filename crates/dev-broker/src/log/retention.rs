//! Old data goes: by age, by size, by `DeleteRecords`. Whole segments, oldest first.

use std::fs;
use std::io;

use kafka_protocol::ResponseError;

use super::partition::{Log, Partition};
use super::segment::Segment;

/// Applies `retention.ms` and `retention.bytes`, and forgets producers not heard of for long.
pub fn apply(partition: &Partition, now_ms: i64) {
    let removed = partition.with(|log| {
        log.producers.forget(log.start_offset, now_ms - PRODUCER_EXPIRATION_MS);
        if log.config.delete { expire(log, now_ms) } else { Ok(0) }
    });
    match removed {
        Ok(0) => {}
        Ok(segments) => {
            tracing::debug!(partition = partition.name, segments, "retention removed segments");
            partition.wake();
        }
        Err(error) => {
            tracing::error!(partition = partition.name, %error, "cannot remove old segments; check the disk under the data directory");
        }
    }
}

/// `producer.id.expiration.ms`
const PRODUCER_EXPIRATION_MS: i64 = 24 * 3600 * 1000;

fn expire(log: &mut Log, now_ms: i64) -> io::Result<usize> {
    let old = |s: &Segment, ms: i64| s.max_timestamp >= 0 && now_ms.saturating_sub(s.max_timestamp) > ms;
    let mut doomed = match log.config.retention_ms {
        Some(ms) => log.segments.iter().take_while(|s| !s.is_empty() && old(s, ms)).count(),
        None => 0,
    };
    if let Some(limit) = log.config.retention_bytes {
        let mut left: u64 = log.segments[doomed..].iter().map(|s| s.bytes).sum();
        // The partition keeps at least `retention.bytes`: a segment goes when the rest suffices.
        while doomed + 1 < log.segments.len() && left - log.segments[doomed].bytes >= limit {
            left -= log.segments[doomed].bytes;
            doomed += 1;
        }
    }
    if doomed == 0 {
        return Ok(0);
    }
    if doomed == log.segments.len() {
        log.roll(now_ms)?;
    }
    let start = log.segments[doomed].base_offset;
    advance_start(log, start)?;
    Ok(doomed)
}

/// `DeleteRecords`: readers start at `offset` from now on; returns the new start.
pub fn delete_records(partition: &Partition, offset: i64, now_ms: i64) -> Result<i64, ResponseError> {
    let done = partition.with(|log| {
        let offset = if offset == -1 { log.end_offset } else { offset };
        if offset < 0 || offset > log.end_offset {
            return Err(ResponseError::OffsetOutOfRange);
        }
        if !log.config.delete {
            // Kafka forbids it: compaction would be the only one to miss the removed keys.
            return Err(ResponseError::PolicyViolation);
        }
        if offset > log.start_offset {
            let moved = if offset == log.end_offset && !log.active().is_empty() {
                log.roll(now_ms).and_then(|()| advance_start(log, offset))
            } else {
                advance_start(log, offset)
            };
            moved.map_err(|error| {
                tracing::error!(partition = partition.name, %error, "cannot delete records; check the disk under the data directory");
                ResponseError::KafkaStorageError
            })?;
        }
        Ok(log.start_offset)
    })?;
    partition.wake();
    Ok(done)
}

/// Moves the start of the log and drops segments that lie before it. The new start is stored
/// first: after a crash in between, files that should be gone are not read.
fn advance_start(log: &mut Log, start: i64) -> io::Result<()> {
    log.start_offset = log.start_offset.max(start);
    log.save_state()?;
    while log.segments.len() > 1 && log.segments[1].base_offset <= log.start_offset {
        if let Some(path) = log.segments[0].path() {
            fs::remove_file(path)?;
        }
        log.segments.remove(0);
    }
    log.producers.aborted.retain(|last, _| *last >= log.start_offset);
    Ok(())
}
