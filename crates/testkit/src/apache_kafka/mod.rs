//! Apache Kafka itself, for comparisons with it: fetched with Maven, started with Java.
//!
//! The jars are kept in the build's target folder, so that they are fetched once ([`artifacts`]). A [`Broker`] is one
//! node that is its own controller (KRaft); a [`ConnectWorker`] is Kafka Connect, standalone or distributed. Both
//! listen on free ports of the loopback address, work in a temporary folder that goes with them, and end with the
//! program that started them, however it ends ([`java`]).

pub mod artifacts;
mod broker;
mod connect;
pub mod java;
mod wanted;

pub use artifacts::{VERSION, jars};
pub use broker::{Broker, Setup};
pub use connect::ConnectWorker;
pub use wanted::{broker_for, connect_for};

use std::net::TcpListener;

const LOG4J_PROPERTIES: &str = "appender.out.type=Console\n\
    appender.out.name=out\n\
    appender.out.layout.type=PatternLayout\n\
    appender.out.layout.pattern=[%d] %p %m (%c)%n\n\
    rootLogger.level=info\n\
    rootLogger.appenderRef.out.ref=out\n";

/// A port of the loopback address that nobody listens on now.
///
/// # Errors
/// There is none.
pub fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no free port: {error}"))?;
    listener.local_addr().map(|address| address.port()).map_err(|error| format!("no free port: {error}"))
}
