//! What a reviewer should look at first: losses, and rights that grow.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::{Action, Change};
use super::gate::{self, Refusal};
use super::read::PlanJson;
use super::redact::embedded;

/// Something to look at first; a lower rank comes earlier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Risk {
    pub(crate) rank: Rank,
    pub(crate) address: String,
    pub(crate) what: String,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Loss,
    OpenToAll,
    OtherOwner,
    MoreRights,
    ShorterLife,
    OtherDelete,
}

impl Rank {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Rank::Loss => "data or identity",
            Rank::OpenToAll => "open to all",
            Rank::OtherOwner => "another owner",
            Rank::MoreRights => "more rights",
            Rank::ShorterLife => "shorter life of data",
            Rank::OtherDelete => "destroys",
        }
    }
}

/// All risks of a plan, the worst first.
pub(crate) fn of(plan: &PlanJson) -> Vec<Risk> {
    let verdict = gate::gate(plan, &[]);
    let loss = |refusal: Refusal| Risk { rank: Rank::Loss, address: refusal.address, what: refusal.message };
    let mut risks: Vec<Risk> = verdict.refused.into_iter().map(loss).collect();
    risks.extend(plan.owners.iter().map(|(topic, now, then)| Risk {
        rank: Rank::OtherOwner,
        address: topic.clone(),
        what: format!("the topic passes from the team {now} to {then}"),
    }));
    for change in plan.changes.iter().chain(&plan.deferred).filter(|change| !change.is_data) {
        let address = change.name();
        let mut add = |rank, what: String| risks.push(Risk { rank, address: address.clone(), what });
        rights(plan, change, &mut add);
        ingress(change, &mut add);
        retention(change, &mut add);
        if change.destroys() && super::holding::of(&change.r#type).is_none() {
            add(Rank::OtherDelete, super::rules::why(change));
        }
    }
    risks.sort();
    risks.dedup();
    risks
}

fn grows(change: &Change) -> bool {
    matches!(change.action, Action::Create | Action::Update | Action::Replace)
}

fn rights(plan: &PlanJson, change: &Change, add: &mut impl FnMut(Rank, String)) {
    if !grows(change) {
        return;
    }
    let text =
        |key: &str| change.after.get(key).and_then(Value::as_str).unwrap_or("(known after apply)").to_owned();
    match change.r#type.as_str() {
        "confluent_role_binding" if change.action != Action::Update => {
            add(
                Rank::MoreRights,
                format!("{} to {} on {}", text("role_name"), text("principal"), text("crn_pattern")),
            );
        }
        "confluent_kafka_acl" if change.action != Action::Update && text("permission") == "ALLOW" => {
            let what = format!("{} {} {}", text("operation"), text("resource_type"), text("resource_name"));
            add(Rank::MoreRights, format!("{what} to {}", text("principal")));
        }
        kind if kind.starts_with("aws_") => policies(plan, change, add),
        _ => {}
    }
}

// Policies are JSON within `policy`, `assume_role_policy` and the like.
fn policies(plan: &PlanJson, change: &Change, add: &mut impl FnMut(Rank, String)) {
    let empty = serde_json::Map::new();
    let after = change.after.as_object().unwrap_or(&empty);
    for (key, value) in after.iter().filter(|(key, _)| key.ends_with("policy")) {
        let Some(policy) = value.as_str().and_then(embedded) else { continue };
        let before = change.before.get(key).and_then(Value::as_str).and_then(embedded);
        let old = before.as_ref().map(grants).unwrap_or_default();
        let new: Vec<String> =
            grants(&policy).difference(&old).filter(|grant| !plan.secrets.hides(grant)).cloned().collect();
        if new.is_empty() {
            continue;
        }
        let is_open = new
            .iter()
            .any(|grant| grant.starts_with("* ") || grant.ends_with(" by *") || grant.contains(" on * "));
        let shown: Vec<&str> = new.iter().take(6).map(String::as_str).collect();
        let more = new.len().saturating_sub(shown.len());
        let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
        let rank = if is_open { Rank::OpenToAll } else { Rank::MoreRights };
        add(rank, format!("{key} allows {}{rest}", shown.join("; ")));
    }
    if change.after_unknown.as_object().is_some_and(|unknown| {
        unknown.iter().any(|(key, value)| key.ends_with("policy") && *value == Value::Bool(true))
    }) && change.r#type.starts_with("aws_iam")
    {
        add(Rank::MoreRights, "its policy is known only after apply and was not judged".to_owned());
    }
}

// Each allowed action with resource and principal: `s3:PutObject on arn:... by ...`.
fn grants(policy: &Value) -> BTreeSet<String> {
    let statements = match &policy["Statement"] {
        Value::Array(list) => list.iter().collect(),
        Value::Object(_) => vec![&policy["Statement"]],
        _ => Vec::new(),
    };
    let mut found = BTreeSet::new();
    for statement in statements.into_iter().filter(|statement| statement["Effect"] == "Allow") {
        let actions = leaves(&statement["Action"]);
        let actions =
            if actions.is_empty() { vec!["everything but some actions".to_owned()] } else { actions };
        let resources = leaves(&statement["Resource"]);
        let principals = leaves(&statement["Principal"]);
        for action in &actions {
            for resource in or_one(&resources) {
                for principal in or_one(&principals) {
                    let on = if resource.is_empty() { String::new() } else { format!(" on {resource}") };
                    let by = if principal.is_empty() { String::new() } else { format!(" by {principal}") };
                    found.insert(format!("{action}{on}{by}"));
                }
            }
        }
    }
    found
}

fn or_one(list: &[String]) -> Vec<&str> {
    if list.is_empty() { vec![""] } else { list.iter().map(String::as_str).collect() }
}

fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(leaves).collect(),
        Value::Object(map) => map.values().flat_map(leaves).collect(),
        _ => Vec::new(),
    }
}

fn ingress(change: &Change, add: &mut impl FnMut(Rank, String)) {
    if !grows(change) {
        return;
    }
    let is_rule = match change.r#type.as_str() {
        "aws_vpc_security_group_ingress_rule" => true,
        "aws_security_group_rule" => change.after.get("type").and_then(Value::as_str) == Some("ingress"),
        _ => false,
    };
    let (old, new) = match is_rule {
        true => (networks(&change.before), networks(&change.after)),
        false if change.r#type == "aws_security_group" => {
            (networks(&change.before["ingress"]), networks(&change.after["ingress"]))
        }
        false => return,
    };
    let added: Vec<&String> = new.difference(&old).collect();
    if added.is_empty() {
        return;
    }
    // One half may have been there before.
    let is_internet =
        |networks: &[&String]| crate::network::is_internet(networks.iter().map(|text| text.as_str()));
    let (all, before): (Vec<&String>, Vec<&String>) = (new.iter().collect(), old.iter().collect());
    let is_open = is_internet(&added) || (is_internet(&all) && !is_internet(&before));
    let names: Vec<&str> = added.into_iter().map(String::as_str).collect();
    let rank = if is_open { Rank::OpenToAll } else { Rank::MoreRights };
    add(rank, format!("lets in {}", names.join(", ")));
}

// Networks and security groups that a rule lets in.
fn networks(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    match value {
        Value::Object(map) => {
            for (key, member) in map {
                let names = [
                    "cidr",
                    "referenced_security_group_id",
                    "source_security_group_id",
                    "prefix_list_id",
                    "security_groups",
                ];
                if names.iter().any(|name| key.contains(name)) {
                    found.extend(leaves(member).into_iter().filter(|text| !text.is_empty()));
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|member| found.extend(networks(member))),
        _ => {}
    }
    found
}

fn retention(change: &Change, add: &mut impl FnMut(Rank, String)) {
    if change.action != Action::Update {
        return;
    }
    let number = |value: Option<&Value>| match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let shorter = |path: &str| {
        let (old, new) = (number(change.before.pointer(path))?, number(change.after.pointer(path))?);
        // -1 keeps records for ever.
        (new >= 0.0 && (old < 0.0 || new < old)).then(|| format!("{} from {old} to {new}", &path[1..]))
    };
    for path in
        ["/config/retention.ms", "/config/retention.bytes", "/retention_in_days", "/backup_retention_period"]
    {
        if let Some(what) = shorter(path) {
            add(Rank::ShorterLife, what.replace("config/", ""));
        }
    }
    let policy =
        |values: &Value| values.pointer("/config/cleanup.policy").and_then(Value::as_str).map(str::to_owned);
    if let (Some(old), Some(new)) = (policy(&change.before), policy(&change.after))
        && old != new
    {
        add(Rank::ShorterLife, format!("cleanup.policy from {old} to {new}"));
    }
}
