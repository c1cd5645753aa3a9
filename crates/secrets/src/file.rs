//! Java property files: `${file:/run/secrets/db.properties:password}`.

use std::collections::BTreeMap;
use std::path::Path;

use api::config::{RawConfig, Secret, properties};
use api::{BoxFuture, Error, Result};

use crate::ConfigProvider;
use crate::allowed::{AllowedPaths, read};

/// The path is a property file, the key one of its keys.
#[derive(Debug)]
pub struct FileProvider {
    allowed: AllowedPaths,
}

impl FileProvider {
    /// Kafka's class of this name.
    pub const CLASS: &'static str = "org.apache.kafka.common.config.provider.FileConfigProvider";

    /// Takes the parameter `allowed.paths`.
    ///
    /// # Errors
    /// It is missing or cannot be used.
    pub fn new(params: &RawConfig) -> std::result::Result<Self, String> {
        Ok(Self { allowed: AllowedPaths::parse(params)? })
    }

    fn look_up(&self, path: &str, keys: &[String]) -> Result<BTreeMap<String, Secret>> {
        if path.is_empty() {
            return Ok(BTreeMap::new());
        }
        let real = self.allowed.real(Path::new(path))?;
        let found = properties::parse(&read(&real)?).map_err(|why| {
            // The reason quotes the line, which may be a secret: only its number is told.
            let line = why.split(':').next().unwrap_or_default();
            Error::misconfigured("a config provider's file is not a property file")
                .with("path", path)
                .with("at", line)
        })?;
        let value = |key: &String| Some((key.clone(), Secret::new(found.get(key)?)));
        Ok(keys.iter().filter_map(value).collect())
    }
}

impl ConfigProvider for FileProvider {
    fn get<'a>(
        &'a self,
        path: &'a str,
        keys: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, Secret>>> {
        Box::pin(async move { self.look_up(path, keys) })
    }
}
