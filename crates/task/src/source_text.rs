//! How a source's record and its place are shown to people: in errors, and in the log when `errors.log.include.messages`
//! is set.

use std::fmt::{self, Write};

use api::data::{Datum, OffsetMap, Primitive, Record};
use literal::java;

/// Where in the source a record stands. As text it is JSON, the way that REST shows offsets; nothing for a source
/// without them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Position<'a> {
    pub(crate) partition: Option<&'a OffsetMap>,
    pub(crate) offset: Option<&'a OffsetMap>,
}

impl fmt::Display for Position<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        if let Some(partition) = self.partition {
            json::offset::write_map(partition, &mut text);
        }
        if let Some(offset) = self.offset {
            text.extend_from_slice(if text.is_empty() { b"" } else { b" at " });
            json::offset::write_map(offset, &mut text);
        }
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

/// A record in the form in which Kafka Connect logs it, so that what searches logs finds it; the place is left out where
/// it is no longer known.
pub(crate) struct Shown<'a> {
    pub(crate) record: &'a Record,
    pub(crate) at: Option<Position<'a>>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { partition, offset }) = self.at {
            f.write_str("SourceRecord{sourcePartition=")?;
            map(f, partition)?;
            f.write_str(", sourceOffset=")?;
            map(f, offset)?;
            f.write_str("} ")?;
        }
        let Record { topic, partition, key, value, timestamp, headers } = self.record;
        write!(f, "ConnectRecord{{topic='{topic}', kafkaPartition={}, key=", OrNull(*partition))?;
        write!(f, "{}, keySchema={}", java::to_string(&key.value), SchemaOf(key))?;
        write!(f, ", value={}, valueSchema={}", java::to_string(&value.value), SchemaOf(value))?;
        write!(f, ", timestamp={}, headers=ConnectHeaders(headers=", OrNull(*timestamp))?;
        for (index, header) in headers.iter().enumerate() {
            f.write_str(if index == 0 { "[" } else { ", " })?;
            let (text, schema) = (java::to_string(&header.value.value), SchemaOf(&header.value));
            write!(f, "ConnectHeader(key={}, value={text}, schema={schema})", header.key)?;
        }
        f.write_str(if headers.is_empty() { ")}" } else { "])}" })
    }
}

fn map(f: &mut fmt::Formatter<'_>, map: Option<&OffsetMap>) -> fmt::Result {
    let Some(map) = map else { return f.write_str("null") };
    f.write_char('{')?;
    for (index, (name, value)) in map.iter().enumerate() {
        write!(f, "{}{name}=", if index == 0 { "" } else { ", " })?;
        match value {
            Primitive::Null => f.write_str("null"),
            Primitive::Boolean(value) => write!(f, "{value}"),
            Primitive::Int(value) => write!(f, "{value}"),
            Primitive::Float(value) => f.write_str(&java::to_string(&api::data::Value::Float64(*value))),
            Primitive::String(text) => f.write_str(text),
            Primitive::Bytes(bytes) => f.write_str(&java::to_string(&api::data::Value::Bytes(bytes.clone()))),
        }?;
    }
    f.write_char('}')
}

struct OrNull<T>(Option<T>);

impl<T: fmt::Display> fmt::Display for OrNull<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("null"),
        }
    }
}

struct SchemaOf<'a>(&'a Datum);

impl fmt::Display for SchemaOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(schema) = &self.0.schema else { return f.write_str("null") };
        let kind = schema.schema_type().name().to_uppercase();
        match schema.name() {
            Some(name) => write!(f, "Schema{{{name}:{kind}}}"),
            None => write!(f, "Schema{{{kind}}}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use api::data::{Header, Kind, Schema, Value};

    use super::*;

    #[test]
    fn a_record_is_shown_as_java_shows_it() {
        let at = OffsetMap::new().with("position", 6).with("ratio", Primitive::Float(2.0));
        let file = OffsetMap::new().with("filename", Primitive::String("a b.txt".into()));
        let header = |value: Datum| Header { key: "h".into(), value };
        let mut record = Record {
            topic: "out".into(),
            partition: None,
            key: Datum::NULL,
            value: Datum::new(Schema::required(Kind::String), Value::string("two")),
            timestamp: Some(5),
            headers: Vec::new(),
        };
        let place = Position { partition: Some(&file), offset: Some(&at) };
        assert_eq!(
            Shown { record: &record, at: Some(place) }.to_string(),
            "SourceRecord{sourcePartition={filename=a b.txt}, sourceOffset={position=6, ratio=2.0}} \
             ConnectRecord{topic='out', kafkaPartition=null, key=null, keySchema=null, value=two, \
             valueSchema=Schema{STRING}, timestamp=5, headers=ConnectHeaders(headers=)}"
        );
        record.partition = Some(3);
        record.timestamp = None;
        record.key = Datum::schemaless(Value::Array(vec![Value::Int8(1), Value::Null]));
        record.headers =
            vec![header(Datum::new(Schema::required(Kind::Int8), Value::Int8(1))), header(Datum::NULL)];
        assert_eq!(
            Shown { record: &record, at: None }.to_string(),
            "ConnectRecord{topic='out', kafkaPartition=3, key=[1, null], keySchema=null, value=two, \
             valueSchema=Schema{STRING}, timestamp=null, headers=ConnectHeaders(headers=[ConnectHeader(key=h, value=1, \
             schema=Schema{INT8}), ConnectHeader(key=h, value=null, schema=null)])}"
        );
    }
}
