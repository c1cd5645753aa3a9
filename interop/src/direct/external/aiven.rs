//! Configs of Aiven's transforms.

use config::RawConfig;
use rand::Rng;

use super::super::random::{Random, chance, pick};
use super::super::records::NAMES;
use super::{names, set};

/// A config of a transform, by its class's simple name; `None` when there is no generator for the class.
pub fn config(random: &mut Random, simple: &str) -> Option<RawConfig> {
    let mut config = RawConfig::new();
    let to = &mut config;
    match simple {
        "ConcatFields" => {
            let fields = names(random, NAMES, 3);
            set(random, to, 97, "field.names", &[&fields]);
            set(random, to, 97, "output.field.name", &["joined", "id", "note", ""]);
            set(random, to, 60, "delimiter", &["-", "", ", ", "é"]);
            set(random, to, 50, "field.replace.missing", &["none", "", "*"]);
        }
        "CaseTransform" => {
            let fields = names(random, NAMES, 3);
            set(random, to, 97, "field.names", &[&fields]);
            set(random, to, 97, "case", &["lower", "upper", "lower", "upper", "UPPER", "title"]);
        }
        "ExtractTimestamp" => {
            set(random, to, 97, "field.name", &["at", "id", "at", "absent", ""]);
            set(
                random,
                to,
                50,
                "timestamp.resolution",
                &["milliseconds", "seconds", "seconds", "SECONDS", "hours"],
            );
        }
        "ExtractTopic" => {
            set(random, to, 75, "field.name", &["name", "id", "note", "flag", "amount", "at", "absent", ""]);
            set(random, to, 60, "skip.missing.or.null", &["true", "false", "true", "x"]);
        }
        "ExtractTopicFromSchemaName" => {
            let map = ["com.example.Row:rows", "plain:p,com.example.Thing:t", "a", "a:b:c", ""];
            set(random, to, 50, "schema.name.topic-map", &map);
            let regex = ["(?:[.]|^)([^.]*)$", "com\\.example\\.(.*)", "(a)(b)", "x(y)", "(", "com"];
            set(random, to, 50, "schema.name.regex", &regex);
        }
        "FilterByFieldValue" => {
            set(random, to, 85, "field.name", &["id", "name", "flag", "note", "amount", "absent", ""]);
            let by_value = chance(random, 50);
            if by_value || chance(random, 5) {
                let values =
                    ["12", "true", "a", "text", "null", "1.5", "", "-7", "127", "x y", "FALSE", "2021-03-04"];
                set(random, to, 98, "field.value", &values);
            }
            if !by_value || chance(random, 5) {
                set(random, to, 98, "field.value.pattern", &["a", "^\\d+$", ".*", "tr.e", "(", "[a-f]+", ""]);
            }
            set(random, to, 50, "field.value.matches", &["true", "false", "false", "x"]);
        }
        "Hash" => {
            set(random, to, 80, "field.name", &["name", "note", "id", "tags", "absent", ""]);
            set(random, to, 97, "function", &["md5", "sha1", "sha256", "sha256", "MD5", "sha512"]);
            set(random, to, 50, "skip.missing.or.null", &["true", "false", "true", "x"]);
        }
        "KeyToValue" => {
            let fields = match random.random_range(0..5) {
                0 => "*".to_owned(),
                1 => format!("*,{}", pick(random, NAMES)),
                _ => names(random, NAMES, 3),
            };
            set(random, to, 97, "key.fields", &[&fields]);
            set(random, to, 60, "value.fields", &["k1", "k1,k2", "*", "*,k2", "id,name", "", "k1,k1"]);
        }
        "MakeTombstone" => {}
        "TombstoneHandler" => {
            set(
                random,
                to,
                96,
                "behavior",
                &["drop_silent", "drop_warn", "fail", "fail", "DROP_WARN", "ignore"],
            );
        }
        _ => return None,
    }
    Some(config)
}
