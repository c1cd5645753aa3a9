//! Where brokers are and how they are talked to, from Java's keys. The translation to librdkafka's words has checked
//! and sorted them already; they are read there.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

use super::{Address, tls};
use crate::librdkafka::{LoginSettings, Role, Translated, translate, wrong};
use crate::{ClientSettings, Result};

/// How brokers are reached. It may hold secrets: no `Debug`.
pub(super) struct Settings {
    pub(super) bootstrap: Vec<Address>,
    pub(super) client_id: String,
    /// With `security.protocol` SSL and SASL_SSL.
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) sasl: Option<Sasl>,
    /// `request.timeout.ms`, 40 s unless told.
    pub(super) request_timeout: Duration,
    /// `socket.connection.setup.timeout.ms`, 10 s unless told: for TCP, TLS and the log-in together.
    pub(super) setup_timeout: Duration,
    /// `reconnect.backoff.ms`, 50 ms unless told.
    pub(super) backoff: Duration,
    /// `reconnect.backoff.max.ms`, 1 s unless told.
    pub(super) backoff_max: Duration,
}

/// `sasl.mechanism` and what it needs.
pub(super) enum Sasl {
    Plain(Credentials),
    ScramSha256(Credentials),
    ScramSha512(Credentials),
    OAuthBearer(Arc<LoginSettings>),
}

/// A name and a password. No `Debug`.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: String,
}

impl Settings {
    /// Reads them, and the files that they name.
    ///
    /// # Errors
    /// A value is wrong or not supported. The text holds no secret.
    pub(super) fn read(settings: &ClientSettings) -> Result<Self> {
        let translated = translate(Role::Admin, settings)?;
        let millis = |key: &str, default_ms: u64| -> Result<Duration> {
            let value = settings.0.get(key).map(str::trim).filter(|value| !value.is_empty());
            let ms = match value {
                None => default_ms,
                Some(value) => value
                    .parse()
                    .map_err(|_| wrong(key, format!("{value} is not a number of milliseconds")))?,
            };
            Ok(Duration::from_millis(ms))
        };
        let protocol = translated.get("security.protocol").unwrap_or("plaintext");
        let (encrypted, named) = (protocol.ends_with("ssl"), protocol.starts_with("sasl_"));
        Ok(Self {
            bootstrap: addresses(translated.get("bootstrap.servers").unwrap_or_default())?,
            client_id: translated.get("client.id").unwrap_or("connect").to_owned(),
            tls: if encrypted { Some(tls::config(settings)?) } else { None },
            sasl: if named { Some(sasl(&translated)?) } else { None },
            request_timeout: millis("request.timeout.ms", 40_000)?,
            setup_timeout: millis("socket.connection.setup.timeout.ms", 10_000)?,
            backoff: millis("reconnect.backoff.ms", 50)?,
            backoff_max: millis("reconnect.backoff.max.ms", 1_000)?,
        })
    }
}

fn sasl(translated: &Translated) -> Result<Sasl> {
    if let Some(login) = &translated.login {
        return Ok(Sasl::OAuthBearer(Arc::clone(login)));
    }
    let text = |key| translated.get(key).unwrap_or_default().to_owned();
    let credentials = Credentials { user: text("sasl.username"), password: text("sasl.password") };
    match translated.get("sasl.mechanism") {
        Some("PLAIN") => Ok(Sasl::Plain(credentials)),
        Some("SCRAM-SHA-256") => Ok(Sasl::ScramSha256(credentials)),
        Some("SCRAM-SHA-512") => Ok(Sasl::ScramSha512(credentials)),
        other => Err(wrong("sasl.mechanism", format!("{} is not supported", other.unwrap_or("none")))),
    }
}

/// `host:port,…`, where Java also takes `PROTOCOL://host:port`.
fn addresses(text: &str) -> Result<Vec<Address>> {
    let mut addresses = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let refused = || wrong("bootstrap.servers", format!("{part} is not of the form host:port"));
        let bare = part.split_once("://").map_or(part, |(_, bare)| bare);
        let (host, port) = bare.rsplit_once(':').ok_or_else(refused)?;
        let port = port.parse().map_err(|_| refused())?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() {
            return Err(refused());
        }
        addresses.push(Address { host: host.to_owned(), port });
    }
    match addresses.is_empty() {
        true => Err(wrong("bootstrap.servers", "it names no broker; give host:port of one or more")),
        false => Ok(addresses),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, u16)]) {
        let read = addresses(text).unwrap();
        let read: Vec<(&str, u16)> = read.iter().map(|at| (at.host.as_str(), at.port)).collect();
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn bootstrap_servers_as_java_takes_them() {
        check("a:9092", &[("a", 9092)]);
        check(" a:1 , b.example:2,", &[("a", 1), ("b.example", 2)]);
        check("SASL_SSL://a:1", &[("a", 1)]);
        check("[::1]:9092", &[("::1", 9092)]);
        for wrong in ["", ",", "a", "a:", "a:x", ":1", "a:70000"] {
            let error = addresses(wrong).unwrap_err().to_string();
            assert!(error.contains("bootstrap.servers"), "{wrong}: {error}");
        }
    }

    #[test]
    fn credentials_come_from_the_login_module() {
        let settings = ClientSettings(
            [
                ("bootstrap.servers", "localhost:1"),
                ("security.protocol", "SASL_PLAINTEXT"),
                ("sasl.mechanism", "SCRAM-SHA-512"),
                (
                    "sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"p\";",
                ),
                ("group.id", "of another client"),
                ("offset.storage.topic", "of the worker"),
            ]
            .into_iter()
            .collect(),
        );
        let read = Settings::read(&settings).unwrap();
        let Some(Sasl::ScramSha512(credentials)) = read.sasl else { panic!("another mechanism") };
        assert_eq!((credentials.user.as_str(), credentials.password.as_str()), ("u", "p"));
        assert!(read.tls.is_none());
    }
}
