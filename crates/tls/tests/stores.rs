//! Key stores and trust stores as other programs write them, and what is wrong with others.

#![allow(clippy::unwrap_used)] // a panic is how a test fails

use std::path::{Path, PathBuf};

use config::{RawConfig, Report};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sluice_tls::{Error, Reloader, Settings};

fn path(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores").join(name).display().to_string()
}

fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

fn settings(entries: &[(&str, &str)]) -> Settings {
    let mut report = Report::default();
    let raw: RawConfig = entries.iter().copied().collect();
    let settings = Settings::read(&raw, "listeners.https.", &mut report);
    assert!(report.is_empty(), "{report}");
    settings
}

/// Makes a server and a client of it.
fn made(settings: &Settings) -> Result<(), Error> {
    let material = settings.load()?;
    if settings.has_key_store() {
        sluice_tls::server(settings, &material)?;
    }
    if settings.has_trust_store() {
        sluice_tls::client(settings, &material)?;
    }
    Ok(())
}

fn wrong(entries: &[(&str, &str)]) -> String {
    made(&settings(entries)).unwrap_err().to_string()
}

#[test]
fn key_stores_of_other_programs_are_read() {
    for (file, kind) in [
        ("openssl-key.p12", "PKCS12"),
        ("openssl-legacy-key.p12", "pkcs12"),
        ("keytool-key.p12", "PKCS12"),
        ("keytool-key.p12", "JKS"), // as Java reads it under either name
        ("keytool-key.p12", ""),
    ] {
        let entries = [
            ("ssl.keystore.location", path(file)),
            ("ssl.keystore.type", kind.to_owned()),
            ("ssl.keystore.password", "changeit".to_owned()),
        ];
        let entries: Vec<_> = entries.iter().map(|(key, value)| (*key, value.as_str())).collect();
        made(&settings(&entries)).unwrap_or_else(|error| panic!("{file} as {kind}: {error}"));
    }
}

#[test]
fn trust_stores_of_other_programs_are_read() {
    for file in ["openssl-trust.p12", "keytool-trust.jks", "ca.pem", "openssl-key.p12"] {
        let entries = [("ssl.truststore.location", &*path(file)), ("ssl.truststore.password", "changeit")];
        made(&settings(&entries)).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}

#[test]
fn encrypted_keys_in_pem_are_read() {
    for file in ["encrypted-key.pem", "encrypted-3des-key.pem"] {
        let (key, chain) = (text(file), text("server.pem"));
        let with = |password: &str| {
            made(&settings(&[
                ("ssl.keystore.key", &key),
                ("ssl.keystore.certificate.chain", &chain),
                ("ssl.key.password", password),
            ]))
        };
        with("changeit").unwrap_or_else(|error| panic!("{file}: {error}"));
        let error = with("wrong").unwrap_err().to_string();
        assert!(error.starts_with("ssl.keystore.key: its key cannot be decrypted"), "{error}");
        assert!(with("").unwrap_err().to_string().contains("ssl.key.password is not set"));
    }
}

#[test]
fn what_cannot_be_used_is_said_with_its_key_and_file() {
    let key_store = |file: &str, kind: &str, password: &str| {
        let file = path(file);
        let text = wrong(&[
            ("ssl.keystore.location", &file),
            ("ssl.keystore.type", kind),
            ("ssl.keystore.password", password),
        ]);
        assert!(text.starts_with("ssl.keystore.location: ") && text.contains(&file), "{text}");
        text
    };
    assert!(key_store("keytool-key.p12", "PKCS12", "wrong").contains("password is wrong"));
    assert!(key_store("keytool-key.p12", "PEM", "changeit").contains("set the type PKCS12"));
    assert!(key_store("server.pem", "PKCS12", "").contains("set the type PEM"));
    assert!(key_store("server.pem", "PEM", "").contains("no private key"));
    assert!(key_store("none.pem", "PEM", "").contains("cannot be read"));
    assert!(key_store("keytool-trust.jks", "JKS", "changeit").contains("no private key"));
    // A key of another certificate.
    let stranger = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let text =
        wrong(&[("ssl.keystore.key", &stranger), ("ssl.keystore.certificate.chain", &text("server.pem"))]);
    assert!(text.contains("not that of the first certificate"), "{text}");
}

#[test]
fn damaged_stores_are_refused_without_a_panic() {
    let seed = std::env::var("SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(7);
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("store");
    for original in ["openssl-trust.p12", "keytool-trust.jks", "ca.pem"] {
        let whole = std::fs::read(path(original)).unwrap();
        for _ in 0..60 {
            let mut bytes = whole.clone();
            match random.random_range(0..3) {
                0 => bytes.truncate(random.random_range(0..whole.len())),
                1 => bytes.insert(random.random_range(0..whole.len()), random.random()),
                _ => bytes[random.random_range(0..whole.len())] ^= 1 << random.random_range(0..8),
            }
            std::fs::write(&file, &bytes).unwrap();
            let name = file.display().to_string();
            let entries = [("ssl.truststore.location", &*name), ("ssl.truststore.password", "changeit")];
            let _ = made(&settings(&entries)); // some changes do no harm
        }
    }
}

#[test]
fn a_change_is_taken_and_a_bad_one_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("server.pem");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    let pair = || {
        let pair = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        (pair.signing_key.serialize_pem(), pair.cert.pem())
    };
    let ((key, certificate), (other_key, other_certificate)) = (pair(), pair());
    write(&format!("{key}{certificate}"));
    let settings = settings(&[("ssl.keystore.location", &*file.display().to_string())]);
    let mut reloader = Reloader::new(settings);
    let mut look = || reloader.look(sluice_tls::server).map(|server| server.is_some());
    assert_eq!(look(), Ok(false));
    // As a file is while somebody writes it, or with a key that has not come yet.
    for half in [&*key, &*format!("{key}{other_certificate}"), ""] {
        write(half);
        assert!(look().is_err(), "{half}");
        assert_eq!(look(), Ok(false), "it was said");
    }
    write(&format!("{other_key}{other_certificate}"));
    assert_eq!(look(), Ok(true));
    assert_eq!(look(), Ok(false));
    std::fs::remove_file(&file).unwrap();
    assert!(look().unwrap_err().to_string().contains("cannot be read"));
    assert_eq!(look(), Ok(false));
    write(&format!("{other_key}{other_certificate}"));
    assert_eq!(look(), Ok(true), "it is back");
}
