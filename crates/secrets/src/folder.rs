//! A folder in the place of a secret store, for laptops: the same references, without a cloud.
//!
//! `${secretsmanager:NAME:KEY}` is key KEY of the JSON object in `FOLDER/NAME.json`, of the properties in
//! `FOLDER/NAME.properties`, or the file `FOLDER/NAME/KEY`; `${secretsmanager:NAME}` is the text of `FOLDER/NAME`.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use api::config::{RawConfig, Secret, properties};
use api::{BoxFuture, Error, Result};
use percent_encoding::percent_decode_str;

use crate::ConfigProvider;
use crate::allowed::{AllowedPaths, read};
use crate::params::{first, split_ttl, text_of};

/// Reads secrets of a folder, and nothing outside of it.
#[derive(Debug)]
pub struct FolderProvider {
    folder: PathBuf,
    allowed: AllowedPaths,
}

impl FolderProvider {
    /// Our own class: Kafka has none like it.
    pub const CLASS: &'static str = "sluice.FolderConfigProvider";

    /// Takes the parameter `folder`.
    ///
    /// # Errors
    /// It is missing, or not an absolute path of a folder that is there.
    pub fn new(params: &RawConfig) -> std::result::Result<Self, String> {
        let folder = first(params, &["folder"]).ok_or("there must be a folder that holds the secrets")?;
        let allowed = AllowedPaths::parse(&RawConfig::new().with("allowed.paths", folder))?;
        Ok(Self { folder: PathBuf::from(folder), allowed })
    }

    fn look_up(&self, path: &str, keys: &[String]) -> Result<BTreeMap<String, Secret>> {
        let mut found = BTreeMap::new();
        for key in keys {
            let (name, _) = split_ttl(key);
            let value = match path.is_empty() {
                true => self.text(name, "")?,
                false => self.field(path, name)?,
            };
            if let Some(value) = value {
                found.insert(key.clone(), Secret::new(value));
            }
        }
        Ok(found)
    }

    fn field(&self, secret: &str, key: &str) -> Result<Option<String>> {
        // What a parser says may quote the file.
        let wrong = |what: &str| {
            Error::misconfigured(format!("a secret's file is not {what}")).with("secret", secret)
        };
        if let Some(text) = self.text(secret, ".json")? {
            let fields: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(&text).map_err(|_| wrong("a JSON object"))?;
            return Ok(fields.get(key).and_then(text_of));
        }
        if let Some(text) = self.text(secret, ".properties")? {
            let fields = properties::parse(&text).map_err(|_| wrong("a property file"))?;
            return Ok(fields.get(key).map(str::to_owned));
        }
        if let Some(text) = self.text(&format!("{secret}/{key}"), "")? {
            return Ok(Some(text));
        }
        match self.place(secret, "")?.is_dir() {
            true => Ok(None),
            false => Err(Error::misconfigured("there is no such secret in the folder")
                .with("secret", secret)
                .with("folder", self.folder.display())
                .hint("write it to NAME.json in the folder, as {\"KEY\": \"VALUE\"}")),
        }
    }

    fn text(&self, name: &str, suffix: &str) -> Result<Option<String>> {
        let place = self.place(name, suffix)?;
        match place.is_file() {
            true => read(&self.allowed.real(&place)?).map(Some),
            false => Ok(None),
        }
    }

    fn place(&self, name: &str, suffix: &str) -> Result<PathBuf> {
        let decoded = percent_decode_str(name).decode_utf8_lossy().into_owned() + suffix;
        let inside = Path::new(&decoded).components().all(|part| matches!(part, Component::Normal(_)));
        match inside && !decoded.is_empty() {
            true => Ok(self.folder.join(decoded)),
            false => {
                Err(Error::misconfigured("a secret's name leads out of the folder").with("secret", name))
            }
        }
    }
}

impl ConfigProvider for FolderProvider {
    fn get<'a>(
        &'a self,
        path: &'a str,
        keys: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, Secret>>> {
        Box::pin(async move { self.look_up(path, keys) })
    }

    fn ttl(&self, _path: &str, key: &str) -> Option<Duration> {
        split_ttl(key).1
    }
}
