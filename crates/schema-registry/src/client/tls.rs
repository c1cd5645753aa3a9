//! Whom a client trusts and what it shows: keys and stores as the crate `tls` reads them.

use api::Error;
use api::config::{RawConfig, Report, Secret};
use reqwest::ClientBuilder;
use tls::Settings;

use super::settings::ClientKeys;

const PREFIX: &str = "schema.registry.";

/// Finds what cannot work, by key; nothing is opened.
pub(super) fn check(keys: &ClientKeys, report: &mut Report) {
    for problem in Settings::of(raw(keys), PREFIX).1 {
        report.add(problem.key, problem.why);
    }
}

/// Adds certificates and key; blocks while files are read.
///
/// # Errors
/// A store that cannot be read, or is not what it should be.
pub(super) fn apply(keys: &ClientKeys, builder: ClientBuilder) -> api::Result<ClientBuilder> {
    let raw = raw(keys);
    if raw.is_empty() {
        return Ok(builder); // as the machine has it
    }
    let (settings, problems) = Settings::of(raw, PREFIX);
    let made = match problems.into_iter().next() {
        Some(problem) => Err(problem),
        None => settings.load().and_then(|material| tls::client(&settings, &material)),
    };
    let config = made.map_err(|problem| Error::misconfigured(problem.why).with("key", problem.key))?;
    Ok(builder.tls_backend_preconfigured(config))
}

/// The keys that are set, without their prefix.
fn raw(keys: &ClientKeys) -> RawConfig {
    let secret = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    let entries = [
        ("ssl.truststore.location", keys.truststore.clone()),
        ("ssl.truststore.type", keys.truststore_type.clone()),
        ("ssl.truststore.password", secret(&keys.truststore_password)),
        ("ssl.truststore.certificates", secret(&keys.trusted)),
        ("ssl.keystore.location", keys.keystore.clone()),
        ("ssl.keystore.type", keys.keystore_type.clone()),
        ("ssl.keystore.password", secret(&keys.keystore_password)),
        ("ssl.key.password", secret(&keys.key_password)),
        ("ssl.keystore.key", secret(&keys.key)),
        ("ssl.keystore.certificate.chain", secret(&keys.chain)),
        ("ssl.protocol", keys.protocol.clone()),
        ("ssl.enabled.protocols", keys.enabled_protocols.clone()),
        ("ssl.cipher.suites", keys.cipher_suites.clone()),
        ("ssl.endpoint.identification.algorithm", keys.endpoint_algorithm.clone()),
    ];
    let mut raw = RawConfig::new();
    for (key, value) in entries {
        if let Some(value) = value {
            raw.set(key, value);
        }
    }
    raw
}
