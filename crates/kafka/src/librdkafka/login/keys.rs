//! How the settings of a login are looked up, and what is refused among them.

use std::str::FromStr;
use std::time::Duration;

use super::refresh::RefreshWindow;
use super::settings::{ID, SECRET};
use crate::librdkafka::jaas::{self, Login};
use crate::librdkafka::java_keys::{number, wrong};
use crate::{ClientSettings, Result};

const ASSERTION: &str = "sasl.oauthbearer.assertion.";
const PACKAGE: &str = "org.apache.kafka.common.security.oauthbearer.";
/// Before the names of extensions, among the login module's options.
pub(super) const EXTENSION: &str = "extension_";

/// A client's settings, and the login module among them.
pub(super) struct Keys<'a> {
    pub(super) settings: &'a ClientSettings,
    pub(super) login: Option<&'a Login>,
}

/// Options of the login module.
pub(super) struct Options<'a> {
    /// What the brokers are sent beside the token: names and values.
    pub(super) extensions: Vec<(String, String)>,
    /// `ssl.truststore.*`.
    pub(super) ca: Vec<(&'a str, &'a str)>,
}

impl<'a> Keys<'a> {
    /// A value that is not blank.
    pub(super) fn get(&self, key: &str) -> Option<&'a str> {
        self.settings.0.get(key).map(str::trim).filter(|value| !value.is_empty())
    }

    /// A key, else the login module's option.
    pub(super) fn either(&self, key: &str, option: &str) -> Option<&'a str> {
        let option = self.login.and_then(|login| login.option(option)).map(str::trim);
        self.get(key).or(option.filter(|value| !value.is_empty()))
    }

    /// Classes that Java would load, and ways to ask for a token that are not there.
    pub(super) fn check_classes(&self) -> Result<()> {
        for (key, known) in [
            (
                "sasl.oauthbearer.jwt.retriever.class",
                ["DefaultJwtRetriever", "ClientCredentialsJwtRetriever"],
            ),
            ("sasl.oauthbearer.jwt.validator.class", ["DefaultJwtValidator", "ClientJwtValidator"]),
        ] {
            let Some(class) = self.get(key) else { continue };
            if !class.strip_prefix(PACKAGE).is_some_and(|class| known.contains(&class)) {
                let reason =
                    format!("{class} is not supported; {PACKAGE}{} and {PACKAGE}{} are", known[0], known[1]);
                return Err(wrong(key, reason));
            }
        }
        let assertion = self.settings.0.iter().find(|(key, _)| key.starts_with(ASSERTION));
        match assertion {
            Some((key, _)) => {
                Err(wrong(key, format!("client assertions are not supported; use {ID} and {SECRET}")))
            }
            None => Ok(()),
        }
    }

    /// The login module's options: extensions for the brokers, and the trust store for the endpoint.
    pub(super) fn options(&self) -> Result<Options<'a>> {
        let (mut extensions, mut ca) = (Vec::new(), Vec::new());
        let mut ignored = Vec::new();
        for (name, value) in self.login.iter().flat_map(|login| &login.options) {
            match name.as_str() {
                "clientId" | "clientSecret" | "scope" => {}
                "ssl.protocol" | "ssl.enabled.protocols" => ignored.push(name.as_str()),
                _ if name.starts_with("ssl.truststore.") => ca.push((name.as_str(), value.trim())),
                _ => match name.strip_prefix(EXTENSION) {
                    Some(extension) => {
                        check_extension(extension, value)
                            .map_err(|reason| wrong(jaas::KEY, format!("{name}: {reason}")))?;
                        extensions.push((extension.to_owned(), value.clone()));
                    }
                    None => {
                        let reason = format!(
                            "the option {name} is not supported; there are clientId, clientSecret, scope, \
                             {EXTENSION}NAME and ssl.truststore.*"
                        );
                        return Err(wrong(jaas::KEY, reason));
                    }
                },
            }
        }
        if !ignored.is_empty() {
            let options = ignored.join(", ");
            tracing::warn!(%options, "options of sasl.jaas.config without meaning here are ignored: TLS 1.2 or newer is used");
        }
        extensions.sort();
        Ok(Options { extensions, ca })
    }

    /// A time, which is above zero.
    pub(super) fn millis(&self, key: &str, default_ms: u64) -> Result<Duration> {
        let millis = match self.get(key) {
            Some(value) => number::<u64>(key, value)?,
            None => default_ms,
        };
        match millis {
            0 => Err(wrong(key, "it must be above 0: every wait has a limit")),
            _ => Ok(Duration::from_millis(millis)),
        }
    }

    /// `sasl.login.refresh.*`, with Java's defaults and ranges.
    pub(super) fn refresh(&self) -> Result<RefreshWindow> {
        let seconds = |name: &str, default, max| {
            self.ranged::<u32>(&format!("sasl.login.refresh.{name}.seconds"), default, 0, max)
        };
        let part = |name: &str, default, min, max| {
            self.ranged::<f64>(&format!("sasl.login.refresh.window.{name}"), default, min, max)
        };
        Ok(RefreshWindow {
            factor: part("factor", 0.8, 0.5, 1.0)?,
            jitter: part("jitter", 0.05, 0.0, 0.25)?,
            period_min: Duration::from_secs(seconds("min.period", 60, 900)?.into()),
            buffer: Duration::from_secs(seconds("buffer", 300, 3600)?.into()),
        })
    }

    fn ranged<T: FromStr + PartialOrd + std::fmt::Display>(
        &self,
        key: &str,
        default: T,
        min: T,
        max: T,
    ) -> Result<T> {
        let Some(text) = self.get(key) else { return Ok(default) };
        match text.parse::<T>() {
            Ok(value) if value >= min && value <= max => Ok(value),
            _ => Err(wrong(key, format!("{text} is not between {min} and {max}"))),
        }
    }
}

/// Names are letters, values are what can be printed (RFC 7628 section 3.1).
fn check_extension(name: &str, value: &str) -> std::result::Result<(), &'static str> {
    if name == "auth" {
        return Err("this name is the token's own");
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Err("the name of an extension has letters A to Z only");
    }
    let printable = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n');
    match value.is_empty() || !value.bytes().all(printable) {
        true => Err("the value of an extension is printable ASCII, and not empty"),
        false => Ok(()),
    }
}
