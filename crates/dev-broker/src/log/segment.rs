//! A stretch of a partition's log: batches in memory, or a file with a sparse index.

use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::batch::{Batch, HEADER_LEN, Header};

/// An entry of the sparse index: the batch that starts at `position` begins with `offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexEntry {
    /// Base offset of a batch.
    pub offset: i64,
    /// Where it starts in the file.
    pub position: u64,
}

/// A file of batches.
#[derive(Debug, Clone)]
pub struct FileBody {
    /// Open for reading and appending; readers keep it open when the log drops it.
    pub file: Arc<File>,
    /// Its name.
    pub path: PathBuf,
    /// Every `index.interval.bytes` one entry.
    pub index: Vec<IndexEntry>,
}

/// Where the batches are.
#[derive(Debug, Clone)]
pub enum Body {
    /// In memory, in order.
    Memory(Vec<Batch>),
    /// In a file.
    File(FileBody),
}

/// A stretch of the log.
#[derive(Debug, Clone)]
pub struct Segment {
    /// The first offset that belongs here.
    pub base_offset: i64,
    /// The last offset stored here; `base_offset - 1` when empty.
    pub last_offset: i64,
    /// Bytes stored.
    pub bytes: u64,
    /// Time stamp of the first batch, in ms; `None` when empty.
    pub first_timestamp: Option<i64>,
    /// Largest time stamp, in ms; -1 when empty.
    pub max_timestamp: i64,
    /// Bytes of the segment up to its last index entry.
    indexed_bytes: u64,
    /// The batches.
    pub body: Body,
}

/// The name of the file that starts with this offset.
#[must_use]
pub fn file_name(base_offset: i64) -> String {
    format!("{base_offset:020}.log")
}

impl Segment {
    fn with_body(base_offset: i64, body: Body) -> Self {
        Self {
            base_offset,
            last_offset: base_offset - 1,
            bytes: 0,
            first_timestamp: None,
            max_timestamp: -1,
            indexed_bytes: 0,
            body,
        }
    }

    /// An empty segment in memory.
    #[must_use]
    pub fn in_memory(base_offset: i64) -> Self {
        Self::with_body(base_offset, Body::Memory(Vec::new()))
    }

    /// An empty segment in a new file, or the file that is there, still to be scanned.
    pub fn in_file(path: PathBuf, base_offset: i64) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
        let body = FileBody { file: Arc::new(file), path, index: Vec::new() };
        Ok(Self::with_body(base_offset, Body::File(body)))
    }

    /// Nothing is stored here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// Its file, when it has one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.body {
            Body::Memory(_) => None,
            Body::File(body) => Some(&body.path),
        }
    }

    /// Its open file, when it has one.
    #[must_use]
    pub fn file(&self) -> Option<Arc<File>> {
        match &self.body {
            Body::Memory(_) => None,
            Body::File(body) => Some(body.file.clone()),
        }
    }

    /// Entries of the sparse index; in memory every batch is found without one.
    #[must_use]
    pub fn index_len(&self) -> usize {
        match &self.body {
            Body::Memory(_) => 0,
            Body::File(body) => body.index.len(),
        }
    }

    /// Adds a batch behind the last. After an error nothing of it is left.
    pub fn append(&mut self, batch: Batch, index_interval: u64) -> io::Result<()> {
        if let Body::File(body) = &self.body
            && let Err(error) = write_batch(&body.file, &batch)
        {
            // A part may have been written; a reader or the next append must not meet it.
            body.file.set_len(self.bytes)?;
            return Err(error);
        }
        self.note(&batch.header, batch.size() as u64, index_interval);
        if let Body::Memory(batches) = &mut self.body {
            batches.push(batch);
        }
        Ok(())
    }

    /// Keeps the books for a batch that stands at the end of the file.
    pub fn note(&mut self, header: &Header, size: u64, index_interval: u64) {
        if let Body::File(body) = &mut self.body
            && (body.index.is_empty() || self.bytes - self.indexed_bytes >= index_interval)
        {
            body.index.push(IndexEntry { offset: header.base_offset, position: self.bytes });
            self.indexed_bytes = self.bytes;
        }
        self.first_timestamp.get_or_insert(header.max_timestamp);
        self.max_timestamp = self.max_timestamp.max(header.max_timestamp);
        self.last_offset = header.last_offset();
        self.bytes += size;
    }

    /// Describes the batches from the one that holds `from` up to those that start below `below`.
    #[must_use]
    pub fn slice(&self, from: i64, below: i64) -> Slice {
        match &self.body {
            Body::Memory(batches) => {
                let start = batches.partition_point(|b| b.header.last_offset() < from);
                let end = batches.partition_point(|b| b.header.base_offset < below);
                Slice::Memory(batches.get(start..end).unwrap_or_default().to_vec())
            }
            Body::File(body) => {
                let at = body.index.partition_point(|e| e.offset <= from);
                let position = if at == 0 { 0 } else { body.index[at - 1].position };
                // The first entry behind `below` is where reading may stop.
                let stop = body.index.partition_point(|e| e.offset < below);
                let end = body.index.get(stop).map_or(self.bytes, |e| e.position);
                Slice::File { file: body.file.clone(), position, end, from, below }
            }
        }
    }

    /// Like [`slice`](Self::slice), but in memory only as many batches as fill `bytes_max`.
    #[must_use]
    pub fn slice_bounded(&self, from: i64, below: i64, bytes_max: usize) -> Slice {
        let Body::Memory(batches) = &self.body else { return self.slice(from, below) };
        let start = batches.partition_point(|b| b.header.last_offset() < from);
        let mut taken = 0;
        let fits = |b: &&Batch| {
            let fits = b.header.base_offset < below && (taken == 0 || taken + b.size() <= bytes_max);
            taken += b.size();
            fits
        };
        Slice::Memory(batches[start..].iter().take_while(fits).cloned().collect())
    }

    /// Bytes from the batch that holds `from` to the end, never too few and at most one index
    /// interval too many.
    #[must_use]
    pub fn bytes_from(&self, from: i64) -> u64 {
        if from > self.last_offset {
            return 0;
        }
        match &self.body {
            Body::Memory(batches) => {
                let start = batches.partition_point(|b| b.header.last_offset() < from);
                batches[start..].iter().map(|b| b.size() as u64).sum()
            }
            Body::File(body) => {
                let at = body.index.partition_point(|e| e.offset <= from);
                self.bytes - if at == 0 { 0 } else { body.index[at - 1].position }
            }
        }
    }
}

fn write_batch(mut file: &File, batch: &Batch) -> io::Result<()> {
    let prefix = batch.prefix();
    let written = file.write_vectored(&[IoSlice::new(&prefix), IoSlice::new(&batch.tail)])?;
    if written < prefix.len() {
        file.write_all(&prefix[written..])?;
        file.write_all(&batch.tail)
    } else {
        file.write_all(&batch.tail[written - prefix.len()..])
    }
}

/// Batches that were located under the log's lock, to be read without it.
#[derive(Debug)]
pub enum Slice {
    /// The batches.
    Memory(Vec<Batch>),
    /// A range of a file that begins at or before them.
    File {
        /// The file, which stays readable when the log drops it.
        file: Arc<File>,
        /// Start of a batch at or before the first that is wanted.
        position: u64,
        /// End of the range, at the end of a batch.
        end: u64,
        /// The first offset that is wanted.
        from: i64,
        /// Batches from this offset on are not wanted.
        below: i64,
    },
}

/// Batches smaller than this are copied together; larger ones are passed on as they are.
const COPY_BELOW: usize = 8 * 1024;
/// Extra bytes read so that skipping to the wanted batch leaves enough behind it.
const SLACK: usize = 64 * 1024;

impl Slice {
    /// The wanted batches as pieces of the wire, at most `bytes_max` bytes. A first batch that is
    /// larger comes whole if `first_whole`, so that a reader always moves on, else not at all.
    pub fn load(self, bytes_max: usize, first_whole: bool) -> io::Result<Vec<Bytes>> {
        match self {
            Self::Memory(batches) => Ok(join(&batches, bytes_max, first_whole)),
            Self::File { file, position, end, from, below } => {
                let bytes = load_file(&file, position, end, from, below, bytes_max, first_whole)?;
                Ok(if bytes.is_empty() { Vec::new() } else { vec![bytes] })
            }
        }
    }

    /// Calls `each` with every batch in turn, until it says stop, reading one batch at a time.
    pub fn each(self, mut each: impl FnMut(Batch) -> io::Result<bool>) -> io::Result<()> {
        match self {
            Self::Memory(batches) => {
                for batch in batches {
                    if !each(batch)? {
                        break;
                    }
                }
                Ok(())
            }
            Self::File { file, mut position, end, from, below } => {
                while position < end {
                    let Some((header, size)) = header_at(&file, position, end)? else { break };
                    if header.base_offset >= below {
                        break;
                    }
                    if header.last_offset() >= from {
                        let mut bytes = BytesMut::zeroed(size);
                        file.read_exact_at(&mut bytes, position)?;
                        let batch = Batch::from_stored(&bytes.freeze()).ok_or_else(damaged)?;
                        if !each(batch)? {
                            break;
                        }
                    }
                    position += size as u64;
                }
                Ok(())
            }
        }
    }

    /// Calls `each` with every header and stops when it says so; bodies are not read.
    pub fn each_header(self, mut each: impl FnMut(&Header) -> bool) -> io::Result<()> {
        match self {
            Self::Memory(batches) => {
                let _ = batches.iter().all(|b| each(&b.header));
                Ok(())
            }
            Self::File { file, mut position, end, from, below } => {
                while position < end {
                    let Some((header, size)) = header_at(&file, position, end)? else { break };
                    if header.base_offset >= below || (header.last_offset() >= from && !each(&header)) {
                        break;
                    }
                    position += size as u64;
                }
                Ok(())
            }
        }
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a stored batch has a damaged header")
}

fn header_at(file: &File, position: u64, end: u64) -> io::Result<Option<(Header, usize)>> {
    if end - position < HEADER_LEN as u64 {
        return Ok(None);
    }
    let mut head = [0; HEADER_LEN];
    file.read_exact_at(&mut head, position)?;
    let header = Header::parse(&head).ok_or_else(damaged)?;
    let size = header.size().ok_or_else(damaged)?;
    Ok((position + size as u64 <= end).then_some((header, size)))
}

fn join(batches: &[Batch], bytes_max: usize, first_whole: bool) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    let mut small = BytesMut::new();
    let mut total = 0;
    for batch in batches {
        let fits = total + batch.size() <= bytes_max || (total == 0 && first_whole);
        if !fits {
            break;
        }
        total += batch.size();
        small.extend_from_slice(&batch.prefix());
        if batch.tail.len() < COPY_BELOW {
            small.extend_from_slice(&batch.tail);
        } else {
            pieces.push(small.split().freeze());
            pieces.push(batch.tail.clone());
        }
    }
    if !small.is_empty() {
        pieces.push(small.freeze());
    }
    pieces
}

fn load_file(
    file: &File,
    position: u64,
    end: u64,
    from: i64,
    below: i64,
    bytes_max: usize,
    first_whole: bool,
) -> io::Result<Bytes> {
    let available = usize::try_from(end.saturating_sub(position)).unwrap_or(usize::MAX);
    let mut buffer = BytesMut::zeroed(available.min(bytes_max.saturating_add(SLACK)));
    file.read_exact_at(&mut buffer, position)?;
    let mut start = None;
    let mut at = 0;
    while let Some(header) = Header::parse(&buffer[at..]) {
        let size = header.size().ok_or_else(damaged)?;
        if header.base_offset >= below {
            break;
        }
        if header.last_offset() < from {
            at += size;
            if at > buffer.len() {
                // Index intervals may be wider than the slack: go on reading from here.
                return load_file(file, position + at as u64, end, from, below, bytes_max, first_whole);
            }
            continue;
        }
        let first = *start.get_or_insert(at);
        if at + size - first > bytes_max && !(at == first && first_whole) {
            break;
        }
        if at + size > buffer.len() {
            if at > first || at + size > available {
                break;
            }
            let read = buffer.len();
            buffer.resize(at + size, 0);
            file.read_exact_at(&mut buffer[read..], position + read as u64)?;
        }
        at += size;
    }
    match start {
        Some(first) => Ok(buffer.freeze().slice(first..at)),
        None if at > 0 && at < available && buffer.len() < available => {
            load_file(file, position + at as u64, end, from, below, bytes_max, first_whole)
        }
        None => Ok(Bytes::new()),
    }
}
