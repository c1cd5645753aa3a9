//! Key stores and trust stores in PKCS#12 (RFC 7292), as `keytool` and `openssl pkcs12` write them.

use p12_keystore::error::Error;
use p12_keystore::{Certificate, Pkcs12Archive};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A private key, and its certificates, its own first.
pub(crate) type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// How such a file begins: a sequence of DER.
pub(crate) fn is_one(bytes: &[u8]) -> bool {
    bytes.first() == Some(&0x30)
}

/// The first key and its chain.
pub(crate) fn identity(bytes: &[u8], password: Option<&str>) -> Result<Identity, String> {
    let archive = open(bytes, password)?;
    let key = archive.keys.first().ok_or("there is no private key in it")?;
    let id = key.local_key_id.as_ref().map(AsRef::as_ref);
    let own = archive.certs.iter().find(|bag| id.is_some() && bag.local_key_id.as_deref() == id);
    let own = own.or(archive.certs.first()).ok_or("there is no certificate of its private key in it")?;
    let all: Vec<&Certificate> = archive.certs.iter().map(|bag| &bag.cert).collect();
    let chain = chain(&own.cert, &all).into_iter().map(der).collect();
    Ok((chain, PrivatePkcs8KeyDer::from(key.key.as_der().to_vec()).into()))
}

/// The certificates that are said to be trusted; when none is, all that are not of a key: `openssl` does not say it.
pub(crate) fn trusted(bytes: &[u8], password: Option<&str>) -> Result<Vec<CertificateDer<'static>>, String> {
    let archive = open(bytes, password)?;
    let said = archive.certs.iter().any(|bag| bag.trusted);
    let wanted =
        archive.certs.iter().filter(|bag| if said { bag.trusted } else { bag.local_key_id.is_none() });
    let found: Vec<_> = wanted.map(|bag| der(&bag.cert)).collect();
    if found.is_empty() { Err("there is no trusted certificate in it".to_owned()) } else { Ok(found) }
}

fn der(certificate: &Certificate) -> CertificateDer<'static> {
    CertificateDer::from(certificate.as_der().to_vec())
}

// From the key's own certificate up, by who issued whom, without the authority itself, which the other side has.
fn chain<'a>(own: &'a Certificate, all: &[&'a Certificate]) -> Vec<&'a Certificate> {
    let mut chain = vec![own];
    loop {
        let last = chain[chain.len() - 1]; // there is one: it begins with `own`
        let is_issuer = |other: &&&Certificate| {
            other.subject() == last.issuer() && other.subject() != other.issuer() && !chain.contains(*other)
        };
        match all.iter().find(is_issuer) {
            Some(issuer) => chain.push(issuer),
            None => return chain,
        }
    }
}

fn open(bytes: &[u8], password: Option<&str>) -> Result<Pkcs12Archive, String> {
    Pkcs12Archive::from_pkcs12(bytes, password.unwrap_or_default()).map_err(|error| match error {
        Error::MacError(_) => "its password is wrong, or the file is damaged".to_owned(),
        Error::UnsupportedEncryptionScheme | Error::UnsupportedMacAlgorithm => format!(
            "it is protected in a way that cannot be read ({error}); write it anew with `keytool -importkeystore \
             -srckeystore STORE -destkeystore new.p12 -deststoretype PKCS12`"
        ),
        error => format!("it cannot be read as PKCS#12: {error}"),
    })
}
