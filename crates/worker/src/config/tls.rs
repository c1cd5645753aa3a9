//! How REST speaks TLS: `listeners.https.ssl.*` and `admin.listeners.https.ssl.*`, or `ssl.*` where there are none.

use std::time::Duration;

use config::{RawConfig, Report};
use spec::Warning;
use tls::{ClientAuth, Settings};

use super::{CommonKeys, Listener};

const PUBLIC: &str = "listeners.https.";
const ADMIN: &str = "admin.listeners.https.";

/// How REST speaks TLS. What its settings name is not opened yet.
#[derive(Debug, Clone, Default)]
pub struct RestTls {
    /// Of https listeners, if there are any.
    pub public: Option<Settings>,
    /// Of https listeners of `/admin`, if it has its own.
    pub admin: Option<Settings>,
    /// Of the client for other workers of the group; without, it trusts whom the machine trusts.
    pub peers: Option<Settings>,
    /// Whether the keys of [`Self::peers`] are there for Kafka's brokers, too, so that other workers are asked without them
    /// when they cannot be used.
    pub peers_optional: bool,
    /// Why other workers are asked without them.
    pub(super) doubt: Option<Warning>,
    /// How often files are looked at.
    pub reload: Duration,
}

impl RestTls {
    pub(super) fn read(
        raw: &RawConfig,
        keys: &CommonKeys,
        Listens { public: listeners, admin, asks }: Listens<'_>,
        report: &mut Report,
    ) -> Self {
        let has_tls = |listeners: &[Listener]| listeners.iter().any(|listener| listener.tls);
        let mut server = |prefix: &str| {
            let settings = Settings::read(raw, prefix, report);
            settings.check_server(report);
            settings
        };
        let public = has_tls(listeners).then(|| server(PUBLIC));
        let admin = admin.is_some_and(has_tls).then(|| server(ADMIN));
        let has = |prefix: &str| raw.iter().any(|(key, _)| key.starts_with(prefix));
        let (mut peers_optional, mut doubt) = (false, None);
        let peers = match &public {
            Some(settings) => Some(settings.clone()),
            None if has(PUBLIC) => Some(Settings::read(raw, PUBLIC, report)),
            // As in Kafka Connect, where they are read only once another worker is on https.
            None if asks && has("ssl.") => {
                peers_optional = true;
                let mut problems = Report::default();
                let settings = Settings::read(raw, PUBLIC, &mut problems);
                doubt = (!problems.is_empty()).then(|| without(&problems.to_string()));
                doubt.is_none().then_some(settings)
            }
            None => None,
        };
        if keys.reload_interval.is_zero() {
            report.invalid("sluice.rest.ssl.reload.interval.ms", Some("0"), "Value must be at least 1");
        }
        Self { public, admin, peers, peers_optional, doubt, reload: keys.reload_interval }
    }
}

/// Where REST listens.
pub(super) struct Listens<'a> {
    pub(super) public: &'a [Listener],
    pub(super) admin: Option<&'a [Listener]>,
    /// Whether other workers are asked, too.
    pub(super) asks: bool,
}

/// Other workers are asked without keys and certificates that cannot be used.
fn without(why: &str) -> Warning {
    let text = format!(
        "other workers that listen on https are asked without it, and are trusted if this machine trusts them: {}",
        why.trim().replace('\n', "; ")
    );
    Warning { key: "ssl.truststore.location".to_owned(), text }
}

/// Whether clients may show a certificate on https listeners of this key, if there is one.
pub(super) fn takes_certificates(raw: &RawConfig, listeners_key: &str) -> bool {
    let settings = Settings::read(raw, &format!("{listeners_key}.https."), &mut Report::default());
    let listens = raw.get(listeners_key).unwrap_or_default().to_ascii_lowercase().contains("https://");
    listens && settings.client_auth != ClientAuth::None
}

/// Whether TLS lets only those in who show a certificate, on https listeners of this key.
pub(super) fn asks_for_certificates(raw: &RawConfig, listeners_key: &str) -> bool {
    // What is wrong with the keys is reported where they are read for good.
    let settings = Settings::read(raw, &format!("{listeners_key}.https."), &mut Report::default());
    settings.client_auth == ClientAuth::Required
}
