//! A config with its references replaced.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use api::Result;
use api::config::placeholder::{self, Placeholder};
use api::config::{RawConfig, Secret};

use crate::{Providers, Redactor};

/// A config as tasks take it.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The config; it may hold secrets.
    pub config: RawConfig,
    /// Takes what was looked up out of texts.
    pub redactor: Redactor,
    /// References that stayed as they were, as in Kafka Connect.
    pub unresolved: Vec<Unresolved>,
    /// How long the values may be used: the shortest time that a reference or a provider gives.
    pub ttl: Option<Duration>,
}

/// A reference that has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unresolved {
    /// The config's key.
    pub key: String,
    /// The reference.
    pub reference: String,
    /// Why: there is no such provider, or the provider has no such key.
    pub why: String,
}

impl Providers {
    /// Replaces the references in a config's values. What a provider answers is not looked at again. A reference
    /// without a value stays as it is; it is logged, and named in the answer.
    ///
    /// # Errors
    /// A provider cannot read what a reference names, or may not.
    pub async fn resolve(&self, raw: &RawConfig) -> Result<Resolved> {
        let found = self.look_up(raw).await?;
        let mut config = RawConfig::new();
        let mut redactor = Redactor::default();
        let mut unresolved = Vec::new();
        let ttl = found.keys().filter_map(|reference| self.ttl(reference)).min();
        for (key, value) in raw.iter() {
            let Some(text) = value else {
                config.set_null(key);
                continue;
            };
            let replaced = placeholder::substitute(text, |reference| match found.get(reference) {
                Some(secret) => {
                    redactor.add(secret, &written(reference));
                    Some(secret.expose().to_owned())
                }
                None => {
                    unresolved.push(self.unresolved(key, reference));
                    None
                }
            });
            config.set(key, replaced);
        }
        for Unresolved { key, reference, why } in &unresolved {
            tracing::warn!(key, reference, "a reference has no value and stays as it is: {why}");
        }
        Ok(Resolved { config, redactor, unresolved, ttl })
    }

    fn ttl(&self, Placeholder { provider, path, key }: &Placeholder) -> Option<Duration> {
        self.get(provider)?.ttl(path, key)
    }

    async fn look_up(&self, raw: &RawConfig) -> Result<HashMap<Placeholder, Secret>> {
        // One look-up a path: the same file is not read once a key.
        let mut wanted: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for (_, value) in raw.iter() {
            for Placeholder { provider, path, key } in placeholder::find(value.unwrap_or_default()) {
                wanted.entry((provider, path)).or_default().insert(key);
            }
        }
        let mut found = HashMap::new();
        for ((provider, path), keys) in wanted {
            let Some(source) = self.get(&provider) else { continue };
            let keys: Vec<String> = keys.into_iter().collect();
            let values = source.get(&path, &keys).await.map_err(|error| error.with("provider", &provider))?;
            for (key, value) in values {
                found.insert(Placeholder { provider: provider.clone(), path: path.clone(), key }, value);
            }
        }
        Ok(found)
    }

    fn unresolved(&self, key: &str, reference: &Placeholder) -> Unresolved {
        let why = match self.get(&reference.provider) {
            Some(_) => "the provider has no such key, or it is not on its allow-list".to_owned(),
            None => {
                let names: Vec<&str> = self.names().collect();
                match names.is_empty() {
                    true => "the worker has no config providers; set config.providers".to_owned(),
                    false => format!("there is no such config provider; there are: {}", names.join(", ")),
                }
            }
        };
        Unresolved { key: key.to_owned(), reference: written(reference), why }
    }
}

fn written(reference: &Placeholder) -> String {
    let Placeholder { provider, path, key } = reference;
    match path.is_empty() {
        true => format!("${{{provider}:{key}}}"),
        false => format!("${{{provider}:{path}:{key}}}"),
    }
}
