//! What the worker measures.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use metrics::prometheus;

use crate::Context;
use crate::error::Result;

/// `GET /metrics`
pub(super) async fn metrics(State(context): State<Context>) -> Result<Response> {
    let mut snapshot = context.herder.metrics().await?;
    context.measure.report(&mut snapshot);
    let text = prometheus::write(&snapshot, context.rules.metric_names);
    Ok(([(header::CONTENT_TYPE, prometheus::CONTENT_TYPE)], text).into_response())
}
