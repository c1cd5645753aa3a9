//! The demo's database: SQLite in a file, or a PostgreSQL that the user names.

use std::path::{Path, PathBuf};

use futures::{SinkExt, TryStreamExt};
use tokio_postgres::NoTls;
use tpchgen::generators::Order;

use super::fingerprint::Fingerprint;
use super::orders::{self, Cell};
use crate::Error;

const DAY_MS: i64 = 86_400_000;

/// Where the orders are.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A server, by URL (`postgres://user:password@host:port/database`). `Debug` must not be used on it.
    Postgres(Box<tokio_postgres::Config>),
}

/// How a connector reaches the database.
pub struct Connection {
    /// `connection.url`.
    pub url: String,
    /// `connection.user`.
    pub user: String,
    /// `connection.password`.
    pub password: String,
}

impl Database {
    /// The PostgreSQL of this URL.
    ///
    /// # Errors
    /// The URL is wrong; its text, which may hold a password, is not repeated.
    pub fn postgres(url: &str) -> Result<Self, Error> {
        let config: tokio_postgres::Config = url.parse().map_err(|error| {
            Error::new("--postgres is not a URL such as postgres://user:password@host:5432/database")
                .caused_by(error)
        })?;
        match config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(_)) if config.get_dbname().is_some() => {}
            _ => {
                return Err(Error::new(
                    "--postgres needs a host and a database: postgres://user:password@host:5432/database",
                ));
            }
        }
        Ok(Self::Postgres(Box::new(config)))
    }

    /// How people call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// How a connector reaches it.
    pub fn connection(&self) -> Connection {
        match self {
            Self::Sqlite(path) => Connection {
                url: format!("jdbc:sqlite:{}", path.display()),
                user: String::new(),
                password: String::new(),
            },
            Self::Postgres(config) => {
                let host = match config.get_hosts().first() {
                    Some(tokio_postgres::config::Host::Tcp(host)) => host.as_str(),
                    _ => "localhost",
                };
                let port = config.get_ports().first().copied().unwrap_or(5432);
                let database = config.get_dbname().unwrap_or_default();
                Connection {
                    url: format!("jdbc:postgresql://{host}:{port}/{database}"),
                    user: config.get_user().unwrap_or_default().to_owned(),
                    password: String::from_utf8_lossy(config.get_password().unwrap_or_default()).into_owned(),
                }
            }
        }
    }

    /// Makes the table `orders` with this many rows; one that is there is replaced.
    ///
    /// # Errors
    /// What the database said.
    pub async fn fill(&self, rows: u64) -> Result<(), Error> {
        match self {
            Self::Sqlite(path) => {
                let path = path.clone();
                blocking(move || fill_sqlite(&path, rows)).await
            }
            Self::Postgres(config) => fill_postgres(config, rows).await,
        }
    }

    /// The fingerprint of what is in the table now.
    ///
    /// # Errors
    /// What the database said.
    pub async fn fingerprint(&self) -> Result<Fingerprint, Error> {
        match self {
            Self::Sqlite(path) => {
                let path = path.clone();
                blocking(move || fingerprint_sqlite(&path)).await
            }
            Self::Postgres(config) => fingerprint_postgres(config).await,
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::new("database work ended early").caused_by(error))?
}

fn fill_sqlite(path: &Path, rows: u64) -> Result<(), Error> {
    let failed = |error: rusqlite::Error| {
        Error::new(format!("cannot fill the database {}", path.display())).caused_by(error)
    };
    let mut connection = rusqlite::Connection::open(path).map_err(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
    let transaction = connection.transaction().map_err(failed)?;
    transaction
        .execute_batch(
            "DROP TABLE IF EXISTS orders;
             CREATE TABLE orders (o_orderkey BIGINT PRIMARY KEY NOT NULL, o_custkey BIGINT NOT NULL,
               o_orderstatus CHAR(1) NOT NULL, o_totalprice NUMERIC(15,2) NOT NULL, o_orderdate DATE NOT NULL,
               o_orderpriority CHAR(15) NOT NULL, o_clerk CHAR(15) NOT NULL, o_shippriority BIGINT NOT NULL,
               o_comment VARCHAR(79) NOT NULL)",
        )
        .map_err(failed)?;
    {
        let mut insert =
            transaction.prepare("INSERT INTO orders VALUES (?,?,?,?,?,?,?,?,?)").map_err(failed)?;
        orders::generate(rows, |order| {
            let date_ms = i64::from(order.o_orderdate.to_unix_epoch()) * DAY_MS; // the form that JDBC drivers store
            let (price, clerk) = (order.o_totalprice.as_f64(), order.o_clerk.to_string());
            let (key, customer, priority) = (order.o_orderkey, order.o_custkey, order.o_shippriority);
            let status = order.o_orderstatus.as_str();
            let row = rusqlite::params![
                key,
                customer,
                status,
                price,
                date_ms,
                order.o_orderpriority,
                clerk,
                priority,
                order.o_comment
            ];
            insert.execute(row).map(drop)
        })
        .map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

fn fingerprint_sqlite(path: &Path) -> Result<Fingerprint, Error> {
    let failed = |error: rusqlite::Error| {
        Error::new(format!("cannot read the database {}", path.display())).caused_by(error)
    };
    let connection = rusqlite::Connection::open(path).map_err(failed)?;
    let mut select = connection.prepare("SELECT * FROM orders").map_err(failed)?;
    let mut rows = select.query([]).map_err(failed)?;
    let mut fingerprint = Fingerprint::default();
    while let Some(row) = rows.next().map_err(failed)? {
        let cells = orders::COLUMNS.iter().enumerate().map(|(index, (_, column))| {
            Ok(match column {
                orders::Column::Integer => Cell::Number(row.get(index)?),
                orders::Column::Date => Cell::Number(row.get::<_, i64>(index)?.div_euclid(DAY_MS)),
                orders::Column::Money => Cell::Number((row.get::<_, f64>(index)? * 100.0).round() as i64),
                orders::Column::Text => Cell::Text(row.get(index)?),
            })
        });
        fingerprint.add(&cells.collect::<Result<Vec<_>, _>>().map_err(failed)?);
    }
    Ok(fingerprint)
}

async fn connect(config: &tokio_postgres::Config) -> Result<tokio_postgres::Client, Error> {
    let (client, connection) = config.connect(NoTls).await.map_err(|error| {
        Error::new("cannot connect to the PostgreSQL that --postgres names").caused_by(error)
    })?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the connection to PostgreSQL ended");
        }
    });
    Ok(client)
}

async fn fill_postgres(config: &tokio_postgres::Config, rows: u64) -> Result<(), Error> {
    let failed = |error: tokio_postgres::Error| Error::new("cannot fill the table orders").caused_by(error);
    let client = connect(config).await?;
    client
        .batch_execute(
            "DROP TABLE IF EXISTS orders;
             CREATE TABLE orders (o_orderkey BIGINT PRIMARY KEY, o_custkey BIGINT NOT NULL,
               o_orderstatus VARCHAR(1) NOT NULL, o_totalprice NUMERIC(15,2) NOT NULL, o_orderdate DATE NOT NULL,
               o_orderpriority VARCHAR(15) NOT NULL, o_clerk VARCHAR(15) NOT NULL, o_shippriority BIGINT NOT NULL,
               o_comment VARCHAR(79) NOT NULL)",
        )
        .await
        .map_err(failed)?;
    let sink = client.copy_in::<_, bytes::Bytes>("COPY orders FROM STDIN").await.map_err(failed)?;
    let mut sink = std::pin::pin!(sink);
    let (sender, mut receiver) = tokio::sync::mpsc::channel::<bytes::Bytes>(4);
    let maker = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        let _ = orders::generate(rows, |order| {
            copy_line(order, &mut text);
            match text.len() > 64 << 10 {
                // The receiver is gone only after a database error, which is reported there.
                true => sender.blocking_send(std::mem::take(&mut text).into()),
                false => Ok(()),
            }
        });
        let _ = sender.blocking_send(text.into());
    });
    while let Some(chunk) = receiver.recv().await {
        sink.send(chunk).await.map_err(failed)?;
    }
    sink.finish().await.map_err(failed)?;
    maker.await.map_err(|error| Error::new("making rows ended early").caused_by(error))
}

// COPY's text form; the generated texts hold neither tabs nor backslashes.
fn copy_line(order: &Order<'_>, text: &mut String) {
    use std::fmt::Write;
    let _ = writeln!(
        text,
        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
        order.o_orderkey,
        order.o_custkey,
        order.o_orderstatus,
        order.o_totalprice,
        order.o_orderdate,
        order.o_orderpriority,
        order.o_clerk,
        order.o_shippriority,
        order.o_comment
    );
}

async fn fingerprint_postgres(config: &tokio_postgres::Config) -> Result<Fingerprint, Error> {
    let failed = |error: tokio_postgres::Error| Error::new("cannot read the table orders").caused_by(error);
    let client = connect(config).await?;
    let select = "SELECT o_orderkey, o_custkey, o_orderstatus, (o_totalprice * 100)::bigint,
        (o_orderdate - date '1970-01-01')::bigint, o_orderpriority, o_clerk, o_shippriority, o_comment FROM orders";
    let none: [i32; 0] = [];
    let mut rows = std::pin::pin!(client.query_raw(select, none).await.map_err(failed)?);
    let mut fingerprint = Fingerprint::default();
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let cells = orders::COLUMNS.iter().enumerate().map(|(index, (_, column))| match column {
            orders::Column::Text => row.try_get(index).map(Cell::Text),
            _ => row.try_get(index).map(Cell::Number),
        });
        fingerprint.add(&cells.collect::<Result<Vec<_>, _>>().map_err(failed)?);
    }
    Ok(fingerprint)
}
