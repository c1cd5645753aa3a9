//! Keys and certificates, read.

use std::path::Path;

use config::Secret;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::settings::{Error, Form, Place, Settings, Store};
use crate::{pem, pkcs12};

/// How Java's own key stores begin: JKS and JCEKS.
const JAVA: [[u8; 4]; 2] = [[0xfe, 0xed, 0xfe, 0xed], [0xce, 0xce, 0xce, 0xce]];

/// What the stores of some settings hold. It is not shown by `Debug`: it holds a private key.
pub struct Material {
    /// Certificates, one's own first, and their key.
    pub(crate) identity: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
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
}

impl Settings {
    /// Reads key store and trust store; blocks while files are read.
    ///
    /// # Errors
    /// A file cannot be read, or is not what it should be.
    pub fn load(&self) -> Result<Material, Error> {
        let identity = self.key_store.as_ref().map(|store| self.identity(store)).transpose()?;
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

    fn identity(&self, store: &Store) -> Result<pkcs12::Identity, Error> {
        let key_password = store.key_password.as_ref().map(Secret::expose);
        let of_pem = |key: &str, certificates: &str| {
            Ok((pem::certificates(certificates)?, pem::private_key(key, key_password)?))
        };
        match &store.place {
            Place::Inline { key, certificates } => {
                let key = key.as_ref().map(Secret::expose).unwrap_or_default();
                of_pem(key, certificates.expose()).map_err(|why: String| self.error("ssl.keystore.key", why))
            }
            Place::File(path) => {
                let name = "ssl.keystore.location";
                let (form, bytes) = self.open(name, path, store.form)?;
                let read = match form {
                    Read::Pem(text) => of_pem(&text, &text),
                    Read::Pkcs12 => pkcs12::identity(&bytes, password(store)),
                };
                read.map_err(|why| self.error(name, format!("{}: {why}", path.display())))
            }
        }
    }

    fn trusted(&self, store: &Store) -> Result<Vec<CertificateDer<'static>>, Error> {
        match &store.place {
            Place::Inline { certificates, .. } => pem::certificates(certificates.expose())
                .map_err(|why| self.error("ssl.truststore.certificates", why)),
            Place::File(path) => {
                let name = "ssl.truststore.location";
                let (form, bytes) = self.open(name, path, store.form)?;
                let read = match form {
                    Read::Pem(text) => pem::certificates(&text),
                    Read::Pkcs12 => pkcs12::trusted(&bytes, password(store)),
                };
                read.map_err(|why| self.error(name, format!("{}: {why}", path.display())))
            }
        }
    }

    fn open(&self, name: &str, path: &Path, form: Form) -> Result<(Read, Vec<u8>), Error> {
        let wrong = |why: String| self.error(name, format!("{}: {why}", path.display()));
        let bytes = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
        if JAVA.iter().any(|begin| bytes.starts_with(begin)) {
            return Err(wrong(
                "it is in Java's own form, JKS, which cannot be read; convert it with `keytool -importkeystore -srckeystore \
                 STORE -destkeystore new.p12 -deststoretype PKCS12`, and name the new file"
                    .to_owned(),
            ));
        }
        let is_pkcs12 = pkcs12::is_one(&bytes);
        match form {
            Form::Pem if is_pkcs12 => Err(wrong("it is not PEM but PKCS12: set the type PKCS12".to_owned())),
            Form::Pkcs12 | Form::Java if !is_pkcs12 => {
                Err(wrong("it is not PKCS12; if it is PEM, set the type PEM".to_owned()))
            }
            Form::Pkcs12 | Form::Java => Ok((Read::Pkcs12, bytes)),
            Form::AsItIs if is_pkcs12 => Ok((Read::Pkcs12, bytes)),
            Form::Pem | Form::AsItIs => match String::from_utf8(bytes) {
                Ok(text) => Ok((Read::Pem(text), Vec::new())),
                Err(_) => Err(wrong("it is neither PEM nor PKCS12".to_owned())),
            },
        }
    }
}

enum Read {
    Pem(String),
    Pkcs12,
}

fn password(store: &Store) -> Option<&str> {
    store.password.as_ref().map(Secret::expose)
}
