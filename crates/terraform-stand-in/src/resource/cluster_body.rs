//! A Kafka cluster as the API has it: the body of a create, and what of an answer becomes state.

use anyhow::{Context, Result};
use serde_json::{Value as Json, json};

use crate::json::{at, element, reference, text, text_value};
use crate::value::Value;

/// Blocks by the kind that the API has for them.
const KINDS: [(&str, &str); 5] = [
    ("basic", "Basic"),
    ("standard", "Standard"),
    ("enterprise", "Enterprise"),
    ("freight", "Freight"),
    ("dedicated", "Dedicated"),
];

/// Block of the cluster's type.
pub fn kind(state: &Value) -> Option<&'static str> {
    KINDS.iter().find(|(block, _)| !state.list(block).is_empty()).map(|(block, _)| *block)
}

/// The type with its size.
pub fn config(state: &Value) -> Json {
    for (block, kind) in KINDS {
        let [element] = state.list(block) else { continue };
        let mut config = json!({ "kind": kind });
        for name in ["cku", "max_ecku"] {
            if let Value::Number(number) = element.at(name)
                && number.as_i64() != Some(0)
            {
                config[name] = json!(number);
            }
        }
        if !element.text("encryption_key").is_empty() {
            config["encryption_key"] = json!(element.text("encryption_key"));
        }
        return config;
    }
    Json::Null
}

/// Body of a create.
pub fn body(state: &Value) -> Json {
    let mut spec = json!({ "config": config(state), "environment": {"id": state.text("environment.0.id")} });
    for name in ["display_name", "availability", "cloud", "region"] {
        spec[name] = json!(state.text(name));
    }
    if *state.at("deletion_protection") == Value::Bool(true) {
        spec["deletion_protection"] = json!(true);
    }
    for (block, name) in [("network", "network"), ("byok_key", "byok")] {
        let id = state.text(&format!("{block}.0.id"));
        if !id.is_empty() {
            spec[name] = json!({ "id": id });
        }
    }
    json!({ "spec": spec })
}

/// Puts an answer into a state.
pub fn show(answer: &Json, state: &mut Value) -> Result<()> {
    for name in ["api_version", "kind"] {
        state.set(name, text_value(answer, name));
    }
    for name in ["display_name", "availability", "cloud", "region"] {
        state.set(name, text_value(answer, &format!("spec.{name}")));
    }
    state.set("deletion_protection", *at(answer, "spec.deletion_protection") == json!(true));
    let number = |path: &str| Value::from(&json!(at(answer, path).as_i64().unwrap_or(0)));
    for (block, kind) in KINDS {
        let is_this = text(answer, "spec.config.kind") == kind;
        let zones = ("zones", Value::from(at(answer, "spec.config.zones")));
        state.set(
            block,
            match block {
                _ if !is_this => Value::List(Vec::new()),
                // What the cluster has, not what it was asked to have.
                "dedicated" => element([
                    ("cku", number("status.cku")),
                    ("encryption_key", text_value(answer, "spec.config.encryption_key")),
                    zones,
                ]),
                "freight" => element([("max_ecku", number("spec.config.max_ecku")), zones]),
                _ => element([("max_ecku", number("spec.config.max_ecku"))]),
            },
        );
    }
    state.set("bootstrap_endpoint", text_value(answer, "spec.kafka_bootstrap_endpoint"));
    state.set("rest_endpoint", text_value(answer, "spec.http_endpoint"));
    let crn = text(answer, "metadata.resource_name");
    let end =
        crn.rfind("/kafka=").with_context(|| format!("the cluster's CRN {crn:?} has no /kafka= segment"))?;
    state.set("rbac_crn", &crn[..end]);
    state.set("environment", reference(answer, "spec.environment.id"));
    state.set("network", reference(answer, "spec.network.id"));
    state.set("byok_key", reference(answer, "spec.byok.id"));
    state.set("endpoints", endpoints(at(answer, "spec.endpoints")));
    Ok(())
}

fn endpoints(by_access_point: &Json) -> Value {
    let Json::Object(map) = by_access_point else { return Value::List(Vec::new()) };
    let one = |(id, endpoint): (&String, &Json)| {
        let fields = [
            ("access_point_id", Value::from(id.as_str())),
            ("bootstrap_endpoint", text_value(endpoint, "kafka_bootstrap_endpoint")),
            ("rest_endpoint", text_value(endpoint, "http_endpoint")),
            ("connection_type", text_value(endpoint, "connection_type")),
        ];
        Value::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    Value::List(map.iter().map(one).collect())
}
