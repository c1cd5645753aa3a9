//! The bytes of an object on their way: encoded, compressed, cut into parts.

use std::io::Write as _;

use api::{Error, Result};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use object_store::PutPayload;

// Bytes are collected in chunks: growing a part as one buffer would copy it again and again.
const CHUNK: usize = 1 << 20;
// Room for the record that fills a chunk.
const SLACK: usize = 64 << 10;
// Compressing this much at once stays below half a millisecond.
const COMPRESS_AT: usize = 64 << 10;
const SMALLEST_PART: usize = 5 << 20; // S3's rule for all parts but the last
const FIRST_PARTS: usize = 8 << 20;
const FIRST_PARTS_COUNT: usize = 1000;

/// How bodies are built.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// gzip's level; `None` does not compress.
    pub gzip: Option<Compression>,
    /// First size of a buffer.
    pub initial: usize,
    /// Largest part.
    pub part_size: usize,
}

/// An object's bytes that are not sent yet. It begins small and grows.
pub struct Body {
    shape: Shape,
    raw: Vec<u8>,
    encoder: Option<GzEncoder<Vec<u8>>>,
    chunks: Vec<Bytes>,
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
    pub fn empty(self) -> Self {
        Self { initial: 0, ..self }
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
    pub fn settle(&mut self) -> Result<Option<PutPayload>> {
        let limit = if self.shape.gzip.is_some() { COMPRESS_AT } else { CHUNK };
        if self.raw.len() < limit { Ok(None) } else { self.cut() }
    }

    #[cold]
    fn cut(&mut self) -> Result<Option<PutPayload>> {
        match self.shape.gzip {
            None => {
                let full = std::mem::replace(&mut self.raw, Vec::with_capacity(CHUNK + SLACK));
                self.push(full);
            }
            Some(level) => {
                self.compress(level)?;
                let compressed = self.encoder.as_mut().map(GzEncoder::get_mut);
                if let Some(output) = compressed.filter(|output| output.len() >= CHUNK / 4) {
                    let full = std::mem::take(output);
                    self.push(full);
                }
            }
        }
        let size = if self.parts < FIRST_PARTS_COUNT {
            FIRST_PARTS.min(self.shape.part_size)
        } else {
            self.shape.part_size
        };
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
        self.chunks.push(Bytes::from(chunk));
    }

    fn part(&mut self) -> PutPayload {
        self.parts += 1;
        self.chunk_bytes = 0;
        std::mem::take(&mut self.chunks).into_iter().collect()
    }

    /// A part that is smaller than others, to make room; `None` when S3 would refuse it.
    pub fn relieve(&mut self) -> Option<PutPayload> {
        (self.chunk_bytes >= SMALLEST_PART).then(|| self.part())
    }

    /// The rest; `None` when everything went into parts before.
    ///
    /// # Errors
    /// Compression failed, which only a bug can cause.
    pub fn finish(mut self) -> Result<Option<PutPayload>> {
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
        self.chunks.retain(|chunk| !chunk.is_empty());
        Ok((self.chunk_bytes > 0).then(|| self.part()))
    }

    /// Bytes of memory it holds, roughly.
    pub fn held(&self) -> usize {
        let compressed = self.encoder.as_ref().map_or(0, |encoder| encoder.get_ref().capacity());
        self.raw.capacity() + self.chunk_bytes + compressed
    }
}

fn broken(error: std::io::Error) -> Error {
    Error::fatal("gzip failed").caused_by(error)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn all(shape: Shape, records: usize) -> (Vec<Vec<u8>>, Vec<u8>) {
        let mut body = Body::new(shape);
        let mut parts = Vec::new();
        let mut expected = Vec::new();
        for n in 0..records {
            let line = format!("{n} {}\n", "x".repeat(n % 700));
            expected.extend_from_slice(line.as_bytes());
            body.raw().extend_from_slice(line.as_bytes());
            parts.extend(body.settle().unwrap());
        }
        parts.extend(body.finish().unwrap());
        let flat = |part: PutPayload| part.iter().flat_map(|chunk| chunk.to_vec()).collect();
        (parts.into_iter().map(flat).collect(), expected)
    }

    #[test]
    fn parts_make_up_the_object() {
        let shape = Shape { gzip: None, initial: 16, part_size: 5 << 20 };
        let (parts, expected) = all(shape, 60_000);
        assert!(parts.len() > 2);
        for part in &parts[..parts.len() - 1] {
            assert!(part.len() >= 5 << 20 && part.len() < (5 << 20) + (2 << 20), "{}", part.len());
        }
        assert!(parts.concat() == expected);
    }

    #[test]
    fn gzip_gives_the_same_bytes_back_and_every_time_the_same() {
        let shape = Shape { gzip: Some(Compression::new(6)), initial: 16, part_size: 5 << 20 };
        let (parts, expected) = all(shape, 20_000);
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&parts.concat()[..]).read_to_end(&mut plain).unwrap();
        assert!(plain == expected);
        assert!(all(shape, 20_000).0 == parts);
    }

    #[test]
    fn an_empty_body_is_no_part() {
        let shape = Shape { gzip: None, initial: 16, part_size: 5 << 20 };
        assert!(Body::new(shape).finish().unwrap().is_none());
    }
}
