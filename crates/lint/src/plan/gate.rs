//! The gate: refuses a plan that would destroy data, unless each loss is permitted by name.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::Serialize;

use super::change::{Action, Counts};
use super::read::PlanJson;
use super::rules::{self, PlanRule};

/// The address of one resource that may be lost.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permit(String);

impl FromStr for Permit {
    type Err = String;

    /// Takes the address as the plan writes it. There is no wildcard: a permit is for a loss that somebody has seen.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let plain = without_keys(text);
        if plain.contains(['*', '?']) {
            return Err("a permit names one resource: there are no wildcards".to_owned());
        }
        let mut segments = plain.split('.').peekable();
        while segments.next_if_eq(&"module").is_some() {
            segments.next();
        }
        let rest: Vec<&str> = segments.collect();
        let is_name = |name: &&str| {
            !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        };
        if rest.len() != 2 || !rest.iter().all(is_name) || text.chars().any(char::is_control) {
            return Err(format!("a permit is the address of one resource, such as {EXAMPLE}"));
        }
        Ok(Self(text.to_owned()))
    }
}

const EXAMPLE: &str = "confluent_kafka_topic.orders or module.topics.confluent_kafka_topic.this[\"orders\"]";

// An address without its indexes and keys: `a.b["c.d"]` is `a.b`.
fn without_keys(address: &str) -> String {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    let mut plain = String::new();
    for c in address.chars() {
        match c {
            '"' if !escaped => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            _ if depth == 0 && !quoted => plain.push(c),
            _ => {}
        }
        // A star that stands for an index would be a wildcard.
        if depth > 0 && !quoted && c == '*' {
            plain.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    plain
}

/// A change that a rule refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The resource.
    pub address: String,
    /// What would be done to it: destroy, replace, change, create.
    pub action: String,
    /// The rule's stable code.
    pub code: &'static str,
    /// The rule's name.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

/// What the gate says about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// What is refused; an empty list lets the plan through.
    pub refused: Vec<Refusal>,
    /// What would be refused, had it not been permitted.
    pub permitted: Vec<Refusal>,
    /// Permits for what the plan does not destroy.
    pub unused_permits: Vec<String>,
    /// What the gate did not judge, in sentences.
    pub notes: Vec<String>,
    /// How many resources of each kind of action.
    pub counts: Counts,
}

impl Verdict {
    /// Whether the plan may be applied.
    pub fn is_ok(&self) -> bool {
        self.refused.is_empty()
    }
}

/// Judges a plan by all rules.
pub fn gate(plan: &PlanJson, permits: &[Permit]) -> Verdict {
    gate_with(plan, permits, rules::ALL)
}

/// As [`gate`], with some rules only.
pub fn gate_with(plan: &PlanJson, permits: &[Permit], rules: &[&PlanRule]) -> Verdict {
    let mut refused = Vec::new();
    let mut permitted = Vec::new();
    let mut used = BTreeSet::new();
    // A change that is put off is judged now: nobody may read the later plan as closely as this one.
    for change in plan.changes.iter().chain(&plan.deferred) {
        for rule in rules {
            let Some(message) = (rule.check)(plan, change) else { continue };
            let refusal = Refusal {
                address: change.name(),
                action: change.action.to_string(),
                code: rule.code,
                rule: rule.id,
                message,
                help: rule.help,
            };
            match permits.iter().find(|permit| permit.0 == change.address) {
                Some(permit) => {
                    used.insert(permit);
                    permitted.push(refusal);
                }
                None => refused.push(refusal),
            }
        }
    }
    if plan.is_errored {
        refused.push(errored());
    }
    refused.sort_by(|a, b| (a.code, &a.address).cmp(&(b.code, &b.address)));
    let unused = permits.iter().filter(|permit| !used.contains(permit)).map(|permit| permit.0.clone());
    Verdict {
        refused,
        permitted,
        unused_permits: unused.collect(),
        notes: notes(plan),
        counts: plan.counts(),
    }
}

// No permit helps: what the plan would do is not known.
fn errored() -> Refusal {
    Refusal {
        address: "(the plan)".to_owned(),
        action: Action::NoOp.to_string(),
        code: "SL1600",
        rule: "errored-plan",
        message: "planning failed half-way, so the plan is not complete".to_owned(),
        help: "repair what the log of `terraform plan` names, and plan again",
    }
}

fn notes(plan: &PlanJson) -> Vec<String> {
    let mut notes = Vec::new();
    let deferred = plan.deferred.len();
    if deferred > 0 {
        notes.push(format!(
            "{deferred} changes are put off to a later plan and were judged by what is known of them now"
        ));
    } else if !plan.is_complete && !plan.is_errored {
        notes.push(
            "the plan is not complete: it was made with -target, so a later plan does the rest".to_owned(),
        );
    }
    let others = plan.changes.iter().filter(|change| {
        change.destroys() && !change.is_data && super::holding::of(&change.r#type).is_none()
    });
    let kinds: BTreeSet<&str> = others.clone().map(|change| change.r#type.as_str()).collect();
    if !kinds.is_empty() {
        let kinds: Vec<&str> = kinds.into_iter().collect();
        notes.push(format!(
            "{} deletes or replacements are of types that hold no data we know of: {}",
            others.count(),
            kinds.join(", ")
        ));
    }
    notes
}
