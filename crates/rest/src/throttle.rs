//! Refuses requests that come too fast, those whose body comes too slowly, and bodies for which there is no memory.

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
use parking_lot::Mutex;

use crate::Measure;
use crate::error::Error;
use crate::under_way::{Counted, UnderWay, no_room};

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
    let coming = Arc::new(Coming::default());
    let request = request.map(|body| {
        let (limit, bodies) = (measure.clock.sleep(limit), measure.bodies.clone());
        Body::new(Limited { body, limit, bodies, coming: coming.clone() })
    });
    let response = next.run(request).await;
    let error = if coming.is_late.load(Ordering::Relaxed) {
        Error::TooSlow(format!("the request's body did not come within {} s", limit.as_secs_f64()))
    } else if coming.has_no_room.load(Ordering::Relaxed) {
        no_room()
    } else {
        return response;
    };
    let mut response = error.into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// What is known of a body that comes. Its bytes count until the request is answered: they are in memory in some form.
#[derive(Default)]
struct Coming {
    counted: Mutex<Counted>,
    is_late: AtomicBool,
    has_no_room: AtomicBool,
}

/// A body that must come in a limited time, and find room.
struct Limited {
    body: Body,
    limit: BoxFuture<'static, ()>,
    bodies: UnderWay,
    coming: Arc<Coming>,
}

impl HttpBody for Limited {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if polled.is_pending() && self.limit.as_mut().poll(cx).is_ready() {
            self.coming.is_late.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(axum::Error::new("too slow"))));
        }
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(bytes) = frame.data_ref()
            && !self.bodies.count(bytes.len(), &mut self.coming.counted.lock())
        {
            self.coming.has_no_room.store(true, Ordering::Relaxed);
            return Poll::Ready(Some(Err(axum::Error::new("no room"))));
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
