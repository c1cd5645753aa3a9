//! What the keys say, checked as far as it shows without opening a file.

mod reader;

use std::path::PathBuf;

use config::{RawConfig, Report, Secret};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion};

use reader::Reader;

/// What `ssl.*` says, under one prefix.
#[derive(Debug, Clone)]
pub struct Settings {
    prefix: String,
    pub(crate) key_store: Option<Store>,
    pub(crate) trust_store: Option<Store>,
    /// Whether clients show a certificate.
    pub client_auth: ClientAuth,
    pub(crate) versions: Vec<&'static SupportedProtocolVersion>,
    /// All that there are, when empty.
    pub(crate) suites: Vec<SupportedCipherSuite>,
    /// Whether a server's certificate must be for the host that was asked for.
    pub(crate) checks_names: bool,
}

/// Whether clients show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// They are not asked to.
    None,
    /// They are asked to, and may have none; one that they show must be good.
    Requested,
    /// They must.
    Required,
}

/// Keys or certificates, and where they are.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) place: Place,
    pub(crate) form: Form,
    /// Of a store in PKCS#12 or JKS.
    pub(crate) password: Option<Secret>,
    /// Of an encrypted key in PEM, or of a key in JKS that has another one than its store.
    pub(crate) key_password: Option<Secret>,
}

#[derive(Debug, Clone)]
pub(crate) enum Place {
    File(PathBuf),
    /// In the config itself, in PEM. A trust store has no key.
    Inline {
        key: Option<Secret>,
        certificates: Secret,
    },
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Pem,
    /// `PKCS12` or `JKS`: under either name Java reads both, and tells them by their first bytes.
    Java,
    /// As its first bytes say: no type is set.
    AsItIs,
}

/// What keeps TLS from working: a key, and what is wrong with what it says or names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {why}")]
pub struct Error {
    /// The key at fault, with its prefix.
    pub key: String,
    /// What is wrong, and what to do.
    pub why: String,
}

impl Settings {
    /// Reads the keys under `prefix`, such as `listeners.https.`, or those without a prefix when there is none under it:
    /// as in Kafka Connect, one such key is enough for all others to count only there.
    pub fn read(raw: &RawConfig, prefix: &str, report: &mut Report) -> Self {
        let own = raw.iter().any(|(key, _)| key.starts_with(prefix));
        let prefix = if own { prefix } else { "" };
        let keys = if prefix.is_empty() { raw.clone() } else { raw.with_prefix(prefix) };
        let mut reader = Reader::new(keys, prefix);
        if !prefix.is_empty() {
            reader.refuse_unknown();
        }
        let (settings, problems) = reader.read();
        for problem in problems {
            report.add(problem.key.clone(), problem.to_string());
        }
        settings
    }

    /// Reads keys whose prefix is taken away already, and which may stand among others. With the settings comes all that is
    /// wrong with them, by key with the prefix: then they are not to be used.
    #[must_use]
    pub fn of(keys: RawConfig, prefix: &str) -> (Self, Vec<Error>) {
        Reader::new(keys, prefix).read()
    }

    /// The whole name of a key, with the prefix under which it was read.
    pub fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Whether there is a key store.
    pub fn has_key_store(&self) -> bool {
        self.key_store.is_some()
    }

    /// Whether there is a trust store.
    pub fn has_trust_store(&self) -> bool {
        self.trust_store.is_some()
    }

    /// Finds what a server lacks.
    pub fn check_server(&self, report: &mut Report) {
        if self.key_store.is_none() {
            let key = self.key("ssl.keystore.location");
            let problem = format!(
                "{key}: an https listener needs a key and its certificate: set it to a file in PEM or PKCS12, or set \
                 {} and {}",
                self.key("ssl.keystore.key"),
                self.key("ssl.keystore.certificate.chain"),
            );
            report.add(key, problem);
        }
        if self.client_auth != ClientAuth::None && self.trust_store.is_none() {
            let key = self.key("ssl.truststore.location");
            let problem = format!(
                "{key}: {} asks clients for a certificate: set it to a file with the certificates of the authorities \
                 that sign theirs",
                self.key("ssl.client.auth"),
            );
            report.add(key, problem);
        }
    }

    pub(crate) fn error(&self, name: &str, why: impl Into<String>) -> Error {
        Error { key: self.key(name), why: why.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entries: &[(&str, &str)]) -> (Settings, Report) {
        let mut report = Report::default();
        let settings = Settings::read(&entries.iter().copied().collect(), "listeners.https.", &mut report);
        (settings, report)
    }

    // As Kafka Connect reads them: all or nothing.
    #[test]
    fn one_key_under_the_prefix_hides_those_without() {
        let plain = ("ssl.keystore.location", "a.p12");
        let (settings, report) = read(&[plain]);
        assert!(settings.has_key_store() && report.is_empty(), "{report}");
        assert_eq!(settings.key("ssl.protocol"), "ssl.protocol");
        let (settings, report) = read(&[plain, ("listeners.https.ssl.client.auth", "required")]);
        assert!(!settings.has_key_store() && report.is_empty(), "{report}");
        let mut report = Report::default();
        settings.check_server(&mut report);
        assert_eq!(report.count(), 2, "{report}");
        assert!(
            report.to_string().contains("listeners.https.ssl.keystore.location: an https listener needs")
        );
        assert!(report.to_string().contains("listeners.https.ssl.truststore.location: "), "{report}");
    }

    #[test]
    fn every_problem_is_found_by_key_and_no_secret_is_shown() {
        let (_, report) = read(&[
            ("listeners.https.ssl.keystore.key", "s3cret"),
            ("listeners.https.ssl.keystore.password", "s3cret"),
            ("listeners.https.ssl.truststore.type", "BKS"),
            ("listeners.https.ssl.client.auth", "maybe"),
            ("listeners.https.ssl.protocol", "SSLv3"),
            ("listeners.https.ssl.cipher.suites", "TLS_AES_128_GCM_SHA256,TLS_NULL"),
            ("listeners.https.ssl.endpoint.identification.algorithm", "ldaps"),
            ("listeners.https.ssl.engine.factory.class", "com.example.Engine"),
            ("listeners.https.ssl.keystore.locaton", "x"),
        ]);
        let text = report.to_string();
        assert_eq!(report.count(), 8, "{text}");
        for part in [
            "listeners.https.ssl.keystore.certificate.chain: it belongs to listeners.https.ssl.keystore.key",
            "ssl.truststore.type: BKS is none of PEM",
            "ssl.client.auth: maybe is none of required, requested and none",
            "ssl.protocol: SSLv3 is broken",
            "ssl.cipher.suites: TLS_NULL is not spoken here",
            "algorithm: ldaps is neither https nor empty",
            "ssl.engine.factory.class: it names a Java class",
            "listeners.https.ssl.keystore.locaton: there is no such key",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("s3cret"), "{text}");
    }

    #[test]
    fn the_other_name_of_client_auth_is_read() {
        let client_auth = |entries: &[(&str, &str)]| read(entries).0.client_auth;
        assert_eq!(client_auth(&[]), ClientAuth::None);
        assert_eq!(client_auth(&[("ssl.client.authentication", "REQUESTED")]), ClientAuth::Requested);
        assert_eq!(client_auth(&[("ssl.client.auth", "required")]), ClientAuth::Required);
        let (_, report) = read(&[("ssl.client.auth", "none"), ("ssl.client.authentication", "required")]);
        assert_eq!(report.count(), 1, "{report}");
    }

    #[test]
    fn versions_are_what_both_keys_allow() {
        let versions = |entries: &[(&str, &str)]| read(entries).0.versions.len();
        assert_eq!(versions(&[]), 2);
        assert_eq!(versions(&[("ssl.enabled.protocols", "TLSv1.3")]), 1);
        assert_eq!(versions(&[("ssl.protocol", "TLSv1.2"), ("ssl.enabled.protocols", "TLSv1.2,TLSv1.3")]), 1);
        let (_, report) = read(&[("ssl.protocol", "TLSv1.2"), ("ssl.enabled.protocols", "TLSv1.3")]);
        assert_eq!(report.count(), 1, "{report}");
    }

    #[test]
    fn a_store_is_at_one_place() {
        let (_, report) = read(&[("ssl.truststore.location", "a"), ("ssl.truststore.certificates", "b")]);
        assert!(report.to_string().contains("leave one of them"), "{report}");
        let (_, report) = read(&[("ssl.truststore.type", "PKCS12"), ("ssl.truststore.certificates", "b")]);
        assert!(report.to_string().contains("set PEM"), "{report}");
    }
}
