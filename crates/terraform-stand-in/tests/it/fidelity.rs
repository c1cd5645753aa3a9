//! Our declarations against the schema of the provider that we stand in for, where that is at hand.
//!
//! The schema was made without any key `description`, so that arguments of that name are missing in it; ours are not
//! compared. Its keys with an underscore are what plans and validation go by.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use terraform_stand_in::declaration::{
    Attribute, Block, Declaration, Declarations, NestedBlock, Nesting, Rule,
};

use crate::workspace::terraform;

const SCHEMA: &str = "specs/terraform/confluent-2.83-schema.json";

fn schema(test: &str) -> Option<Json> {
    let path = testkit::shared(test)?.join(SCHEMA);
    let Ok(text) = std::fs::read_to_string(path) else {
        testkit::skip(test, "the schema of the provider is not there");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// A declaration in the words of the schema file, without rules.
fn shown(declaration: &Declaration) -> Json {
    json!({"version": declaration.version, "block": shown_block(&declaration.block)})
}

fn shown_block(block: &Block) -> Json {
    let attributes = block.attributes.iter().filter(|attribute| attribute.name != "description");
    let attributes: Map<_, _> =
        attributes.map(|attribute| (attribute.name.clone(), shown_attribute(attribute))).collect();
    let blocks: Map<_, _> =
        block.blocks.iter().map(|nested| (nested.name.clone(), shown_nested(nested))).collect();
    json!({"attributes": attributes, "block_types": blocks})
}

fn shown_attribute(attribute: &Attribute) -> Json {
    let mut shown = json!({"type": without_description(&attribute.r#type.to_json())});
    for (name, is_set) in [
        ("required", attribute.required),
        ("optional", attribute.optional),
        ("computed", attribute.computed),
        ("sensitive", attribute.sensitive),
        ("deprecated", attribute.deprecated),
        ("_forcenew", attribute.force_new),
    ] {
        if is_set {
            shown[name] = json!(true);
        }
    }
    shown
}

fn shown_nested(nested: &NestedBlock) -> Json {
    let mode = match nested.nesting {
        Nesting::Single => "single",
        Nesting::List => "list",
        Nesting::Set => "set",
    };
    let mut shown = json!({"nesting_mode": mode, "block": shown_block(&nested.block)});
    if nested.min > 0 {
        shown["min_items"] = json!(nested.min);
    }
    if let Some(max) = nested.max {
        shown["max_items"] = json!(max);
    }
    let mut flags = json!({});
    for (name, is_set) in [("Computed", nested.computed), ("ForceNew", nested.force_new)] {
        if is_set {
            flags[name] = json!(true);
        }
    }
    if nested.nesting != Nesting::Single {
        shown["_f"] = flags;
    }
    shown
}

fn without_description(of: &Json) -> Json {
    match of {
        Json::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| *name != "description");
            Json::Object(kept.map(|(name, field)| (name.clone(), without_description(field))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(without_description).collect()),
        _ => of.clone(),
    }
}

/// The schema without the keys that are compared one by one.
fn plain(of: &Json) -> Json {
    const RULES: [&str; 4] = ["_default", "_enum", "_ExactlyOneOf", "_AtLeastOneOf"];
    match of {
        Json::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| !RULES.contains(&name.as_str()));
            Json::Object(kept.map(|(name, field)| (name.clone(), plain(field))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(plain).collect()),
        _ => of.clone(),
    }
}

/// Every rule of the schema must be one of ours.
fn check_rules(place: &str, theirs: &Json, ours: &Block) -> usize {
    let mut checked = 0;
    for (name, attribute) in theirs["attributes"].as_object().unwrap() {
        let own = ours.attributes.iter().find(|own| own.name == *name).unwrap();
        let place = format!("{place}.{name}");
        if let Some(values) = attribute["_enum"].as_array() {
            assert_eq!(&json!(own.values), &Json::Array(values.clone()), "{place}");
            checked += 1;
        }
        if attribute.get("_default").is_some() {
            let default = own.default.as_ref().map(terraform_stand_in::value::Value::to_json);
            assert_eq!(default, Some(attribute["_default"].clone()), "{place}");
            checked += 1;
        }
        for (key, exactly) in [("_ExactlyOneOf", true), ("_AtLeastOneOf", false)] {
            let Some(names) = attribute[key].as_array() else { continue };
            let last = |path: &Json| path.as_str().unwrap().rsplit('.').next().unwrap().to_owned();
            let wanted: BTreeSet<String> = names.iter().map(last).collect();
            let is_same = |rule: &Rule| match rule {
                Rule::ExactlyOneOf(names) => {
                    exactly && names.iter().cloned().collect::<BTreeSet<_>>() == wanted
                }
                Rule::AtLeastOneOf(names) => {
                    !exactly && names.iter().cloned().collect::<BTreeSet<_>>() == wanted
                }
                Rule::AtMostOneOf(_) => false,
            };
            assert!(ours.rules.iter().any(is_same), "{place}: {wanted:?}");
            checked += 1;
        }
    }
    for (name, nested) in theirs["block_types"].as_object().unwrap() {
        let own = ours.blocks.iter().find(|own| own.name == *name).unwrap();
        checked += check_rules(&format!("{place}.{name}"), &nested["block"], &own.block);
    }
    checked
}

#[test]
fn the_declarations_are_those_of_the_real_provider() {
    let Some(schema) = schema("terraform_stand_in::fidelity") else { return };
    let ours = Declarations::load().unwrap();
    assert_eq!(shown(&ours.provider), plain(&schema["provider"]), "provider");
    let mut rules = check_rules("provider", &schema["provider"]["block"], &ours.provider.block);
    for (key, ours) in [("resource_schemas", &ours.resources), ("data_source_schemas", &ours.data_sources)] {
        let theirs = schema[key].as_object().unwrap();
        assert_eq!(ours.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>());
        for (name, declared) in theirs {
            assert_eq!(shown(&ours[name]), plain(declared), "{key} {name}");
            rules += check_rules(name, &declared["block"], &ours[name].block);
        }
    }
    assert!(rules > 100, "only {rules} rules were compared");
}

#[test]
fn terraform_is_told_what_is_declared() {
    let test = "terraform_stand_in::schema_over_the_wire";
    let Some(terraform) = terraform(test) else { return };
    let folder = tempfile::tempdir().unwrap();
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_terraform-provider-confluent")).parent().unwrap();
    let overrides = format!(
        "provider_installation {{\n  dev_overrides {{\n    \"confluentinc/confluent\" = {binary:?}\n  }}\n}}\n"
    );
    std::fs::write(folder.path().join("cli.tfrc"), overrides).unwrap();
    let root = "terraform {\n  required_providers {\n    confluent = { source = \"confluentinc/confluent\" }\n  }\n}\n";
    std::fs::write(folder.path().join("main.tf"), root).unwrap();
    let output = std::process::Command::new(terraform)
        .args(["providers", "schema", "-json"])
        .current_dir(folder.path())
        .env("TF_CLI_CONFIG_FILE", folder.path().join("cli.tfrc"))
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Json = serde_json::from_slice(&output.stdout).unwrap();
    let told = told["provider_schemas"].as_object().unwrap().values().next().unwrap().clone();
    let ours = Declarations::load().unwrap();
    for (key, ours) in [("resource_schemas", &ours.resources), ("data_source_schemas", &ours.data_sources)] {
        assert_eq!(told[key].as_object().unwrap().len(), ours.len());
        for (name, declaration) in ours {
            assert_eq!(wire(&told[key][name]), wire(&shown(declaration)), "{key} {name}");
        }
    }
}

/// What both sides say: no rules, no texts, no empty parts.
fn wire(of: &Json) -> Json {
    match of {
        Json::Object(fields) => {
            let is_kept = |name: &str, field: &Json| {
                let is_part = ["attributes", "block_types"].contains(&name);
                let is_empty = is_part && field.as_object().is_some_and(Map::is_empty);
                let is_text = ["description", "description_kind"].contains(&name);
                !(name.starts_with('_') || is_text || is_empty)
            };
            let kept = fields.iter().map(|(name, field)| (name, wire(field)));
            Json::Object(
                kept.filter(|(name, field)| is_kept(name, field))
                    .map(|(name, field)| (name.clone(), field))
                    .collect(),
            )
        }
        Json::Array(items) => Json::Array(items.iter().map(wire).collect()),
        _ => of.clone(),
    }
}
