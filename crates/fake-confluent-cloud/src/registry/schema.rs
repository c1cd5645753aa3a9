//! A schema as a client sends it and as it is kept.

use serde_json::{Value, json};

use super::{Registry, avro};
use crate::exchange::Refusal;
use crate::field::{at, text};

/// Text, format and what goes with it. Two that are equal have one id.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Schema {
    /// AVRO, JSON or PROTOBUF.
    pub format: String,
    pub text: String,
    pub references: Vec<Value>,
    pub metadata: Option<Value>,
    pub rules: Option<Value>,
}

impl Schema {
    /// Checks what was sent. Avro and JSON are parsed and kept without white space, so that it makes no new
    /// schema; Protobuf is taken as it is.
    pub fn read(registry: &Registry, sent: &Value) -> Result<Self, Refusal> {
        let format = text(sent, "schemaType").unwrap_or("AVRO").to_owned();
        let mut schema = text(sent, "schema").ok_or_else(|| invalid("Empty schema"))?.to_owned();
        match format.as_str() {
            "AVRO" => {
                let parsed: Value =
                    serde_json::from_str(&schema).map_err(|error| invalid(&error.to_string()))?;
                avro::check(&parsed).map_err(|why| invalid(&why))?;
                schema = parsed.to_string();
            }
            "JSON" => {
                let parsed: Value =
                    serde_json::from_str(&schema).map_err(|error| invalid(&error.to_string()))?;
                schema = parsed.to_string();
            }
            "PROTOBUF" if schema.contains("message") || schema.contains("enum") => {}
            "PROTOBUF" => return Err(invalid("no message or enum in the Protobuf schema")),
            other => return Err(invalid(&format!("unknown schema type {other}"))),
        }
        let references = at(sent, "references").and_then(Value::as_array).cloned().unwrap_or_default();
        for reference in &references {
            if registry.referenced(reference).is_none_or(|version| version.deleted) {
                return Err(invalid(&format!("no schema reference found for {reference}")));
            }
        }
        Ok(Self {
            format,
            text: schema,
            references,
            metadata: at(sent, "metadata").cloned(),
            rules: at(sent, "ruleSet").cloned(),
        })
    }

    /// Its fields in an answer; AVRO is not named.
    pub fn show(&self) -> Value {
        let mut shown = json!({"schema": self.text});
        if self.format != "AVRO" {
            shown["schemaType"] = json!(self.format);
        }
        if !self.references.is_empty() {
            shown["references"] = json!(self.references);
        }
        if let Some(metadata) = &self.metadata {
            shown["metadata"] = metadata.clone();
        }
        if let Some(rules) = &self.rules {
            shown["ruleSet"] = rules.clone();
        }
        shown
    }
}

fn invalid(why: &str) -> Refusal {
    Refusal::coded(42201, format!("Invalid schema: {why}"))
}
