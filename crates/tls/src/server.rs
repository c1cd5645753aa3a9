//! TLS for a server.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{ConfigBuilder, ConfigSide, InconsistentKeys, RootCertStore, ServerConfig, WantsVerifier};

use crate::{ClientAuth, Error, Material, Settings};

/// The only protocol that is spoken over TLS here.
const HTTP: &[u8] = b"http/1.1";

/// How a server of these settings speaks TLS.
///
/// # Errors
/// Key and certificate are not a pair, or a certificate is not usable.
pub fn server(settings: &Settings, material: &Material) -> Result<Arc<ServerConfig>, Error> {
    let provider = settings.provider();
    let builder = settings.versions_of(ServerConfig::builder_with_provider(provider.clone()))?;
    let builder = match settings.client_auth {
        ClientAuth::None => builder.with_no_client_auth(),
        asks => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(settings.roots(material)?.into(), provider);
            let verifier = match asks {
                ClientAuth::Requested => verifier.allow_unauthenticated(),
                _ => verifier,
            };
            let verifier = verifier.build();
            builder.with_client_cert_verifier(
                verifier.map_err(|error| settings.error("ssl.truststore.location", error.to_string()))?,
            )
        }
    };
    let Some((chain, key)) = &material.identity else {
        return Err(settings.error("ssl.keystore.location", "there is no key store"));
    };
    let mut config = builder
        .with_single_cert(chain.clone(), key.clone_key())
        .map_err(|error| settings.not_a_pair(&error))?;
    config.alpn_protocols = vec![HTTP.to_vec()];
    if settings.client_auth != ClientAuth::None {
        // A resumed connection would not show its certificate again, though it may have expired.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(Arc::new(config))
}

impl Settings {
    pub(crate) fn provider(&self) -> Arc<CryptoProvider> {
        let mut provider = rustls::crypto::ring::default_provider();
        if !self.suites.is_empty() {
            provider.cipher_suites = self.suites.clone();
        }
        Arc::new(provider)
    }

    pub(crate) fn versions_of<Side: ConfigSide>(
        &self,
        builder: ConfigBuilder<Side, rustls::WantsVersions>,
    ) -> Result<ConfigBuilder<Side, WantsVerifier>, Error> {
        builder.with_protocol_versions(&self.versions).map_err(|error| {
            self.error(
                "ssl.cipher.suites",
                format!("with ssl.enabled.protocols nothing is left to speak: {error}"),
            )
        })
    }

    /// The trust store's certificates.
    pub(crate) fn roots(&self, material: &Material) -> Result<RootCertStore, Error> {
        let mut roots = RootCertStore::empty();
        for certificate in material.trusted.iter().flatten() {
            roots.add(certificate.clone()).map_err(|error| {
                self.error("ssl.truststore.location", format!("a certificate is not usable: {error}"))
            })?;
        }
        Ok(roots)
    }

    /// Checks that the private key is that of the key store's first certificate, for who does not speak TLS by rustls.
    /// What rustls cannot use is for the other to judge.
    ///
    /// # Errors
    /// It is another's.
    pub fn check_pair(&self, material: &Material) -> Result<(), Error> {
        let Some((chain, key)) = &material.identity else { return Ok(()) };
        match CertifiedKey::from_der(chain.clone(), key.clone_key(), &self.provider()) {
            Err(error @ rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
                Err(self.not_a_pair(&error))
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn not_a_pair(&self, error: &rustls::Error) -> Error {
        let why = match error {
            rustls::Error::InconsistentKeys(_) => {
                "the private key is not that of the first certificate; the key's own certificate comes first"
                    .to_owned()
            }
            error => format!("key and certificate are not usable: {error}"),
        };
        self.error("ssl.keystore.location", why)
    }
}
