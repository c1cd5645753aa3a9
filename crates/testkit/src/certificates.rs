//! Certificates for tests: an authority of its own, and what it signs.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority that nobody knows.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, in PEM.
    pub pem: String,
}

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub struct Pair {
    /// The certificate.
    pub certificate: String,
    /// Its private key, in PKCS#8.
    pub key: String,
}

impl Authority {
    /// Makes one, with a key that is new.
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("the machine gives random numbers");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).expect("the parameters are good").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// For a server on this machine, or a client of this name.
    pub fn sign(&self, name: &str) -> Pair {
        self.sign_for(name, &["localhost", "127.0.0.1"])
    }

    /// For a server of these hosts, or a client of this name.
    pub fn sign_for(&self, name: &str, hosts: &[&str]) -> Pair {
        let key = KeyPair::generate().expect("the machine gives random numbers");
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).expect("hosts have names that a certificate can hold");
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.issuer).expect("the parameters are good").pem();
        Pair { certificate, key: key.serialize_pem() }
    }
}

impl Pair {
    /// A key store in PEM, as Java and librdkafka want it: the key, then the certificate.
    pub fn store(&self) -> String {
        format!("{}{}", self.key, self.certificate)
    }

    /// The certificate for rustls.
    pub fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).expect("it was made here")
    }

    /// The key for rustls.
    pub fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("it was made here")
    }

    /// For a server that asks clients for nothing.
    pub fn server(&self) -> Arc<ServerConfig> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring speaks TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(vec![self.der()], self.key_der())
            .expect("they are a pair");
        Arc::new(config)
    }
}
