//! The table of routes.

mod connectors;
mod internal;
mod log_lines;
mod loggers;
mod metrics;
mod offsets;
mod plugins;
mod sluice;
mod worker;

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, get, post, put};
use axum::{Router, middleware};

use crate::around::around;
use crate::body::BODY_BYTES_MAX;
use crate::error::Error;
use crate::forward::forward;
use crate::guard::guard;
use crate::throttle::throttle;
use crate::{Context, negotiate};
pub(crate) use log_lines::FOLLOWERS_MAX;

type Methods = MethodRouter<Context>;

/// Which routes a listener has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    /// All.
    Everything,
    /// All but those under `/admin`.
    Public,
    /// Those under `/admin` only.
    Admin,
}

impl Surface {
    fn has(self, path: &str) -> bool {
        match self {
            Surface::Everything => true,
            Surface::Public => !path.starts_with("/admin/"),
            Surface::Admin => path.starts_with("/admin/"),
        }
    }
}

/// A path, what answers on it, and its methods.
type Route = (&'static str, Methods, &'static [&'static str]);

/// All paths and their methods.
#[cfg(test)]
pub(crate) fn methods() -> Vec<(&'static str, &'static [&'static str])> {
    table().into_iter().map(|(path, _, methods)| (path, methods)).collect()
}

fn table() -> [Route; 28] {
    [
        ("/", get(worker::about), GET),
        ("/health", get(worker::health), GET),
        ("/metrics", get(metrics::metrics), GET),
        ("/connectors", get(connectors::list).post(connectors::create), &["HEAD", "POST", "GET", "OPTIONS"]),
        (
            "/connectors/{name}",
            get(connectors::info).delete(connectors::delete),
            &["HEAD", "DELETE", "GET", "OPTIONS"],
        ),
        (
            "/connectors/{name}/config",
            get(connectors::config).put(connectors::put_config).patch(connectors::patch_config),
            &["HEAD", "GET", "OPTIONS", "PUT", "PATCH"],
        ),
        ("/connectors/{name}/status", get(connectors::status), GET),
        ("/connectors/{name}/fence", internal::fence(), &["PUT", "OPTIONS"]),
        (
            "/connectors/{name}/tasks",
            get(connectors::tasks).merge(internal::tasks()),
            &["HEAD", "POST", "GET", "OPTIONS"],
        ),
        ("/connectors/{name}/tasks/{task}/status", get(connectors::task_status), GET),
        ("/connectors/{name}/tasks/{task}/restart", post(connectors::restart_task), POST),
        ("/connectors/{name}/restart", post(connectors::restart), POST),
        ("/connectors/{name}/pause", put(connectors::pause), PUT),
        ("/connectors/{name}/resume", put(connectors::resume), PUT),
        ("/connectors/{name}/stop", put(connectors::stop), PUT),
        ("/connectors/{name}/topics", get(connectors::topics), GET),
        ("/connectors/{name}/topics/reset", put(connectors::reset_topics), PUT),
        (
            "/connectors/{name}/offsets",
            get(offsets::list).patch(offsets::alter).delete(offsets::reset),
            &["HEAD", "DELETE", "GET", "OPTIONS", "PATCH"],
        ),
        ("/connector-plugins", get(plugins::list), GET),
        ("/connector-plugins/{plugin}/config", get(plugins::config), GET),
        ("/connector-plugins/{plugin}/config/validate", put(plugins::validate), PUT),
        ("/sluice/v1/workers", get(sluice::workers), GET),
        ("/sluice/v1/connectors", get(sluice::list), GET),
        ("/sluice/v1/connectors/{name}", get(sluice::details), GET),
        ("/sluice/v1/connectors/{name}/logs", get(log_lines::lines), GET),
        (
            "/sluice/v1/connectors/{name}/log-level",
            get(loggers::connector_level).put(loggers::set_connector_level),
            &["HEAD", "GET", "OPTIONS", "PUT"],
        ),
        ("/admin/loggers", get(loggers::list), GET),
        (
            "/admin/loggers/{logger}",
            get(loggers::level).put(loggers::set_level),
            &["HEAD", "GET", "OPTIONS", "PUT"],
        ),
    ]
}

/// The routes of a listener.
pub(crate) fn router(context: Context, surface: Surface) -> Router {
    // As in Kafka Connect: pages and headers are a matter of the public listeners.
    let rules = match surface {
        Surface::Admin => Arc::default(),
        Surface::Everything | Surface::Public => context.rules.clone(),
    };
    let mut router = Router::new();
    for (path, methods, allowed) in table().into_iter().filter(|(path, ..)| surface.has(path)) {
        router = router.route(path, methods.options(async move || negotiate::options(allowed)));
    }
    router
        .route_layer(middleware::from_fn_with_state(context.clone(), forward))
        .route_layer(middleware::from_fn(negotiate::accept))
        .route_layer(middleware::from_fn_with_state(context.clone(), guard))
        .fallback(async || Error::NoSuchPath)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn_with_state(context.measure.clone(), throttle))
        .layer(middleware::from_fn_with_state((rules, context.measure.clone()), around))
        .with_state(context)
}

const GET: &[&str] = &["HEAD", "GET", "OPTIONS"];
const POST: &[&str] = &["POST", "OPTIONS"];
const PUT: &[&str] = &["OPTIONS", "PUT"];
