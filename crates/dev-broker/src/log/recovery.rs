//! Opening a partition's folder: scan the files, cut off a torn tail, rebuild what was in memory.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::batch::{HEADER_LEN, Header, Marker, is_intact};
use super::partition::Log;
use super::segment::{Segment, file_name};
use super::state::State;
use crate::config_keys::TopicConfig;

/// Opens the log in `folder`, which is created when it is not there.
pub fn open(folder: &Path, config: Arc<TopicConfig>, now_ms: i64, name: &str) -> io::Result<Log> {
    fs::create_dir_all(folder)?;
    let stored = State::read(folder)?;
    let flushed = stored.as_ref().map_or(0, |s| s.flushed_offset);
    let mut headers = Vec::new();
    let mut segments: Vec<Segment> = Vec::new();
    let mut files = segment_files(folder)?.into_iter();
    for (base_offset, path) in files.by_ref() {
        let mut segment = Segment::in_file(path, base_offset)?;
        let whole = scan(&mut segment, flushed, config.index_interval_bytes, &mut headers, name)?;
        segments.push(segment);
        if !whole {
            break;
        }
    }
    for (base_offset, path) in files {
        tracing::warn!(partition = name, base_offset, "dropping a segment behind a damaged one");
        fs::remove_file(path)?;
    }
    let start = stored.as_ref().map_or(0, |s| s.start_offset);
    if segments.is_empty() {
        let next = start.max(stored.as_ref().map_or(0, |s| s.flushed_offset));
        segments.push(Segment::in_file(folder.join(file_name(next)), next)?);
    }
    let mut log = Log::with_segments(Some(folder.to_owned()), config, segments, now_ms);
    log.flushed_offset = flushed.min(log.end_offset);
    restore(&mut log, stored, &headers, now_ms);
    Ok(log)
}

fn restore(log: &mut Log, stored: Option<State>, headers: &[(Header, Option<Marker>)], now_ms: i64) {
    let mut from = 0;
    if let Some(stored) = stored {
        log.start_offset = stored.start_offset.clamp(0, log.end_offset);
        log.passes = stored.passes;
        log.passes.retain(|p| p.end_offset <= log.end_offset);
        // A state that knows more than the files is of no use: it would take lost batches for stored.
        if stored.end_offset <= log.end_offset {
            log.producers = stored.producers;
            from = stored.end_offset;
            // Compaction removes an abort marker before the state that knows of it is written again.
            // Readers that were told of the transaction would look for the marker for ever.
            let markers: HashSet<i64> =
                headers.iter().filter(|(h, _)| h.is_control()).map(|(h, _)| h.base_offset).collect();
            log.producers.aborted.retain(|last, _| *last >= from || markers.contains(last));
        }
    }
    for (header, marker) in headers.iter().filter(|(h, _)| h.base_offset >= from) {
        if header.is_control() {
            log.producers.ended(header, *marker, now_ms);
        } else {
            log.producers.appended(header, now_ms);
        }
    }
}

fn segment_files(folder: &Path) -> io::Result<Vec<(i64, PathBuf)>> {
    let mut files = Vec::new();
    let mut swaps = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".cleaned") {
            // A compaction that did not finish; the files it read are still there.
            fs::remove_file(&path)?;
        } else if let Some((base, end)) = name.strip_suffix(".swap").and_then(|n| n.split_once('-')) {
            swaps.push((base.parse::<i64>(), end.parse::<i64>(), path.clone()));
        } else if let Some(base) = name.strip_suffix(".log").and_then(|n| n.parse().ok()) {
            files.push((base, path));
        }
    }
    // A compaction that had decided to replace these segments: complete it.
    for (base, end, swap) in swaps {
        let (Ok(base), Ok(end)) = (base, end) else { continue };
        for (_, replaced) in files.extract_if(.., |(b, _): &mut (i64, PathBuf)| (base..end).contains(b)) {
            fs::remove_file(replaced)?;
        }
        let place = folder.join(file_name(base));
        fs::rename(swap, &place)?;
        files.push((base, place));
    }
    files.sort();
    Ok(files)
}

/// Reads all headers of a segment's file, and the checksums of what may not have reached the disk.
/// Cuts the file at the first batch that is not whole and says whether there was none.
fn scan(
    segment: &mut Segment,
    flushed: i64,
    index_interval: u64,
    headers: &mut Vec<(Header, Option<Marker>)>,
    name: &str,
) -> io::Result<bool> {
    let file = segment.file().expect("only files are scanned");
    let len = file.metadata()?.len();
    let mut window = Window::new(&file)?;
    let mut position = 0;
    while let Some(header) = window.peek(position, HEADER_LEN)?.and_then(Header::parse) {
        let Some(size) = header.size().filter(|s| position + *s as u64 <= len) else { break };
        if header.magic != 2 || header.base_offset <= segment.last_offset || header.last_offset_delta < 0 {
            break;
        }
        if header.last_offset() >= flushed {
            let Some(bytes) = window.peek(position, size)? else { break };
            if !is_intact(bytes, &header) {
                break;
            }
        }
        let mut marker = None;
        if header.is_control() {
            let mut key = [0; 9];
            file.read_exact_at(&mut key, position + HEADER_LEN as u64)?;
            marker = Marker::of(&key);
        }
        if header.has_producer() {
            headers.push((header, marker));
        }
        segment.note(&header, size as u64, index_interval);
        position += size as u64;
    }
    if position < len {
        let (lost, offset) = (len - position, segment.last_offset + 1);
        tracing::warn!(partition = name, offset, bytes = lost, "cutting off the torn end of the log");
        file.set_len(position)?;
        return Ok(false);
    }
    Ok(true)
}

/// Reads a file forward through a buffer that jumps over what is not asked for.
struct Window<'a> {
    file: &'a fs::File,
    start: u64,
    bytes: Vec<u8>,
}

const WINDOW: usize = 256 * 1024;

impl<'a> Window<'a> {
    fn new(file: &'a fs::File) -> io::Result<Self> {
        Ok(Self { file, start: 0, bytes: Vec::new() })
    }

    /// `len` bytes at `position`, or `None` at the end of the file.
    fn peek(&mut self, position: u64, len: usize) -> io::Result<Option<&[u8]>> {
        let held = self.start..=self.start + self.bytes.len() as u64;
        if !held.contains(&position) || !held.contains(&(position + len as u64)) {
            self.bytes.clear();
            let mut file = self.file;
            file.seek(SeekFrom::Start(position))?;
            // Only as much as is there: a nonsense length must not become an allocation.
            file.take(len.max(WINDOW) as u64).read_to_end(&mut self.bytes)?;
            self.start = position;
        }
        let at = usize::try_from(position - self.start).unwrap_or(usize::MAX);
        Ok(self.bytes.get(at..at.saturating_add(len)))
    }
}
