//! One key after another, and what is wrong with it.

use std::path::PathBuf;

use config::{Parsed, RawConfig, Secret, Type};
use rustls::{SupportedCipherSuite, SupportedProtocolVersion};

use super::{ClientAuth, Error, Form, Place, Settings, Store};
use crate::keys::is_known;
use crate::suites;

pub(super) struct Reader<'a> {
    keys: RawConfig,
    prefix: &'a str,
    problems: Vec<Error>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(keys: RawConfig, prefix: &'a str) -> Self {
        Self { keys, prefix, problems: Vec::new() }
    }

    /// The settings, and what is wrong with them.
    pub(super) fn read(mut self) -> (Settings, Vec<Error>) {
        let settings = Settings {
            key_store: self.key_store(),
            trust_store: self.trust_store(),
            client_auth: self.client_auth(),
            versions: self.versions(),
            suites: self.suites(),
            checks_names: self.checks_names(),
            prefix: self.prefix.to_owned(),
        };
        (settings, self.problems)
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(str::trim).filter(|value| !value.is_empty())
    }

    fn secret(&self, key: &str) -> Option<Secret> {
        // A password may begin or end with a blank.
        self.keys.get(key).filter(|value| !value.is_empty()).map(Secret::new)
    }

    fn invalid(&mut self, key: &str, why: &str) {
        self.problems.push(Error { key: format!("{}{key}", self.prefix), why: why.to_owned() });
    }

    /// Under a prefix of their own, keys that have no meaning are mistakes.
    pub(super) fn refuse_unknown(&mut self) {
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
            Some("PKCS12" | "JKS") => Form::Java,
            Some(other) => {
                self.invalid(&kind, &format!("{other} is none of PEM, PKCS12 and JKS"));
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
