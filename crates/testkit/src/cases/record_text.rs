//! Records as case files write them: a JSON object.
//!
//! | member | meaning | when it is not written |
//! |---|---|---|
//! | `topic` | the topic | `topic` |
//! | `partition` | Kafka's partition | null |
//! | `offset` | the offset: the record comes from Kafka (a sink's) | a source's record |
//! | `timestamp` | `"2026-01-31T12:30:00.000Z"`, or milliseconds | null |
//! | `keySchema`, `key`, `valueSchema`, `value` | see [`super::schema_text`] and [`super::value_text`] | no schema, null |
//! | `headers` | a list of `{"key", "schema", "value"}` | none |
//!
//! In a record that comes out, what is not written is as in the record that went in; a value without `valueSchema` has no
//! schema (so for the key), and `"valueSchema": "unchanged"` is that of the record that went in.

use api::Origin;
use api::data::{Datum, Header, Record, SchemaRef, Text, Value};
use serde_json::{Map, Value as Json, json};

use super::{schema_text, value_text};

const MEMBERS: [&str; 9] =
    ["topic", "partition", "offset", "timestamp", "keySchema", "key", "valueSchema", "value", "headers"];

/// Reads records; equal schemas become one, as a converter or connector would share them.
#[derive(Debug, Default)]
pub struct Reader {
    schemas: Vec<SchemaRef>,
}

impl Reader {
    /// Reads a record and where it comes from. `before` is the record that went in.
    ///
    /// # Errors
    /// What is wrong with the form.
    pub fn record(&mut self, text: &str, before: Option<&Record>) -> Result<(Record, Origin), String> {
        let form: Json = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
        let members = form.as_object().ok_or("a record is an object")?;
        if let Some(unknown) = members.keys().find(|key| !MEMBERS.contains(&key.as_str())) {
            return Err(format!("a record has no member {unknown}; there are {}", MEMBERS.join(", ")));
        }
        let mut record = before.cloned().unwrap_or_else(|| Record {
            topic: "topic".into(),
            partition: None,
            key: Datum::NULL,
            value: Datum::NULL,
            timestamp: None,
            headers: Vec::new(),
        });
        let mut origin = Origin::Source;
        for (name, member) in members {
            let wrong = || format!("{name} cannot be {member}");
            match (name.as_str(), member) {
                ("topic", Json::String(topic)) => record.topic = topic.as_str().into(),
                ("partition", Json::Null) => record.partition = None,
                ("partition", Json::Number(number)) => {
                    let number = number.as_i64().and_then(|number| number.try_into().ok());
                    record.partition = Some(number.ok_or_else(wrong)?);
                }
                ("offset", Json::Number(number)) => {
                    origin = Origin::Sink { offset: number.as_i64().ok_or_else(wrong)? };
                }
                ("timestamp", Json::Null) => record.timestamp = None,
                ("timestamp", form) => {
                    let schema = schema_text::read(&json!("timestamp"))?;
                    match value_text::read(Some(&schema), form)? {
                        Value::Timestamp(ms) => record.timestamp = Some(ms),
                        _ => return Err(wrong()),
                    }
                }
                ("headers", Json::Array(list)) => {
                    record.headers = list.iter().map(|form| self.header(form)).collect::<Result<_, _>>()?;
                }
                ("keySchema" | "key" | "valueSchema" | "value", _) => {}
                _ => return Err(wrong()),
            }
        }
        self.datum(members, "keySchema", "key", &mut record.key)?;
        self.datum(members, "valueSchema", "value", &mut record.value)?;
        Ok((record, origin))
    }

    /// Reads `{"schema", "value"}`.
    ///
    /// # Errors
    /// What is wrong with the form.
    pub fn schema_and_value(&mut self, text: &str) -> Result<Datum, String> {
        let form: Json = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
        let members = form.as_object().ok_or("a datum is an object")?;
        if let Some(unknown) = members.keys().find(|key| !["schema", "value"].contains(&key.as_str())) {
            return Err(format!("a datum has schema and value, not {unknown}"));
        }
        let mut datum = Datum::NULL;
        self.datum(members, "schema", "value", &mut datum)?;
        Ok(datum)
    }

    fn datum(
        &mut self,
        members: &Map<String, Json>,
        schema: &str,
        value: &str,
        datum: &mut Datum,
    ) -> Result<(), String> {
        if !members.contains_key(schema) && !members.contains_key(value) {
            return Ok(());
        }
        let schema = match members.get(schema) {
            None | Some(Json::Null) => None,
            Some(Json::String(word)) if word == "unchanged" => datum.schema.clone(),
            Some(form) => {
                Some(self.shared(schema_text::read(form).map_err(|why| format!("{schema}: {why}"))?))
            }
        };
        let read = value_text::read(schema.as_ref(), members.get(value).unwrap_or(&Json::Null));
        *datum = Datum { value: read.map_err(|why| format!("{value}: {why}"))?, schema };
        Ok(())
    }

    fn header(&mut self, form: &Json) -> Result<Header, String> {
        let members = form.as_object().ok_or("a header is an object")?;
        let key = members.get("key").and_then(Json::as_str).ok_or("a header has a key")?;
        let mut value = Datum::NULL;
        self.datum(members, "schema", "value", &mut value).map_err(|why| format!("header {key}: {why}"))?;
        Ok(Header { key: Text::from(key), value })
    }

    fn shared(&mut self, schema: SchemaRef) -> SchemaRef {
        match self.schemas.iter().find(|known| **known == schema) {
            Some(known) => known.clone(),
            None => {
                self.schemas.push(schema.clone());
                schema
            }
        }
    }
}

/// Writes a record: the topic, and whatever is not null.
pub fn write(record: &Record) -> String {
    let mut members = Map::new();
    members.insert("topic".to_owned(), json!(*record.topic));
    if let Some(partition) = record.partition {
        members.insert("partition".to_owned(), json!(partition));
    }
    if let Some(timestamp) = record.timestamp {
        members.insert("timestamp".to_owned(), value_text::timestamp(timestamp));
    }
    put(&mut members, "keySchema", "key", &record.key);
    put(&mut members, "valueSchema", "value", &record.value);
    if !record.headers.is_empty() {
        let headers = record.headers.iter().map(|header| {
            let mut members = Map::new();
            members.insert("key".to_owned(), json!(&*header.key));
            put(&mut members, "schema", "value", &header.value);
            Json::Object(members)
        });
        members.insert("headers".to_owned(), headers.collect());
    }
    pretty(&Json::Object(members))
}

/// Writes `{"schema", "value"}`.
pub fn write_datum(datum: &Datum) -> String {
    let mut members = Map::new();
    put(&mut members, "schema", "value", datum);
    pretty(&Json::Object(members))
}

fn put(members: &mut Map<String, Json>, schema: &str, value: &str, datum: &Datum) {
    if let Some(known) = &datum.schema {
        members.insert(schema.to_owned(), schema_text::write(known));
    }
    members.insert(value.to_owned(), value_text::write(datum.schema.as_deref(), &datum.value));
}

// One member a line; short objects and lists on one line.
fn pretty(form: &Json) -> String {
    let mut out = String::new();
    indent(form, 0, &mut out);
    out
}

const WIDTH: usize = 110;

fn indent(form: &Json, depth: usize, out: &mut String) {
    let line = one_line(form);
    let pad = "  ".repeat(depth + 1);
    let mut members: Vec<(String, &Json)> = Vec::new();
    let (open, close) = match form {
        Json::Object(entries) if depth == 0 || line.len() + 2 * depth > WIDTH => {
            members.extend(entries.iter().map(|(key, value)| (format!("{}: ", json!(key)), value)));
            ('{', '}')
        }
        Json::Array(items) if line.len() + 2 * depth > WIDTH => {
            members.extend(items.iter().map(|item| (String::new(), item)));
            ('[', ']')
        }
        _ => return out.push_str(&line),
    };
    out.push(open);
    for (index, (key, value)) in members.iter().enumerate() {
        out.push_str(if index > 0 { ",\n" } else { "\n" });
        out.push_str(&pad);
        out.push_str(key);
        indent(value, depth + 1, out);
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
    out.push(close);
}

fn one_line(form: &Json) -> String {
    match form {
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", json!(key), one_line(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Json::Array(items) => format!("[{}]", items.iter().map(one_line).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}
