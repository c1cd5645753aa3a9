//! What a config provider does.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use api::config::Secret;
use api::{BoxFuture, Result};

/// Looks up values that are kept elsewhere.
pub trait ConfigProvider: Send + Sync + fmt::Debug {
    /// The values of these keys under a path; a key without a value is left out of the answer.
    ///
    /// # Errors
    /// The path cannot be read, or may not be. The text names the path and never a value.
    fn get<'a>(
        &'a self,
        path: &'a str,
        keys: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, Secret>>>;

    /// How long the value of a key may be used before it is looked up again; `None`: as long as whoever uses it runs.
    fn ttl(&self, _path: &str, _key: &str) -> Option<Duration> {
        None
    }
}
