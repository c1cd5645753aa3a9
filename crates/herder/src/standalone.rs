//! A worker without a group: what users want is kept in memory.

mod offset_file;

use api::{BoxFuture, OffsetChange};
use data::OffsetMap;
use task::OffsetStore;

use crate::{Change, Result, SourceOffsets, Store};

pub use offset_file::OffsetFile;

/// Forgets everything with the process: connectors come from the files that the worker is started with, and from
/// REST.
#[derive(Debug, Default)]
pub struct MemoryStore;

impl Store for MemoryStore {
    fn write(&mut self, change: Change) -> BoxFuture<'_, Result<Vec<Change>>> {
        Box::pin(std::future::ready(Ok(vec![change])))
    }

    fn next(&mut self) -> BoxFuture<'_, Change> {
        Box::pin(std::future::pending()) // there is nobody else
    }
}

impl OffsetStore for OffsetFile {
    fn load<'a>(
        &'a self,
        connector: &'a str,
        partitions: &'a [OffsetMap],
    ) -> BoxFuture<'a, api::Result<Vec<Option<OffsetMap>>>> {
        Box::pin(std::future::ready(OffsetFile::load(self, connector, partitions)))
    }

    fn store<'a>(
        &'a self,
        connector: &'a str,
        offsets: &'a api::SourceOffsets,
    ) -> BoxFuture<'a, api::Result<()>> {
        Box::pin(OffsetFile::store(self, connector, offsets))
    }
}

impl SourceOffsets for OffsetFile {
    fn list<'a>(&'a self, connector: &'a str) -> BoxFuture<'a, api::Result<Vec<(OffsetMap, OffsetMap)>>> {
        Box::pin(std::future::ready(OffsetFile::list(self, connector)))
    }

    fn alter<'a>(
        &'a self,
        connector: &'a str,
        changes: &'a [OffsetChange],
    ) -> BoxFuture<'a, api::Result<()>> {
        Box::pin(OffsetFile::alter(self, connector, changes))
    }
}
