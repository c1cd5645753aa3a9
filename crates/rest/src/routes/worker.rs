//! The worker itself.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use herder::Health;
use rest_types::{ServerInfo, WorkerStatus};

use crate::Context;

/// `GET /`
pub(super) async fn about(State(context): State<Context>) -> Json<ServerInfo> {
    Json(ServerInfo {
        version: context.about.version.clone(),
        commit: context.about.commit.clone(),
        kafka_cluster_id: context.cluster_id.borrow().clone(),
    })
}

/// `GET /health`
pub(super) async fn health(State(context): State<Context>) -> (StatusCode, Json<WorkerStatus>) {
    let (code, status, message) = match context.herder.health().await {
        Health::Healthy => {
            (StatusCode::OK, "healthy", "Worker has completed startup and is ready to handle requests.")
        }
        Health::Starting => (
            StatusCode::SERVICE_UNAVAILABLE,
            "starting",
            "Worker is still starting up: the connectors of its files are being created.",
        ),
        Health::Unhealthy => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "unhealthy",
            "Worker was unable to handle this request within 10 s and may be unable to handle others.",
        ),
    };
    (code, Json(WorkerStatus { status: status.to_owned(), message: message.to_owned() }))
}
