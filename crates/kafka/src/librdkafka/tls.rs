//! `ssl.*`: whom a client trusts and what it shows. Java's key stores are files that only a JVM reads; PEM is for
//! everybody.

use super::java_keys::{Translated, wrong};
use crate::{ClientSettings, Result};

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
    trust(settings, translated)?;
    identity(settings, translated)
}

fn trust(settings: &ClientSettings, translated: &mut Translated) -> Result<()> {
    let get = |key| settings.0.get(key).map(str::trim).filter(|value| !value.is_empty());
    let kind = get("ssl.truststore.type").unwrap_or("JKS");
    let (certificates, location) = (get("ssl.truststore.certificates"), get("ssl.truststore.location"));
    if certificates.is_none() && location.is_none() {
        translated.default("ssl.ca.location", "probe"); // the machine's certificates
        return Ok(());
    }
    if !kind.eq_ignore_ascii_case("PEM") {
        let reason = format!(
            "a {kind} trust store cannot be read; write its certificates to a PEM file with \
             `keytool -exportcert -rfc -alias ALIAS -keystore STORE -file ca.pem` and set ssl.truststore.type=PEM, \
             ssl.truststore.location=ca.pem"
        );
        return Err(wrong("ssl.truststore.type", reason));
    }
    if let Some(pem) = certificates {
        translated.put("ssl.truststore.certificates", "ssl.ca.pem", pem);
    }
    if let Some(file) = location {
        translated.put("ssl.truststore.location", "ssl.ca.location", file);
    }
    Ok(())
}

fn identity(settings: &ClientSettings, translated: &mut Translated) -> Result<()> {
    let get = |key| settings.0.get(key).map(str::trim).filter(|value| !value.is_empty());
    let kind = get("ssl.keystore.type").unwrap_or("JKS").to_ascii_uppercase();
    let (location, key, chain) =
        (get("ssl.keystore.location"), get("ssl.keystore.key"), get("ssl.keystore.certificate.chain"));
    if location.is_none() && key.is_none() && chain.is_none() {
        return Ok(());
    }
    match (kind.as_str(), location) {
        ("PEM", Some(file)) => {
            translated.put("ssl.keystore.location", "ssl.certificate.location", file);
            translated.put("ssl.keystore.location", "ssl.key.location", file);
        }
        ("PEM", None) => {
            let (Some(key), Some(chain)) = (key, chain) else {
                let reason =
                    "ssl.keystore.key and ssl.keystore.certificate.chain belong together; one is missing";
                return Err(wrong("ssl.keystore.key", reason));
            };
            translated.put("ssl.keystore.certificate.chain", "ssl.certificate.pem", chain);
            translated.put("ssl.keystore.key", "ssl.key.pem", key);
        }
        ("PKCS12", Some(file)) => {
            translated.put("ssl.keystore.location", "ssl.keystore.location", file);
            if let Some(password) = get("ssl.keystore.password") {
                translated.put("ssl.keystore.password", "ssl.keystore.password", password);
            }
        }
        (kind, _) => {
            let reason = format!(
                "a {kind} key store cannot be read; convert it with `keytool -importkeystore -srckeystore STORE \
                 -destkeystore client.p12 -deststoretype PKCS12` and set ssl.keystore.type=PKCS12"
            );
            return Err(wrong("ssl.keystore.type", reason));
        }
    }
    if let Some(password) = get("ssl.key.password") {
        translated.put("ssl.key.password", "ssl.key.password", password);
    }
    Ok(())
}
