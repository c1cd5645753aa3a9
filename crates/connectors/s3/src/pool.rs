//! Buffers that are used again.
//!
//! Chunks are filled by the task and freed by whoever sent them, on another thread. Allocators keep such memory for a
//! while, on each side; a pool keeps none beyond the budget, and its pages need not be asked of the system again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// Bytes of a chunk.
pub const CHUNK: usize = 256 << 10;
// Buffers kept while nobody needs them.
const KEPT_MAX: usize = 64;

/// Gives empty buffers of [`CHUNK`] bytes and takes them back.
#[derive(Debug, Clone, Default)]
pub struct Pool(Arc<Mutex<Vec<Vec<u8>>>>);

#[derive(Debug)]
struct Pooled {
    buffer: Vec<u8>,
    pool: Pool,
}

impl Pool {
    /// An empty buffer.
    pub fn take(&self) -> Vec<u8> {
        self.lock().pop().unwrap_or_else(|| Vec::with_capacity(CHUNK))
    }

    /// Makes a filled buffer shareable; it comes back when the last share is dropped.
    pub fn share(&self, buffer: Vec<u8>) -> Bytes {
        match buffer.capacity() {
            CHUNK => Bytes::from_owner(Pooled { buffer, pool: self.clone() }),
            _ => buffer.into(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsRef<[u8]> for Pooled {
    fn as_ref(&self) -> &[u8] {
        &self.buffer
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        let mut kept = self.pool.lock();
        if kept.len() < KEPT_MAX {
            kept.push(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_empty_when_its_last_share_is_dropped() {
        let pool = Pool::default();
        let mut buffer = pool.take();
        buffer.extend_from_slice(b"abc");
        let bytes = pool.share(buffer);
        let other = bytes.slice(1..);
        drop(bytes);
        assert!(pool.lock().is_empty());
        assert_eq!(other, b"bc"[..]);
        drop(other);
        assert_eq!(pool.lock().len(), 1);
        assert!(pool.take().is_empty());
        drop(pool.share(b"grown".to_vec()));
        assert!(pool.lock().is_empty(), "buffers of other sizes are not kept");
    }
}
