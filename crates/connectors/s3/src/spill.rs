//! A place on disk for bytes that wait when memory is spent.
//!
//! Many open files, each too small for a part, would take memory without bound. Then their chunks go to a temporary
//! file that has no name, so that it ends with the process. It is never read after a restart.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::pool::Pool;

/// The temporary file; made when it is first needed.
#[derive(Debug, Clone)]
pub struct Spill {
    state: Arc<Mutex<State>>,
    pool: Pool,
}

#[derive(Debug, Default)]
struct State {
    file: Option<Arc<File>>,
    end: u64,
    // Ranges that were given back, as start and length. Chunks have few different lengths, so they fit again.
    free: Vec<(u64, u64)>,
}

/// Bytes in the file; dropping it gives the room back.
#[derive(Debug)]
pub struct Stored {
    spill: Spill,
    file: Arc<File>,
    start: u64,
    room: u64,
    length: usize,
}

impl Spill {
    /// No file yet; chunks are read back into buffers of the pool.
    pub fn new(pool: Pool) -> Self {
        Self { state: Arc::default(), pool }
    }

    /// Writes a chunk. Blocks.
    ///
    /// # Errors
    /// The file cannot be made, or the disk is full.
    pub fn store(&self, chunk: &Bytes) -> io::Result<Stored> {
        let length = chunk.len() as u64;
        let (file, start, room) = {
            let mut state = self.lock();
            let file = match &state.file {
                Some(file) => file.clone(),
                None => state.file.insert(Arc::new(tempfile::tempfile()?)).clone(),
            };
            match state.free.iter().position(|(_, room)| *room >= length) {
                Some(index) => {
                    let (start, room) = state.free.swap_remove(index);
                    (file, start, room)
                }
                None => {
                    let start = state.end;
                    state.end += length;
                    (file, start, length)
                }
            }
        };
        // Made before the write, so that a failed write gives its room back.
        let stored = Stored { spill: self.clone(), file, start, room, length: chunk.len() };
        stored.file.write_all_at(chunk, start)?;
        Ok(stored)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stored {
    /// Reads the chunk back. Blocks.
    ///
    /// # Errors
    /// The disk fails.
    pub fn load(&self) -> io::Result<Bytes> {
        let mut bytes = self.spill.pool.take();
        bytes.resize(self.length, 0);
        self.file.read_exact_at(&mut bytes, self.start)?;
        Ok(self.spill.pool.share(bytes))
    }

    /// The number of bytes.
    pub fn len(&self) -> usize {
        self.length
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.spill.lock().free.push((self.start, self.room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back_and_room_is_used_again() {
        let spill = Spill::new(Pool::default());
        let chunk = |byte: u8| Bytes::from(vec![byte; 1000]);
        let one = spill.store(&chunk(1)).unwrap();
        let two = spill.store(&chunk(2)).unwrap();
        assert_eq!(one.load().unwrap(), chunk(1));
        drop(one);
        let three = spill.store(&chunk(3)).unwrap();
        assert_eq!((three.load().unwrap(), two.load().unwrap()), (chunk(3), chunk(2)));
        assert_eq!(spill.lock().end, 2000);
        assert_eq!(three.len(), 1000);
    }
}
