//! From a request to its reply: hooks, failures on purpose, credentials, route, log.

use serde_json::{Map, Value, json};

use crate::cloud::Cloud;
use crate::connect::plugins::PLUGINS;
use crate::exchange::{Answer, Api, Refusal, Reply, Request};
use crate::{access, connect, control, hooks, kafka, mask, registry};

/// Answers a request.
pub(crate) fn answer(cloud: &mut Cloud, request: &Request) -> Reply {
    if let Some(reply) = hooks::route(cloud, request) {
        return reply;
    }
    let Some(api) = Api::of(&request.segments) else {
        let refusal = Refusal::new(404, format!("{} is not served by this fake", request.path));
        let reply = Api::Control.refuse(&refusal, "");
        note(cloud, Api::Control, request, reply.status, false);
        return reply;
    };
    let failure = cloud.failures.of_request(request);
    let done = match &failure {
        Some((_, false)) => None,
        _ => Some(perform(cloud, api, request)),
    };
    let trace = cloud.trace();
    let failed_on_purpose = failure.is_some();
    let mut reply = match (failure, done) {
        (Some((failure, _)), _) => {
            let usual = api.refuse(&Refusal::new(failure.status, failure.message()), &trace).body;
            failure.reply(usual.unwrap_or_default())
        }
        (None, Some(Ok(reply))) => reply,
        (None, Some(Err(refusal))) => api.refuse(&refusal, &trace),
        (None, None) => Reply::empty(500),
    };
    reply.media_type = api.media_type(request, reply.status);
    note(cloud, api, request, reply.status, failed_on_purpose);
    reply
}

fn perform(cloud: &mut Cloud, api: Api, request: &Request) -> Answer {
    let resource = access::check(cloud, api, request)?;
    if let Some(error) = &request.body_error {
        return Err(Refusal::bad(format!("the body is not JSON: {error}")));
    }
    match api {
        Api::Control => control::route(cloud, request),
        Api::Connect => connect::route(cloud, request),
        Api::Kafka => kafka::route(cloud, request),
        Api::Registry => registry::route(cloud, request, &resource),
    }
}

fn note(cloud: &mut Cloud, api: Api, request: &Request, status: u16, failed_on_purpose: bool) {
    let known: Vec<&str> = cloud.secrets.values().map(String::as_str).collect();
    let query: Map<String, Value> = request
        .query
        .iter()
        .map(|(key, value)| (key.clone(), Value::String(mask::masked_text(value, &known))))
        .collect();
    let in_config = |key: &str| api == Api::Connect && is_plugin_secret(key);
    let body = mask::masked(&request.body, &known, &in_config);
    cloud.log.add(request, status, json!(query), body, failed_on_purpose);
}

/// A key that some plugin holds secret: the log does not know whose config it sees.
fn is_plugin_secret(key: &str) -> bool {
    PLUGINS.iter().any(|plugin| plugin.secret.contains(&key))
}
