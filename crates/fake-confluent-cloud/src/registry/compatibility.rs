//! Whether a new schema fits the old ones.
//!
//! Avro is compared in earnest ([`super::avro`]). For JSON Schema and Protobuf the fake has no rules: every change
//! passes, and a test that needs a refusal injects one.

use serde_json::{Value, json};

use super::schema::Schema;
use super::{Registry, Version, avro};
use crate::exchange::{Answer, Refusal, Reply, Request};

/// Levels that a client may set.
pub(crate) const LEVELS: &[&str] =
    &["BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE", "NONE"];

/// The dry run.
pub(crate) fn check(registry: &Registry, request: &Request, subject: &str, version: Option<&str>) -> Answer {
    let verbose = request.flag("verbose");
    let obstacles = match (Schema::read(registry, &request.body), version) {
        // Who asks for reasons is told that it is no schema as one of them.
        (Err(refusal), _) if verbose => vec![refusal.message],
        (Err(refusal), _) => return Err(refusal),
        (Ok(schema), None) => obstacles(registry, subject, &schema),
        (Ok(schema), Some("latest" | "-1")) => {
            against(registry.level(subject), &schema, registry.live(subject).next_back().into_iter())
        }
        (Ok(schema), Some(number)) => {
            let missing = |refusal: Refusal| match refusal.number {
                40401 => Refusal::coded(40402, format!("Version {number} not found.")),
                _ => refusal,
            };
            let version = registry.version(subject, number, false).map_err(missing)?;
            against(registry.level(subject), &schema, std::iter::once(version))
        }
    };
    let mut body = json!({"is_compatible": obstacles.is_empty()});
    if verbose {
        body["messages"] = json!(obstacles);
    }
    Ok(Reply::ok(body))
}

/// What keeps a schema from becoming the subject's next version.
pub(crate) fn obstacles(registry: &Registry, subject: &str, schema: &Schema) -> Vec<String> {
    let level = registry.level(subject);
    let newest_first = registry.live(subject).rev();
    if level.ends_with("TRANSITIVE") {
        against(level, schema, newest_first)
    } else {
        against(level, schema, newest_first.take(1))
    }
}

fn against<'a>(level: &str, schema: &Schema, versions: impl Iterator<Item = &'a Version>) -> Vec<String> {
    let backward = level.starts_with("BACKWARD") || level.starts_with("FULL");
    let forward = level.starts_with("FORWARD") || level.starts_with("FULL");
    let mut found = Vec::new();
    for version in versions {
        if (backward || forward) && version.schema.format != schema.format {
            found
                .push(format!("the schema type changed from {} to {}", version.schema.format, schema.format));
            continue;
        }
        if schema.format != "AVRO" {
            continue;
        }
        let (new, old) = (parse(&schema.text), parse(&version.schema.text));
        if backward {
            found.extend(avro::obstacles(&new, &old));
        }
        if forward {
            found.extend(avro::obstacles(&old, &new));
        }
    }
    found
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Refuses a level that is none.
pub(crate) fn check_level(level: &str) -> Result<(), Refusal> {
    match LEVELS.contains(&level) {
        true => Ok(()),
        false => Err(Refusal::coded(
            42203,
            format!("Invalid compatibility level {level}. Valid values are {LEVELS:?}"),
        )),
    }
}
