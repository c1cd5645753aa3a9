//! Java's own form of key stores and trust stores, JKS, as `keytool` wrote them before Java 9 and does when it is told to.
//!
//! The form was never published by a standard; it is that of the JDK's `sun.security.provider.JavaKeyStore`, whose comments
//! describe it. Numbers are big-endian:
//!
//! | what | bytes |
//! |---|---|
//! | `0xfeedfeed`, version (1 or 2), count of entries | 4 each |
//! | of each entry: 1 for a key or 2 for a trusted certificate | 4 |
//! | its alias: length, then UTF-8 as Java modifies it | 2, … |
//! | when it was made, in milliseconds since the epoch | 8 |
//! | a key: length, then what [`protector`] reads; count of its certificates, and these | 4, …, 4, … |
//! | a certificate: (from version 2 its type as a text like the alias,) length, DER | 4, … |
//! | at the end: SHA-1 over the password, the words `Mighty Aphrodite`, and all before | 20 |
//!
//! The digest shows damage, and a wrong password; it keeps nobody from changing a store who knows the form. Who may write
//! the file is up to the machine.

mod protector;
mod reader;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use rustls::pki_types::CertificateDer;

use crate::pkcs12::Identity;
use reader::Reader;

const MAGIC: u32 = 0xfeed_feed;
const KEY: u32 = 1;
const TRUSTED: u32 = 2;
const DIGEST_BYTES: usize = 20;

/// What is wrong with a file, in words that follow its name.
type Result<T> = std::result::Result<T, String>;

/// How such a file begins.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC.to_be_bytes())
}

/// The first key and its chain. A key has a password of its own, which is the store's unless told.
pub(crate) fn identity(bytes: &[u8], password: Option<&str>, key_password: Option<&str>) -> Result<Identity> {
    let store = Store::read(bytes, password)?;
    let (protected, chain) = store.keys.into_iter().next().ok_or("there is no private key in it")?;
    if chain.is_empty() {
        return Err("there is no certificate of its private key in it".to_owned());
    }
    let password = key_password
        .or(password)
        .ok_or("its key is encrypted, and neither ssl.keystore.password nor ssl.key.password is set")?;
    Ok((chain, protector::open(protected, password)?.into()))
}

/// The certificates that are there as trusted. Those of its own keys are not.
pub(crate) fn trusted(bytes: &[u8], password: Option<&str>) -> Result<Vec<CertificateDer<'static>>> {
    let trusted = Store::read(bytes, password)?.trusted;
    if trusted.is_empty() { Err("there is no trusted certificate in it".to_owned()) } else { Ok(trusted) }
}

struct Store<'a> {
    /// Keys as they are protected, each with its certificates.
    keys: Vec<(&'a [u8], Vec<CertificateDer<'static>>)>,
    trusted: Vec<CertificateDer<'static>>,
}

impl<'a> Store<'a> {
    /// Reads a store; with a password, its digest is checked, as in Java.
    fn read(bytes: &'a [u8], password: Option<&str>) -> Result<Self> {
        let body = bytes.len().checked_sub(DIGEST_BYTES).ok_or_else(reader::ends_early)?;
        let (body, digest) = bytes.split_at(body);
        if password.is_some_and(|password| digest_of(password, body).as_ref() != digest) {
            return Err("its password is wrong, or the file is damaged".to_owned());
        }
        let mut reader = Reader::new(body);
        if reader.number()? != MAGIC {
            return Err("it is not a key store of the type JKS".to_owned());
        }
        let version = reader.number()?;
        if !matches!(version, 1 | 2) {
            return Err(format!("it is of JKS's version {version}, which nobody knows"));
        }
        let mut store = Self { keys: Vec::new(), trusted: Vec::new() };
        // Each entry takes bytes, so that a count that is too high ends with them.
        for _ in 0..reader.number()? {
            store.entry(&mut reader, version)?;
        }
        match reader.is_at_end() {
            true => Ok(store),
            false => Err("it goes on after its last entry: the file is damaged".to_owned()),
        }
    }

    fn entry(&mut self, reader: &mut Reader<'a>, version: u32) -> Result<()> {
        let tag = reader.number()?;
        reader.text()?; // the alias
        reader.take(8)?; // when it was made
        match tag {
            TRUSTED => self.trusted.push(certificate(reader, version)?),
            KEY => {
                let protected = reader.block()?;
                let mut chain = Vec::new();
                for _ in 0..reader.number()? {
                    chain.push(certificate(reader, version)?);
                }
                self.keys.push((protected, chain));
            }
            other => return Err(format!("an entry of it is of the kind {other}: the file is damaged")),
        }
        Ok(())
    }
}

fn certificate(reader: &mut Reader<'_>, version: u32) -> Result<CertificateDer<'static>> {
    if version > 1 {
        let kind = reader.text()?;
        if kind != b"X.509" {
            let kind = String::from_utf8_lossy(kind);
            return Err(format!("a certificate of it is of the type {}, not X.509", kind.escape_debug()));
        }
    }
    Ok(CertificateDer::from(reader.block()?.to_vec()))
}

fn digest_of(password: &str, body: &[u8]) -> ring::digest::Digest {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(&java_chars(password));
    context.update(b"Mighty Aphrodite");
    context.update(body);
    context.finish()
}

/// A password as Java counts it in: UTF-16, big-endian.
fn java_chars(password: &str) -> Vec<u8> {
    password.encode_utf16().flat_map(u16::to_be_bytes).collect()
}
