//! PostgreSQL, through tokio-postgres.
//!
//! A pass is one statement whose rows stream in binary form; they are taken from the network as `poll` asks for them,
//! so that memory stays flat whatever the size of the table.

mod catalog;
mod connect;
mod decode;
mod error;
mod link;
mod pass;
mod tls;

use std::sync::Arc;

use api::{Error, Result};

pub(crate) use pass::Pass;

use crate::config::{PostgresParameters, Settings};
use crate::lend::Lent;
use crate::rows::Position;
use crate::stamp::Stamp;
use crate::statement::Select;
use crate::table::TableId;

/// A connection.
#[derive(Clone)]
pub(crate) struct Session {
    client: Arc<tokio_postgres::Client>,
    link: Arc<link::Link>,
}

impl Session {
    /// Connects once.
    pub(crate) async fn open(
        settings: &Settings,
        parameters: &PostgresParameters,
        lent: &Lent,
    ) -> Result<Self> {
        let (client, link) = connect::connect(settings, parameters, lent).await?;
        Ok(Self { client: Arc::new(client), link })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// The tables of the wanted types, in order.
    pub(crate) async fn tables(&self, settings: &Settings) -> Result<Vec<TableId>> {
        catalog::tables(&self.client, settings).await
    }

    /// The table's columns, in order.
    pub(crate) async fn columns(&self, table: &TableId, quote: bool) -> Result<Vec<crate::database::Column>> {
        catalog::columns(&self.client, table, quote).await
    }

    /// The server's time.
    pub(crate) async fn now(&self) -> Result<Stamp> {
        let row = self.client.query_one("SELECT CURRENT_TIMESTAMP", &[]).await;
        let now: std::time::SystemTime =
            row.and_then(|row| row.try_get(0)).map_err(|e| error::of(e, "cannot read the server's time"))?;
        let micros = match now.duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()),
            Err(before) => i64::try_from(before.duration().as_micros()).map(|micros| -micros),
        };
        micros.map(Stamp::from_micros).map_err(|_| Error::fatal("the server's time is out of range"))
    }

    /// Whether a statement finds a row.
    pub(crate) async fn finds(&self, sql: &str) -> Result<bool> {
        let rows = self.client.query(sql, &[]).await.map_err(|e| error::of(e, "the query failed"))?;
        Ok(!rows.is_empty())
    }

    /// Prepares a query without running it.
    pub(crate) async fn test(&self, sql: &str) -> Result<()> {
        self.client.prepare(sql).await.map(drop).map_err(|e| error::of(e, "the query cannot be prepared"))
    }

    /// Runs a select from a position up to a time.
    pub(crate) async fn start(
        &self,
        settings: &Settings,
        select: &Select,
        from: Position,
        end: Option<Stamp>,
    ) -> Result<Pass> {
        Pass::start(&self.client, &self.link, settings, select, from, end).await
    }
}
