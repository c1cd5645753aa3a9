//! Whether a test beside Apache Kafka itself is to run, and with which jars.

use std::path::PathBuf;

use super::artifacts::{ConnectJars, connect_jars, jars};

/// The jars of a broker for this test. `None`: it is skipped by its name, and why is said.
pub fn broker_for(test: &str) -> Option<PathBuf> {
    if !crate::interop(test) {
        return None;
    }
    or_skip(test, jars())
}

/// The jars of Kafka Connect, and those of a broker, for this test. `None`: it is skipped, as for [`broker_for`].
pub fn connect_for(test: &str) -> Option<(ConnectJars, PathBuf)> {
    let broker = broker_for(test)?;
    let target = broker.parent().ok_or_else(|| "the jars are in no target folder".to_owned());
    let connect = target.and_then(connect_jars);
    Some((or_skip(test, connect)?, broker))
}

fn or_skip<T>(test: &str, fetched: Result<T, String>) -> Option<T> {
    fetched.map_err(|why| crate::skip(test, &why)).ok()
}
