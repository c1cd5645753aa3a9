//! Offsets of source connectors, for operators.

use api::registry::ConnectorClass;
use api::{BoxFuture, OffsetChange};
use data::OffsetMap;

use crate::{Error, Handle, Result, Target, View};

/// The offsets of sources as a whole, beside what tasks need ([`task::OffsetStore`]).
pub trait SourceOffsets: Send + Sync {
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

impl Handle {
    /// The stored offsets of a source.
    ///
    /// # Errors
    /// There is no such connector, or it is a sink.
    pub async fn offsets(&self, name: &str) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        self.source(name).await?;
        self.parts().offsets.list(name).await.map_err(|error| Error::Failed(error.to_string()))
    }

    /// Changes stored offsets of a stopped source; no offset resets the partition.
    ///
    /// # Errors
    /// There is no such connector, it is not stopped, or it refuses the offsets: nothing is stored then.
    pub async fn alter_offsets(&self, name: &str, changes: &[OffsetChange]) -> Result<Altered> {
        if changes.is_empty() {
            return Err(Error::Refused(
                "Partitions / offsets need to be provided for an alter offsets request".to_owned(),
            ));
        }
        let view = self.source(name).await?;
        stopped(&view)?;
        self.store_offsets(&view, changes).await
    }

    /// Forgets the stored offsets of a stopped source.
    ///
    /// # Errors
    /// As [`Self::alter_offsets`].
    pub async fn reset_offsets(&self, name: &str) -> Result<Altered> {
        let view = self.source(name).await?;
        stopped(&view)?;
        let known = self.offsets(name).await?;
        let changes: Vec<_> = known.into_iter().map(|(partition, _)| (Some(partition), None)).collect();
        self.store_offsets(&view, &changes).await
    }

    async fn source(&self, name: &str) -> Result<View> {
        let view = self.view(name).await?;
        let view = view.ok_or_else(|| Error::NotFound(format!("Connector {name} not found")))?;
        match self.class(&view)? {
            ConnectorClass::Source(_) => Ok(view),
            ConnectorClass::Sink(_) => Err(Error::Refused(format!(
                "Connector {name} is a sink; this worker does not show or change offsets of sinks yet. They are those of \
                 consumer group connect-{name}, unless 'consumer.override.group.id' names another: use \
                 kafka-consumer-groups"
            ))),
        }
    }

    fn class(&self, view: &View) -> Result<ConnectorClass> {
        let class = view.config.get("connector.class").unwrap_or_default().trim();
        self.registry().connector(class).map_err(|error| Error::Failed(error.to_string()))
    }

    async fn store_offsets(&self, view: &View, changes: &[OffsetChange]) -> Result<Altered> {
        let refused = |error: api::Error| Error::Refused(error.to_string());
        let resolved = self.parts().resolve(&view.config).await.map_err(refused)?;
        let scrubbed =
            |error: api::Error| Error::Refused(resolved.redactor.scrub(&error.to_string()).into_owned());
        let altered = match self.class(view)? {
            ConnectorClass::Source(class) => {
                class.alter_offsets(&resolved.config, changes).map_err(scrubbed)?
            }
            ConnectorClass::Sink(_) => false, // refused before
        };
        let stored = self.parts().offsets.alter(&view.name, changes).await;
        stored.map_err(|error| Error::Failed(error.to_string()))?;
        Ok(if altered { Altered::Everything } else { Altered::FrameworkOnly })
    }
}

fn stopped(view: &View) -> Result<()> {
    if view.target != Target::Stopped {
        return Err(Error::Refused(format!(
            "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the \
             specified connector by issuing a 'PUT' request to the '/connectors/{}/stop' endpoint",
            view.name
        )));
    }
    if !view.idle {
        return Err(Error::Conflict(format!(
            "Connector {} is still stopping; send the request again",
            view.name
        )));
    }
    Ok(())
}
