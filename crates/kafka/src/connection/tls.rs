//! TLS as `ssl.*` wants it. librdkafka's OpenSSL reads the same keys; here it is rustls.

use std::sync::Arc;

use rustls::ClientConfig;
use tls::Settings;

use crate::librdkafka::misconfigured;
use crate::{ClientSettings, Result};

/// The settings of TLS.
///
/// # Errors
/// A file cannot be read, or what is in it is not usable.
pub(super) fn config(settings: &ClientSettings) -> Result<Arc<ClientConfig>> {
    let (settings, problems) = Settings::of(settings.0.clone(), "");
    if let Some(first) = problems.into_iter().next() {
        return Err(misconfigured(first));
    }
    let made = settings.load().and_then(|material| tls::client(&settings, &material));
    made.map(Arc::new).map_err(misconfigured)
}
