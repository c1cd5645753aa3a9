//! Refuses requests that come too fast, and those whose body comes too slowly.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use api::BoxFuture;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::{Frame, SizeHint};

use crate::Measure;
use crate::error::Error;

/// Surrounds a route.
pub(crate) async fn throttle(State(measure): State<Measure>, request: Request, next: Next) -> Response {
    let client = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let client = client.map(|ConnectInfo(address)| address.ip());
    if let Some(client) = client
        && let Err(wait) = measure.rates.take(client, measure.clock.elapsed())
    {
        let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
        let text = format!(
            "{client} sends more requests than sluice.rest.requests.per.second allows; wait {seconds} s"
        );
        let mut response = Error::TooMany(text).into_response();
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        return response;
    }
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let limit = measure.limits.body;
    let late = Arc::new(AtomicBool::new(false));
    let request =
        request.map(|body| Body::new(InTime { body, limit: measure.clock.sleep(limit), late: late.clone() }));
    let response = next.run(request).await;
    if !late.load(Ordering::Relaxed) {
        return response;
    }
    let text = format!("the request's body did not come within {} s", limit.as_secs_f64());
    let mut response = Error::TooSlow(text).into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A body that must have come in a limited time.
struct InTime {
    body: Body,
    limit: BoxFuture<'static, ()>,
    late: Arc<AtomicBool>,
}

impl HttpBody for InTime {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if polled.is_pending() && self.limit.as_mut().poll(cx).is_ready() {
            self.late.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(axum::Error::new("too slow"))));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
