//! The bytes of an object on their way: encoded, compressed, cut into parts.

use std::io::{self, Write as _};

use api::{Error, Result};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use object_store::PutPayload;

use crate::pool::{CHUNK, Pool};
use crate::spill::Stored;

// Bytes are collected in chunks: growing a part as one buffer would copy it again and again. A chunk ends here, so that the record that fills it most often still fits.
const CHUNK_FULL: usize = CHUNK - (16 << 10);
// Compressing this much at once stays below half a millisecond.
const COMPRESS_AT: usize = 64 << 10;
// Less than this is not worth a place on disk.
const ASIDE_FROM: usize = 16 << 10;
// S3's rule for all parts but the last. Small parts need little memory; S3 allows ten thousand.
const SMALLEST_PART: usize = 5 << 20;
const SMALL_PARTS: usize = 1000;

/// How bodies are built.
#[derive(Debug, Clone)]
pub struct Shape {
    /// gzip's level; `None` does not compress.
    pub gzip: Option<Compression>,
    /// First size of a buffer.
    pub initial: usize,
    /// Largest part.
    pub part_size: usize,
    /// Where buffers come from.
    pub pool: Pool,
}

/// Bytes that are in memory, or were put aside.
#[derive(Debug)]
pub enum Chunk {
    /// In memory.
    Memory(Bytes),
    /// On disk.
    Disk(Stored),
}

/// A part of an object, or all of it.
#[derive(Debug)]
pub struct Part {
    chunks: Vec<Chunk>,
}

impl Part {
    /// The number of bytes.
    pub fn size(&self) -> usize {
        self.chunks.iter().map(Chunk::size).sum()
    }

    /// Those of them that are in memory.
    pub fn in_memory(&self) -> usize {
        self.chunks.iter().map(Chunk::in_memory).sum()
    }

    /// Whether nothing must be read from disk.
    pub fn is_in_memory(&self) -> bool {
        self.chunks.iter().all(|chunk| matches!(chunk, Chunk::Memory(_)))
    }

    /// The bytes to send. Blocks when some are on disk.
    ///
    /// # Errors
    /// The disk fails.
    pub fn load(&self) -> io::Result<PutPayload> {
        let bytes: io::Result<Vec<Bytes>> = self
            .chunks
            .iter()
            .map(|chunk| match chunk {
                Chunk::Memory(bytes) => Ok(bytes.clone()),
                Chunk::Disk(stored) => stored.load(),
            })
            .collect();
        Ok(bytes?.into_iter().collect())
    }
}

impl Chunk {
    fn size(&self) -> usize {
        match self {
            Chunk::Memory(bytes) => bytes.len(),
            Chunk::Disk(stored) => stored.len(),
        }
    }

    fn in_memory(&self) -> usize {
        match self {
            Chunk::Memory(bytes) => bytes.len(),
            Chunk::Disk(_) => 0,
        }
    }
}

/// An object's bytes that are not sent yet. It begins small and grows.
pub struct Body {
    shape: Shape,
    raw: Vec<u8>,
    encoder: Option<GzEncoder<Vec<u8>>>,
    chunks: Vec<Chunk>,
    chunk_bytes: usize,
    parts: usize,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("held", &self.held()).field("parts", &self.parts).finish()
    }
}

impl Shape {
    /// The same without a first buffer, for a body that gets nothing.
    pub fn empty(&self) -> Self {
        Self { initial: 0, ..self.clone() }
    }
}

impl Body {
    /// An empty body.
    pub fn new(shape: Shape) -> Self {
        let raw = Vec::with_capacity(shape.initial.min(CHUNK));
        Self { shape, raw, encoder: None, chunks: Vec::new(), chunk_bytes: 0, parts: 0 }
    }

    /// Where records are appended. Call [`Self::settle`] after each.
    #[inline]
    pub fn raw(&mut self) -> &mut Vec<u8> {
        &mut self.raw
    }

    /// Moves on what was appended, and gives a part when one is full.
    ///
    /// # Errors
    /// Compression failed, which only a bug can cause.
    #[inline]
    pub fn settle(&mut self) -> Result<Option<Part>> {
        let limit = if self.shape.gzip.is_some() { COMPRESS_AT } else { CHUNK_FULL };
        if self.raw.len() < limit { Ok(None) } else { self.cut() }
    }

    #[cold]
    fn cut(&mut self) -> Result<Option<Part>> {
        match self.shape.gzip {
            None => {
                let full = std::mem::replace(&mut self.raw, self.shape.pool.take());
                self.push(full);
            }
            Some(level) => {
                self.compress(level)?;
                let compressed = self.encoder.as_mut().map(GzEncoder::get_mut);
                if let Some(output) = compressed.filter(|output| output.len() >= CHUNK_FULL / 2) {
                    let full = std::mem::take(output);
                    self.push(full);
                }
            }
        }
        let small = SMALLEST_PART.min(self.shape.part_size);
        let size = if self.parts < SMALL_PARTS { small } else { self.shape.part_size };
        Ok((self.chunk_bytes >= size).then(|| self.part()))
    }

    fn compress(&mut self, level: Compression) -> Result<()> {
        let encoder = self.encoder.get_or_insert_with(|| GzEncoder::new(Vec::new(), level));
        encoder.write_all(&self.raw).map_err(broken)?;
        self.raw.clear();
        Ok(())
    }

    fn push(&mut self, chunk: Vec<u8>) {
        self.chunk_bytes += chunk.len();
        self.chunks.push(Chunk::Memory(self.shape.pool.share(chunk)));
    }

    fn part(&mut self) -> Part {
        self.parts += 1;
        self.chunk_bytes = 0;
        Part { chunks: std::mem::take(&mut self.chunks) }
    }

    /// The rest; `None` when everything went into parts before.
    ///
    /// # Errors
    /// Compression failed, which only a bug can cause.
    pub fn finish(mut self) -> Result<Option<Part>> {
        match self.shape.gzip {
            None => {
                let rest = std::mem::take(&mut self.raw);
                self.push(rest);
            }
            Some(level) => {
                self.compress(level)?;
                if let Some(encoder) = self.encoder.take() {
                    let rest = encoder.finish().map_err(broken)?;
                    self.push(rest);
                }
            }
        }
        self.chunks.retain(|chunk| chunk.size() > 0);
        Ok((self.chunk_bytes > 0).then(|| self.part()))
    }

    /// Chunks that wait for others to make a part, to be put aside; the one that is being filled is among
    /// them.
    pub fn waiting(&mut self) -> &mut [Chunk] {
        if self.shape.gzip.is_none() && self.raw.len() >= ASIDE_FROM {
            let begun = std::mem::take(&mut self.raw);
            self.push(begun);
        }
        &mut self.chunks
    }

    /// Bytes of memory it holds, roughly.
    pub fn held(&self) -> usize {
        let compressed = self.encoder.as_ref().map_or(0, |encoder| encoder.get_ref().capacity());
        let chunks: usize = self.chunks.iter().map(Chunk::in_memory).sum();
        self.raw.capacity() + chunks + compressed
    }
}

fn broken(error: io::Error) -> Error {
    Error::fatal("gzip failed").caused_by(error)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::spill::Spill;

    fn all(shape: &Shape, records: usize, spill: bool) -> (Vec<Vec<u8>>, Vec<u8>) {
        let disk = Spill::new(Pool::default());
        let mut body = Body::new(shape.clone());
        let mut parts = Vec::new();
        let mut expected = Vec::new();
        for n in 0..records {
            let line = format!("{n} {}\n", "x".repeat(n % 700));
            expected.extend_from_slice(line.as_bytes());
            body.raw().extend_from_slice(line.as_bytes());
            parts.extend(body.settle().unwrap());
            if spill && n % 1000 == 0 {
                for chunk in body.waiting() {
                    if let Chunk::Memory(bytes) = chunk {
                        *chunk = Chunk::Disk(disk.store(bytes).unwrap());
                    }
                }
                assert!(body.held() <= 2 * CHUNK);
            }
        }
        parts.extend(body.finish().unwrap());
        let flat = |part: Part| {
            assert_eq!(part.is_in_memory(), part.in_memory() == part.size());
            part.load().unwrap().iter().flat_map(|chunk| chunk.to_vec()).collect()
        };
        (parts.into_iter().map(flat).collect(), expected)
    }

    #[test]
    fn parts_make_up_the_object() {
        let shape = Shape { gzip: None, initial: 16, part_size: 5 << 20, pool: Pool::default() };
        let (parts, expected) = all(&shape, 60_000, false);
        assert!(parts.len() > 2);
        for part in &parts[..parts.len() - 1] {
            assert!(part.len() >= 5 << 20 && part.len() < (5 << 20) + CHUNK, "{}", part.len());
        }
        assert!(parts.concat() == expected);
        assert!(all(&shape, 60_000, true).0.concat() == expected, "on disk or not, the bytes are the same");
    }

    #[test]
    fn gzip_gives_the_same_bytes_back_and_every_time_the_same() {
        let shape =
            Shape { gzip: Some(Compression::new(6)), initial: 16, part_size: 5 << 20, pool: Pool::default() };
        let (parts, expected) = all(&shape, 20_000, false);
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&parts.concat()[..]).read_to_end(&mut plain).unwrap();
        assert!(plain == expected);
        assert!(all(&shape, 20_000, true).0 == parts);
    }

    #[test]
    fn an_empty_body_is_no_part() {
        let shape = Shape { gzip: None, initial: 16, part_size: 5 << 20, pool: Pool::default() };
        assert!(Body::new(shape).finish().unwrap().is_none());
    }
}
