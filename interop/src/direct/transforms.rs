//! Configs of each transform and predicate: what the class has to offer, and some that it refuses.

use config::RawConfig;
use rand::Rng;

use super::random::{Random, chance, pick, text};
use super::records::{HEADERS, NAMES, TOPICS};

const TYPES: &[&str] =
    &["int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string", "bytes", "nonsense"];
const PATHS: &[&str] =
    &["id", "n.id", "n", "n.name", "n.n.id", "`n.id`", "absent", "n.absent", "name", "n.", "`n"];

/// A config of a transform or predicate, by its class's simple name without `$Key` and `$Value`; `None` when there is
/// no generator for the class.
pub fn config(random: &mut Random, class: &str) -> Option<RawConfig> {
    let mut config = RawConfig::new();
    if chance(random, 15) {
        config.set("unknown.key", "is ignored");
    }
    match class {
        "Cast" => {
            let spec = match chance(random, 30) {
                true => pick(random, TYPES).to_owned(),
                false => some(random, NAMES, |random, name| format!("{name}:{}", pick(random, &TYPES[..8]))),
            };
            maybe(random, &mut config, "spec", spec);
        }
        "DropHeaders" => {
            let names = some(random, HEADERS, |_, name| name.to_owned());
            maybe(random, &mut config, "headers", names);
        }
        "ExtractField" => {
            let field = pick(random, PATHS);
            maybe(random, &mut config, "field", field);
            syntax(random, &mut config);
        }
        "Filter" | "RecordIsTombstone" => {}
        "Flatten" => {
            if chance(random, 60) {
                config.set("delimiter", pick(random, &["_", ".", "", "->", "é"]));
            }
        }
        "HeaderFrom" => {
            let fields = some(random, NAMES, |_, name| name.to_owned());
            let names: Vec<String> = fields.split(',').map(|_| pick(random, HEADERS).to_owned()).collect();
            let names = if chance(random, 5) { "h1".to_owned() } else { names.join(",") };
            maybe(random, &mut config, "fields", fields);
            maybe(random, &mut config, "headers", names);
            let operation = pick(random, &["move", "copy", "copy", "move", "swap"]);
            maybe(random, &mut config, "operation", operation);
        }
        "HoistField" => {
            let field = pick(random, &["wrapped", "id", "", "a.b"]);
            maybe(random, &mut config, "field", field);
        }
        "InsertField" => insert_field(random, &mut config),
        "InsertHeader" => {
            let header = pick(random, HEADERS);
            maybe(random, &mut config, "header", header);
            let literal = text(random);
            maybe(random, &mut config, "value.literal", literal);
        }
        "MaskField" => {
            let fields = some(random, NAMES, |_, name| name.to_owned());
            maybe(random, &mut config, "fields", fields);
            if chance(random, 60) {
                config.set("replacement", pick(random, &["x", "12", "1.5", "-3", "", "300", "1e2", "***"]));
            }
        }
        "RegexRouter" => {
            let regex = pick(
                random,
                &[
                    "orders",
                    "(.*)\\.(.*)\\.(.*)",
                    ".*",
                    "(\\w+)-(?<year>\\d{4})",
                    "x",
                    "a|x",
                    "[a-z-_.0-9]+",
                    "(",
                ],
            );
            maybe(random, &mut config, "regex", regex);
            let replacement =
                pick(random, &["new", "$1", "$3-$1", "${year}", "\\$0", "$0x", "", "pre-$0", "$9", "a$"]);
            maybe(random, &mut config, "replacement", replacement);
        }
        "ReplaceField" => {
            for key in ["exclude", "include"] {
                if chance(random, 45) {
                    config.set(key, some(random, NAMES, |_, name| name.to_owned()));
                }
            }
            if chance(random, 60) {
                let renames = some(random, NAMES, |random, name| {
                    format!("{name}:{}", pick(random, &["renamed", "other", "third", "fourth"]))
                });
                config.set("renames", if chance(random, 8) { "id".to_owned() } else { renames });
            }
        }
        "SetSchemaMetadata" => {
            if chance(random, 80) {
                config.set("schema.name", pick(random, &["com.example.New", "n", ""]));
            }
            if chance(random, 70) {
                config.set("schema.version", pick(random, &["1", "7", "-2", "x", "2147483647"]));
            }
        }
        "TimestampConverter" => timestamp_converter(random, &mut config),
        "TimestampRouter" => {
            if chance(random, 70) {
                let topic =
                    &["${topic}_${timestamp}", "${timestamp}", "${topic}", "fixed", "${topic}-${topic}"];
                config.set("topic.format", pick(random, topic));
            }
            if chance(random, 70) {
                config.set("timestamp.format", date_format(random));
            }
        }
        "ValueToKey" => {
            let fields = some(random, NAMES, |_, name| name.to_owned());
            maybe(random, &mut config, "fields", fields);
        }
        "HasHeaderKey" => {
            let name = pick(random, &["h1", "trace", "absent", ""]);
            maybe(random, &mut config, "name", name);
        }
        "TopicNameMatches" => {
            let pattern = match chance(random, 40) {
                true => pick(random, TOPICS),
                false => {
                    pick(random, &[".*", "orders.*", "db\\.(public|private)\\..+", "[a-z]+", "(", "^x$"])
                }
            };
            maybe(random, &mut config, "pattern", pattern);
        }
        _ => return None,
    }
    if chance(random, 25) && !["DropHeaders", "Filter", "RegexRouter", "InsertHeader"].contains(&class) {
        config.set("replace.null.with.default", pick(random, &["true", "true", "false", "maybe"]));
    }
    Some(config)
}

fn insert_field(random: &mut Random, config: &mut RawConfig) {
    for key in ["topic.field", "partition.field", "offset.field", "timestamp.field", "static.field"] {
        if chance(random, 45) {
            let suffix = pick(random, &["", "!", "?"]);
            let name = pick(random, &["inserted", "other", "id", "where"]);
            config.set(key, format!("{}{name}{suffix}", &key[..1]));
        }
    }
    if config.contains("static.field") && chance(random, 90) {
        config.set("static.value", pick(random, &["fixed", "12", "é", ""]));
    }
}

fn timestamp_converter(random: &mut Random, config: &mut RawConfig) {
    if chance(random, 85) {
        config.set("field", pick(random, &["at", "id", "note", "", "n.at", "absent"]));
    }
    let target = pick(random, &["string", "unix", "Date", "Time", "Timestamp", "nonsense"]);
    maybe(random, config, "target.type", target);
    if chance(random, 60) {
        config.set("format", date_format(random));
    }
    if chance(random, 40) {
        let precision = &["milliseconds", "seconds", "microseconds", "nanoseconds", "hours"];
        config.set("unix.precision", pick(random, precision));
    }
    syntax(random, config);
}

fn date_format(random: &mut Random) -> &'static str {
    pick(
        random,
        &[
            "yyyy-MM-dd",
            "yyyyMMdd",
            "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'",
            "yyyy-MM-dd HH:mm:ss",
            "HH:mm",
            "yy/M/d",
            "EEE",
            "'quoted' yyyy",
            "yyyy-DDD",
            "hh:mm a",
            "MMM d, yyyy",
            "''yyyy",
            "w-YYYY",
            "SSS",
            "z",
            "Z",
            "XXX",
            "k K",
            "G",
            "u",
            "nonsense",
            "",
        ],
    )
}

fn syntax(random: &mut Random, config: &mut RawConfig) {
    if chance(random, 50) {
        config.set("field.syntax.version", pick(random, &["V1", "V2", "V2", "V2", "v2", "V3"]));
    }
}

// A required key is left out now and then.
fn maybe(random: &mut Random, config: &mut RawConfig, key: &str, value: impl Into<String>) {
    if chance(random, 96) {
        config.set(key, value);
    }
}

// A list of one to four different names.
fn some(random: &mut Random, from: &[&str], mut text: impl FnMut(&mut Random, &str) -> String) -> String {
    let first = random.random_range(0..from.len());
    let count = random.random_range(1..=from.len().min(4));
    let separator = if chance(random, 20) { " , " } else { "," };
    let names: Vec<_> = (0..count).map(|at| text(random, from[(first + at) % from.len()])).collect();
    names.join(separator)
}
