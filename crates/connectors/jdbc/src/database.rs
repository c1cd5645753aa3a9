//! The two databases behind one face.

use std::time::Duration;

use api::data::SchemaRef;
use api::{Clock, Error, Result};

use crate::config::{Settings, Target};
use crate::lend::Lent;
use crate::rows::{Chunk, Position};
use crate::stamp::Stamp;
use crate::statement::Select;
use crate::table::TableId;
use crate::{postgres, sqlite};

/// A column of a table, as far as it matters for choosing what is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) nullable: bool,
    pub(crate) auto_increment: bool,
}

/// A connection; a clone is the same one.
#[derive(Clone)]
pub(crate) enum Session {
    Postgres(postgres::Session),
    Sqlite(sqlite::Session),
}

/// Rows of a statement under way.
pub(crate) enum Pass {
    Postgres(postgres::Pass),
    Sqlite(sqlite::Pass),
}

impl Session {
    /// Connects, once.
    pub(crate) async fn open(settings: &Settings, lent: &Lent) -> Result<Self> {
        match &settings.target {
            Target::Postgres(parameters) => {
                Ok(Session::Postgres(postgres::Session::open(settings, parameters, lent).await?))
            }
            Target::Sqlite { path, busy_timeout } => {
                Ok(Session::Sqlite(sqlite::Session::open(settings, path, *busy_timeout, lent).await?))
            }
            Target::Unresolved => {
                Err(Error::misconfigured("connection.url holds a reference that was not replaced")
                    .hint("add the provider to the worker's config.providers"))
            }
        }
    }

    /// Connects, with `connection.attempts` and `connection.backoff.ms`. Only what may pass is tried again.
    pub(crate) async fn open_patiently(settings: &Settings, lent: &Lent) -> Result<Self> {
        let mut attempt = 1;
        loop {
            match Self::open(settings, lent).await {
                Err(error) if error.is_retriable() && attempt < settings.attempts => {
                    tracing::info!(%error, attempt, "cannot connect; will try again");
                    attempt += 1;
                    lent.clock.sleep(settings.backoff).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Whether the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        match self {
            Session::Postgres(session) => session.is_closed(),
            Session::Sqlite(session) => session.is_closed(),
        }
    }

    /// All tables of the wanted types, before filters, in the database's order.
    pub(crate) async fn tables(&self, settings: &Settings) -> Result<Vec<TableId>> {
        match self {
            Session::Postgres(session) => session.tables(settings).await,
            Session::Sqlite(session) => session.tables(settings).await,
        }
    }

    /// A table's columns, in order.
    pub(crate) async fn columns(&self, table: &TableId, quote: bool) -> Result<Vec<Column>> {
        match self {
            Session::Postgres(session) => session.columns(table, quote).await,
            Session::Sqlite(session) => session.columns(table).await,
        }
    }

    /// The database's time.
    pub(crate) async fn now(&self) -> Result<Stamp> {
        match self {
            Session::Postgres(session) => session.now().await,
            Session::Sqlite(session) => session.now().await,
        }
    }

    /// Whether a statement finds a row.
    pub(crate) async fn finds(&self, sql: &str) -> Result<bool> {
        match self {
            Session::Postgres(session) => session.finds(sql).await,
            Session::Sqlite(session) => session.finds(sql.to_owned()).await,
        }
    }

    /// Prepares a query without running it.
    pub(crate) async fn test(&self, sql: &str) -> Result<()> {
        match self {
            Session::Postgres(session) => session.test(sql).await,
            Session::Sqlite(session) => session.test(sql.to_owned()).await,
        }
    }

    /// Runs a select from a position up to a time.
    pub(crate) async fn start(
        &self,
        settings: &Settings,
        select: &Select,
        from: Position,
        end: Option<Stamp>,
    ) -> Result<Pass> {
        Ok(match self {
            Session::Postgres(session) => Pass::Postgres(session.start(settings, select, from, end).await?),
            Session::Sqlite(session) => Pass::Sqlite(session.start(settings, select, from, end).await?),
        })
    }
}

impl Pass {
    /// Schema of the rows.
    pub(crate) fn schema(&self) -> &SchemaRef {
        match self {
            Pass::Postgres(pass) => pass.schema(),
            Pass::Sqlite(pass) => pass.schema(),
        }
    }

    /// Rows up to a limit, or those that came until the time (of [`Clock::elapsed`]) is over.
    pub(crate) async fn chunk(&mut self, limit: usize, clock: &dyn Clock, until: Duration) -> Result<Chunk> {
        match self {
            Pass::Postgres(pass) => pass.chunk(limit, clock, until).await,
            Pass::Sqlite(pass) => pass.chunk(clock, until).await,
        }
    }
}
