//! Levels of loggers, and of single connectors.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use herder::Announcement;
use rest_types::sluice::ConnectorLogLevel;
use rest_types::{ConfigMap, LoggerLevel, Loggers};

use crate::Context;
use crate::body::{JsonBody, Name};
use crate::error::{Error, Result};
use crate::logs::Level;
use crate::query::Parameters;

/// `GET /admin/loggers`
pub(super) async fn list(State(context): State<Context>) -> Json<Loggers> {
    Json(context.logs.loggers())
}

/// `GET /admin/loggers/{logger}`
pub(super) async fn level(State(context): State<Context>, Name(name): Name) -> Result<Json<LoggerLevel>> {
    let found = context.logs.logger(&name);
    found.map(Json).ok_or_else(|| Error::NotFound(format!("Logger {name} not found.")))
}

/// `PUT /admin/loggers/{logger}`, for this worker with `scope=worker` or without a scope, for all workers of the group that
/// run now with `scope=cluster`, which answers nothing. A standalone worker is its whole cluster.
pub(super) async fn set_level(
    State(context): State<Context>,
    Name(name): Name,
    RawQuery(query): RawQuery,
    JsonBody(ConfigMap(body)): JsonBody<ConfigMap>,
) -> Result<Response> {
    let query = Parameters::of(query.as_deref());
    let level = body.get("level").ok_or_else(|| {
        Error::BadRequest("Desired 'level' parameter was not specified in request.".to_owned())
    })?;
    let level = parse(level)?;
    let scope = query.get("scope").unwrap_or("worker");
    if !["worker", "cluster"].iter().any(|known| known.eq_ignore_ascii_case(scope)) {
        tracing::warn!(
            scope,
            "there is no such scope of a logger's level; there are worker and cluster, and worker is taken"
        );
    }
    let cluster = scope.eq_ignore_ascii_case("cluster");
    if cluster && context.peers.is_some() {
        let level = level.name().to_owned();
        context.herder.announce(Announcement::Level { logger: name, level }).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let changed = context.logs.set_logger(&name, level).map_err(Error::BadRequest)?;
    tracing::info!(logger = name, %level, "the level of a logger was set");
    Ok(match cluster {
        true => StatusCode::NO_CONTENT.into_response(),
        false => Json(changed).into_response(),
    })
}

// Kafka Connect says 404 for it.
fn parse(level: &str) -> Result<Level> {
    Level::parse(level).ok_or_else(|| Error::NotFound(format!("invalid log level '{level}'.")))
}

/// `GET /sluice/v1/connectors/{name}/log-level`
pub(super) async fn connector_level(
    State(context): State<Context>,
    Name(name): Name,
) -> Result<Json<ConnectorLogLevel>> {
    known(&context, &name).await?;
    let level = context.logs.connector_level(&name);
    Ok(Json(ConnectorLogLevel { level: level.map(|level| level.name().to_owned()) }))
}

/// `PUT /sluice/v1/connectors/{name}/log-level`, on all workers of the group, as long as the connector lives; on this one only
/// with `scope=worker`, until it ends. Null takes the connector's own level away.
pub(super) async fn set_connector_level(
    State(context): State<Context>,
    Name(name): Name,
    RawQuery(query): RawQuery,
    JsonBody(ConnectorLogLevel { level }): JsonBody<ConnectorLogLevel>,
) -> Result<Json<ConnectorLogLevel>> {
    known(&context, &name).await?;
    let level = level.as_deref().map(parse).transpose()?;
    context.logs.set_connector_level(&name, level).map_err(Error::BadRequest)?;
    match level {
        Some(level) => tracing::info!(connector = name, %level, "the connector has a log level of its own"),
        None => tracing::info!(connector = name, "the connector has no log level of its own any more"),
    }
    let level = level.map(|level| level.name().to_owned());
    if context.peers.is_some() && !Parameters::of(query.as_deref()).is("scope", "worker") {
        let connector = name.as_str().into();
        context.herder.announce(Announcement::ConnectorLevel { connector, level: level.clone() }).await?;
    }
    Ok(Json(ConnectorLogLevel { level }))
}

async fn known(context: &Context, name: &str) -> Result<()> {
    let view = context.herder.view(name).await?;
    view.map(drop).ok_or_else(|| Error::NotFound(format!("Connector {name} not found")))
}
