//! Opening a connection.

use std::sync::Arc;
use std::time::Duration;

use api::{Error, Result};
use tokio_postgres::Client;
use tokio_postgres::config::{SslMode as ClientSsl, TargetSessionAttrs};

use super::link::Link;
use super::{error, tls};
use crate::config::{Isolation, PostgresParameters, Settings, SslMode};
use crate::lend::Lent;

const LOGIN_TIMEOUT: Duration = Duration::from_secs(40);
const KEEPALIVE: Duration = Duration::from_secs(60);

/// Connects, and leaves the connection's own work to the spawner.
pub(super) async fn connect(
    settings: &Settings,
    parameters: &PostgresParameters,
    lent: &Lent,
) -> Result<(Client, Arc<Link>)> {
    let config = client_config(settings, parameters);
    let tls = tls::Connector::new(parameters)?;
    let limit = parameters.login_timeout.unwrap_or(LOGIN_TIMEOUT);
    let connecting = Box::pin(config.connect(tls));
    let place = place(parameters);
    let connected = match futures::future::select(connecting, lent.clock.sleep(limit)).await {
        futures::future::Either::Left((connected, _)) => connected,
        futures::future::Either::Right(_) => {
            return Err(Error::retry(format!("the server did not answer within {} s", limit.as_secs()))
                .with("server", place));
        }
    };
    let (client, connection) = connected.map_err(|e| error::of(e, "cannot connect").with("server", place))?;
    let (link, driver) = Link::new(Box::pin(async move {
        // Whoever waits for an answer hears of it.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    }));
    lent.spawner.spawn("jdbc postgres connection", driver);
    if let Some(level) = isolation(settings.isolation) {
        let sql = format!("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL {level}");
        client.batch_execute(&sql).await.map_err(|e| error::of(e, "cannot set the isolation level"))?;
    }
    Ok((client, link))
}

fn place(parameters: &PostgresParameters) -> String {
    let hosts: Vec<String> = parameters.hosts.iter().map(|(host, port)| format!("{host}:{port}")).collect();
    hosts.join(",")
}

// The URL's user and password win over those of their own keys, as in the driver.
fn client_config(settings: &Settings, parameters: &PostgresParameters) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    for (host, port) in &parameters.hosts {
        config.host(host).port(*port);
    }
    let user = parameters.user.as_deref().or(settings.user.as_deref());
    if let Some(user) = user {
        config.user(user);
    }
    if let Some(password) = parameters.password.as_ref().or(settings.password.as_ref()) {
        config.password(password.expose());
    }
    // As in the driver: the database of the user's name, unless there is one.
    if let Some(database) = parameters.database.as_deref().or(user) {
        config.dbname(database);
    }
    config.ssl_mode(match parameters.ssl_mode {
        SslMode::Disable => ClientSsl::Disable,
        SslMode::Prefer => ClientSsl::Prefer,
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => ClientSsl::Require,
    });
    config.application_name(parameters.application_name.as_deref().unwrap_or("sluice jdbc source"));
    if !parameters.options.is_empty() {
        config.options(parameters.options.join(" "));
    }
    config.connect_timeout(parameters.connect_timeout.unwrap_or(Duration::from_secs(10)));
    // A peer that is gone without a word is noticed within minutes, whether something is sent to it or awaited of it.
    config.keepalives(parameters.keepalives);
    config.keepalives_idle(KEEPALIVE);
    config.tcp_user_timeout(parameters.socket_timeout.unwrap_or(KEEPALIVE));
    config.target_session_attrs(match parameters.primary_only {
        None => TargetSessionAttrs::Any,
        Some(true) => TargetSessionAttrs::ReadWrite,
        Some(false) => TargetSessionAttrs::ReadOnly,
    });
    config
}

fn isolation(isolation: Isolation) -> Option<&'static str> {
    match isolation {
        Isolation::Default | Isolation::SqlServerSnapshot => None,
        Isolation::ReadUncommitted => Some("READ UNCOMMITTED"),
        Isolation::ReadCommitted => Some("READ COMMITTED"),
        Isolation::RepeatableRead => Some("REPEATABLE READ"),
        Isolation::Serializable => Some("SERIALIZABLE"),
    }
}
