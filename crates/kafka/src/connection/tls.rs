//! TLS as `ssl.*` wants it. librdkafka's OpenSSL reads the same keys; here it is rustls.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::Result;
use crate::librdkafka::{Translated, wrong};

/// The settings of TLS.
///
/// # Errors
/// A file cannot be read, or what is in it is not usable.
pub(super) fn config(translated: &Translated) -> Result<Arc<ClientConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = Arc::new(roots(translated)?);
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong("security.protocol", format!("TLS is not usable: {error}")))?;
    let any_name = translated.get("ssl.endpoint.identification.algorithm") == Some("none");
    let builder = match any_name {
        false => builder.with_root_certificates(roots),
        true => {
            let inner = WebPkiServerVerifier::builder_with_provider(roots, provider)
                .build()
                .map_err(|error| wrong("ssl.truststore.location", error.to_string()))?;
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyName(inner)))
        }
    };
    let config = match identity(translated)? {
        None => builder.with_no_client_auth(),
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| wrong("ssl.keystore.location", format!("it is not usable: {error}")))?,
    };
    Ok(Arc::new(config))
}

fn roots(translated: &Translated) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let given = match (translated.get("ssl.ca.pem"), translated.get("ssl.ca.location")) {
        (Some(pem), _) => Some(("ssl.truststore.certificates", pem.as_bytes().to_vec())),
        (None, Some("probe") | None) => None,
        (None, Some(file)) => Some(("ssl.truststore.location", read("ssl.truststore.location", file)?)),
    };
    let Some((key, pem)) = given else {
        let found = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let reason = "this machine has no certificates of authorities (on Debian: the package ca-certificates); \
                          install them, or set ssl.truststore.type=PEM and ssl.truststore.location";
            return Err(wrong("ssl.truststore.location", reason));
        }
        return Ok(roots);
    };
    for certificate in certificates(key, &pem)? {
        roots
            .add(certificate)
            .map_err(|error| wrong(key, format!("a certificate is not usable: {error}")))?;
    }
    Ok(roots)
}

fn identity(
    translated: &Translated,
) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>> {
    if translated.get("ssl.keystore.location").is_some() {
        let reason = "the membership in the group of workers reads PEM only; convert it with `openssl pkcs12 -in \
                      STORE -nodes -out client.pem` and set ssl.keystore.type=PEM";
        return Err(wrong("ssl.keystore.type", reason));
    }
    let file = translated.get("ssl.certificate.location");
    let (key_name, chain_name, key, chain) = match (file, translated.get("ssl.key.pem")) {
        (Some(file), _) => {
            let name = "ssl.keystore.location";
            let text = read(name, file)?;
            (name, name, text.clone(), text)
        }
        (None, Some(key)) => {
            let chain = translated.get("ssl.certificate.pem").unwrap_or_default();
            let names = ("ssl.keystore.key", "ssl.keystore.certificate.chain");
            (names.0, names.1, key.as_bytes().to_vec(), chain.as_bytes().to_vec())
        }
        (None, None) => return Ok(None),
    };
    if key.windows(ENCRYPTED.len()).any(|part| part == ENCRYPTED) {
        let reason = "the membership in the group of workers cannot read an encrypted key; decrypt it with `openssl \
                      pkey -in KEY -out key.pem` and protect the file instead";
        return Err(wrong(key_name, reason));
    }
    let key = PrivateKeyDer::from_pem_slice(&key)
        .map_err(|_| wrong(key_name, "it holds no private key in PEM (PKCS#8, PKCS#1 or SEC1)"))?;
    Ok(Some((certificates(chain_name, &chain)?, key)))
}

/// How a PEM section with an encrypted key begins.
const ENCRYPTED: &[u8] = b"BEGIN ENCRYPTED PRIVATE KEY";

fn certificates(key: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let found: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(wrong(key, "it holds no certificate in PEM")),
    }
}

fn read(key: &str, file: &str) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| wrong(key, format!("the file {file} cannot be read: {error}")))
}

/// As `ssl.endpoint.identification.algorithm=` (empty) wants it: the chain is checked, the host name is not.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> std::result::Result<ServerCertVerified, rustls::Error> {
        let checked = self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match checked {
            // The name is looked at last, when all else is right.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
