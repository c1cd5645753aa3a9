//! What the keys say, checked as far as it shows without opening a file.

use std::path::PathBuf;

use config::{Parsed, RawConfig, Report, Secret, Type};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion};

use crate::keys::is_known;
use crate::suites;

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
    /// Of a store in PKCS#12.
    pub(crate) password: Option<Secret>,
    /// Of an encrypted key in PEM.
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
    Pkcs12,
    /// Java's `JKS`, under which it reads PKCS#12, too.
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
        let mut reader = Reader { keys, prefix, report };
        if !prefix.is_empty() {
            reader.refuse_unknown();
        }
        Self {
            key_store: reader.key_store(),
            trust_store: reader.trust_store(),
            client_auth: reader.client_auth(),
            versions: reader.versions(),
            suites: reader.suites(),
            checks_names: reader.checks_names(),
            prefix: prefix.to_owned(),
        }
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

struct Reader<'a> {
    keys: RawConfig,
    prefix: &'a str,
    report: &'a mut Report,
}

impl Reader<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(str::trim).filter(|value| !value.is_empty())
    }

    fn secret(&self, key: &str) -> Option<Secret> {
        // A password may begin or end with a blank.
        self.keys.get(key).filter(|value| !value.is_empty()).map(Secret::new)
    }

    fn invalid(&mut self, key: &str, why: &str) {
        let key = format!("{}{key}", self.prefix);
        self.report.add(key.clone(), format!("{key}: {why}"));
    }

    fn refuse_unknown(&mut self) {
        let keys: Vec<String> = self.keys.iter().map(|(key, _)| key.to_owned()).collect();
        for key in keys {
            match key.as_str() {
                "ssl.engine.factory.class" => {
                    self.invalid(&key, "it names a Java class, which cannot run here; take it out")
                }
                known if is_known(known) => {}
                _ => self.invalid(&key, "there is no such key"),
            }
        }
    }

    fn key_store(&mut self) -> Option<Store> {
        let (key, chain) = (self.secret("ssl.keystore.key"), self.secret("ssl.keystore.certificate.chain"));
        let inline = match (key, chain) {
            (Some(key), Some(certificates)) => Some(Place::Inline { key: Some(key), certificates }),
            (None, None) => None,
            (key, _) => {
                let (there, missing) = match key {
                    Some(_) => ("ssl.keystore.key", "ssl.keystore.certificate.chain"),
                    None => ("ssl.keystore.certificate.chain", "ssl.keystore.key"),
                };
                let there = format!("{}{there}", self.prefix);
                self.invalid(missing, &format!("it belongs to {there}, and is missing"));
                return None;
            }
        };
        self.store("ssl.keystore", inline)
    }

    fn trust_store(&mut self) -> Option<Store> {
        let certificates = self.secret("ssl.truststore.certificates");
        let inline = certificates.map(|certificates| Place::Inline { key: None, certificates });
        self.store("ssl.truststore", inline)
    }

    fn store(&mut self, name: &str, inline: Option<Place>) -> Option<Store> {
        let (location, kind) = (format!("{name}.location"), format!("{name}.type"));
        let form = match self.get(&kind).map(str::to_ascii_uppercase).as_deref() {
            None => Form::AsItIs,
            Some("PEM") => Form::Pem,
            Some("PKCS12") => Form::Pkcs12,
            Some("JKS") => Form::Java,
            Some(other) => {
                let why = format!(
                    "{other} is none of PEM, PKCS12 and JKS (the last for files that are PKCS12 inside)"
                );
                self.invalid(&kind, &why);
                return None;
            }
        };
        let file = self.get(&location).map(PathBuf::from);
        let place = match (inline, file) {
            (Some(_), Some(_)) => {
                self.invalid(&location, "what it names is in the config itself, too; leave one of them");
                return None;
            }
            (Some(_), None) if !matches!(form, Form::Pem | Form::AsItIs) => {
                self.invalid(&kind, "what stands in the config itself is PEM: set PEM");
                return None;
            }
            (Some(inline), None) => inline,
            (None, Some(file)) => Place::File(file),
            (None, None) => return None,
        };
        let password = self.secret(&format!("{name}.password"));
        Some(Store { place, form, password, key_password: self.secret("ssl.key.password") })
    }

    fn client_auth(&mut self) -> ClientAuth {
        let set = ["ssl.client.auth", "ssl.client.authentication"];
        let found: Vec<(&str, String)> =
            set.into_iter().filter_map(|key| Some((key, self.get(key)?.to_ascii_lowercase()))).collect();
        if let [(_, a), (alias, b)] = found.as_slice()
            && a != b
        {
            self.invalid(
                alias,
                "it says something else than ssl.client.auth, which means the same; leave one of them",
            );
        }
        let Some((key, value)) = found.into_iter().next() else { return ClientAuth::None };
        match value.as_str() {
            "none" => ClientAuth::None,
            "requested" => ClientAuth::Requested,
            "required" => ClientAuth::Required,
            other => {
                self.invalid(key, &format!("{other} is none of required, requested and none"));
                ClientAuth::Required
            }
        }
    }

    fn versions(&mut self) -> Vec<&'static SupportedProtocolVersion> {
        let up_to = match suites::versions_up_to(self.get("ssl.protocol").unwrap_or("TLSv1.3")) {
            Ok(versions) => versions,
            Err(why) => {
                self.invalid("ssl.protocol", &why);
                return Vec::new();
            }
        };
        let Some(names) = self.list("ssl.enabled.protocols") else { return up_to };
        let mut enabled = Vec::new();
        for name in names {
            match suites::version(&name) {
                Ok(version) if up_to.contains(&version) => enabled.push(version),
                Ok(_) => {}
                Err(why) => self.invalid("ssl.enabled.protocols", &why),
            }
        }
        if enabled.is_empty() {
            self.invalid("ssl.enabled.protocols", "with ssl.protocol it leaves no version of TLS");
        }
        enabled
    }

    fn suites(&mut self) -> Vec<SupportedCipherSuite> {
        let mut found = Vec::new();
        for name in self.list("ssl.cipher.suites").unwrap_or_default() {
            match suites::suite(&name) {
                Ok(suite) => found.push(suite),
                Err(why) => self.invalid("ssl.cipher.suites", &why),
            }
        }
        found
    }

    fn checks_names(&mut self) -> bool {
        let key = "ssl.endpoint.identification.algorithm";
        match self.keys.get(key).map(str::trim) {
            None => true,
            Some("") => false,
            Some(https) if https.eq_ignore_ascii_case("https") => true,
            Some(other) => {
                self.invalid(key, &format!("{other} is neither https nor empty"));
                true
            }
        }
    }

    fn list(&self, key: &str) -> Option<Vec<String>> {
        match Parsed::parse(Type::List, self.get(key)?) {
            Ok(Parsed::List(names)) => Some(names.into_iter().filter(|name| !name.is_empty()).collect()),
            _ => None,
        }
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
