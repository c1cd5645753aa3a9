//! SQLite, through rusqlite, on a thread of its own.
//!
//! The thread owns the connection and runs jobs; rows of a pass come back through a bounded channel, so that memory
//! stays flat. The thread ends when the session and its passes are gone.

mod decode;
mod pass;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::{Error, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use tokio::sync::{mpsc, oneshot};

pub(crate) use pass::Pass;

use crate::config::{Isolation, Settings};
use crate::database::Column;
use crate::lend::Lent;
use crate::rows::Position;
use crate::stamp::Stamp;
use crate::statement::Select;
use crate::table::{TableId, quoted};

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// A connection.
#[derive(Clone)]
pub(crate) struct Session {
    jobs: mpsc::Sender<Job>,
    _interrupt: Arc<Interrupt>,
}

/// Ends a statement that runs when nobody waits for it any more.
struct Interrupt(rusqlite::InterruptHandle);

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.0.interrupt();
    }
}

impl Session {
    /// Opens the file, for reading only.
    pub(crate) async fn open(settings: &Settings, path: &Path, busy: Duration, lent: &Lent) -> Result<Self> {
        let (jobs, mut queue) = mpsc::channel::<Job>(4);
        let (opened, open) = oneshot::channel();
        let (path, isolation) = (path.to_owned(), settings.isolation);
        lent.spawner.spawn_blocking(
            "jdbc sqlite reader",
            Box::new(move || {
                let connection = match connect(&path, busy, isolation) {
                    Ok(connection) => connection,
                    Err(error) => {
                        let _ = opened.send(Err(error)); // nobody waits any more
                        return;
                    }
                };
                if opened.send(Ok(connection.get_interrupt_handle())).is_err() {
                    return;
                }
                while let Some(job) = queue.blocking_recv() {
                    job(&connection);
                }
            }),
        );
        let handle =
            open.await.map_err(|_| Error::retry("the thread that reads the file did not start"))??;
        Ok(Self { jobs, _interrupt: Arc::new(Interrupt(handle)) })
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.jobs.is_closed()
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let _ = sender.send(work(connection)); // nobody waits any more
        });
        let gone = || Error::retry("the thread that reads the file has ended");
        self.jobs.send(job).await.map_err(|_| gone())?;
        receiver.await.map_err(|_| gone())?
    }

    /// Tables of the wanted types, by name.
    pub(crate) async fn tables(&self, settings: &Settings) -> Result<Vec<TableId>> {
        let types: Vec<String> = settings.table_types.iter().map(|wanted| wanted.to_lowercase()).collect();
        self.run(move |connection| {
            let what = "cannot list the tables";
            let mut found = Vec::new();
            let mut statement = connection
                .prepare("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY type, name")
                .map_err(|e| failed(e, what))?;
            let mut rows = statement.query([]).map_err(|e| failed(e, what))?;
            while let Some(row) = rows.next().map_err(|e| failed(e, what))? {
                let (kind, name): (String, String) =
                    (row.get(0).map_err(|e| failed(e, what))?, row.get(1).map_err(|e| failed(e, what))?);
                if types.contains(&kind) && !name.starts_with("sqlite_") {
                    found.push(TableId::new(None, &name));
                }
            }
            Ok(found)
        })
        .await
    }

    /// The table's columns, in order.
    pub(crate) async fn columns(&self, table: &TableId) -> Result<Vec<Column>> {
        let table = table.clone();
        self.run(move |connection| columns(connection, &table)).await
    }

    /// The time, which for a file is the machine's.
    pub(crate) async fn now(&self) -> Result<Stamp> {
        self.run(|connection| {
            connection
                .query_row("SELECT CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)", [], |row| row.get(0))
                .map(Stamp::from_ms)
                .map_err(|e| failed(e, "cannot read the time"))
        })
        .await
    }

    /// Whether a statement finds a row.
    pub(crate) async fn finds(&self, sql: String) -> Result<bool> {
        self.run(move |connection| {
            let found = connection.prepare(&sql).and_then(|mut statement| statement.exists([]));
            found.map_err(|e| failed(e, "the query failed"))
        })
        .await
    }

    /// Prepares a query without running it.
    pub(crate) async fn test(&self, sql: String) -> Result<()> {
        self.run(move |connection| {
            connection.prepare(&sql).map(drop).map_err(|e| failed(e, "the query cannot be prepared"))
        })
        .await
    }

    /// Runs a select from a position up to a time.
    pub(crate) async fn start(
        &self,
        settings: &Settings,
        select: &Select,
        from: Position,
        end: Option<Stamp>,
    ) -> Result<Pass> {
        Pass::start(self, settings, select, from, end).await
    }
}

fn connect(path: &Path, busy: Duration, isolation: Isolation) -> Result<Connection> {
    if !path.is_file() {
        return Err(Error::misconfigured("there is no such SQLite file")
            .with("file", path.display())
            .hint("check the path in connection.url; it is looked up on the worker's machine"));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(busy)?;
        if isolation == Isolation::ReadUncommitted {
            connection.pragma_update(None, "read_uncommitted", true)?;
        }
        // Reads the header: a file that is no database is found here.
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?;
        Ok(connection)
    };
    open().map_err(|e| failed(e, "cannot open the SQLite file").with("file", path.display()))
}

/// The columns of a table.
fn columns(connection: &Connection, table: &TableId) -> Result<Vec<Column>> {
    let failed = |e| failed(e, "cannot look at the table").with("table", table);
    let mut statement =
        connection.prepare(&format!("PRAGMA table_info({})", quoted(&table.name))).map_err(failed)?;
    let mut found = Vec::new();
    let mut rows = statement.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let read = || -> rusqlite::Result<(String, String, bool, i64)> {
            Ok((row.get("name")?, row.get("type")?, row.get("notnull")?, row.get("pk")?))
        };
        let (name, declared, not_null, key) = read().map_err(failed)?;
        // INTEGER PRIMARY KEY is the row's number: it counts by itself and is never null.
        let row_id = key > 0 && declared.eq_ignore_ascii_case("integer");
        found.push((Column { name, nullable: !(not_null || row_id), auto_increment: row_id }, key));
    }
    let keys = found.iter().filter(|(_, key)| *key > 0).count();
    if found.is_empty() {
        return Err(Error::fatal("there is no such table").with("table", table));
    }
    Ok(found
        .into_iter()
        .map(|(column, key)| match keys > 1 && key > 0 {
            // One of several key columns is no row number.
            true => Column { auto_increment: false, ..column },
            false => column,
        })
        .collect())
}

/// The error, with what failed.
fn failed(error: rusqlite::Error, what: &str) -> Error {
    let text = format!("{what}: {error}");
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted) => {
            Error::retry(text).hint("another program holds the file; raise busy_timeout in connection.url")
        }
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::FileLockingProtocolFailed) => {
            Error::retry(text)
        }
        Some(
            ErrorCode::NotADatabase
            | ErrorCode::PermissionDenied
            | ErrorCode::AuthorizationForStatementDenied,
        ) => Error::misconfigured(text),
        _ => Error::fatal(text),
    }
}
