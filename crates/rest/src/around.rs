//! What is done around every route: a line in the log, a count, headers of the worker's config, and which pages may ask.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use chrono::Utc;
use metrics::Naming;

use crate::guard::Who;
use crate::identity::By;
use crate::{Cors, HeaderRules, Measure};

/// What the worker's config says of HTTP.
#[derive(Debug, Clone, Default)]
pub struct HttpRules {
    /// Which pages may use the API.
    pub cors: Option<Cors>,
    /// Headers of every answer.
    pub headers: HeaderRules,
    /// How metrics are called.
    pub metric_names: Naming,
}

/// Surrounds a route.
pub(crate) async fn around(
    State((rules, measure)): State<(Arc<HttpRules>, Measure)>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let line = Line::of(&request);
    let cors = rules.cors.as_ref().map(|cors| cors.headers(request.method(), request.headers()));
    let mut response = next.run(request).await;
    if let Some(cors) = cors {
        response.headers_mut().extend(cors);
    }
    rules.headers.apply(response.headers_mut());
    measure.measures.answered(measure.clock.elapsed(), response.status(), started.elapsed());
    line.write(&response, started);
    response
}

/// A request as the extended NCSA format has it, which tools read: who, when, what, the answer's status and bytes,
/// where from, which client, and how many milliseconds it took.
struct Line {
    client: String,
    request: String,
    referer: String,
    agent: String,
}

impl Line {
    fn of(request: &Request) -> Self {
        let client = request.extensions().get::<ConnectInfo<SocketAddr>>();
        Self {
            client: client.map_or("-".to_owned(), |ConnectInfo(address)| address.ip().to_string()),
            request: format!("{} {} {:?}", request.method(), request.uri(), request.version()),
            referer: text(request.headers(), header::REFERER),
            agent: text(request.headers(), header::USER_AGENT),
        }
    }

    fn write(&self, response: &Response, started: Instant) {
        let Self { client, request, referer, agent } = self;
        // One word, as the format wants it.
        let user = response.extensions().get::<Who>().filter(|Who(identity)| identity.by != By::None);
        let user = user.map_or("-".to_owned(), |Who(identity)| identity.name.replace([' ', '"'], "_"));
        let time = Utc::now().format("%d/%b/%Y:%H:%M:%S %z");
        let status = response.status().as_u16();
        let bytes = axum::body::HttpBody::size_hint(response.body()).exact();
        let bytes = bytes.map_or("-".to_owned(), |bytes| bytes.to_string());
        let millis = started.elapsed().as_millis();
        tracing::info!(
            target: "sluice_rest::requests",
            "{client} - {user} [{time}] \"{request}\" {status} {bytes} \"{referer}\" \"{agent}\" {millis}"
        );
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> String {
    let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    value.unwrap_or_else(|| "-".to_owned()).replace('"', "'")
}
