//! Keys and certificates as text: PEM (RFC 7468). Line breaks do not matter, since a property file may have lost them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use config::Secret;
use pkcs8::EncryptedPrivateKeyInfoRef;
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer,
};

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

struct Section<'a> {
    label: &'a str,
    body: &'a str,
}

/// All certificates, in their order.
pub(crate) fn certificates(text: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let mut found = Vec::new();
    for section in sections(text)? {
        if matches!(section.label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") {
            found.push(CertificateDer::from(section.decode()?));
        }
    }
    if found.is_empty() { Err("there is no certificate in it".to_owned()) } else { Ok(found) }
}

/// The first private key.
pub(crate) fn private_key(text: &str, password: Option<&str>) -> Result<PrivateKeyDer<'static>, String> {
    for section in sections(text)? {
        if section.label.ends_with("PRIVATE KEY") && section.body.contains("ENCRYPTED") {
            return Err("its key is encrypted in an old form of OpenSSL that cannot be read; convert it with `openssl \
                        pkcs8 -topk8 -in KEY -out key.pem`"
                .to_owned());
        }
        match section.label {
            "PRIVATE KEY" => return Ok(PrivatePkcs8KeyDer::from(section.decode()?).into()),
            "RSA PRIVATE KEY" => return Ok(PrivatePkcs1KeyDer::from(section.decode()?).into()),
            "EC PRIVATE KEY" => return Ok(PrivateSec1KeyDer::from(section.decode()?).into()),
            "ENCRYPTED PRIVATE KEY" => return decrypt(&section.decode()?, password),
            _ => {}
        }
    }
    Err("there is no private key in it (PKCS#8, PKCS#1 or SEC1)".to_owned())
}

fn decrypt(der: &[u8], password: Option<&str>) -> Result<PrivateKeyDer<'static>, String> {
    let password = password.ok_or("its key is encrypted, and ssl.key.password is not set")?;
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(der)
        .map_err(|error| format!("its encrypted key cannot be read: {error}"))?;
    let key = encrypted.decrypt(password).map_err(|error| {
        format!("its key cannot be decrypted with ssl.key.password (a wrong password, or an unusual cipher): {error}")
    })?;
    Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
}

/// Certificates as text.
pub(crate) fn write_certificates(certificates: &[CertificateDer<'_>]) -> String {
    certificates.iter().map(|certificate| write("CERTIFICATE", certificate)).collect()
}

/// A private key as text, not encrypted.
pub(crate) fn write_private_key(key: &PrivateKeyDer<'_>) -> Secret {
    let label = match key {
        PrivateKeyDer::Pkcs1(_) => "RSA PRIVATE KEY",
        PrivateKeyDer::Sec1(_) => "EC PRIVATE KEY",
        _ => "PRIVATE KEY", // PKCS#8
    };
    Secret::new(write(label, key.secret_der()))
}

fn write(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("{BEGIN}{label}{DASHES}\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64)); // RFC 7468; base64 is ASCII
        pem.push_str(line);
        pem.push('\n');
        rest = more;
    }
    pem.push_str(&format!("-----END {label}{DASHES}\n"));
    pem
}

fn sections(text: &str) -> Result<Vec<Section<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        let no_end = || "a section of it has no end (-----END …-----)".to_owned();
        let (label, after) = after.split_once(DASHES).ok_or_else(no_end)?;
        let (body, after) = after.split_once(format!("-----END {label}-----").as_str()).ok_or_else(no_end)?;
        found.push(Section { label, body });
        rest = after;
    }
    Ok(found)
}

impl Section<'_> {
    fn decode(&self) -> Result<Vec<u8>, String> {
        let text: String = self.body.split_ascii_whitespace().collect();
        STANDARD.decode(text).map_err(|_| format!("its {} is not base64", self.label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_do_not_matter() {
        let pair = rcgen::generate_simple_self_signed(vec!["a".to_owned()]).unwrap();
        let text = format!("Bag Attributes: x\n{}{}", pair.signing_key.serialize_pem(), pair.cert.pem());
        let blanks = text.replace(['\r', '\n'], " ");
        for text in [text.clone(), blanks, text.replace('\n', "\r\n")] {
            assert_eq!(certificates(&text).unwrap(), [pair.cert.der().clone()]);
            assert_eq!(private_key(&text, None).unwrap().secret_der(), pair.signing_key.serialize_der());
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let pair = rcgen::generate_simple_self_signed(vec!["a".to_owned()]).unwrap();
        let certificates = [pair.cert.der().clone(), pair.cert.der().clone()];
        assert_eq!(super::certificates(&write_certificates(&certificates)).unwrap(), certificates);
        for key in [
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(pair.signing_key.serialize_der())),
            PrivatePkcs1KeyDer::from(vec![1; 48]).into(), // whole lines
            PrivateSec1KeyDer::from(vec![2; 49]).into(),
        ] {
            let text = write_private_key(&key);
            assert!(text.expose().lines().all(|line| line.len() <= 64), "{}", text.expose());
            assert_eq!(private_key(text.expose(), None).unwrap(), key);
        }
    }

    #[test]
    fn what_is_missing_is_said() {
        let error = |text: &str| private_key(text, None).unwrap_err();
        assert!(error("").contains("no private key"));
        assert!(error("-----BEGIN PRIVATE KEY-----\nAAAA").contains("no end"));
        assert!(error("-----BEGIN PRIVATE KEY-----\n?\n-----END PRIVATE KEY-----").contains("not base64"));
        let old =
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----";
        assert!(error(old).contains("openssl pkcs8 -topk8"));
        let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----";
        assert!(error(encrypted).contains("ssl.key.password is not set"));
        assert!(private_key(encrypted, Some("x")).unwrap_err().contains("cannot be read"));
        assert!(certificates("").unwrap_err().contains("no certificate"));
    }
}
