//! A client that speaks TLS, beside the certificates that tests have.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
pub use testkit::certificates::{Authority, Pair};

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
    builder.with_client_auth_cert(vec![pair.der()], pair.key_der()).unwrap()
}
