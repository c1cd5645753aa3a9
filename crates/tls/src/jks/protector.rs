//! How a key lies in a JKS store: as the JDK's `sun.security.provider.KeyProtector` has it.
//!
//! It is an `EncryptedPrivateKeyInfo` (RFC 5208) of Sun's own algorithm 1.3.6.1.4.1.42.2.17.1.1, whose data are a salt of
//! 20 bytes, the key in PKCS#8 mixed with a stream by exclusive or, and a check of 20 bytes. The stream's first 20 bytes are
//! SHA-1 over password and salt, each next 20 over password and the 20 before. The check is SHA-1 over password and key.
//!
//! That is weak by today's measure: a password is tried with two digests. It is read since stores are like that; the file
//! is what must be guarded.

use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::{Reader as _, SliceReader};
use pkcs8::spki::{AlgorithmIdentifierRef, ObjectIdentifier};
use ring::digest::{Context, Digest, SHA1_FOR_LEGACY_USE_ONLY};
use rustls::pki_types::PrivatePkcs8KeyDer;

use super::java_chars;

const SUN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.42.2.17.1.1");
/// Of the salt, and of each digest.
const BYTES: usize = 20;

/// Opens a key.
///
/// # Errors
/// It is none of this kind, or the password is not its own.
pub(super) fn open(protected: &[u8], password: &str) -> Result<PrivatePkcs8KeyDer<'static>, String> {
    let (algorithm, data) =
        parts(protected).map_err(|error| format!("its private key cannot be read: {error}"))?;
    if algorithm != SUN {
        return Err(format!(
            "its private key is protected in a way that cannot be read ({algorithm}); write it anew with `keytool \
             -importkeystore -srckeystore STORE -destkeystore new.p12 -deststoretype PKCS12`"
        ));
    }
    let damaged = || "its private key is too short: the file is damaged".to_owned();
    let (salt, rest) = data.split_at_checked(BYTES).ok_or_else(damaged)?;
    let length = rest.len().checked_sub(BYTES).filter(|length| *length > 0).ok_or_else(damaged)?;
    let (mixed, check) = rest.split_at(length);
    let password = java_chars(password);
    let mut key = Vec::with_capacity(length);
    let mut stream = digest(&password, salt);
    for piece in mixed.chunks(BYTES) {
        key.extend(piece.iter().zip(stream.as_ref()).map(|(byte, mask)| byte ^ mask));
        stream = digest(&password, stream.as_ref());
    }
    match digest(&password, &key).as_ref() == check {
        true => Ok(key.into()),
        false => Err("its private key cannot be decrypted: its password is not that of ssl.key.password, or without one \
                      that of ssl.keystore.password"
            .to_owned()),
    }
}

/// Algorithm and data.
fn parts(protected: &[u8]) -> pkcs8::der::Result<(ObjectIdentifier, &[u8])> {
    let mut reader = SliceReader::new(protected)?;
    let (algorithm, data) = reader.sequence(|reader| {
        let algorithm: AlgorithmIdentifierRef<'_> = reader.decode()?;
        let data: &OctetStringRef = reader.decode()?;
        Ok::<_, pkcs8::der::Error>((algorithm.oid, data.as_bytes()))
    })?;
    reader.finish()?;
    Ok((algorithm, data))
}

fn digest(password: &[u8], more: &[u8]) -> Digest {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(password);
    context.update(more);
    context.finish()
}
