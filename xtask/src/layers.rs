//! Crates depend downwards only: the table of ARCHITECTURE.md, held over `cargo metadata`.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};

use crate::process;

/// Layer of each crate. Crates of one layer do not depend on each other, but for what [`SIDEWAYS`] allows.
const LAYERS: &[(u8, &[&str])] = &[
    (0, &["data", "config", "config-derive"]),
    (
        1,
        &[
            "api",
            "spec",
            "rest-types",
            "json",
            "literal",
            "metrics",
            "avro",
            "json-schema",
            "protobuf",
            "aws",
            "tls",
            "oauth",
        ],
    ),
    (
        2,
        &[
            "converters",
            "schema-registry",
            "transforms",
            "kafka",
            "secrets",
            "connector-file",
            "connector-jdbc",
            "connector-s3",
        ],
    ),
    (3, &["task"]),
    (4, &["herder", "lint"]),
    (5, &["rest", "plugins", "dev-broker", "dev-s3", "registry", "fake-confluent-cloud"]),
    (6, &["worker", "embedded"]),
    (7, &["cli"]),
];

/// Allowed between crates of one layer, and why.
const SIDEWAYS: &[(&str, &str)] = &[
    ("config", "config-derive"), // two halves of one thing: a macro must be a crate of its own
    ("spec", "api"),             // reads plugin declarations
    ("embedded", "worker"),      // an assembly of assemblies
    ("literal", "json"),         // numbers print the same way in both
    ("json-schema", "json"),     // documents are written and read by the same scanner
    ("avro", "json"),            // the same
    ("avro", "literal"),         // names are scrubbed in one way
    ("protobuf", "literal"),     // the same; the calendar
];

/// Tools beside the layers; testkit is a dev-dependency only.
const BESIDE: &[&str] = &["bench", "chaos", "interop", "testkit", "terraform-stand-in", "xtask"];

/// What a connector may know of ours: the contract, and the text forms that it shares with the converters.
const CONNECTOR_MAY_SEE: &[&str] = &["api", "json", "literal"];

/// Checks the table.
///
/// # Errors
/// The first arrow that points up or sideways, or a crate that has no layer.
pub fn run() -> anyhow::Result<()> {
    let count = check()?;
    println!("{count} dependencies between our crates, all pointing down");
    Ok(())
}

fn check() -> anyhow::Result<usize> {
    let output = process::cargo().args(["metadata", "--format-version", "1", "--no-deps"]).output()?;
    ensure!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let layer_of: BTreeMap<&str, u8> =
        LAYERS.iter().flat_map(|(layer, crates)| crates.iter().map(move |name| (*name, *layer))).collect();
    let mut count = 0;
    for package in metadata["packages"].as_array().context("no packages")? {
        let name = short(&package["name"])?;
        if BESIDE.contains(&name) {
            continue;
        }
        let layer = layer_of
            .get(name)
            .with_context(|| format!("{name} has no layer: add it to xtask/src/layers.rs"))?;
        for dependency in package["dependencies"].as_array().context("no dependencies")? {
            let is_ours = dependency["name"].as_str().is_some_and(|name| name.starts_with("sluice-"));
            if !is_ours || dependency["kind"] == "dev" {
                continue;
            }
            let on = short(&dependency["name"])?;
            ensure!(on != "testkit", "{name} depends on testkit, which is for tests only");
            let below = layer_of.get(on).with_context(|| format!("{on} has no layer"))?;
            if below >= layer && !SIDEWAYS.contains(&(name, on)) {
                bail!("{name} (layer {layer}) depends on {on} (layer {below}): arrows point down only");
            }
            if name.starts_with("connector-") && !CONNECTOR_MAY_SEE.contains(&on) {
                bail!(
                    "{name} depends on {on}: a connector sees {CONNECTOR_MAY_SEE:?} and its client library"
                );
            }
            count += 1;
        }
    }
    Ok(count)
}

fn short(name: &serde_json::Value) -> anyhow::Result<&str> {
    let name = name.as_str().context("a name is no text")?;
    Ok(name.strip_prefix("sluice-").unwrap_or(name))
}

#[cfg(test)]
mod tests {
    #[test]
    fn arrows_point_down() {
        let count = super::check().unwrap();
        assert!(count > 20, "only {count} dependencies were looked at");
    }
}
