//! Java's keys for OAUTHBEARER. What Kafka 4 has as keys of their own (`sasl.oauthbearer.client.credentials.client.id`)
//! may also be an option of the login module (`clientId`), as before; the key wins.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use api::config::Secret;
use url::{Host, Url};

use super::ca;
use super::refresh::RefreshWindow;
use crate::librdkafka::jaas::{self, Login};
use crate::librdkafka::java_keys::{boolean, number, wrong};
use crate::pool::SharingKey;
use crate::{ClientSettings, Result};

const URL: &str = "sasl.oauthbearer.token.endpoint.url";
const ID: &str = "sasl.oauthbearer.client.credentials.client.id";
const SECRET: &str = "sasl.oauthbearer.client.credentials.client.secret";
const SCOPE: &str = "sasl.oauthbearer.scope";
const ASSERTION: &str = "sasl.oauthbearer.assertion.";
const PACKAGE: &str = "org.apache.kafka.common.security.oauthbearer.";
const EXTENSION: &str = "extension_";

/// Where tokens come from, and what is sent to have one. It holds a secret: no `Debug`.
pub(in crate::librdkafka) struct LoginSettings {
    pub(super) endpoint: Url,
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) scope: Option<String>,
    /// Whether id, secret and scope are sent percent-encoded, as RFC 6749 has it and few providers do.
    pub(super) url_encode: bool,
    /// Sent to the brokers beside the token (RFC 7628), a logical cluster for example.
    pub(super) extensions: Vec<(String, String)>,
    /// The claim that names the principal.
    pub(super) subject_claim: String,
    /// PEM of the only authorities that the endpoint's certificate may be from; `None`: the machine's.
    pub(super) authorities: Option<String>,
    pub(super) connect_timeout: Duration,
    pub(super) read_timeout: Duration,
    pub(super) retry_backoff: Duration,
    pub(super) retry_backoff_max: Duration,
    pub(super) refresh: RefreshWindow,
}

impl LoginSettings {
    /// Reads them.
    ///
    /// # Errors
    /// A value is wrong, missing or not supported. The text holds no secret.
    pub(in crate::librdkafka) fn read(settings: &ClientSettings, login: Option<&Login>) -> Result<Self> {
        let keys = Keys { settings, login };
        keys.check_classes()?;
        let (extensions, ca) = keys.options()?;
        let missing = |key: &str, option: &str| {
            let reason =
                format!("it is missing; OAUTHBEARER needs it, here or as {option} of {}", jaas::KEY);
            wrong(key, reason)
        };
        let url = keys.get(URL).ok_or_else(|| {
            wrong(URL, "it is missing; OAUTHBEARER needs the URL at which the identity provider gives tokens")
        })?;
        Ok(Self {
            endpoint: endpoint(url).map_err(|reason| wrong(URL, reason))?,
            client_id: keys.either(ID, "clientId").ok_or_else(|| missing(ID, "clientId"))?.to_owned(),
            client_secret: Secret::new(
                keys.either(SECRET, "clientSecret").ok_or_else(|| missing(SECRET, "clientSecret"))?,
            ),
            scope: keys.either(SCOPE, "scope").map(str::to_owned),
            url_encode: match keys.get("sasl.oauthbearer.header.urlencode") {
                Some(value) => boolean("sasl.oauthbearer.header.urlencode", value)?,
                None => false,
            },
            extensions,
            subject_claim: keys.get("sasl.oauthbearer.sub.claim.name").unwrap_or("sub").to_owned(),
            authorities: ca::read(&ca)?,
            connect_timeout: keys.millis("sasl.login.connect.timeout.ms", 10_000)?,
            read_timeout: keys.millis("sasl.login.read.timeout.ms", 30_000)?,
            retry_backoff: keys.millis("sasl.login.retry.backoff.ms", 100)?,
            retry_backoff_max: keys.millis("sasl.login.retry.backoff.max.ms", 10_000)?,
            refresh: keys.refresh()?,
        })
    }

    /// The endpoint as it may be shown.
    pub(super) fn place(&self) -> String {
        let mut place = self.endpoint.clone();
        place.set_query(None);
        place.set_fragment(None);
        place.to_string()
    }

    /// Equal for settings that lead to the same tokens at the same times.
    pub(in crate::librdkafka) fn sharing_key(&self) -> SharingKey {
        let mut key = vec![
            (URL.to_owned(), self.endpoint.to_string()),
            (ID.to_owned(), self.client_id.clone()),
            (SECRET.to_owned(), self.client_secret.expose().to_owned()),
            (SCOPE.to_owned(), format!("{:?}", self.scope)),
            ("subject".to_owned(), self.subject_claim.clone()),
            ("authorities".to_owned(), format!("{:?}", self.authorities)),
        ];
        let times = (self.connect_timeout, self.read_timeout, self.retry_backoff, self.retry_backoff_max);
        key.push(("times".to_owned(), format!("{times:?} {:?} {}", self.refresh, self.url_encode)));
        let extensions = self.extensions.iter();
        key.extend(extensions.map(|(name, value)| (format!("{EXTENSION}{name}"), value.clone())));
        key
    }
}

struct Keys<'a> {
    settings: &'a ClientSettings,
    login: Option<&'a Login>,
}

impl<'a> Keys<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        self.settings.0.get(key).map(str::trim).filter(|value| !value.is_empty())
    }

    /// A key, else the login module's option.
    fn either(&self, key: &str, option: &str) -> Option<&'a str> {
        let option = self.login.and_then(|login| login.option(option)).map(str::trim);
        self.get(key).or(option.filter(|value| !value.is_empty()))
    }

    /// Classes that Java would load, and ways to ask for a token that are not there.
    fn check_classes(&self) -> Result<()> {
        for (key, known) in [
            ("sasl.oauthbearer.jwt.retriever.class", ["DefaultJwtRetriever", "ClientCredentialsJwtRetriever"]),
            ("sasl.oauthbearer.jwt.validator.class", ["DefaultJwtValidator", "ClientJwtValidator"]),
        ] {
            let Some(class) = self.get(key) else { continue };
            if !class.strip_prefix(PACKAGE).is_some_and(|class| known.contains(&class)) {
                let reason = format!("{class} is not supported; {PACKAGE}{} and {PACKAGE}{} are", known[0], known[1]);
                return Err(wrong(key, reason));
            }
        }
        let assertion = self.settings.0.iter().find(|(key, _)| key.starts_with(ASSERTION));
        match assertion {
            Some((key, _)) => Err(wrong(key, format!("client assertions are not supported; use {ID} and {SECRET}"))),
            None => Ok(()),
        }
    }

    /// The login module's options: extensions for the brokers, and the trust store for the endpoint.
    fn options(&self) -> Result<(Vec<(String, String)>, Vec<(&'a str, &'a str)>)> {
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
        Ok((extensions, ca))
    }

    fn millis(&self, key: &str, default_ms: u64) -> Result<Duration> {
        let millis = match self.get(key) {
            Some(value) => number::<u64>(key, value)?,
            None => default_ms,
        };
        match millis {
            0 => Err(wrong(key, "it must be above 0: every wait has a limit")),
            _ => Ok(Duration::from_millis(millis)),
        }
    }

    fn refresh(&self) -> Result<RefreshWindow> {
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

/// Checks where a secret is sent to: nowhere in clear, and to no address that answers for this machine itself
/// (CVE-2025-27817).
fn endpoint(text: &str) -> std::result::Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("it is not a URL: {error}"))?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err("http would send the client's secret in clear; write https".to_owned()),
        "file" => {
            let reason = "a token is not read from a file: a connector's settings could then read any file of the \
                          worker; give the https URL of the identity provider";
            return Err(reason.to_owned());
        }
        other => return Err(format!("{other} is not supported; write https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("it must not hold credentials; {ID} and {SECRET} do"));
    }
    let link_local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_link_local(),
        Some(Host::Ipv6(address)) => match IpAddr::from(address).to_canonical() {
            IpAddr::V4(mapped) => mapped.is_link_local(),
            IpAddr::V6(address) => address.is_unicast_link_local(),
        },
        _ => false,
    };
    match link_local {
        true => Err("a link-local address is the cloud's metadata service, not an identity provider".to_owned()),
        false => Ok(url),
    }
}
