//! The same schemas, bytes and values as Confluent's Java converter. The cases were run through it once; where we differ on
//! purpose, a case says so here.

use data::{Bytes, Datum};
use json::{DecimalFormat, Reader, Writer};
use sluice_avro::{Decoder, Encoder, Mapping, ParseOptions, Schema};

const CASES: &str = include_str!("data/java_converter.tsv");

fn mapping(options: &str) -> Mapping {
    let mut mapping = Mapping::default();
    for option in options.split(',').filter(|option| *option != "-") {
        let (key, value) = option.split_once('=').unwrap();
        let value = value == "true";
        match key {
            "enhanced.avro.schema.support" => mapping.enhanced = value,
            "connect.meta.data" => mapping.meta_data = value,
            "scrub.invalid.names" => mapping.scrub = value,
            "discard.type.doc.default" => mapping.discard_type_doc_default = value,
            // That version had no such key, and did as this value says.
            "flatten.singleton.unions" => mapping.flatten_singletons = value,
            "allow.optional.map.keys" => mapping.optional_map_keys = value,
            other => panic!("{other}"),
        }
    }
    mapping
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Bytes {
    let digits: Vec<u8> = text.bytes().collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn envelope(datum: &Datum) -> String {
    let mut out = Vec::new();
    let mut writer = Writer::new(DecimalFormat::Base64).replace_null_with_default(false);
    match writer.write_envelope(datum, &mut out) {
        Ok(()) => String::from_utf8(out).unwrap(),
        Err(error) => format!("ERROR {error}"),
    }
}

/// Objects of JSON in any order: Java's maps have none.
fn same_json(one: &str, other: &str) -> bool {
    let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    parsed(one).is_some() && parsed(one) == parsed(other)
}

fn differences(case: &str) -> Result<(), String> {
    let columns: Vec<&str> = case.split('\t').collect();
    let mapping = mapping(columns[1]);
    let (schema, bytes, read) = match columns[0] {
        "C" => {
            let input = Bytes::copy_from_slice(columns[2].as_bytes());
            let mut reader = Reader::new().replace_null_with_default(false);
            let datum = reader.parse_envelope(&input).map_err(|error| error.to_string())?;
            let made = mapping.from_connect(datum.schema.as_ref());
            let expected_error = columns[4].starts_with("ERROR");
            let (schema, bytes) = match (made, expected_error) {
                (Err(_), true) => return Ok(()),
                (Err(error), false) => return Err(format!("no schema: {error}")),
                (Ok(schema), _) => {
                    let mut encoder =
                        Encoder::new(datum.schema.as_ref(), &schema, mapping).map_err(|e| e.to_string())?;
                    let mut out = Vec::new();
                    match (encoder.write(&datum.value, &mut out), expected_error) {
                        (Err(_), true) => return Ok(()),
                        (written, true) => return Err(format!("Java refused it, we did not: {written:?}")),
                        // Null at the top is the converter's matter.
                        (_, _) if datum.value.is_null() => return Ok(()),
                        (written, false) => written.map_err(|error| error.to_string())?,
                    }
                    (schema, out)
                }
            };
            if schema.canonical() != columns[3] {
                return Err(format!("schema\n  ours {}\n  Java {}", schema.canonical(), columns[3]));
            }
            if hex(&bytes) != columns[4] {
                return Err(format!("bytes\n  ours {}\n  Java {}", hex(&bytes), columns[4]));
            }
            (schema, Bytes::from(bytes), columns[5])
        }
        _ => {
            let schema =
                Schema::parse_with(columns[2], &[], ParseOptions::lenient()).map_err(|e| e.to_string())?;
            (schema, unhex(columns[3]), columns[5])
        }
    };
    // The mock registry of the oracle said that each schema is version 1 of its subject.
    let decoder = match Decoder::new(&schema, None, mapping, Some(1)) {
        Err(_) if read.starts_with("ERROR") => return Ok(()),
        made => made.map_err(|error| format!("no decoder: {error}"))?,
    };
    let value = match decoder.read(&bytes) {
        Err(_) if read.starts_with("ERROR") => return Ok(()),
        value => value.map_err(|error| format!("not read: {error}"))?,
    };
    let ours = envelope(&Datum { schema: decoder.schema().cloned(), value });
    if ours != read && !same_json(&ours, read) {
        return Err(format!("read\n  ours {ours}\n  Java {read}"));
    }
    Ok(())
}

#[test]
fn schemas_bytes_and_values_are_javas() {
    let cases: Vec<&str> = CASES.lines().filter(|line| !line.starts_with('#')).collect();
    let failed: Vec<String> = cases
        .iter()
        .enumerate()
        .filter_map(|(index, case)| {
            Some(format!("case {}: {case}\n {}", index + 1, differences(case).err()?))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} differ\n{}", failed.len(), cases.len(), failed.join("\n"));
}
