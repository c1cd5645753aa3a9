//! Offsets of connectors, for operators: of sources from where they are stored, of sinks from their consumer group.

use std::sync::Arc;

use api::dynamic::SourceClass;
use api::registry::ConnectorClass;
use api::{BoxFuture, OffsetChange};
use data::OffsetMap;
use secrets::Resolved;
use spec::ConnectorSpec;

use crate::handle::REQUEST_LIMIT;
use crate::{Error, Handle, Parts, Result, Target, View};

/// The offsets of sources as a whole, beside what tasks need ([`task::OffsetStore`]).
pub trait SourceOffsets: Send + Sync {
    /// The store of this connector when it has one of its own; `None` is this one.
    ///
    /// # Errors
    /// It cannot be opened.
    fn of_connector<'a>(
        &'a self,
        _connector: &'a ConnectorSpec,
    ) -> BoxFuture<'a, api::Result<Option<Arc<dyn SourceOffsets>>>> {
        Box::pin(std::future::ready(Ok(None)))
    }

    /// All stored offsets of a connector: partition and offset.
    ///
    /// # Errors
    /// What is stored cannot be read.
    fn list<'a>(&'a self, connector: &'a str) -> BoxFuture<'a, api::Result<Vec<(OffsetMap, OffsetMap)>>>;

    /// Stores changes, durably.
    ///
    /// # Errors
    /// They are not known to be stored.
    fn alter<'a>(&'a self, connector: &'a str, changes: &'a [OffsetChange])
    -> BoxFuture<'a, api::Result<()>>;
}

/// Who took care of a change of offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Altered {
    /// The connector, of whatever it keeps outside of Kafka, and the framework.
    Everything,
    /// The framework; the connector said nothing about offsets that it keeps elsewhere.
    FrameworkOnly,
}

impl Altered {
    /// From what the connector answered.
    pub(crate) fn by(connector: bool) -> Self {
        if connector { Altered::Everything } else { Altered::FrameworkOnly }
    }
}

impl Handle {
    /// The offsets of a connector, in whatever state it is: partition and offset.
    ///
    /// # Errors
    /// There is no such connector, or the offsets cannot be read.
    pub async fn offsets(&self, name: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        within_limit(self.known_offsets(name)).await
    }

    async fn known_offsets(&self, name: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        let view = self.known(name).await?;
        match self.class(&view)? {
            ConnectorClass::Source(_) => {
                let store = self.source_store(&view).await?;
                store.list(name).await.map_err(failed)
            }
            ConnectorClass::Sink(_) => self.sink_offsets(&view).await,
        }
    }

    /// Changes offsets of a stopped connector; no offset resets the partition.
    ///
    /// # Errors
    /// There is no such connector, it is not stopped, or it refuses the offsets: nothing is stored then. Or they could
    /// not be stored.
    pub async fn alter_offsets(&self, name: &str, changes: &[OffsetChange]) -> Result<Altered> {
        if changes.is_empty() {
            return Err(Error::Refused(
                "Partitions / offsets need to be provided for an alter offsets request".to_owned(),
            ));
        }
        within_limit(self.alter_stopped(name, changes)).await
    }

    async fn alter_stopped(&self, name: &str, changes: &[OffsetChange]) -> Result<Altered> {
        let view = self.stopped(name).await?;
        match self.class(&view)? {
            ConnectorClass::Source(class) => {
                let store = self.source_store(&view).await?;
                self.store_source_offsets(&view, &*class, &*store, changes).await
            }
            ConnectorClass::Sink(class) => self.alter_sink_offsets(&view, &*class, changes).await,
        }
    }

    /// Forgets the offsets of a stopped connector.
    ///
    /// # Errors
    /// As [`Self::alter_offsets`].
    pub async fn reset_offsets(&self, name: &str) -> Result<Altered> {
        within_limit(self.reset_stopped(name)).await
    }

    async fn reset_stopped(&self, name: &str) -> Result<Altered> {
        let view = self.stopped(name).await?;
        match self.class(&view)? {
            ConnectorClass::Source(class) => {
                let store = self.source_store(&view).await?;
                let known = store.list(name).await.map_err(failed)?;
                let changes: Vec<_> =
                    known.into_iter().map(|(partition, _)| (Some(partition), None)).collect();
                self.store_source_offsets(&view, &*class, &*store, &changes).await
            }
            ConnectorClass::Sink(class) => self.reset_sink_offsets(&view, &*class).await,
        }
    }

    async fn known(&self, name: &str) -> Result<View> {
        let view = self.view(name).await?;
        view.ok_or_else(|| Error::NotFound(format!("Connector {name} not found")))
    }

    // A stopped connector whose tasks have ended: what they still commit would undo the change.
    async fn stopped(&self, name: &str) -> Result<View> {
        self.lead().await?;
        let view = self.known(name).await?;
        if view.target != Target::Stopped {
            return Err(Error::Refused(format!(
                "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the \
                 specified connector by issuing a 'PUT' request to the '/connectors/{name}/stop' endpoint"
            )));
        }
        self.at_rest(name).await?;
        Ok(view)
    }

    fn class(&self, view: &View) -> Result<ConnectorClass> {
        let class = view.config.get("connector.class").unwrap_or_default().trim();
        self.registry().connector(class).map_err(|error| Error::Failed(error.to_string()))
    }

    /// The connector's config as plugins take it.
    pub(crate) async fn resolved(&self, view: &View) -> Result<Resolved> {
        self.parts()
            .resolve(&view.name, &view.config)
            .await
            .map_err(|error| Error::Refused(error.to_string()))
    }

    /// Where a source's offsets are.
    async fn source_store(&self, view: &View) -> Result<Arc<dyn SourceOffsets>> {
        let worker = self.parts().offsets.clone();
        let defaults = &self.parts().defaults;
        if !defaults.exactly_once && !view.config.contains("offsets.storage.topic") {
            return Ok(worker); // also of a connector whose config is not valid any more
        }
        let own = worker.of_connector(&self.spec_of(view).await?).await.map_err(failed)?;
        Ok(own.unwrap_or(worker))
    }

    /// The typed meaning of a connector's config.
    pub(crate) async fn spec_of(&self, view: &View) -> Result<ConnectorSpec> {
        let Parts { registry, defaults, policy, .. } = self.parts();
        let resolved = self.resolved(view).await?;
        spec::build(&resolved.config, &**registry, defaults, policy)
            .map_err(|report| Error::Refused(resolved.redactor.scrub(&report.to_string()).into_owned()))
    }

    async fn store_source_offsets(
        &self,
        view: &View,
        class: &dyn SourceClass,
        store: &dyn SourceOffsets,
        changes: &[OffsetChange],
    ) -> Result<Altered> {
        let resolved = self.resolved(view).await?;
        let altered = class.alter_offsets(&resolved.config, changes);
        let altered = altered.map_err(|error| refused(&resolved, &error))?;
        // What tasks of earlier may still commit would undo the change.
        self.fence(&view.name).await?;
        store.alter(&view.name, changes).await.map_err(failed)?;
        Ok(Altered::by(altered))
    }
}

// Invariant 8: brokers that are away are not waited for longer than anything else that is asked of the worker.
async fn within_limit<T>(asked: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(REQUEST_LIMIT, asked).await.unwrap_or_else(|_| {
        Err(Error::TimedOut(format!(
            "the brokers did not answer within {} s; what was asked for may still happen",
            REQUEST_LIMIT.as_secs()
        )))
    })
}

fn failed(error: api::Error) -> Error {
    Error::Failed(error.to_string())
}

/// The connector's own refusal, without secrets.
pub(crate) fn refused(resolved: &Resolved, error: &api::Error) -> Error {
    Error::Refused(resolved.redactor.scrub(&error.to_string()).into_owned())
}
