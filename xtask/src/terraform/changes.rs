//! What a plan would do, from `terraform show -json`.

use serde_json::Value;

/// Types for which the emulator answers otherwise than AWS, so that a plan after an apply shows a change.
const EMULATORS: [&str; 4] =
    ["aws_route53_zone", "aws_rds_cluster", "aws_s3_bucket_replication_configuration", "aws_ecs_service"];

/// One resource that a plan would touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its address.
    pub address: String,
    /// Its type.
    pub kind: String,
    /// `create`, `update`, `delete`, or `delete` and `create`.
    pub actions: Vec<String>,
}

impl Change {
    /// In one line.
    pub fn shown(&self) -> String {
        format!("{} {}", self.actions.join("+"), self.address)
    }

    /// Whether it is the emulator's doing.
    pub fn is_emulators(&self) -> bool {
        EMULATORS.contains(&self.kind.as_str()) && self.actions == ["update"]
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
    fn a_replacement_is_never_the_emulators() {
        let plan = json!({"resource_changes": [
            {"address": "aws_rds_cluster.x", "type": "aws_rds_cluster", "mode": "managed",
             "change": {"actions": ["delete", "create"]}},
        ]});
        assert_eq!(without_emulators(planned(&plan)).len(), 1);
    }
}
