//! `ssl.*`: whom a client trusts and what it shows. Stores are opened by the crate `tls`, in each form that it knows, and
//! given to librdkafka in PEM.

use api::config::RawConfig;
use rdkafka::ClientConfig;
use tls::Settings;

use super::java_keys::{Translated, wrong};
use crate::{ClientSettings, Error, Result};

/// librdkafka's keys for what is in the stores, in PEM.
const CA: &str = "ssl.ca.pem";
const CERTIFICATE: &str = "ssl.certificate.pem";
const KEY: &str = "ssl.key.pem";

/// Keys whose values are never shown.
pub(super) fn is_secret(java: &str) -> bool {
    java.contains("password")
        || java.contains("secret")
        || matches!(
            java,
            "sasl.jaas.config"
                | "ssl.keystore.key"
                | "ssl.keystore.certificate.chain"
                | "ssl.truststore.certificates"
        )
}

pub(super) fn translate(settings: &ClientSettings, translated: &mut Translated) -> Result<()> {
    let get = |key| settings.0.get(key).map(str::trim).filter(|value| !value.is_empty());
    let protocol = get("security.protocol").unwrap_or("PLAINTEXT").to_ascii_lowercase();
    if protocol != "ssl" && protocol != "sasl_ssl" {
        return Ok(());
    }
    for key in ["ssl.cipher.suites", "ssl.engine.factory.class"] {
        if get(key).is_some() {
            return Err(wrong(key, "it is not supported; take it out"));
        }
    }
    match settings.0.get("ssl.endpoint.identification.algorithm").map(str::trim) {
        None | Some("https" | "HTTPS") => {
            translated.default("ssl.endpoint.identification.algorithm", "https");
        }
        Some("") => translated.put(
            "ssl.endpoint.identification.algorithm",
            "ssl.endpoint.identification.algorithm",
            "none",
        ),
        Some(other) => {
            let reason = format!("{other} is neither https nor empty");
            return Err(wrong("ssl.endpoint.identification.algorithm", reason));
        }
    }
    stores(settings, translated)
}

/// Key store and trust store, by Java's keys. It may hold secrets: no `Debug`.
#[derive(Clone)]
pub(super) struct Stores {
    /// What the keys say, for who compares settings.
    pub(super) keys: Vec<(String, String)>,
    settings: Settings,
}

fn stores(settings: &ClientSettings, translated: &mut Translated) -> Result<()> {
    let of_stores = |key: &str| {
        key.starts_with("ssl.truststore.") || key.starts_with("ssl.keystore.") || key == "ssl.key.password"
    };
    let keys = settings.0.iter().filter(|(key, _)| of_stores(key));
    let keys: Vec<(String, String)> =
        keys.filter_map(|(key, value)| Some((key.to_owned(), value?.to_owned()))).collect();
    let raw: RawConfig = keys.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    let (read, problems) = Settings::of(raw, "");
    if let Some(first) = problems.into_iter().next() {
        return Err(misconfigured(first));
    }
    if !read.has_trust_store() {
        translated.default("ssl.ca.location", "probe"); // the machine's certificates
    }
    for (native, java, inline) in [
        (CA, "ssl.truststore.location", "ssl.truststore.certificates"),
        (CERTIFICATE, "ssl.keystore.location", "ssl.keystore.certificate.chain"),
        (KEY, "ssl.keystore.location", "ssl.keystore.key"),
    ] {
        translated.name(native, if settings.0.contains(inline) { inline } else { java });
    }
    translated.stores = Some(Stores { keys, settings: read });
    Ok(())
}

impl Stores {
    /// Opens the stores for a client; blocks while files are read.
    ///
    /// # Errors
    /// A file cannot be read, or is not what it should be.
    pub(super) fn open(&self, config: &mut ClientConfig) -> Result<()> {
        let material = self.settings.load().map_err(misconfigured)?;
        self.settings.check_pair(&material).map_err(misconfigured)?;
        if let Some(pem) = material.trusted_pem() {
            config.set(CA, pem);
        }
        if let Some((chain, key)) = material.identity_pem() {
            config.set(CERTIFICATE, chain).set(KEY, key.expose());
        }
        Ok(())
    }
}

/// What is wrong with keys or stores, by its key.
pub(crate) fn misconfigured(error: tls::Error) -> Error {
    let tls::Error { key, why } = error;
    Error::Misconfigured { key, reason: why }
}
