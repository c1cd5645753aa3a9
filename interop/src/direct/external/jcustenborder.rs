//! Configs of jcustenborder's transforms.

use config::RawConfig;
use rand::Rng;

use super::super::random::{Random, chance, pick};
use super::super::records::{HEADERS, NAMES};
use super::{names, set};

const CASES: &[&str] = &[
    "LOWER_CAMEL",
    "LOWER_HYPHEN",
    "LOWER_UNDERSCORE",
    "UPPER_CAMEL",
    "UPPER_UNDERSCORE",
    "LOWER_UNDERSCORE",
    "UPPER_UNDERSCORE",
];

/// A config of a transform, by its class's simple name; `None` when there is no generator for the class.
pub fn config(random: &mut Random, simple: &str) -> Option<RawConfig> {
    let mut config = RawConfig::new();
    let to = &mut config;
    match simple {
        "BytesToString" => {
            set(random, to, 50, "charset", &["UTF-8", "ISO-8859-1", "US-ASCII", "UTF-16", "nonsense"]);
            let fields = names(random, NAMES, 3);
            set(random, to, 70, "fields", &[&fields]);
        }
        "ChangeCase" | "ChangeTopicCase" => {
            set(random, to, 97, "from", CASES);
            set(random, to, 97, "to", CASES);
            if chance(random, 4) {
                config.set("to", pick(random, &["lower_camel", "TITLE", ""]));
            }
        }
        "ExtractNestedField" => {
            set(random, to, 97, "input.outer.field.name", &["n", "n", "n", "id", "absent"]);
            set(random, to, 97, "input.inner.field.name", &["id", "name", "note", "absent"]);
            set(random, to, 97, "output.field.name", &["out", "out", "id", ""]);
        }
        "ExtractTimestamp" => set(random, to, 97, "field.name", &["at", "at", "id", "absent", ""]),
        "HeaderToField" => {
            let types = ["STRING", "INT64", "int32", "BOOLEAN", "INT8", "INT16", "FLOAT32", "FLOAT64"];
            let logical =
                ["INT64(Timestamp)", "INT32(Date)", "INT32(Time)", "BYTES(Decimal[scale=2])", "BYTES", "X"];
            let count = random.random_range(1..3);
            let items: Vec<String> = (0..count)
                .map(|at| {
                    let kind = if chance(random, 75) { pick(random, &types) } else { pick(random, &logical) };
                    let header = pick(random, HEADERS);
                    match random.random() {
                        true => format!("{header}:{kind}:f{at}"),
                        false => format!("{header}:{kind}"),
                    }
                })
                .collect();
            set(random, to, 97, "header.mappings", &[&items.join(",")]);
        }
        "PatternFilter" => {
            set(random, to, 97, "pattern", &[".*", "a|text", "\\d+", "[a-z]+", "(", "^$"]);
            let fields = names(random, NAMES, 3);
            set(random, to, 85, "fields", &[&fields]);
        }
        "PatternMapString" => {
            set(random, to, 97, "src.field.name", &["name", "note", "id", "absent"]);
            set(random, to, 97, "dest.field.name", &["name", "note", "mapped", "id"]);
            set(random, to, 97, "value.pattern", &["a", "[A-Z]+", "(\\w)(\\w)", "^", "(", "\\s+"]);
            set(random, to, 97, "value.replacement", &["x", "$1", "$2-$1", "", "$9"]);
            flags(random, to, "value.pattern.flags");
        }
        "PatternRename" => {
            set(random, to, 97, "field.pattern", &["a", "N", "^(.)", "(\\w+)e$", "i|d", "(", "^n"]);
            set(random, to, 97, "field.replacement", &["x", "$1_", "", "p_$0", "$3"]);
            flags(random, to, "field.pattern.flags");
        }
        "SetMaximumPrecision" => set(random, to, 97, "precision.max", &["5", "38", "64", "1", "0", "x"]),
        "ToJSON" => {
            set(random, to, 60, "output.schema.type", &["STRING", "BYTES", "BYTES", "string", "INT8"]);
            set(random, to, 60, "schemas.enable", &["true", "false", "x"]);
        }
        "ToLong" => {
            let fields = names(random, NAMES, 3);
            set(random, to, 90, "fields", &[&fields]);
        }
        "TopicNameToField" => set(random, to, 97, "field", &["topic", "id", ""]),
        "LowerCaseTopic" | "NormalizeSchema" | "SchemaNameToTopic" | "SetNull" => {}
        _ => return None, // TimestampNow, TimestampNowField: the time is different on each side
    }
    Some(config)
}

fn flags(random: &mut Random, config: &mut RawConfig, key: &str) {
    let some =
        ["CASE_INSENSITIVE", "CASE_INSENSITIVE,MULTILINE", "", "LITERAL", "COMMENTS,UNICODE_CASE", "NONE"];
    set(random, config, 40, key, &some);
}
