//! The JDBC source: rows of tables, or of a query, into topics.
//!
//! It takes the configs and goes on from the offsets of two Java connectors,
//! `io.confluent.connect.jdbc.JdbcSourceConnector` and `io.aiven.connect.jdbc.JdbcSourceConnector`, for PostgreSQL and
//! SQLite.
//!
//! [`config`] declares the keys of both and brings them to one shape, `Settings`. [`connector`] finds the tables and
//! shares them out. [`task`] runs one select a table ([`statement`]) through a [`database`] session, which is
//! [`postgres`] or [`sqlite`], and gives rows ([`rows`]) their offsets ([`order`], [`offset`]). Types become Connect's
//! in `postgres::decode` and `sqlite::decode`, with [`numeric`] and [`temporal`].
//!
//! Start at [`task`].

mod choose;
mod config;
mod connector;
mod database;
mod lend;
mod numeric;
mod offset;
mod order;
mod postgres;
mod rows;
mod sqlite;
mod stamp;
mod statement;
mod table;
mod task;
mod temporal;
mod zone;

pub use connector::{Aiven, AivenSource, Class, Confluent, ConfluentSource, JdbcSource};

/// Registers both classes.
pub fn register(registry: &mut api::Registry) {
    registry.source::<ConfluentSource>();
    registry.source::<AivenSource>();
}
