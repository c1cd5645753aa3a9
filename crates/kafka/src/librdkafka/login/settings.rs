//! Java's keys for OAUTHBEARER. What Kafka 4 has as keys of their own (`sasl.oauthbearer.client.credentials.client.id`)
//! may also be an option of the login module (`clientId`), as before; the key wins.

use std::time::Duration;

use api::config::Secret;
use oauth::Purpose;
use url::Url;

use super::ca;
use super::keys::{EXTENSION, Keys};
use super::refresh::RefreshWindow;
use crate::librdkafka::jaas::{self, Login};
use crate::librdkafka::java_keys::{boolean, wrong};
use crate::pool::SharingKey;
use crate::{ClientSettings, Result};

const URL: &str = "sasl.oauthbearer.token.endpoint.url";
pub(super) const ID: &str = "sasl.oauthbearer.client.credentials.client.id";
pub(super) const SECRET: &str = "sasl.oauthbearer.client.credentials.client.secret";
const SCOPE: &str = "sasl.oauthbearer.scope";

/// Where tokens come from, and what is sent to have one. It holds a secret: no `Debug`.
pub(crate) struct LoginSettings {
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
        let options = keys.options()?;
        let missing = |key: &str, option: &str| {
            let reason = format!("it is missing; OAUTHBEARER needs it, here or as {option} of {}", jaas::KEY);
            wrong(key, reason)
        };
        let url = keys.get(URL).ok_or_else(|| {
            wrong(URL, "it is missing; OAUTHBEARER needs the URL at which the identity provider gives tokens")
        })?;
        Ok(Self {
            endpoint: oauth::check(url, Purpose::Token).map_err(|reason| wrong(URL, reason))?,
            client_id: keys.either(ID, "clientId").ok_or_else(|| missing(ID, "clientId"))?.to_owned(),
            client_secret: Secret::new(
                keys.either(SECRET, "clientSecret").ok_or_else(|| missing(SECRET, "clientSecret"))?,
            ),
            scope: keys.either(SCOPE, "scope").map(str::to_owned),
            url_encode: match keys.get("sasl.oauthbearer.header.urlencode") {
                Some(value) => boolean("sasl.oauthbearer.header.urlencode", value)?,
                None => false,
            },
            extensions: options.extensions,
            subject_claim: keys.get("sasl.oauthbearer.sub.claim.name").unwrap_or("sub").to_owned(),
            authorities: ca::read(&options.ca)?,
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
    pub(crate) fn sharing_key(&self) -> SharingKey {
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
