//! How Terraform starts a plugin: environment variables in, one line on standard output back, then gRPC on a local
//! port, in TLS when Terraform sent its certificate.

use std::io::Write;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tonic::transport::{Identity, ServerTlsConfig};

/// Terraform sets this variable to this value for its plugins, and so tells a plugin from a program.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Whether Terraform started this process.
#[must_use]
pub fn is_plugin() -> bool {
    std::env::var(COOKIE.0).is_ok_and(|value| value == COOKIE.1)
}

/// The server's half of TLS.
pub struct Tls {
    /// For the server.
    pub config: ServerTlsConfig,
    /// What the handshake line says, so that Terraform trusts this certificate and no other.
    pub certificate: String,
}

/// A fresh certificate when Terraform asks for TLS, else none.
///
/// Terraform's own certificate is not verified: its key lies on the curve P-521, which ring does not know. Whoever
/// reaches this port can reach the fake cloud on loopback as well.
///
/// # Errors
/// When no certificate can be made.
pub fn tls() -> anyhow::Result<Option<Tls>> {
    if std::env::var_os("PLUGIN_CLIENT_CERT").is_none_or(|certificate| certificate.is_empty()) {
        return Ok(None);
    }
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])
        .context("cannot make a certificate for Terraform's connection")?;
    let identity = Identity::from_pem(made.cert.pem(), made.signing_key.serialize_pem());
    let certificate = STANDARD_NO_PAD.encode(made.cert.der());
    Ok(Some(Tls { config: ServerTlsConfig::new().identity(identity), certificate }))
}

/// Tells Terraform where the plugin listens.
///
/// # Errors
/// When standard output is closed.
pub fn announce(port: u16, certificate: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "1|5|tcp|127.0.0.1:{port}|grpc|{certificate}")
        .and_then(|()| out.flush())
        .context("cannot tell Terraform where the provider listens")
}
