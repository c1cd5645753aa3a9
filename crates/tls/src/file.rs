//! The file of a store, and which form it has: its first bytes tell.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::settings::Form;
use crate::{jks, pkcs12};

/// The machine's certificates are a few hundred kilobytes.
const BYTES_MAX: u64 = 16 << 20;
/// How a store of Java's type JCEKS begins.
const JCEKS: [u8; 4] = [0xce; 4];

/// What is in a file.
pub(crate) enum Content {
    Pem(String),
    Pkcs12(Vec<u8>),
    Jks(Vec<u8>),
}

/// Reads a file of this form; blocks meanwhile.
///
/// # Errors
/// It cannot be read, or has another form.
pub(crate) fn read(path: &Path, form: Form) -> Result<Content, String> {
    let bytes = bytes(path)?;
    let content = if jks::is_one(&bytes) {
        Content::Jks(bytes)
    } else if bytes.starts_with(&JCEKS) {
        return Err("it is a Java key store of the type JCEKS, which is not read here; convert it with `keytool \
                    -importkeystore -srckeystore STORE -srcstoretype JCEKS -destkeystore new.p12 -deststoretype PKCS12`"
            .to_owned());
    } else if pkcs12::is_one(&bytes) {
        Content::Pkcs12(bytes)
    } else {
        Content::Pem(String::from_utf8(bytes).map_err(|_| "it is none of PEM, PKCS12 and JKS")?)
    };
    match (form, &content) {
        (Form::Pem, Content::Pkcs12(_)) => Err("it is not PEM but PKCS12: set the type PKCS12".to_owned()),
        (Form::Pem, Content::Jks(_)) => Err("it is not PEM but JKS: set the type JKS".to_owned()),
        (Form::Java, Content::Pem(_)) => {
            Err("it is neither PKCS12 nor JKS; if it is PEM, set the type PEM".to_owned())
        }
        _ => Ok(content),
    }
}

/// What a file holds. Only of a file: of a pipe or a device, the end may never come.
///
/// # Errors
/// It cannot be read, or is too large for a store.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let unread = |error: std::io::Error| format!("cannot be read: {error}");
    if !path.metadata().map_err(unread)?.is_file() {
        return Err("cannot be read: it is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes)).map_err(unread)?;
    match bytes.len() as u64 > BYTES_MAX {
        true => Err(format!("it is larger than {} MB: no key store", BYTES_MAX >> 20)),
        false => Ok(bytes),
    }
}
