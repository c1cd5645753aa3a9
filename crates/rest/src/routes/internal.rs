//! Requests of other workers of the group, which they sign.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{MethodRouter, post, put};
use herder::{NotSigned, Signature};
use rest_types::ConfigMap;

use crate::Context;
use crate::body::Name;
use crate::error::{Error, Result};
use crate::peers::{ALGORITHM, CODE};

/// The largest body of another worker, in bytes: a thousand tasks with 16 KB each.
const BODY_BYTES_MAX: usize = 16 << 20;

/// What `/connectors/{name}/tasks` has for other workers.
pub(super) fn tasks() -> MethodRouter<Context> {
    post(put_tasks)
}

/// `POST /connectors/{name}/tasks`: the worker that has a connector hands the configs of its tasks in at the leader.
async fn put_tasks(
    State(context): State<Context>,
    Name(name): Name,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    let body = verified(&context, &headers, body).await?;
    let configs: Vec<ConfigMap> = serde_json::from_slice(&body)
        .map_err(|error| Error::BadRequest(format!("cannot read the request's body: {error}")))?;
    let configs = configs.into_iter().map(|ConfigMap(config)| config).collect();
    done(context.herder.put_task_configs(&name, configs).await)
}

/// What `/connectors/{name}/fence` has for other workers.
pub(super) fn fence() -> MethodRouter<Context> {
    put(fence_tasks)
}

/// `PUT /connectors/{name}/fence`: a worker that is about to start a task of a source has the tasks of earlier fenced.
async fn fence_tasks(
    State(context): State<Context>,
    Name(name): Name,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode> {
    verified(&context, &headers, body).await?;
    done(context.herder.fence(&name).await)
}

fn done(answer: herder::Result<()>) -> Result<StatusCode> {
    match answer {
        // Not sent on, since the signature is for who gets it: the sender tries again where it then should.
        Err(herder::Error::Elsewhere { url, why }) => {
            Err(Error::Herder(herder::Error::Conflict(format!("{why} The leader is {url}"))))
        }
        // It may work later: whoever asked tries again.
        Err(error @ herder::Error::TimedOut(_)) => {
            Err(Error::Forwarding(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))
        }
        answer => Ok(answer.map(|()| StatusCode::NO_CONTENT)?),
    }
}

/// The body of a request, if another worker of the group has signed it. Of one that says nothing of a signature it is not
/// read; of others there is room for so many at once.
async fn verified(context: &Context, headers: &HeaderMap, body: Body) -> Result<Bytes> {
    let Some(peers) = &context.peers else { return Err(Error::MethodNotAllowed) };
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let signature = match (text(&ALGORITHM), text(&CODE)) {
        (Some(algorithm), Some(code)) => Some(Signature { algorithm, code }),
        _ => None,
    };
    let refused = |refused: NotSigned| {
        let status = match refused {
            NotSigned::Missing | NotSigned::Algorithm | NotSigned::Encoding => StatusCode::BAD_REQUEST,
            NotSigned::NoKey => StatusCode::SERVICE_UNAVAILABLE,
            NotSigned::Wrong => StatusCode::FORBIDDEN,
        };
        Error::Forwarding(status, refused.to_string())
    };
    let verify = |body: &[u8]| peers.keys().verify(signature.as_ref(), body);
    // Whatever the body is.
    match verify(b"") {
        Ok(()) | Err(NotSigned::Wrong) => {}
        Err(why) => return Err(refused(why)),
    }
    let body = context.measure.unproven.read(body, BODY_BYTES_MAX).await?;
    verify(body.bytes()).map_err(refused)?;
    Ok(body.into_bytes())
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::response::IntoResponse as _;
    use rest_types::ErrorMessage;

    use super::*;

    async fn answered(answer: herder::Result<()>) -> (StatusCode, String) {
        let answer = done(answer).into_response();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let message = serde_json::from_slice::<ErrorMessage>(&body).map(|error| error.message);
        (status, message.unwrap_or_default())
    }

    // What the other side does with each is in `peers`: it asks again after 503 and 409, and fails its task after 500.
    #[tokio::test]
    async fn a_leader_that_is_busy_is_to_be_asked_again() {
        assert_eq!(answered(Ok(())).await, (StatusCode::NO_CONTENT, String::new()));
        let busy = answered(Err(herder::Error::TimedOut("fencing takes long".to_owned()))).await;
        assert_eq!(
            busy,
            (StatusCode::SERVICE_UNAVAILABLE, "Request timed out: fencing takes long".to_owned())
        );
        let url = "http://b:1/".to_owned();
        let elsewhere = answered(Err(herder::Error::Elsewhere { url, why: "No.".to_owned() })).await;
        assert_eq!(elsewhere, (StatusCode::CONFLICT, "No. The leader is http://b:1/".to_owned()));
        let failed = answered(Err(herder::Error::Failed("no rights".to_owned()))).await;
        assert_eq!(failed, (StatusCode::INTERNAL_SERVER_ERROR, "no rights".to_owned()));
    }
}
