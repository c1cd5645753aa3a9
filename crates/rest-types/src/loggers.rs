//! Levels of loggers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Answer of `GET /admin/loggers`: each logger by name.
pub type Loggers = BTreeMap<String, LoggerLevel>;

/// Answer of `GET /admin/loggers/{logger}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggerLevel {
    /// `OFF`, `FATAL`, `ERROR`, `WARN`, `INFO`, `DEBUG`, `TRACE` or `ALL`.
    pub level: String,
    /// When it was last changed through REST, in milliseconds since the epoch; null if never.
    pub last_modified: Option<i64>,
}
