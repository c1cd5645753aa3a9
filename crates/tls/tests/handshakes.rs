//! Whether a client and a server of some settings come to terms, without a network.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

use std::path::Path;
use std::sync::Arc;

use config::{RawConfig, Report};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, ServerConnection};
use sluice_tls::Settings;

fn settings(entries: &[(&str, &str)]) -> Settings {
    let mut report = Report::default();
    let mut raw: RawConfig = entries.iter().copied().collect();
    for (key, file) in [("ssl.keystore.location", "keytool-key.p12"), ("ssl.truststore.location", "ca.pem")] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores").join(file);
        match raw.get(key) {
            Some("none") => drop(raw.remove(key)),
            _ => raw.set(key, path.display().to_string()),
        }
    }
    raw.set("ssl.keystore.password", "changeit");
    let settings = Settings::read(&raw, "listeners.https.", &mut report);
    assert!(report.is_empty(), "{report}");
    settings
}

/// Agrees on keys with a server that is asked for under this name.
fn agree(server: &[(&str, &str)], client: &[(&str, &str)], name: &'static str) -> Result<(), rustls::Error> {
    let (server, client) = (settings(server), settings(client));
    let server = sluice_tls::server(&server, &server.load().unwrap()).unwrap();
    let client = sluice_tls::client(&client, &client.load().unwrap()).unwrap();
    let mut server = ServerConnection::new(server)?;
    let mut client = ClientConnection::new(Arc::new(client), ServerName::try_from(name).unwrap())?;
    // Alerts of one side reach the other before it gives up, so the first error is the cause.
    while client.is_handshaking() || server.is_handshaking() {
        let mut bytes = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut bytes).unwrap();
        }
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            server.read_tls(&mut rest).unwrap();
            server.process_new_packets()?;
        }
        let mut bytes = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut bytes).unwrap();
        }
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            client.read_tls(&mut rest).unwrap();
            client.process_new_packets()?;
        }
    }
    assert_eq!(server.alpn_protocol(), None, "the client named none");
    Ok(())
}

const REQUIRED: (&str, &str) = ("ssl.client.auth", "required");
const ANY_NAME: (&str, &str) = ("ssl.endpoint.identification.algorithm", "");

#[test]
fn a_client_shows_its_certificate_to_who_asks() {
    agree(&[REQUIRED], &[], "localhost").unwrap();
    let without = [("ssl.keystore.location", "none")];
    let error = agree(&[REQUIRED], &without, "localhost").unwrap_err();
    assert_eq!(error, rustls::Error::NoCertificatesPresented);
    agree(&[("ssl.client.auth", "requested")], &without, "localhost").unwrap();
    agree(&[], &without, "127.0.0.1").unwrap();
}

#[test]
fn a_servers_name_is_checked_unless_told_otherwise() {
    let error = agree(&[], &[], "elsewhere.example.com").unwrap_err().to_string();
    assert!(error.contains("not valid for name"), "{error}");
    agree(&[], &[ANY_NAME], "elsewhere.example.com").unwrap();
    // All else is still looked at.
    let stranger = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let mut report = Report::default();
    let raw: RawConfig =
        [("ssl.truststore.certificates", stranger.cert.pem().as_str()), ANY_NAME].into_iter().collect();
    let trusting_others = Settings::read(&raw, "listeners.https.", &mut report);
    let client = sluice_tls::client(&trusting_others, &trusting_others.load().unwrap()).unwrap();
    let server = settings(&[]);
    let server = sluice_tls::server(&server, &server.load().unwrap()).unwrap();
    let mut server = ServerConnection::new(server).unwrap();
    let mut client =
        ClientConnection::new(Arc::new(client), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut bytes = Vec::new();
    client.write_tls(&mut bytes).unwrap();
    server.read_tls(&mut bytes.as_slice()).unwrap();
    server.process_new_packets().unwrap();
    let mut bytes = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut bytes).unwrap();
    }
    client.read_tls(&mut bytes.as_slice()).unwrap();
    let error = client.process_new_packets().unwrap_err().to_string();
    assert!(error.contains("UnknownIssuer"), "{error}");
}

#[test]
fn the_end_of_a_certificate_is_known() {
    // That of the fixtures was made in 2026, for 100 years.
    let ends_ms = settings(&[]).load().unwrap().ends_ms().unwrap();
    let year = 365 * 24 * 60 * 60 * 1000;
    assert!((155 * year..158 * year).contains(&ends_ms), "{ends_ms}");
    assert_eq!(settings(&[("ssl.keystore.location", "none")]).load().unwrap().ends_ms(), None);
}

#[test]
fn versions_and_suites_are_those_of_the_keys() {
    let old = ("ssl.enabled.protocols", "TLSv1.2");
    let new = ("ssl.enabled.protocols", "TLSv1.3");
    agree(&[old], &[], "localhost").unwrap();
    agree(&[new], &[], "localhost").unwrap();
    assert!(agree(&[old], &[new], "localhost").is_err());
    let (a, b) = ("TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256");
    agree(&[("ssl.cipher.suites", a), new], &[("ssl.cipher.suites", a), new], "localhost").unwrap();
    assert!(agree(&[("ssl.cipher.suites", a), new], &[("ssl.cipher.suites", b), new], "localhost").is_err());
    // Suites of one version, and only the other version.
    let mismatch = settings(&[("ssl.cipher.suites", a), old]);
    let error = sluice_tls::server(&mismatch, &mismatch.load().unwrap()).unwrap_err().to_string();
    assert!(error.starts_with("ssl.cipher.suites: "), "{error}");
}
