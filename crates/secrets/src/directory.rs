//! Folders with a file a value, as Kubernetes mounts secrets: `${directory:/run/secrets:password}`.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use api::config::{RawConfig, Secret};
use api::{BoxFuture, Error, Result};

use crate::ConfigProvider;
use crate::allowed::{AllowedPaths, read};

/// The path is a folder, the key the name of a file in it; the value is the file's text with all its blanks.
#[derive(Debug)]
pub struct DirectoryProvider {
    allowed: AllowedPaths,
}

impl DirectoryProvider {
    /// Kafka's class of this name.
    pub const CLASS: &'static str = "org.apache.kafka.common.config.provider.DirectoryConfigProvider";

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
        let folder = self.allowed.real(Path::new(path))?;
        if !folder.is_dir() {
            return Err(Error::misconfigured("a config provider's path is not a folder").with("path", path));
        }
        let mut found = BTreeMap::new();
        for key in keys {
            let mut parts = Path::new(key).components();
            let is_name = matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None));
            let file = folder.join(key);
            if !is_name || !file.exists() {
                continue;
            }
            // The file may be a link, as in Kubernetes: where it leads to must be allowed too.
            let real = self.allowed.real(&file)?;
            if real.is_file() {
                found.insert(key.clone(), Secret::new(read(&real)?));
            }
        }
        Ok(found)
    }
}

impl ConfigProvider for DirectoryProvider {
    fn get<'a>(
        &'a self,
        path: &'a str,
        keys: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, Secret>>> {
        Box::pin(async move { self.look_up(path, keys) })
    }
}
