//! Asks whether a schema could be registered.

use serde_json::{Map, json};

use crate::http::query::{Which, version as find};
use crate::http::reply::Reply;
use crate::http::request::Request;
use crate::plan::compatibility::problems;
use crate::plan::submission::Submission;
use crate::refusal::{Answer, Refusal};
use crate::registry::Registry;

pub(crate) fn check(
    registry: &Registry,
    request: &Request,
    subject: &str,
    version: Option<&str>,
) -> Answer<Reply> {
    let submission: Submission = request.body()?;
    let verbose = request.flag("verbose");
    let state = registry.state();
    let subject = state.unaliased(request.subject(subject));
    subject.check()?;
    let versions = match version.map(Which::parse).transpose()? {
        None => state.live(&subject).collect(),
        Some(Which::Latest) => state.live(&subject).next_back().into_iter().collect(),
        // An unknown subject is an unknown version here.
        Some(which @ Which::Number(number)) => {
            vec![find(&state, &subject, which, false).map_err(|_| Refusal::no_version(number))?]
        }
    };
    let config = state.config(&subject, registry.defaults.level);
    let normalize = request.flag("normalize") || config.normalize == Some(true);
    let problems = match submission.prepare(&state, &subject, &config, normalize, config.checks()) {
        Ok(prepared) => problems(&state, &subject, &prepared, &versions, &config),
        // Who wants to know everything wants to know this, too.
        Err(refusal) if verbose && refusal.code == 42201 => vec![refusal.message],
        Err(refusal) => return Err(refusal),
    };
    let mut answer = Map::new();
    answer.insert("is_compatible".to_owned(), json!(problems.is_empty()));
    if verbose {
        answer.insert("messages".to_owned(), json!(problems));
    }
    Reply::json(&answer)
}
