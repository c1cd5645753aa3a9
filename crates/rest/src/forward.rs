//! Forwards what another worker of the group has to do: the leader, or the one that has a connector or a task.
//!
//! As in Kafka Connect, a request is tried where it comes in; when that worker cannot do it, it is sent on to the one that
//! can, at most twice (to the leader, and from there to an owner), and its answer is the answer. All of it takes no longer than
//! a request may; and when the other worker leaves the group meanwhile, as one that hangs does, nobody waits for it any more.

use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::{Instant, timeout_at};

use crate::Context;
use crate::body::BODY_BYTES_MAX;
use crate::error::Error;
use crate::peers::CODE;
use crate::query::Parameters;
use crate::roles::{Access, access};

/// The longest that a request may take with everything that other workers do for it, as in Kafka Connect.
const LIMIT: Duration = Duration::from_secs(90);

/// On an answer: the URL of the worker that has to do it.
#[derive(Debug, Clone)]
pub(crate) struct SendTo(pub(crate) String);

/// Surrounds the routes that may have to be forwarded.
pub(crate) async fn forward(State(context): State<Context>, request: Request, next: Next) -> Response {
    // What is signed is for this worker, and so is what should have been: its body is not read without a word of who sends it.
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let is_signed = request.headers().contains_key(CODE) || access(request.method(), route) == Access::Peers;
    let forwardable = !request.method().is_safe() && !is_signed;
    let Some(peers) = context.peers.clone().filter(|_| forwardable) else {
        return next.run(request).await;
    };
    let deadline = Instant::now() + LIMIT;
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return Error::TooLarge(format!("the request's body is larger than {BODY_BYTES_MAX} bytes"))
            .into_response();
    };
    let answer = next.run(Request::from_parts(parts.clone(), body.clone().into())).await;
    let Some(SendTo(url)) = answer.extensions().get::<SendTo>().cloned() else { return answer };
    let Some(query) = forwarded(parts.uri.query()) else {
        let text = "Cannot complete request because of a conflicting operation (e.g. worker rebalance)";
        return Error::Herder(herder::Error::Conflict(text.to_owned())).into_response();
    };
    tracing::debug!(method = %parts.method, path = parts.uri.path(), to = url, "forwards a request");
    let now_ms = context.herder.now_ms();
    let answered = timeout_at(deadline, peers.forward(&url, &query, &parts, body, now_ms)).await;
    let late = |_| {
        Err(Error::unanswered(format!("the worker at {url} did not answer within {} s", LIMIT.as_secs())))
    };
    answered.unwrap_or_else(late).unwrap_or_else(IntoResponse::into_response)
}

// The query of the request that is sent on; none when this one was sent on twice.
fn forwarded(query: Option<&str>) -> Option<String> {
    let forward = match Parameters::of(query).get("forward") {
        None => "true",
        Some(again) if again.eq_ignore_ascii_case("true") => "false",
        Some(_) => return None,
    };
    let others = query.unwrap_or_default().split('&');
    let others = others.filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("forward"));
    Some(others.chain([format!("forward={forward}").as_str()]).collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::forwarded;

    #[test]
    fn a_request_is_sent_on_twice_at_most() {
        let once = forwarded(Some("includeTasks=true&&onlyFailed=true")).unwrap();
        assert_eq!(once, "includeTasks=true&onlyFailed=true&forward=true");
        let twice = forwarded(Some(&once)).unwrap();
        assert_eq!(twice, "includeTasks=true&onlyFailed=true&forward=false");
        assert_eq!(forwarded(Some(&twice)), None);
        assert_eq!(forwarded(None).unwrap(), "forward=true");
        assert_eq!(forwarded(Some("forward=")), None);
    }
}
