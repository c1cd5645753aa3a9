//! Configs and inputs of each converter.

use config::RawConfig;
use data::{Bytes, Datum, Decimal, Kind, Schema};
use rand::Rng;

use super::random::{self, Random, chance, pick, text};
use crate::case::Input;

/// A config of a converter, by its class's simple name; `None` when there is no generator for the class.
pub fn config(random: &mut Random, class: &str) -> Option<RawConfig> {
    let mut config = RawConfig::new();
    match class {
        "JsonConverter" => {
            if chance(random, 70) {
                config.set("schemas.enable", pick(random, &["true", "false", "false"]));
            }
            if chance(random, 50) {
                config.set("decimal.format", pick(random, &["BASE64", "NUMERIC", "numeric"]));
            }
            if chance(random, 40) {
                config.set("replace.null.with.default", pick(random, &["true", "false"]));
            }
            if chance(random, 15) {
                config.set("schemas.cache.size", pick(random, &["0", "1", "16", "-1", "x"]));
            }
            if chance(random, 12) {
                let content = [
                    r#"{"type":"struct","fields":[{"field":"a","type":"int32"},{"field":"b","type":"string","optional":true}]}"#,
                    r#"{"type":"int64"}"#,
                    r#"{"type":"nonsense"}"#,
                    "{",
                    "",
                ];
                config.set("schema.content", pick(random, &content));
            }
        }
        "StringConverter" => {
            if chance(random, 60) {
                let names =
                    ["UTF-8", "US-ASCII", "ISO-8859-1", "UTF-16", "UTF-16BE", "UTF-16LE", "utf8", "nonsense"];
                config.set("converter.encoding", pick(random, &names));
            }
        }
        "ByteArrayConverter"
        | "ShortConverter"
        | "IntegerConverter"
        | "LongConverter"
        | "FloatConverter"
        | "DoubleConverter"
        | "BooleanConverter"
        | "SimpleHeaderConverter" => {}
        _ => return None,
    }
    Some(config)
}

/// A value to encode: half of them of the type that the class is for.
pub fn value(random: &mut Random, class: &str) -> Input {
    let kind = match class {
        "ShortConverter" => Kind::Int16,
        "IntegerConverter" => Kind::Int32,
        "LongConverter" => Kind::Int64,
        "FloatConverter" => Kind::Float32,
        "DoubleConverter" => Kind::Float64,
        "BooleanConverter" => Kind::Boolean,
        "ByteArrayConverter" => Kind::Bytes,
        "StringConverter" => Kind::String,
        _ => return Input::Datum(random::datum(random)),
    };
    if chance(random, 50) {
        return Input::Datum(random::datum(random));
    }
    let schema = Schema::builder(kind).set_optional(random.random()).build();
    let value = random::value(random, &schema);
    Input::Datum(match chance(random, 30) {
        true => Datum::schemaless(value),
        false => Datum::new(schema, value),
    })
}

/// Bytes to decode: what the class may have written, changed at times, or anything.
pub fn bytes(random: &mut Random, class: &str) -> Input {
    if chance(random, 4) {
        return Input::Bytes(None);
    }
    let bytes = match class {
        "JsonConverter" => json(random).into_bytes(),
        "SimpleHeaderConverter" => literal(random).into_bytes(),
        "StringConverter" if chance(random, 70) => text(random).into_bytes(),
        "BooleanConverter" => vec![random.random_range(0..3); random.random_range(0..3)],
        _ => {
            let usual = [2, 4, 8, 4, 8];
            let length = match chance(random, 70) {
                true => usual[random.random_range(0..usual.len())],
                false => random.random_range(0..12),
            };
            (0..length).map(|_| random.random()).collect()
        }
    };
    Input::Bytes(Some(Bytes::from(bytes)))
}

/// JSON as JsonConverter takes it: with an envelope, plain, or slightly wrong.
fn json(random: &mut Random) -> String {
    let mut text = match random.random_range(0..10) {
        0..6 => {
            let schema = random::schema(random, 0);
            let value = random::value(random, &schema);
            let datum = Datum::new(schema, value);
            let decimal = if random.random() { json::DecimalFormat::Base64 } else { json::DecimalFormat::Numeric };
            let mut out = Vec::new();
            match json::Writer::new(decimal).write_envelope(&datum, &mut out) {
                Ok(()) => String::from_utf8_lossy(&out).into_owned(),
                Err(_) => "{\"schema\":null,\"payload\":null}".to_owned(),
            }
        }
        6..9 => plain_json(random, 0),
        _ => pick(
            random,
            &[
                "", " ", "null", "{}", "[]", "{\"schema\":null,\"payload\":1}", "{\"schema\":{\"type\":\"int8\"},\"payload\":300}",
                "{\"schema\":{\"type\":\"int8\"}}", "{\"payload\":1,\"schema\":null,\"more\":1}", "01", "1 2", "nul", "{\"a\":1,\"a\":2}",
                "{\"schema\":{\"type\":\"struct\",\"fields\":[]},\"payload\":{}}", "{\"schema\":{\"type\":\"string\",\"optional\":true},\"payload\":null}",
                "{\"schema\":{\"type\":\"string\"},\"payload\":null}", "{\"schema\":{\"type\":\"float\"},\"payload\":\"NaN\"}",
                "{\"schema\":{\"type\":\"double\"},\"payload\":1}", "{\"schema\":{\"type\":\"boolean\"},\"payload\":\"true\"}", "99999999999999999999", "1e400", "-0", "-0.0", "1E2",
                "{\"schema\":{\"type\":\"array\"},\"payload\":[]}", "\"\\ud83d\"", "\"\\u00e9\"", "[1,]", "{'a':1}", "NaN", "\u{feff}1", "\t[ 1 , null ]\n",
                "{\"schema\":{\"type\":\"map\",\"keys\":{\"type\":\"int8\"},\"values\":{\"type\":\"string\"}},\"payload\":[[1,\"x\"]]}",
                "{\"schema\":{\"type\":\"map\",\"keys\":{\"type\":\"string\"},\"values\":{\"type\":\"string\"}},\"payload\":[[1,\"x\"]]}",
                "{\"schema\":{\"type\":\"int32\",\"name\":\"org.apache.kafka.connect.data.Date\",\"version\":1},\"payload\":\"x\"}",
            ],
        )
        .to_owned(),
    };
    if chance(random, 12) && !text.is_empty() {
        // One byte gone, or another in its place.
        let at = random.random_range(0..text.len());
        if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
            text.replace_range(at..=at, pick(random, &["", "x", "1", "\"", "}", ",", " "]));
        }
    }
    text
}

fn plain_json(random: &mut Random, depth: u32) -> String {
    match random.random_range(0..if depth < 3 { 8 } else { 6 }) {
        0 => "null".to_owned(),
        1 => random.random::<bool>().to_string(),
        2 => random.random_range(-1_000_000i64..1_000_000).to_string(),
        3 => format!("{}", random.random_range(-1e9..1e9)),
        4 => random.random::<i64>().to_string(),
        5 => serde_json::Value::from(text(random)).to_string(),
        6 => {
            let items: Vec<_> =
                (0..random.random_range(0..4)).map(|_| plain_json(random, depth + 1)).collect();
            format!("[{}]", items.join(","))
        }
        _ => {
            let names = ["a", "b", "c d", "é"];
            let count = random.random_range(0..=names.len());
            let entries: Vec<_> = names[..count]
                .iter()
                .map(|name| format!("\"{name}\":{}", plain_json(random, depth + 1)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
    }
}

/// A header's text.
fn literal(random: &mut Random) -> String {
    const WHOLE: &[&str] = &[
        "10,20",
        "8080:x",
        "[1,2,3]",
        "[1, 2.5]",
        "[]",
        "{}",
        "{\"a\":1}",
        "{a:1}",
        "[\"a\",\"b\"]",
        "[\"a\",null]",
        "[null]",
        "{\"a\":[1,2],\"b\":{}}",
        "\"quoted\"",
        "1.0",
        "1.10",
        "-0",
        "0.1",
        "1e5",
        "1e400",
        "+7",
        "127",
        "128",
        "-129",
        "32767",
        "32768",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "3.4028236e38",
        "2021-02-30",
        "2021-02-03",
        "1969-12-31",
        "12:34:56.789Z",
        "12\\:34\\:56.789Z",
        "2021-02-03T12:34:56.789Z",
        "true",
        "TRUE",
        " true ",
        " null ",
        "null,x",
        "[[1],[2]]",
        "[{\"a\":1},{\"b\":2}]",
        "[1,\"a\"]",
        "[true,false]",
        "{1:2}",
        "{\"a\":1,}",
        "[1,]",
        "[",
        "{",
        "]",
        "\\",
        "a\\,b",
        "\"a\\\"b\"",
        "[\"a\\\"b\"]",
        "1_000",
        "0x10",
        "Infinity",
        "NaN",
        "1.5f",
        "00012",
        "2021-2-3",
        "2021-02-03T12:34:56Z",
        ".5",
        "5.",
        "--1",
        "1-2",
        "{\"k\":2021-02-03}",
        "[2021-02-03,2021-02-04]",
    ];
    const TOKENS: &[&str] = &[
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"",
        "\\",
        "1",
        "2.5",
        "a",
        "null",
        "true",
        " ",
        "-",
        "\"x\"",
        "2021-02-03",
    ];
    match random.random_range(0..10) {
        0..5 => pick(random, WHOLE).to_owned(),
        5 => text(random),
        6 => {
            let mut out = Vec::new();
            literal::write(&random::schemaless(random, 1), &mut out);
            String::from_utf8_lossy(&out).into_owned()
        }
        7 => {
            Decimal::from_i64(random.random_range(-100_000..100_000), random.random_range(-3..8)).to_string()
        }
        8 => {
            let items: Vec<_> = (0..random.random_range(0..4))
                .map(|_| random.random_range(-40_000..40_000).to_string())
                .collect();
            format!("[{}]", items.join(","))
        }
        _ => (0..random.random_range(1..7)).map(|_| pick(random, TOKENS)).collect(),
    }
}
