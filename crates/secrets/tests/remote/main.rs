//! Providers that look secrets up elsewhere: what they ask, what they give, and what they say when there is nothing.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

mod folder;
mod moto;
mod secrets_manager;
mod stub;
mod vault;

use api::config::RawConfig;
use sluice_secrets::{Providers, Resolved};

/// A secret that no error may show.
pub const CANARY: &str = "canary-2718281";

/// One provider of this class, called `p`.
pub fn provider(class: &str, params: &[(&str, &str)]) -> Providers {
    try_provider(class, params).unwrap()
}

/// As [`provider`], or the problems of its parameters.
pub fn try_provider(class: &str, params: &[(&str, &str)]) -> Result<Providers, String> {
    let mut raw = RawConfig::new().with("config.providers", "p").with("config.providers.p.class", class);
    for (param, value) in params {
        raw.set(format!("config.providers.p.param.{param}"), *value);
    }
    Providers::from_worker(&raw).map_err(|report| report.to_string())
}

/// A config with one key, resolved.
pub async fn resolve(providers: &Providers, text: &str) -> Result<Resolved, api::Error> {
    providers.resolve(&RawConfig::new().with("key", text)).await
}

/// What a reference stands for.
pub async fn value(providers: &Providers, text: &str) -> String {
    resolve(providers, text).await.unwrap().config.get("key").unwrap().to_owned()
}

/// Why a reference stands for nothing, with all that is known, and without the secret.
pub async fn error(providers: &Providers, text: &str) -> api::Error {
    let error = resolve(providers, text).await.unwrap_err();
    let shown = format!("{error} {error:?} {}", error.trace());
    assert!(!shown.contains(CANARY), "{shown}");
    error
}
