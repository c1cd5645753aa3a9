//! Types and sizes of Kafka clusters: which there are, and how they may change.

use serde_json::{Value, json};

use crate::exchange::Refusal;
use crate::field::{at, required, text};

const KINDS: &[&str] = &["Basic", "Standard", "Enterprise", "Freight", "Dedicated"];

/// Checks what a new cluster is to be.
pub(crate) fn config(sent: &Value, availability: &str) -> Result<Value, Refusal> {
    let kind = required(sent, "spec.config.kind")?;
    if !KINDS.contains(&kind.as_str()) {
        return Err(Refusal::bad(format!("spec.config.kind must be one of {KINDS:?}, not {kind}")));
    }
    let serverless_only = ["LOW", "HIGH"].contains(&availability);
    let zones = ["SINGLE_ZONE", "MULTI_ZONE"].contains(&availability);
    if !zones && !serverless_only || serverless_only && kind == "Dedicated" {
        return Err(Refusal::bad(format!("spec.availability {availability} is not for {kind} clusters")));
    }
    let mut config = json!({"kind": kind});
    if kind == "Dedicated" {
        let cku = at(sent, "spec.config.cku").and_then(Value::as_i64).unwrap_or_default();
        check_cku(cku, availability)?;
        config["cku"] = json!(cku);
        if let Some(priority) = text(sent, "spec.config.release_priority") {
            config["release_priority"] = json!(priority);
        }
    } else {
        if at(sent, "spec.config.cku").is_some() {
            return Err(Refusal::bad("spec.config.cku is for Dedicated clusters only"));
        }
        if let Some(most) = at(sent, "spec.config.max_ecku") {
            check_ecku(most, availability)?;
            config["max_ecku"] = most.clone();
        }
    }
    Ok(config)
}

fn check_cku(cku: i64, availability: &str) -> Result<(), Refusal> {
    match (cku, availability) {
        (..1, _) => Err(Refusal::bad("spec.config.cku must be 1 or more")),
        (1, "MULTI_ZONE") => Err(Refusal::bad("a MULTI_ZONE cluster needs 2 CKUs or more")),
        _ => Ok(()),
    }
}

fn check_ecku(most: &Value, availability: &str) -> Result<(), Refusal> {
    match (most.as_i64(), availability) {
        (Some(1), "HIGH") => {
            Err(Refusal::bad("a cluster with availability HIGH needs a max_ecku of 2 or more"))
        }
        (Some(1..), _) => Ok(()),
        _ => Err(Refusal::bad("spec.config.max_ecku must be a number from 1")),
    }
}

/// A Dedicated cluster gets CKUs after a while; a Basic one may become Standard; nothing else changes type.
pub(crate) fn resize(config: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
    let was = text(body, "spec.config.kind").unwrap_or_default().to_owned();
    let kind = text(config, "kind").unwrap_or(&was).to_owned();
    let availability = text(body, "spec.availability").unwrap_or_default().to_owned();
    match (was.as_str(), kind.as_str()) {
        (was, kind) if was == kind => {}
        ("Basic", "Standard") => body["spec"]["config"]["kind"] = json!(kind),
        _ => return Err(Refusal::bad(format!("a {was} cluster cannot become {kind}"))),
    }
    if let Some(most) = at(config, "max_ecku") {
        check_ecku(most, &availability)?;
        body["spec"]["config"]["max_ecku"] = most.clone();
    }
    let Some(cku) = at(config, "cku").and_then(Value::as_i64).filter(|_| kind == "Dedicated") else {
        return Ok(None);
    };
    check_cku(cku, &availability)?;
    if text(body, "status.phase") != Some("PROVISIONED") {
        return Err(Refusal::conflict("the cluster is still being provisioned"));
    }
    body["spec"]["config"]["cku"] = json!(cku);
    Ok(Some(json!({"status": {"cku": cku}})))
}
