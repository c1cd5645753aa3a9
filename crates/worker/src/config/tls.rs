//! How REST speaks TLS: `listeners.https.ssl.*` and `admin.listeners.https.ssl.*`, or `ssl.*` where there are none.

use std::time::Duration;

use config::{RawConfig, Report};
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
    /// How often files are looked at.
    pub reload: Duration,
}

impl RestTls {
    pub(super) fn read(
        raw: &RawConfig,
        keys: &CommonKeys,
        listeners: &[Listener],
        admin: Option<&[Listener]>,
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
        let peers = match &public {
            Some(settings) => Some(settings.clone()),
            None => raw
                .iter()
                .any(|(key, _)| key.starts_with(PUBLIC))
                .then(|| Settings::read(raw, PUBLIC, report)),
        };
        if keys.reload_interval.is_zero() {
            report.invalid("sluice.rest.ssl.reload.interval.ms", Some("0"), "Value must be at least 1");
        }
        Self { public, admin, peers, reload: keys.reload_interval }
    }
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
