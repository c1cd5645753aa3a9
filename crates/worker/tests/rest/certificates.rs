//! An authority and what it signs, and a client that speaks TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// An authority of its own.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
}

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// For a server on this machine, or a client of this name.
    pub fn sign(&self, name: &str) -> Pair {
        let key = KeyPair::generate().unwrap();
        let hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Pair { certificate, key: key.serialize_pem() }
    }
}

impl Pair {
    /// A key store in PEM.
    pub fn store(&self) -> String {
        format!("{}{}", self.key, self.certificate)
    }
}

/// Asks over TLS, on a connection of its own, and gives the whole answer and the server's certificate.
pub fn ask(
    address: SocketAddr,
    authority: &Authority,
    shows: Option<&Pair>,
    path: &str,
) -> Result<(String, CertificateDer<'static>), String> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    send(address, authority, shows, &request)
}

/// Sends a request, byte for byte, with `connection: close`.
pub fn send(
    address: SocketAddr,
    authority: &Authority,
    shows: Option<&Pair>,
    request: &str,
) -> Result<(String, CertificateDer<'static>), String> {
    let text = |error: std::io::Error| error.to_string();
    let name = ServerName::try_from("localhost").unwrap();
    let config = Arc::new(client(authority, shows));
    let connection = ClientConnection::new(config, name).map_err(|error| error.to_string())?;
    let mut stream = StreamOwned::new(connection, TcpStream::connect(address).map_err(text)?);
    stream.write_all(request.as_bytes()).map_err(text)?;
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if answer.is_empty() => return Err(text(error)),
        _ => {}
    }
    let leaf = stream.conn.peer_certificates().unwrap_or_default().first().cloned();
    Ok((String::from_utf8_lossy(&answer).into_owned(), leaf.ok_or("no certificate")?.into_owned()))
}

fn client(authority: &Authority, shows: Option<&Pair>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let Some(pair) = shows else { return builder.with_no_client_auth() };
    let chain = vec![CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
    builder.with_client_auth_cert(chain, key).unwrap()
}
