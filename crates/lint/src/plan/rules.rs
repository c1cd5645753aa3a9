//! What the gate refuses unless it is permitted by name.

use serde_json::Value;

use super::change::{Action, Change};
use super::holding::{self, Holding};
use super::read::PlanJson;

/// A rule over a planned change.
#[derive(Debug)]
pub struct PlanRule {
    /// Its name.
    pub id: &'static str,
    /// Its stable code.
    pub code: &'static str,
    /// What it refuses.
    pub summary: &'static str,
    /// What to do about it.
    pub help: &'static str,
    /// What is wrong with a change, without its address and without a value that could be secret.
    pub(crate) check: fn(&PlanJson, &Change) -> Option<String>,
}

/// All rules, in the order of their codes.
pub const ALL: &[&PlanRule] = &[&DESTROYS, &OFFSETS, &VANISHED, &UNPROTECTED, &DEFERRED];

const PERMIT: &str = "when it is meant, permit it by name with --allow-destroy ADDRESS; otherwise find out what made Terraform plan it, and do not apply";

static DESTROYS: PlanRule = PlanRule {
    id: "destroys-data",
    code: "SL1601",
    summary: "a delete or replacement of what holds data or an identity: environments, networks, clusters, topics, schemas, connectors, databases, buckets, tables, keys, secrets",
    help: PERMIT,
    check: |_, change| {
        let holding = holding::of(&change.r#type).filter(|_| change.destroys() && !change.is_data)?;
        let would = match change.action {
            Action::Replace => "it would be replaced",
            _ => "it would be deleted",
        };
        let loses = match holding {
            Holding::Data => "what it holds is lost",
            Holding::Identity => "its id is lost, and others refer to it",
        };
        Some(format!("{would}: {}; {}", why(change), special(change).unwrap_or(loses)))
    },
};

static OFFSETS: PlanRule = PlanRule {
    id: "offsets-removed",
    code: "SL1602",
    summary: "the removal of a connector's `offsets` block, which resets the connector",
    help: "keep the block: removing it asks Confluent to delete the offsets, and the connector begins anew; when that is meant, permit it by name with --allow-destroy ADDRESS",
    check: |_, change| {
        let had = change.before.get("offsets").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        let has = change.after.get("offsets").and_then(Value::as_array).is_some_and(|list| !list.is_empty());
        let unknown =
            change.after_unknown.get("offsets").is_some_and(|unknown| *unknown == Value::Bool(true));
        let removed = change.r#type == "confluent_connector"
            && change.action == Action::Update
            && had
            && !has
            && !unknown;
        removed.then(|| "its offsets block is removed, which resets the connector".to_owned())
    },
};

static VANISHED: PlanRule = PlanRule {
    id: "vanished",
    code: "SL1603",
    summary: "the creation of something that the state knows and the provider no longer finds",
    help: "look whether it is really gone: Confluent's provider takes a 403 for \"gone\", so a key that lost a right plans everything anew; when it is gone, permit it by name with --allow-destroy ADDRESS",
    check: |plan, change| {
        let gone =
            plan.drift.iter().any(|drift| drift.address == change.address && drift.action == Action::Delete);
        let anew = change.action == Action::Create && holding::of(&change.r#type).is_some();
        (gone && anew)
            .then(|| "the provider does not find it any more, and it would be made a second time".to_owned())
    },
};

static UNPROTECTED: PlanRule = PlanRule {
    id: "protection-removed",
    code: "SL1604",
    summary: "a protection against deletion that is switched off, or versioning of a bucket that is suspended",
    help: "leave it on; when it is to be deleted next, permit this step too with --allow-destroy ADDRESS",
    check: |_, change| {
        if change.action != Action::Update {
            return None;
        }
        let turned = |key: &str, from: bool| {
            change.before.get(key) == Some(&Value::Bool(from))
                && change.after.get(key) == Some(&Value::Bool(!from))
        };
        for key in ["deletion_protection", "deletion_protection_enabled", "enable_deletion_protection"] {
            if turned(key, true) {
                return Some(format!("{key} would be switched off"));
            }
        }
        if turned("force_destroy", false) {
            return Some("force_destroy would be switched on".to_owned());
        }
        let status = |values: &Value| {
            values.pointer("/versioning_configuration/0/status").and_then(Value::as_str).map(str::to_owned)
        };
        let suspended = change.r#type == "aws_s3_bucket_versioning"
            && status(&change.before).as_deref() == Some("Enabled")
            && status(&change.after).as_deref() == Some("Suspended");
        suspended.then(|| "versioning would be suspended".to_owned())
    },
};

static DEFERRED: PlanRule = PlanRule {
    id: "deferred-data",
    code: "SL1605",
    summary: "a change that is put off to a later plan, of what holds data or an identity, when Terraform does not know yet which resources it is about or what it does to them",
    help: "apply first what it waits for, and plan again without -allow-deferral; no permit helps, since a permit names one resource",
    check: |plan, change| {
        let holds = holding::of(&change.r#type).is_some() && !change.is_data;
        let is_deferred = plan.deferred.iter().any(|deferred| std::ptr::eq(deferred, change));
        // Instances that are not known yet: those that are there now may be among the ones that go.
        let is_any = change.address.contains("[*]");
        (holds && is_deferred && is_any)
            .then(|| "it is put off, and which of its instances would go is not known yet".to_owned())
    },
};

/// Why Terraform plans it, in our words.
pub(crate) fn why(change: &Change) -> String {
    if let Some(id) = &change.deposed {
        return format!("it is the old object {id} of an earlier replacement");
    }
    let because_of = match change.replace_paths[..] {
        [] => "a change that cannot be made in place".to_owned(),
        _ => format!("{} cannot be changed in place", change.replace_paths.join(", ")),
    };
    match change.reason.as_deref().unwrap_or_default() {
        "replace_because_tainted" => "the last apply left it tainted".to_owned(),
        "replace_because_cannot_update" => because_of,
        "replace_by_request" => "-replace asks for it".to_owned(),
        "replace_by_triggers" => "replace_triggered_by asks for it".to_owned(),
        "delete_because_no_resource_config" => "it is no longer in the configuration".to_owned(),
        "delete_because_no_module" => "its module is no longer called".to_owned(),
        "delete_because_each_key" => "its key is no longer in for_each".to_owned(),
        "delete_because_count_index" => "its index is beyond count".to_owned(),
        "delete_because_wrong_repetition" => "count and for_each were exchanged".to_owned(),
        "delete_because_no_move_target" => "a moved block leads nowhere".to_owned(),
        _ if change.action == Action::Replace => because_of,
        _ => "the plan does not say why".to_owned(),
    }
}

// What is lost, where a type's traps are known.
fn special(change: &Change) -> Option<&'static str> {
    let because_of = |name: &str| change.replace_paths.iter().any(|path| path.starts_with(name));
    let tainted = change.reason.as_deref() == Some("replace_because_tainted");
    match change.r#type.as_str() {
        "confluent_kafka_topic" if because_of("partitions_count") => {
            Some("fewer partitions mean another topic, and every record is lost")
        }
        "confluent_connector" if tainted => Some(
            "a connector that reached FAILED would be made anew, with another id, other offsets and a new replication slot; repair its config and `terraform untaint` it",
        ),
        "confluent_network" if change.action == Action::Replace => {
            Some("access, cluster and everything below would go with it")
        }
        "confluent_provider_integration" => {
            Some("it would get another external id, and the roles that trust the old one would be closed")
        }
        _ => None,
    }
}
