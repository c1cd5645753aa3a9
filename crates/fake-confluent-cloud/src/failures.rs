//! Failures on purpose.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::exchange::{Reply, Request};

/// One rule, as `POST /fake/v1/failures` takes it. Either requests fail (`path_prefix`, `status`) or a connector does
/// (`connector`, `trace`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Only this method.
    method: Option<String>,
    /// Paths that begin so.
    path_prefix: Option<String>,
    status: Option<u16>,
    /// How often; without it until the rules are deleted.
    times: Option<u32>,
    /// How many matching requests pass before.
    #[serde(default)]
    skip: u32,
    /// The answer's body; without it the API's usual error.
    body: Option<Value>,
    /// Seconds of Retry-After; 1 for a 429.
    retry_after: Option<u32>,
    /// The request is done all the same, and only its answer is lost.
    #[serde(default)]
    after: bool,
    /// The connector with this name goes FAILED instead of RUNNING.
    connector: Option<String>,
    /// What its status then says.
    trace: Option<String>,
}

/// All rules, in the order they came.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    rules: Vec<Rule>,
}

impl Failures {
    /// Takes a rule, or says what is wrong with it.
    pub fn add(&mut self, sent: &Value) -> Result<(), String> {
        let rule = Rule::deserialize(sent).map_err(|error| error.to_string())?;
        match (&rule.connector, &rule.path_prefix, rule.status) {
            (Some(_), None, None) => {}
            (None, Some(_), Some(400..=599)) => {}
            (None, Some(_), _) => {
                return Err("status from 400 to 599 is required with path_prefix".to_owned());
            }
            _ => return Err("give path_prefix and status, or connector".to_owned()),
        }
        self.rules.push(rule);
        Ok(())
    }

    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// The failure of a request, and whether the request is done all the same.
    pub fn of_request(&mut self, request: &Request) -> Option<(Failure, bool)> {
        let rule = self.take(|rule| {
            rule.path_prefix.as_ref().is_some_and(|prefix| request.path.starts_with(prefix))
                && rule
                    .method
                    .as_ref()
                    .is_none_or(|method| method.eq_ignore_ascii_case(request.method.as_str()))
        })?;
        let status = rule.status.unwrap_or(500);
        let retry_after = rule.retry_after.or((status == 429).then_some(1));
        Some((Failure { status, body: rule.body, retry_after }, rule.after))
    }

    /// Why a connector fails, if it is to.
    pub fn of_connector(&mut self, name: &str) -> Option<String> {
        let rule = self.take(|rule| rule.connector.as_deref() == Some(name))?;
        Some(rule.trace.unwrap_or_else(|| "the connector failed on purpose".to_owned()))
    }

    fn take(&mut self, matches: impl Fn(&Rule) -> bool) -> Option<Rule> {
        let rule = self.rules.iter_mut().find(|rule| rule.times != Some(0) && matches(rule))?;
        if rule.skip > 0 {
            rule.skip -= 1;
            return None;
        }
        rule.times = rule.times.map(|times| times - 1);
        Some(rule.clone())
    }
}

/// The answer to a request that fails on purpose.
#[derive(Debug)]
pub(crate) struct Failure {
    pub status: u16,
    pub body: Option<Value>,
    pub retry_after: Option<u32>,
}

impl Failure {
    /// With the API's own form of an error, unless the rule has a body.
    pub fn reply(self, usual: Value) -> Reply {
        Reply { retry_after: self.retry_after, ..Reply::json(self.status, self.body.unwrap_or(usual)) }
    }

    pub fn message(&self) -> &'static str {
        match self.status {
            401 => "Unauthorized",
            403 => "Forbidden Access",
            404 => "Resource Not Found",
            429 => "Rate limit exceeded",
            _ => "Failed on purpose",
        }
    }
}

/// The rules that are in force, for the state dump.
pub(crate) fn show(failures: &Failures) -> Value {
    let rules = failures.rules.iter().filter(|rule| rule.times != Some(0));
    rules
        .map(|rule| {
            json!({
                "method": rule.method, "path_prefix": rule.path_prefix, "status": rule.status, "times": rule.times,
                "connector": rule.connector,
            })
        })
        .collect()
}
