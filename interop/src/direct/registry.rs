//! Converters whose schemas are in a registry: both sides use one registry, this repository's own, and Java writes first.
//!
//! A case has a topic of its own, so that both register under one subject. What is written holds the schema's id: bytes are
//! equal when both sides have registered the same schema. Decoding starts from what Java has written, whole and damaged.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use config::RawConfig;
use data::{Bytes, Datum, Kind, Map, Schema, SchemaRef, Struct, Value};
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::{Value as Json, json};
use testkit::apache_kafka::java::Java as Process;

use super::random::{self, Random, chance, pick};
use super::records::NAMES;
use crate::case::{Case, Input, Operation};
use crate::ours::Answer;

/// A byte 0 and the schema's id.
const HEAD: usize = 5;

/// The program beside this one.
pub const PROGRAM: &str = "schema-registry";

/// The converters that are driven so: Java's answers to [`super::Scope`]'s classes name none of them, since their jars
/// list no services.
pub const CLASSES: [&str; 3] = [
    "io.confluent.connect.avro.AvroConverter",
    "io.confluent.connect.protobuf.ProtobufConverter",
    "io.confluent.connect.json.JsonSchemaConverter",
];

/// Why Java may have none of [`CLASSES`].
pub const NO_TWIN: &str = "its jars are not on Maven Central, nor in a wheel; name their folder with --jars";

/// A registry, running; it keeps its schemas in memory.
pub struct SchemaRegistry {
    url: String,
    _process: Process,
}

impl SchemaRegistry {
    /// Starts the program in `folder` on a free port of loopback.
    ///
    /// # Errors
    /// It is not built, or does not start.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let program = folder.join(PROGRAM);
        ensure!(program.exists(), "{} is not built; type: cargo xtask interop", program.display());
        let mut command = Command::new(program);
        command.args(["--listen", "127.0.0.1:0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = Process::start(&mut command).context("the schema registry cannot be started")?;
        let output = process.process().stdout.take().context("the schema registry has no output")?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        ensure!(url.starts_with("http://"), "the schema registry says no address, but {url:?}");
        Ok(Self { url: url.trim().to_owned(), _process: process })
    }

    /// What was written as the schema that its id names and the data: two ids are equal when their schemas are.
    ///
    /// # Errors
    /// The registry does not answer.
    pub fn instead_of_ids(&self, answer: &Answer) -> anyhow::Result<Answer> {
        let Answer::Results(results) = answer else { return Ok(answer.clone()) };
        let results = results.iter().map(|result| match written(result) {
            Some(bytes) if bytes.len() >= HEAD => {
                let (head, data) = bytes.split_at(HEAD);
                let id = head[1..].iter().fold(0u32, |id, byte| id << 8 | u32::from(*byte));
                Ok(json!({"schema": self.schema(id)?, "data": hex::encode(data)}))
            }
            _ => Ok(result.clone()),
        });
        Ok(Answer::Results(results.collect::<anyhow::Result<_>>()?))
    }

    // Of a Protobuf file the text as it is registered, on one line, without `deprecated = false`: Java's 7.0 writes it at
    // members of a oneof, where it says nothing, and later versions do not.
    fn schema(&self, id: u32) -> anyhow::Result<Json> {
        let url = format!("{}/schemas/ids/{id}", self.url);
        let text = ureq::get(&url).call().with_context(|| url.clone())?.body_mut().read_to_string()?;
        let answer: Json = serde_json::from_str(&text).with_context(|| text.clone())?;
        let schema = answer["schema"].as_str().with_context(|| text.clone())?;
        if answer["schemaType"] != "PROTOBUF" {
            return serde_json::from_str(schema).with_context(|| schema.to_owned());
        }
        let line = schema.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = line.replace(" [deprecated = false]", "").replace("[ deprecated = false, (", "[(");
        Ok(json!(line.replace("} ];", "}];")))
    }

    /// A case of encoding values of one schema, or of none.
    pub fn encoding(&self, random: &mut Random, class: &str, topic: String, count: usize) -> Case {
        let config = self.config(random, class);
        // One schema for each subject: a second one would have to be compatible with it.
        let schema = (!chance(random, 4)).then(|| schema(random));
        let inputs = (0..count)
            .map(|_| match &schema {
                None => Input::Datum(Datum::schemaless(with_single_entries(random::schemaless(random, 2)))),
                Some(schema) => {
                    let value = with_single_entries(random::value(random, schema));
                    Input::Datum(Datum::new(schema.clone(), value))
                }
            })
            .collect();
        let usage = ["key", "value"].choose(random).copied().unwrap_or("value");
        Case { operation: Operation::Encode, class: class.to_owned(), config, usage, topic, inputs }
    }

    fn config(&self, random: &mut Random, class: &str) -> RawConfig {
        let mut config = RawConfig::new();
        config.set("schema.registry.url", self.url.as_str());
        let json: &[&str] = &["object.additional.properties", "use.optional.for.nonrequired"];
        if class.contains("Json") && chance(random, 25) {
            config.set("decimal.format", pick(random, &["BASE64", "NUMERIC"]));
        }
        let keys = match class {
            class if class.contains("Json") => json,
            class if class.contains("Avro") => &[
                "enhanced.avro.schema.support",
                "connect.meta.data",
                "scrub.invalid.names",
                "discard.type.doc.default",
                "allow.optional.map.keys",
            ],
            _ => &[
                "enhanced.protobuf.schema.support",
                "scrub.invalid.names",
                "optional.for.nullables",
                "wrapper.for.nullables",
                "wrapper.for.raw.primitives",
                "optional.for.proto2",
            ],
        };
        for key in keys {
            if chance(random, 25) {
                config.set(*key, pick(random, &["true", "false"]));
            }
        }
        config
    }
}

/// The case that decodes what Java has written, and the same with a byte changed or missing.
pub fn decoding(random: &mut Random, encoding: &Case, java: &Answer) -> Option<Case> {
    let Answer::Results(results) = java else { return None };
    let mut inputs = vec![Input::Bytes(None)];
    for result in results {
        let Some(bytes) = written(result) else { continue };
        if chance(random, 25) && !bytes.is_empty() {
            let mut damaged = bytes.clone();
            let at = random.random_range(0..damaged.len());
            match random.random_range(0..3) {
                0 => damaged.truncate(at),
                // An id that nothing has been registered with, or another byte of data.
                1 => damaged[at] = random.random(),
                _ => damaged.push(random.random()),
            }
            inputs.push(Input::Bytes(Some(Bytes::from(damaged))));
        }
        inputs.push(Input::Bytes(Some(Bytes::from(bytes))));
    }
    Some(Case { operation: Operation::Decode, inputs, ..encoding.clone() })
}

fn written(result: &Json) -> Option<Vec<u8>> {
    match result.get("written")? {
        Json::String(text) => Some(text.clone().into_bytes()),
        other => hex::decode(other.get("bytes")?.as_str()?).ok(),
    }
}

// Most are rows with names that every format can have; few have others, which is an error or a matter of
// `scrub.invalid.names`.
fn schema(random: &mut Random) -> SchemaRef {
    let any = chance(random, 12);
    loop {
        let schema = match chance(random, 80) {
            true => random::row_schema(random, NAMES),
            false => random::schema(random, 0),
        };
        if any && !matches!(schema.kind(), Kind::Map(..)) || has_plain_names(&schema) {
            return schema;
        }
    }
}

// Java writes a map's entries in the order of a hash table: one of each map is kept.
fn with_single_entries(value: Value) -> Value {
    match value {
        Value::Map(map) => {
            let mut single = Map::new();
            if let Some((key, item)) = map.iter().next() {
                single.insert(with_single_entries(key.clone()), with_single_entries(item.clone()));
            }
            Value::Map(single)
        }
        Value::Array(items) => Value::Array(items.iter().cloned().map(with_single_entries).collect()),
        Value::Struct(row) => {
            let (schema, values) = row.into_parts();
            let values = values.into_iter().map(with_single_entries).collect();
            Struct::new(schema, values).map_or(Value::Null, Value::Struct)
        }
        other => other,
    }
}

fn has_plain_names(schema: &Schema) -> bool {
    if matches!(schema.kind(), Kind::Map(..)) && schema.default().is_some() {
        return false; // its entries' order again
    }
    match schema.kind() {
        Kind::Struct(fields) => {
            fields.iter().all(|field| !field.name.contains('.') && has_plain_names(&field.schema))
        }
        Kind::Array(items) => has_plain_names(items),
        Kind::Map(keys, values) => has_plain_names(keys) && has_plain_names(values),
        _ => true,
    }
}
