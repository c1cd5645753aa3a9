//! Plans: the gate, the comment, bad input, and that no secret gets out.

// A helper that cannot go on is a failed test.
#![allow(clippy::unwrap_used)]

mod comment;
mod gate;
mod input;
mod secrets;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sluice_lint::plan::PlanJson;

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans").join(name)
}

/// A plan with these changes, as Terraform writes it.
fn plan(changes: &[Value]) -> PlanJson {
    plan_of(&json!({ "format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes }))
}

fn plan_of(value: &Value) -> PlanJson {
    PlanJson::parse(Path::new("plan.json"), value.to_string().as_bytes()).unwrap()
}

/// A change of a resource.
fn change(address: &str, actions: &[&str], before: Value, after: Value) -> Value {
    let kind = address.split('.').rev().nth(1).unwrap();
    json!({
        "address": address,
        "mode": "managed",
        "type": kind,
        "name": "this",
        "change": { "actions": actions, "before": before, "after": after, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {} },
    })
}
