//! TLS as `ssl.*` wants it. librdkafka's OpenSSL reads the same keys; here it is rustls.

use std::sync::Arc;

use api::config::Report;
use rustls::ClientConfig;
use tls::Settings;

use crate::{ClientSettings, Error, Result};

/// The settings of TLS.
///
/// # Errors
/// A file cannot be read, or what is in it is not usable.
pub(super) fn config(settings: &ClientSettings) -> Result<Arc<ClientConfig>> {
    let mut report = Report::default();
    let settings = Settings::read(&settings.0, "", &mut report);
    if let Some((key, problems)) = report.iter().next() {
        let reason = problems.first().map(|problem| problem.trim_start_matches(key).trim_start_matches(": "));
        return Err(Error::Misconfigured {
            key: key.to_owned(),
            reason: reason.unwrap_or_default().to_owned(),
        });
    }
    let made = settings.load().and_then(|material| tls::client(&settings, &material));
    made.map(Arc::new).map_err(|tls::Error { key, why }| Error::Misconfigured { key, reason: why })
}
