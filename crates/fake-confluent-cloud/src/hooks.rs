//! `/fake/v1/…`: what a test does behind the cloud's back. No credentials are asked for.

mod change;
mod dump;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::exchange::{Reply, Request};
use crate::failures;

/// Answers a request to a hook; `None` when it is for the cloud.
pub(crate) fn route(cloud: &mut Cloud, request: &Request) -> Option<Reply> {
    let (method, segments) = request.route();
    let ["fake", "v1", hook @ ..] = segments.as_slice() else { return None };
    if let Some(error) = &request.body_error {
        return Some(bad(&format!("the body is not JSON: {error}")));
    }
    Some(match (method, hook) {
        ("POST", ["reset"]) => {
            cloud.reset();
            Reply::empty(204)
        }
        ("GET", ["state"]) => Reply::ok(dump::dump(cloud)),
        ("POST", ["change"]) => match change::change(cloud, &request.body) {
            Ok(()) => Reply::empty(204),
            Err(why) => bad(&why),
        },
        ("POST", ["failures"]) => match cloud.failures.add(&request.body) {
            Ok(()) => Reply::empty(204),
            Err(why) => bad(&why),
        },
        ("GET", ["failures"]) => Reply::ok(json!({"failures": failures::show(&cloud.failures)})),
        ("DELETE", ["failures"]) => {
            cloud.failures.clear();
            Reply::empty(204)
        }
        ("GET", ["requests"]) => Reply::ok(cloud.log.show()),
        ("DELETE", ["requests"]) => {
            cloud.log.clear();
            Reply::empty(204)
        }
        _ => Reply::json(404, error(&format!("{method} {} is not a hook", request.path))),
    })
}

fn bad(why: &str) -> Reply {
    Reply::json(400, error(why))
}

fn error(why: &str) -> Value {
    json!({"error": why})
}
