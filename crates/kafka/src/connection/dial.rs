//! Making a connection: TCP, TLS, the versions that the broker speaks, and the log-in.

use std::sync::Arc;
use std::time::Duration;

use api::Clock;
use kafka_protocol::ResponseError;
use kafka_protocol::messages::{ApiVersionsRequest, ApiVersionsResponse};
use kafka_protocol::protocol::StrBytes;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::sasl::Mechanism;
use super::settings::Settings;
use super::{Address, CallError, Connection};
use crate::librdkafka::Login;
use crate::pool::Pool;
use crate::{ClientSettings, Result};

/// The version of `ApiVersions` that says who we are; an older broker answers it in version 0.
const VERSIONS: i16 = 3;

/// Makes connections.
pub(super) struct Dialer {
    pub(super) settings: Settings,
    mechanism: Option<Mechanism>,
    clock: Arc<dyn Clock>,
}

impl Dialer {
    /// Reads the settings, and starts to fetch tokens when they are needed.
    ///
    /// # Errors
    /// A setting is wrong or not supported.
    pub(super) fn new(
        settings: &ClientSettings,
        logins: &Pool<Login>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let settings = Settings::read(settings)?;
        let mechanism = settings.sasl.as_ref().map(|sasl| Mechanism::new(sasl, logins)).transpose()?;
        Ok(Self { settings, mechanism, clock })
    }

    /// Connects to a broker. Dropping the future is safe.
    ///
    /// # Errors
    /// It does not answer within `socket.connection.setup.timeout.ms`, or refuses this client.
    pub(super) async fn dial(&self, address: &Address) -> std::result::Result<Connection, CallError> {
        let limit = self.settings.setup_timeout;
        tokio::select! {
            connection = self.connect(address, limit) => connection,
            () = self.clock.sleep(limit) => Err(CallError::Unreachable(format!(
                "{address}: no connection within {} ms (socket.connection.setup.timeout.ms); check that it can be \
                 reached from here",
                limit.as_millis()
            ))),
        }
    }

    async fn connect(
        &self,
        address: &Address,
        limit: Duration,
    ) -> std::result::Result<Connection, CallError> {
        let broker = address.to_string();
        let failed = |error: std::io::Error| CallError::of_io(&broker, &error);
        let tcp = TcpStream::connect((address.host.as_str(), address.port)).await.map_err(failed)?;
        tcp.set_nodelay(true).map_err(failed)?;
        let clock = Arc::clone(&self.clock);
        let mut connection = match &self.settings.tls {
            None => Connection::new(&broker, &self.settings.client_id, tcp, clock),
            Some(config) => {
                let name = ServerName::try_from(address.host.clone()).map_err(|error| {
                    CallError::Refused(format!(
                        "{broker}: {error}: TLS needs a host name or an address in bootstrap.servers"
                    ))
                })?;
                let tls = TlsConnector::from(Arc::clone(config)).connect(name, tcp).await.map_err(failed)?;
                Connection::new(&broker, &self.settings.client_id, tls, clock)
            }
        };
        connection.versions = versions(&connection, limit).await?;
        if let Some(mechanism) = &self.mechanism {
            let asked = self.clock.elapsed();
            let lifetime = mechanism.log_in(&connection, &broker, limit).await?;
            connection.expires = lifetime.map(|lifetime| asked + lifetime);
        }
        Ok(connection)
    }
}

async fn versions(
    connection: &Connection,
    limit: Duration,
) -> std::result::Result<std::collections::HashMap<i16, (i16, i16)>, CallError> {
    let request = ApiVersionsRequest::default()
        .with_client_software_name(StrBytes::from_static_str("sluice"))
        .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")));
    let answer = connection.call_version(VERSIONS, limit, request).await;
    let answer = match answer {
        Err(CallError::Unsupported(_)) => {
            // A broker that does not know this version says so in version 0, which has another layout.
            connection.call_version(0, limit, ApiVersionsRequest::default()).await?
        }
        Ok(answer) if answer.error_code == ResponseError::UnsupportedVersion.code() => {
            connection.call_version(0, limit, ApiVersionsRequest::default()).await?
        }
        answer => answer?,
    };
    if answer.error_code != 0 {
        let code = super::error_name(answer.error_code);
        return Err(CallError::Unsupported(format!("the broker does not say what it speaks: {code}")));
    }
    let ApiVersionsResponse { api_keys, .. } = answer;
    Ok(api_keys.iter().map(|api| (api.api_key, (api.min_version, api.max_version))).collect())
}
