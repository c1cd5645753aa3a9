//! Why a call has no answer.

use std::io;

use tokio_rustls::rustls;

/// Why there is no connection, or no answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallError {
    /// It may work later: nobody listens, no answer in time, the connection ended.
    Unreachable(String),
    /// The broker does not let this client in, or this client does not trust the broker: trying again in the same way
    /// does not help.
    Refused(String),
    /// The broker is too old, or what it says is not Kafka's protocol.
    Unsupported(String),
}

impl CallError {
    /// The end of a connection, or a handshake that failed.
    pub(super) fn of_io(broker: &str, error: &io::Error) -> Self {
        let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match tls {
            Some(error) => Self::of_tls(broker, error),
            None if error.kind() == io::ErrorKind::UnexpectedEof => {
                let hint = "the broker closed the connection; if it happens at once, security.protocol may not fit \
                            the broker's listener";
                Self::Unreachable(format!("{broker}: {hint}"))
            }
            None => Self::Unreachable(format!(
                "{broker}: {error}; check that the broker runs and that bootstrap.servers and security.protocol fit it"
            )),
        }
    }

    fn of_tls(broker: &str, error: &rustls::Error) -> Self {
        use rustls::{AlertDescription as Alert, Error};
        match error {
            Error::InvalidCertificate(_) => Self::Refused(format!(
                "{broker}: the broker's certificate is not trusted: {error}; check ssl.truststore.* and the host name \
                 in bootstrap.servers"
            )),
            Error::AlertReceived(
                Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnknownCA
                | Alert::CertificateUnknown
                | Alert::CertificateExpired
                | Alert::CertificateRevoked
                | Alert::UnsupportedCertificate
                | Alert::AccessDenied,
            ) => Self::Refused(format!(
                "{broker}: the broker does not take this client's certificate: {error}; check ssl.keystore.*"
            )),
            Error::InvalidMessage(_) => Self::Unreachable(format!(
                "{broker}: it does not speak TLS: {error}; check security.protocol against the broker's listener"
            )),
            _ => Self::Unreachable(format!("{broker}: TLS: {error}")),
        }
    }
}
