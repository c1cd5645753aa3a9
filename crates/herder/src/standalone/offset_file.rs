//! The offsets of sources in one file, as `connect-standalone` keeps them: either worker goes on where the other
//! stopped.
//!
//! The file is rewritten whole, beside the old one, synced, and renamed: a crash leaves the old offsets or the new ones.

mod java_map;

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::data::{Bytes, OffsetMap};
use api::{Error, OffsetChange, Result, SourceOffsets};
use json::offset;
use parking_lot::Mutex;

use java_map::Entries;

/// The offsets of all sources of a standalone worker, in memory and in a file. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OffsetFile {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    memory: Mutex<Memory>,
    // The generation that is in the file. Held while the file is written; never wait for `memory` with it the other way
    // round.
    saved: Mutex<u64>,
}

#[derive(Debug, Default)]
struct Memory {
    entries: Entries,
    generation: u64,
}

impl OffsetFile {
    /// Reads the file; one that is missing or empty holds no offsets.
    ///
    /// # Errors
    /// The file cannot be read, or it is not an offset file: it is not touched then.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let entries = match fs::read(&path) {
            Ok(bytes) if bytes.is_empty() => Entries::default(),
            Ok(bytes) => java_map::decode(&Bytes::from(bytes)).map_err(|why| {
                Error::misconfigured("the offset file is not one of Kafka Connect's")
                    .with("path", path.display())
                    .with("because", why)
                    .hint("set offset.storage.file.filename to the file that connect-standalone wrote, or to a new one")
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Entries::default(),
            Err(error) => return Err(failed("cannot read the offset file", &path, error)),
        };
        let memory = Mutex::new(Memory { entries, generation: 0 });
        Ok(Self { shared: Arc::new(Shared { path, memory, saved: Mutex::new(0) }) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// The stored offset of each partition, in order.
    ///
    /// # Errors
    /// What is stored is not an offset.
    pub fn load(&self, connector: &str, partitions: &[OffsetMap]) -> Result<Vec<Option<OffsetMap>>> {
        let memory = self.shared.memory.lock();
        let offset_of = |partition| {
            let stored = memory.entries.get(&Some(key(connector, Some(partition))));
            parse_offset(connector, stored.and_then(Option::as_ref))
        };
        partitions.iter().map(offset_of).collect()
    }

    /// All partitions of a connector with an offset. A null partition is never listed, as in Kafka Connect.
    ///
    /// # Errors
    /// What is stored is not an offset.
    pub fn list(&self, connector: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        let memory = self.shared.memory.lock();
        let mut found = Vec::new();
        for (key, value) in &memory.entries {
            // A key that Kafka Connect did not write belongs to no connector.
            let Some(Ok((owner, Some(partition)))) = key.as_ref().map(offset::parse_key) else { continue };
            if *owner == *connector
                && let Some(offset) = parse_offset(connector, value.as_ref())?
            {
                found.push((partition, offset));
            }
        }
        Ok(found)
    }

    /// Stores offsets; they are durable when it returns. Of two calls the later one counts, also when the first was
    /// dropped before it returned.
    ///
    /// # Errors
    /// The file cannot be written. The offsets stay in memory and go into the file with the next call.
    pub async fn store(&self, connector: &str, offsets: &SourceOffsets) -> Result<()> {
        let changes = offsets.iter().map(|(partition, offset)| (partition.as_deref(), Some(offset)));
        self.apply(connector, changes).await
    }

    /// Stores what an operator wants: new offsets, and no offset where there is none in the change.
    ///
    /// # Errors
    /// As [`Self::store`].
    pub async fn alter(&self, connector: &str, changes: &[OffsetChange]) -> Result<()> {
        let changes = changes.iter().map(|(partition, offset)| (partition.as_ref(), offset.as_ref()));
        self.apply(connector, changes).await
    }

    async fn apply(
        &self,
        connector: &str,
        changes: impl Iterator<Item = (Option<&OffsetMap>, Option<&OffsetMap>)>,
    ) -> Result<()> {
        let generation = {
            let mut memory = self.shared.memory.lock();
            for (partition, offset) in changes {
                let value = offset.map(|offset| {
                    let mut bytes = Vec::new();
                    offset::write_map(offset, &mut bytes);
                    Bytes::from(bytes)
                });
                memory.entries.insert(Some(key(connector, partition)), value);
            }
            memory.generation += 1;
            memory.generation
        };
        let shared = self.shared.clone();
        let saved = tokio::task::spawn_blocking(move || shared.save(generation)).await;
        saved.map_err(|error| Error::fatal("the offset file's writer was stopped").caused_by(error))?
    }
}

impl Shared {
    // Calls that wait while another writes find their offsets in the file already: one write for many tasks.
    fn save(&self, generation: u64) -> Result<()> {
        let mut saved = self.saved.lock();
        if *saved >= generation {
            return Ok(());
        }
        let (bytes, current) = {
            let memory = self.memory.lock();
            (java_map::encode(&memory.entries), memory.generation)
        };
        replace(&self.path, &bytes)
            .map_err(|error| failed("cannot write the offset file", &self.path, error))?;
        *saved = current;
        Ok(())
    }
}

// Offsets name tables and files, so the file is for its owner only.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    let beside = path.with_file_name(name);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn key(connector: &str, partition: Option<&OffsetMap>) -> Bytes {
    let mut bytes = Vec::new();
    offset::write_key(connector, partition, &mut bytes);
    Bytes::from(bytes)
}

fn parse_offset(connector: &str, value: Option<&Bytes>) -> Result<Option<OffsetMap>> {
    let Some(value) = value else { return Ok(None) };
    offset::parse_map(value).map_err(|error| {
        Error::fatal("a stored offset cannot be read").with("connector", connector).caused_by(error)
    })
}

fn failed(what: &str, path: &Path, error: std::io::Error) -> Error {
    Error::fatal(what)
        .with("path", path.display())
        .hint("the worker needs a folder that it may write to")
        .caused_by(error)
}
