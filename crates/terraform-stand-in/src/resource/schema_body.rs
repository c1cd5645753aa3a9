//! A schema with its references, metadata and rules: from Terraform to Schema Registry and back.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::json::{at, element, text};
use crate::value::Value;

/// Blocks of a ruleset by their names in the API.
const RULES: [(&str, &str); 3] = [
    ("domain_rules", "domainRules"),
    ("migration_rules", "migrationRules"),
    ("encoding_rules", "encodingRules"),
];
/// Arguments of a rule that are called alike.
const SAME: [&str; 9] = ["name", "doc", "kind", "mode", "type", "expr", "disabled", "tags", "params"];
/// Arguments of a rule by their names in the API.
const OTHER: [(&str, &str); 2] = [("on_success", "onSuccess"), ("on_failure", "onFailure")];

/// Body of a registration, check or look-up.
pub fn body(state: &Value, prior: &Value) -> Json {
    let references: Vec<Json> = state
        .list("schema_reference")
        .iter()
        .map(|reference| {
            json!({
                "name": reference.text("name"), "subject": reference.text("subject_name"),
                "version": reference.at("version").to_json(),
            })
        })
        .collect();
    let mut body = json!({
        "schemaType": state.text("format"), "schema": state.text("schema"), "references": references,
    });
    match (state.list("ruleset"), prior.list("ruleset")) {
        ([ruleset], _) => {
            let rules =
                RULES.map(|(block, name)| (name.to_owned(), ruleset.list(block).iter().map(rule).collect()));
            body["ruleSet"] = Json::Object(rules.into_iter().collect());
        }
        // The rules of before have to be taken away by name.
        ([], [_]) => body["ruleSet"] = json!({"domainRules": [], "migrationRules": [], "encodingRules": []}),
        _ => {}
    }
    if let [metadata] = state.list("metadata") {
        let tags =
            metadata.list("tags").iter().map(|tag| (tag.text("key").to_owned(), tag.at("value").to_json()));
        body["metadata"] = json!({
            "properties": metadata.texts("properties"), "tags": tags.collect::<Map<_, _>>(),
            "sensitive": metadata.list("sensitive").iter().map(Value::to_json).collect::<Vec<_>>(),
        });
    }
    body
}

fn rule(rule: &Value) -> Json {
    let same = SAME.iter().map(|name| (*name, *name)).chain(OTHER);
    let set = same.filter(|(name, _)| *rule.at(name) != Value::Null);
    Json::Object(set.map(|(name, sent)| (sent.to_owned(), rule.at(name).to_json())).collect())
}

/// Puts what the registry has into a state.
pub fn show(answer: &Json, state: &mut Value) {
    let format = text(answer, "schemaType");
    // AVRO is what an answer does not say.
    state.set("format", if format.is_empty() { "AVRO" } else { format });
    for (name, shown) in [("version", "version"), ("schema_identifier", "id"), ("schema", "schema")] {
        state.set(name, at(answer, shown));
    }
    let references =
        at(answer, "references").as_array().map_or(&[][..], Vec::as_slice).iter().map(|reference| {
            object([
                ("name", Value::from(text(reference, "name"))),
                ("subject_name", Value::from(text(reference, "subject"))),
                ("version", Value::from(at(reference, "version"))),
            ])
        });
    state.set("schema_reference", Value::List(references.collect()));
    let has_rules = RULES.iter().any(|(_, name)| at(answer, &format!("ruleSet.{name}.0")).is_object());
    if has_rules {
        let rules = RULES.map(|(block, name)| (block, shown_rules(at(answer, &format!("ruleSet.{name}")))));
        state.set("ruleset", element(rules));
    }
    let metadata = at(answer, "metadata");
    if metadata.is_object() {
        let tags = at(metadata, "tags").as_object().cloned().unwrap_or_default();
        let tags = tags.iter().map(|(key, values)| {
            object([("key", Value::from(key.as_str())), ("value", Value::from(values))])
        });
        let or = |name, empty: Value| match at(metadata, name) {
            Json::Null => empty,
            value => Value::from(value),
        };
        state.set(
            "metadata",
            element([
                ("tags", Value::List(tags.collect())),
                ("properties", or("properties", Value::Map(BTreeMap::new()))),
                ("sensitive", or("sensitive", Value::List(Vec::new()))),
            ]),
        );
    }
}

fn shown_rules(rules: &Json) -> Value {
    let rules = rules.as_array().map_or(&[][..], Vec::as_slice).iter().map(|rule| {
        let names = SAME.iter().map(|name| (*name, *name)).chain(OTHER);
        object(names.map(|(name, shown)| {
            let value = match (at(rule, shown), name) {
                (Json::Null, "disabled") => Value::from(false),
                (Json::Null, "tags") => Value::List(Vec::new()),
                (Json::Null, "params") => Value::Map(BTreeMap::new()),
                (Json::Null, _) => Value::from(""),
                (value, _) => Value::from(value),
            };
            (name, value)
        }))
    });
    Value::List(rules.collect())
}

fn object<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
