//! Lets requests through to those routes that who sent them may use, and has it written down.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::task::JoinError;
use tracing::Instrument as _;

use crate::Context;
use crate::audit::Entry;
use crate::body::BODY_BYTES_MAX;
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::roles::{self, Access};
use crate::{cross_site, vouch};

/// Surrounds all routes. What passes carries its [`Identity`], except on routes that are open or for other workers.
pub(crate) async fn guard(State(context): State<Context>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).to_owned();
    if !roles::changes(request.method(), &route) {
        return guarded(context, route, request, next).await;
    }
    // A change that has begun is done and written down, also when the client does not wait for it: its connection may end,
    // and with it whoever waits here.
    let change = tokio::spawn(guarded(context, route, request, next).in_current_span());
    match change.await.map_err(JoinError::try_into_panic) {
        Ok(answer) => answer,
        Err(Ok(panic)) => std::panic::resume_unwind(panic),
        Err(Err(_)) => Error::Herder(herder::Error::ShuttingDown).into_response(),
    }
}

async fn guarded(context: Context, route: String, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Some(credentials) = parts.headers.get_mut(AUTHORIZATION) {
        credentials.set_sensitive(true); // whoever prints the headers does not print it
    }
    let mut entry = Entry::of(&route, &mut parts).await;
    if let Some(origin) = cross_site::refused(&parts, context.rules.cors.as_ref()) {
        return finish(&context, Some(entry), None, cross_site::refusal(origin).into_response()).await;
    }
    let vouched = match vouched(&context, &parts, body).await {
        Ok(vouched) => vouched,
        Err(error) => return error.into_response(),
    };
    let Vouched { identity: vouched, body } = vouched;
    let is_first = vouched.is_none();
    let (identity, answer) = match admit(&context, &route, &parts, vouched).await {
        Err((identity, error)) => (identity, error.into_response()),
        Ok(identity) => {
            let body = match is_first {
                true => with_keys(&context, &route, &parts, body, &mut entry).await,
                false => Ok(body),
            };
            match body {
                Err(error) => (identity, error.into_response()),
                Ok(body) => {
                    if let Some(identity) = &identity {
                        parts.extensions.insert(identity.clone());
                    }
                    let answer = next.run(Request::from_parts(parts, body)).await;
                    (identity, answer)
                }
            }
        }
    };
    // What another worker forwards is written down there.
    finish(&context, is_first.then_some(entry), identity, answer).await
}

/// Who sent a request, if another worker of the group says so; and the body, which is read for it.
struct Vouched {
    identity: Option<Identity>,
    body: Body,
}

async fn vouched(context: &Context, parts: &Parts, body: Body) -> Result<Vouched> {
    let (Some(_), Some(peers)) = (&context.authentication, &context.peers) else {
        return Ok(Vouched { identity: None, body });
    };
    if !vouch::is_claimed(&parts.headers) {
        return Ok(Vouched { identity: None, body });
    }
    let body = context.measure.unproven.read(body, BODY_BYTES_MAX).await?;
    let taken = context.vouched.take(peers.keys(), parts, body.bytes(), context.herder.now_ms());
    let identity = taken.inspect_err(|why| {
        tracing::warn!("a request says who sent it, which counts for nothing: {why}");
    });
    Ok(Vouched { identity: identity.ok(), body: body.into_bytes().into() })
}

async fn read(body: Body) -> Result<Bytes> {
    to_bytes(body, BODY_BYTES_MAX)
        .await
        .map_err(|_| Error::TooLarge(format!("the request's body is larger than {BODY_BYTES_MAX} bytes")))
}

/// Who may pass; `None` where nobody is asked. Who may not may be known all the same.
async fn admit(
    context: &Context,
    route: &str,
    parts: &Parts,
    vouched: Option<Identity>,
) -> std::result::Result<Option<Identity>, (Option<Identity>, Error)> {
    let needed = match roles::access(&parts.method, route) {
        Access::Open | Access::Peers => return Ok(None),
        Access::Role(needed) => needed,
    };
    let Some(authentication) = &context.authentication else { return Ok(Some(Identity::anybody())) };
    let identity = match vouched {
        Some(identity) => identity,
        None => authentication.identify(parts).await.map_err(|error| (None, error))?,
    };
    if identity.role >= Some(needed) {
        return Ok(Some(identity));
    }
    let has = identity.role.map_or("no role here".to_owned(), |role| format!("the role {role}"));
    let why = format!("{} has {has}; this request takes the role {needed}", identity.name);
    Err((Some(identity), Error::Forbidden(why)))
}

/// Reads the body of what changes a config, for the names of the keys that are changed.
async fn with_keys(
    context: &Context,
    route: &str,
    parts: &Parts,
    body: Body,
    entry: &mut Entry,
) -> Result<Body> {
    if !entry.has_keys(&parts.method, route) {
        return Ok(body);
    }
    let body = read(body).await?;
    entry.take_keys(context, &body).await;
    Ok(body.into())
}

async fn finish(
    context: &Context,
    entry: Option<Entry>,
    identity: Option<Identity>,
    mut answer: Response,
) -> Response {
    if let Some(entry) = entry.filter(|entry| entry.is_written(answer.status())) {
        answer = context.audit.write(entry, identity.as_ref(), answer).await;
    }
    if let Some(identity) = identity {
        answer.extensions_mut().insert(Who(identity));
    }
    answer
}

/// On an answer: who asked.
#[derive(Debug, Clone)]
pub(crate) struct Who(pub(crate) Identity);
