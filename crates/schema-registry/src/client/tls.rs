//! Whom a client trusts and what it shows. Java's key stores are files that only a JVM reads; PEM is for everybody.

use api::Error;
use reqwest::{Certificate, ClientBuilder, Identity};

use super::settings::ClientKeys;

const TRUSTSTORE_TYPE: &str = "schema.registry.ssl.truststore.type";
const KEYSTORE_TYPE: &str = "schema.registry.ssl.keystore.type";
const TRUSTED: &str = "schema.registry.ssl.truststore.certificates";
const KEYSTORE: &str = "schema.registry.ssl.keystore.location";
const KEY: &str = "schema.registry.ssl.keystore.key";

fn is_set(value: Option<&str>) -> bool {
    value.is_some_and(|value| !value.trim().is_empty())
}

/// What cannot work, by key; nothing is read.
pub(super) fn check(keys: &ClientKeys) -> Result<(), (&'static str, String)> {
    let trusts = is_set(keys.truststore.as_deref());
    if trusts && !keys.truststore_type.eq_ignore_ascii_case("PEM") {
        let why = format!(
            "a {} trust store cannot be read; write its certificates to a PEM file with `keytool -exportcert -rfc -alias \
             ALIAS -keystore STORE -file ca.pem` and set {TRUSTSTORE_TYPE}=PEM, schema.registry.ssl.truststore.location=ca.pem",
            keys.truststore_type
        );
        return Err((TRUSTSTORE_TYPE, why));
    }
    if is_set(keys.keystore.as_deref()) && !keys.keystore_type.eq_ignore_ascii_case("PEM") {
        let why = format!(
            "a {} key store cannot be read; convert it with `openssl pkcs12 -in STORE -out client.pem -nodes` and set \
             {KEYSTORE_TYPE}=PEM, schema.registry.ssl.keystore.location=client.pem",
            keys.keystore_type
        );
        return Err((KEYSTORE_TYPE, why));
    }
    if keys.key.is_some() != keys.chain.is_some() {
        let why = format!(
            "{KEY} and schema.registry.ssl.keystore.certificate.chain belong together; one is missing"
        );
        return Err((KEY, why));
    }
    Ok(())
}

/// Adds certificates and key.
///
/// # Errors
/// A file that cannot be read, or is not PEM.
pub(super) fn apply(keys: &ClientKeys, mut builder: ClientBuilder) -> api::Result<ClientBuilder> {
    if let Err((key, why)) = check(keys) {
        return Err(Error::misconfigured(why).with("key", key));
    }
    if let Some((key, pem)) = source(
        keys.trusted.as_ref(),
        keys.truststore.as_deref(),
        TRUSTED,
        "schema.registry.ssl.truststore.location",
    )? {
        let certificates = Certificate::from_pem_bundle(pem.as_bytes()).unwrap_or_default();
        if certificates.is_empty() {
            return Err(Error::misconfigured("there is no PEM certificate in it").with("key", key));
        }
        builder = builder.tls_certs_only(certificates);
    }
    let pair = keys.key.as_ref().zip(keys.chain.as_ref());
    let inline = pair.map(|(key, chain)| (KEY, format!("{}\n{}", key.expose(), chain.expose())));
    let file = match (&inline, &keys.keystore) {
        (None, Some(file)) if !file.trim().is_empty() => Some((KEYSTORE, read(KEYSTORE, file)?)),
        _ => None,
    };
    if let Some((key, pem)) = inline.or(file) {
        let identity = Identity::from_pem(pem.as_bytes()).map_err(|_| {
            // The error could hold a piece of the key.
            Error::misconfigured("it does not hold a private key in PEM, not encrypted, and its certificate")
                .with("key", key)
        })?;
        builder = builder.identity(identity);
    }
    Ok(builder)
}

fn source(
    inline: Option<&api::config::Secret>,
    file: Option<&str>,
    inline_key: &'static str,
    file_key: &'static str,
) -> api::Result<Option<(&'static str, String)>> {
    match (inline, file.filter(|file| !file.trim().is_empty())) {
        (Some(pem), _) => Ok(Some((inline_key, pem.expose().to_owned()))),
        (None, Some(file)) => Ok(Some((file_key, read(file_key, file)?))),
        (None, None) => Ok(None),
    }
}

fn read(key: &'static str, file: &str) -> api::Result<String> {
    std::fs::read_to_string(file.trim()).map_err(|error| {
        Error::misconfigured("the file cannot be read").with("key", key).with("file", file).caused_by(error)
    })
}
