//! docs/reference/connector-properties.md is generated from the declarations. `cargo xtask generate` writes it.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use std::fmt::Write;

use api::config::{Catalog, Config, PluginKind};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/connector-properties.md");

fn generated() -> String {
    let registry = sluice_plugins::registry();
    let mut text = String::from(
        "# Connector properties\n\n\
         Generated from the declarations by `cargo xtask generate`; do not edit. Every connector also takes the\n\
         framework's keys (`name`, `connector.class`, `tasks.max`, converters, `errors.*`, …), which are Kafka\n\
         Connect's.\n",
    );
    let _ = write!(
        text,
        "\n## Sluice's own keys\n\nKafka Connect does not have these. They begin with `sluice.` and are off by \
         default.\n\n### All connectors\n\n{}\n### Sources\n\n{}",
        spec::keys::ExtensionKeys::definition().markdown().replace("\n### ", "\n#### ").trim_start(),
        spec::keys::SourceExtensionKeys::definition().markdown().replace("\n### ", "\n#### ").trim_start()
    );
    let kinds = [
        (PluginKind::Source, "Sources"),
        (PluginKind::Sink, "Sinks"),
        (PluginKind::Converter, "Converters"),
        (PluginKind::HeaderConverter, "Header converters"),
        (PluginKind::Transformation, "Transforms"),
        (PluginKind::Predicate, "Predicates"),
    ];
    for (kind, title) in kinds {
        let plugins: Vec<_> = registry.plugins().into_iter().filter(|plugin| plugin.kind == kind).collect();
        if plugins.is_empty() {
            continue;
        }
        let _ = write!(text, "\n## {title}\n");
        for plugin in plugins {
            let _ = write!(text, "\n### `{}`\n\n", plugin.class);
            match plugin.definition.keys().len() {
                0 => text.push_str("No keys.\n"),
                _ => text.push_str(plugin.definition.markdown().replace("\n### ", "\n#### ").trim_start()),
            }
        }
    }
    text
}

#[test]
fn the_reference_is_fresh() {
    let generated = generated();
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(FILE, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/reference/connector-properties.md is stale: run cargo xtask generate"
    );
}
