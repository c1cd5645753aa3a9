//! Keys and certificates, read.

use std::path::Path;

use config::Secret;
use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::file::{self, Content};
use crate::pkcs12::Identity;
use crate::settings::{Error, Place, Settings, Store};
use crate::{elliptic, jks, pem, pkcs12};

/// What the stores of some settings hold. It is not shown by `Debug`: it holds a private key.
pub struct Material {
    /// Certificates, one's own first, and their key.
    pub(crate) identity: Option<Identity>,
    /// Certificates of trusted authorities; `None` without a trust store.
    pub(crate) trusted: Option<Vec<CertificateDer<'static>>>,
}

impl Material {
    /// When the first certificate of the key store's chain ends, in milliseconds since the epoch: then clients refuse it.
    pub fn ends_ms(&self) -> Option<i64> {
        let (chain, _) = self.identity.as_ref()?;
        let ends = chain.iter().filter_map(|certificate| {
            let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
            Some(certificate.validity().not_after.timestamp().saturating_mul(1000))
        });
        ends.min()
    }

    /// The trust store's certificates in PEM, for who does not speak TLS by rustls.
    pub fn trusted_pem(&self) -> Option<String> {
        self.trusted.as_deref().map(pem::write_certificates)
    }

    /// The key store's certificates, its own first, and its private key, not encrypted: each in PEM.
    pub fn identity_pem(&self) -> Option<(String, Secret)> {
        let (chain, key) = self.identity.as_ref()?;
        Some((pem::write_certificates(chain), pem::write_private_key(key)))
    }
}

impl Settings {
    /// Reads key store and trust store; blocks while files are read.
    ///
    /// # Errors
    /// A file cannot be read, or is not what it should be.
    pub fn load(&self) -> Result<Material, Error> {
        let identity = self.key_store.as_ref().map(|store| self.identity(store)).transpose()?;
        let identity = identity.map(|(chain, key)| {
            let key = elliptic::with_public_key(key, chain.first());
            (chain, key)
        });
        let trusted = self.trust_store.as_ref().map(|store| self.trusted(store)).transpose()?;
        Ok(Material { identity, trusted })
    }

    /// The files that key store and trust store are in.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        [&self.key_store, &self.trust_store].into_iter().flatten().filter_map(|store| match &store.place {
            Place::File(path) => Some(path.as_path()),
            Place::Inline { .. } => None,
        })
    }

    fn identity(&self, store: &Store) -> Result<Identity, Error> {
        let (password, key_password) = (text(&store.password), text(&store.key_password));
        let of_pem = |key: &str, certificates: &str| -> Result<Identity, String> {
            Ok((pem::certificates(certificates)?, pem::private_key(key, key_password)?))
        };
        match &store.place {
            Place::Inline { key, certificates } => {
                of_pem(text(key).unwrap_or_default(), certificates.expose())
                    .map_err(|why| self.error("ssl.keystore.key", why))
            }
            Place::File(path) => {
                self.in_file("ssl.keystore.location", path, |path| match file::read(path, store.form)? {
                    Content::Pem(text) => of_pem(&text, &text),
                    Content::Pkcs12(bytes) => pkcs12::identity(&bytes, password),
                    Content::Jks(bytes) => jks::identity(&bytes, password, key_password),
                })
            }
        }
    }

    fn trusted(&self, store: &Store) -> Result<Vec<CertificateDer<'static>>, Error> {
        let password = text(&store.password);
        match &store.place {
            Place::Inline { certificates, .. } => pem::certificates(certificates.expose())
                .map_err(|why| self.error("ssl.truststore.certificates", why)),
            Place::File(path) => {
                self.in_file("ssl.truststore.location", path, |path| match file::read(path, store.form)? {
                    Content::Pem(text) => pem::certificates(&text),
                    Content::Pkcs12(bytes) => pkcs12::trusted(&bytes, password),
                    Content::Jks(bytes) => jks::trusted(&bytes, password),
                })
            }
        }
    }

    // An error with the file that it is about.
    fn in_file<T>(
        &self,
        key: &str,
        path: &Path,
        read: impl FnOnce(&Path) -> Result<T, String>,
    ) -> Result<T, Error> {
        read(path).map_err(|why| self.error(key, format!("{}: {why}", path.display())))
    }
}

fn text(secret: &Option<Secret>) -> Option<&str> {
    secret.as_ref().map(Secret::expose)
}
