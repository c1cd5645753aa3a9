//! What a plan would do, from `terraform show -json`.

use serde_json::Value;

/// Types for which the emulator answers otherwise than AWS, so that a plan after an apply shows a change: the
/// attributes that it forgets, or none for the whole type.
const EMULATORS: [(&str, &[&str]); 8] = [
    ("aws_route53_zone", &[]),
    ("aws_rds_cluster", &[]),
    ("aws_s3_bucket_replication_configuration", &[]),
    ("aws_ecs_service", &[]),
    ("aws_vpc_security_group_ingress_rule", &["description"]),
    ("aws_vpc_security_group_egress_rule", &["description"]),
    ("aws_lb", &["enforce_security_group_inbound_rules_on_private_link_traffic"]),
    ("aws_rds_cluster_instance", &["performance_insights_enabled", "performance_insights_kms_key_id"]),
];

/// One resource that a plan would touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its address.
    pub address: String,
    /// Its type.
    pub kind: String,
    /// `create`, `update`, `delete`, or `delete` and `create`.
    pub actions: Vec<String>,
    /// Attributes whose values differ.
    pub attributes: Vec<String>,
}

impl Change {
    /// In one line.
    pub fn shown(&self) -> String {
        format!("{} {}", self.actions.join("+"), self.address)
    }

    /// Whether it is the emulator's doing.
    pub fn is_emulators(&self) -> bool {
        let forgets = |name: &String, known: &[&str]| known.is_empty() || known.contains(&name.as_str());
        self.actions == ["update"]
            && EMULATORS.iter().any(|(kind, known)| {
                *kind == self.kind && self.attributes.iter().all(|name| forgets(name, known))
            })
    }
}

/// Resources that would be made, changed or deleted.
pub fn planned(plan: &Value) -> Vec<Change> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    plan["resource_changes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|change| change["mode"] != "data")
        .map(|change| Change {
            address: text(&change["address"]),
            kind: text(&change["type"]),
            actions: change["change"]["actions"].as_array().into_iter().flatten().map(text).collect(),
            attributes: differing(&change["change"]),
        })
        .filter(|change| change.actions != ["no-op"] && change.actions != ["read"])
        .collect()
}

/// Without the emulator's own.
pub fn without_emulators(changes: Vec<Change>) -> Vec<Change> {
    changes.into_iter().filter(|change| !change.is_emulators()).collect()
}

/// Several, in one line.
pub fn shown(changes: &[Change]) -> String {
    changes.iter().map(Change::shown).collect::<Vec<_>>().join(", ")
}

fn differing(change: &Value) -> Vec<String> {
    let (before, after) = (&change["before"], &change["after"]);
    let unknown = change["after_unknown"].as_object().into_iter().flatten();
    let mut names: Vec<String> = after
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| before.get(name.as_str()) != Some(value))
        .map(|(name, _)| name.clone())
        .chain(unknown.filter(|(_, unknown)| **unknown == Value::Bool(true)).map(|(name, _)| name.clone()))
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_changes_is_a_change() {
        let plan = json!({"resource_changes": [
            {"address": "a.b", "type": "a", "mode": "managed", "change": {"actions": ["no-op"]}},
            {"address": "data.a.b", "type": "a", "mode": "data", "change": {"actions": ["read"]}},
            {"address": "aws_ecs_service.x", "type": "aws_ecs_service", "mode": "managed", "change": {"actions": ["update"]}},
            {"address": "confluent_environment.x", "type": "confluent_environment", "mode": "managed",
             "change": {"actions": ["delete", "create"]}},
        ]});
        let all = planned(&plan);
        assert_eq!(shown(&all), "update aws_ecs_service.x, delete+create confluent_environment.x");
        assert_eq!(shown(&without_emulators(all)), "delete+create confluent_environment.x");
    }

    #[test]
    fn an_attribute_that_the_emulator_forgets_is_all_that_may_differ() {
        let rule = |after: Value| {
            let kind = "aws_vpc_security_group_ingress_rule";
            let before = json!({"description": null, "from_port": 443});
            json!({"resource_changes": [{"address": "x", "type": kind, "mode": "managed",
                "change": {"actions": ["update"], "before": before, "after": after, "after_unknown": {}}}]})
        };
        let left = |plan: Value| without_emulators(planned(&plan)).len();
        assert_eq!(left(rule(json!({"description": "clients", "from_port": 443}))), 0);
        assert_eq!(left(rule(json!({"description": "clients", "from_port": 80}))), 1);
        assert_eq!(left(rule(json!({"description": null, "from_port": 80}))), 1);
    }

    #[test]
    fn a_replacement_is_never_the_emulators() {
        let plan = json!({"resource_changes": [
            {"address": "aws_rds_cluster.x", "type": "aws_rds_cluster", "mode": "managed",
             "change": {"actions": ["delete", "create"]}},
        ]});
        assert_eq!(without_emulators(planned(&plan)).len(), 1);
    }
}
