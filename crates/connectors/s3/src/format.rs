//! Records to the bytes of a file.

use api::data::{Header, Kind, Map, SinkRecord, Value};
use api::{Error, Result};

use crate::config::{BYTE_ARRAY_FORMAT, DecimalFormat, JSON_FORMAT, StorageConfig};
use crate::name::View;

/// How records are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// One JSON value a line.
    Json,
    /// Bytes, each followed by the separator.
    ByteArray {
        /// The separator.
        separator: Vec<u8>,
        /// The objects' extension.
        extension: String,
    },
}

impl Format {
    /// The format of a class; `None` when it is not written here.
    pub fn of(class: &str, config: &StorageConfig) -> Option<Self> {
        match class {
            JSON_FORMAT => Some(Format::Json),
            BYTE_ARRAY_FORMAT => {
                let separator = config.byte_array_separator.clone().unwrap_or_else(|| "\n".to_owned());
                let extension = config.byte_array_extension.clone();
                Some(Format::ByteArray { separator: separator.into_bytes(), extension })
            }
            _ => None,
        }
    }

    /// The extension without that of the compression.
    pub fn extension(&self) -> &str {
        match self {
            Format::Json => ".json",
            Format::ByteArray { extension, .. } => extension,
        }
    }
}

/// Appends records to buffers. One a task: it remembers what it computed of the last schemas.
#[derive(Debug)]
pub struct Encoder {
    json: json::Writer,
}

impl Encoder {
    /// An encoder with the config's form of decimals.
    pub fn new(decimal: DecimalFormat) -> Self {
        let decimal = match decimal {
            DecimalFormat::Base64 => json::DecimalFormat::Base64,
            DecimalFormat::Numeric => json::DecimalFormat::Numeric,
        };
        Self { json: json::Writer::new(decimal) }
    }

    /// Appends one view of a record.
    ///
    /// # Errors
    /// The record cannot be written in this format. Then nothing stays appended.
    pub fn write(
        &mut self,
        format: &Format,
        view: View,
        record: &SinkRecord,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let start = out.len();
        let written = match (format, view) {
            (Format::Json, View::Headers) => self.json_headers(&record.record.headers, out),
            (Format::Json, _) => self.json_line(datum(record, view), out),
            (Format::ByteArray { separator, .. }, _) => bytes(datum(record, view), separator, out),
        };
        written.inspect_err(|_| out.truncate(start))
    }

    #[inline]
    fn json_line(&mut self, datum: &api::data::Datum, out: &mut Vec<u8>) -> Result<()> {
        let start = out.len();
        let written = match (&datum.value, &datum.schema) {
            (Value::Struct(_), schema) => self.json.write(schema.as_ref(), &datum.value, out),
            // What is no row is written by the twin without regard to its schema.
            (value, Some(_)) => self.json_plain(value, 0, out),
            // Dates and decimals without a schema are rare, so they are not looked for beforehand.
            (value, None) => self.json.write(None, value, out).or_else(|_| {
                out.truncate(start);
                self.json_plain(value, 0, out)
            }),
        };
        written
            .map_err(|error| Error::bad_record("the record cannot be written as JSON").with("why", error))?;
        out.push(b'\n');
        Ok(())
    }

    // Jackson's own form of Java objects: dates as milliseconds, decimals as numbers, any key as text.
    fn json_plain(
        &mut self,
        value: &Value,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> std::result::Result<(), json::Error> {
        if depth >= json::MAX_DEPTH {
            return Err(json::Error::TooDeep);
        }
        match value {
            Value::Timestamp(ms) => json::write_i64(*ms, out),
            Value::Date(days) => json::write_i64(i64::from(*days) * 86_400_000, out),
            Value::Time(ms) => json::write_i64((*ms).into(), out),
            Value::Decimal(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Value::Array(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    self.json_plain(item, depth + 1, out)?;
                }
                out.push(b']');
            }
            Value::Map(map) => self.json_plain_map(map, depth + 1, out)?,
            _ => self.json.write(None, value, out)?,
        }
        Ok(())
    }

    fn json_plain_map(
        &mut self,
        map: &Map,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> std::result::Result<(), json::Error> {
        out.push(b'{');
        for (index, (key, value)) in map.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            match key {
                Value::String(name) => json::write_string(name, out),
                key => json::write_string(&literal::java::to_string(key), out),
            }
            out.push(b':');
            self.json_plain(value, depth, out)?;
        }
        out.push(b'}');
        Ok(())
    }

    fn json_headers(&mut self, headers: &[Header], out: &mut Vec<u8>) -> Result<()> {
        out.extend_from_slice(b"{\"headers\":[");
        for (index, header) in headers.iter().enumerate() {
            if header.value.value.is_null() {
                return Err(Error::bad_record("a header without a value cannot be written")
                    .with("header", &header.key));
            }
            out.extend_from_slice(if index > 0 { b",{\"key\":" } else { b"{\"key\":" });
            json::write_string(&header.key, out);
            out.extend_from_slice(b",\"value\":");
            json::write_string(&literal::java::to_string(&header.value.value), out);
            out.push(b'}');
        }
        out.extend_from_slice(b"]}\n");
        Ok(())
    }
}

fn datum(record: &SinkRecord, view: View) -> &api::data::Datum {
    match view {
        View::Key => &record.record.key,
        View::Value | View::Headers => &record.record.value,
    }
}

fn bytes(datum: &api::data::Datum, separator: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let schema_fits = datum.schema.as_ref().is_none_or(|schema| matches!(schema.kind(), Kind::Bytes));
    match &datum.value {
        Value::Bytes(bytes) if schema_fits => {
            out.extend_from_slice(bytes);
            out.extend_from_slice(separator);
            Ok(())
        }
        other => Err(Error::bad_record("ByteArrayFormat writes bytes only")
            .with("found", other.type_name())
            .hint("use org.apache.kafka.connect.converters.ByteArrayConverter, or JsonFormat")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use api::data::{Bytes, Datum, Decimal, Record, Schema, TimestampType};

    use super::*;

    fn record(value: Datum) -> SinkRecord {
        let topic: Arc<str> = Arc::from("t");
        let record = Record {
            topic: topic.clone(),
            partition: Some(0),
            key: Datum::schemaless(Value::string("k")),
            value,
            timestamp: None,
            headers: vec![Header { key: "h".into(), value: Datum::schemaless(Value::Int32(7)) }],
        };
        SinkRecord {
            record,
            origin_topic: topic,
            origin_partition: 0,
            offset: 0,
            timestamp_type: TimestampType::NoTimestampType,
        }
    }

    fn json(value: Datum) -> String {
        let mut out = Vec::new();
        let mut encoder = Encoder::new(DecimalFormat::Base64);
        encoder.write(&Format::Json, View::Value, &record(value), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn schemaless_values_are_plain_json() {
        let mut map = Map::new();
        map.insert(Value::string("a"), Value::Int32(1));
        map.insert(Value::string("at"), Value::Timestamp(5));
        map.insert(Value::string("d"), Value::Decimal(Decimal::from_i64(125, 2)));
        map.insert(Value::string("day"), Value::Array(vec![Value::Date(1)]));
        assert_eq!(
            json(Datum::schemaless(Value::Map(map))),
            "{\"a\":1,\"at\":5,\"d\":1.25,\"day\":[86400000]}\n"
        );
        assert_eq!(json(Datum::schemaless(Value::string("x"))), "\"x\"\n");
        assert_eq!(json(Datum::schemaless(Value::Bytes(Bytes::from_static(b"ab")))), "\"YWI=\"\n");
    }

    #[test]
    fn a_map_with_other_keys_is_an_object() {
        let mut map = Map::new();
        map.insert(Value::Int32(1), Value::Boolean(true));
        let schema =
            Schema::required(Kind::Map(Schema::required(Kind::Int32), Schema::required(Kind::Boolean)));
        assert_eq!(json(Datum::new(schema, Value::Map(map))), "{\"1\":true}\n");
    }

    #[test]
    fn rows_follow_their_schema() {
        let schema = Schema::structure([("n", Schema::optional(Kind::Int64))]).unwrap();
        let row = api::data::Struct::new(schema.clone(), vec![Value::Null]).unwrap();
        assert_eq!(json(Datum::new(schema, Value::Struct(row))), "{\"n\":null}\n");
    }

    #[test]
    fn keys_and_headers_have_their_own_lines() {
        let record = record(Datum::schemaless(Value::Int8(1)));
        let mut encoder = Encoder::new(DecimalFormat::Base64);
        let mut out = Vec::new();
        encoder.write(&Format::Json, View::Key, &record, &mut out).unwrap();
        encoder.write(&Format::Json, View::Headers, &record, &mut out).unwrap();
        assert_eq!(out, b"\"k\"\n{\"headers\":[{\"key\":\"h\",\"value\":\"7\"}]}\n");
    }

    #[test]
    fn byte_arrays_are_bytes_and_nothing_else() {
        let format = Format::ByteArray { separator: b"|".to_vec(), extension: ".bin".to_owned() };
        let mut encoder = Encoder::new(DecimalFormat::Base64);
        let mut out = Vec::new();
        let good = record(Datum::schemaless(Value::Bytes(Bytes::from_static(b"x"))));
        encoder.write(&format, View::Value, &good, &mut out).unwrap();
        let bad = record(Datum::schemaless(Value::string("x")));
        assert!(encoder.write(&format, View::Value, &bad, &mut out).is_err());
        assert_eq!(out, b"x|");
    }
}
