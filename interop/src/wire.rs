//! Schemas, values and records as JSON that says every attribute; the other side is `java/Wire.java`.
//!
//! A value is `null` or `[type, content]`; floats are their bits, bytes hexadecimal. A map's entries are sorted by their
//! keys' text in answers, since Java's order means nothing; requests keep their order. A date, time or timestamp is named by its schema, as Java has one class
//! for all three.

use data::{Datum, Kind, Logical, Record, Schema, SchemaRef, Value};
use serde_json::{Value as Json, json};

const DAY_MS: i64 = 86_400_000;

/// All attributes of a schema.
pub fn schema(schema: &Schema) -> Json {
    attributes(schema, Order::ByKey)
}

fn attributes(schema: &Schema, order: Order) -> Json {
    let mut json = json!({"type": schema.schema_type().name(), "optional": schema.is_optional()});
    if let Some(name) = schema.name() {
        json["name"] = name.into();
    }
    if let Some(version) = schema.version() {
        json["version"] = version.into();
    }
    if let Some(doc) = schema.doc() {
        json["doc"] = doc.into();
    }
    if !schema.parameters().is_empty() {
        let mut entries: Vec<_> = schema.parameters().iter().collect();
        if order == Order::ByKey {
            entries.sort();
        }
        json["parameters"] = entries.into_iter().map(|(key, text)| json!([&**key, &**text])).collect();
    }
    match schema.kind() {
        Kind::Struct(fields) => {
            json["fields"] =
                fields.iter().map(|field| json!([&*field.name, attributes(&field.schema, order)])).collect();
        }
        Kind::Array(items) => json["value"] = attributes(items, order),
        Kind::Map(keys, values) => {
            json["key"] = attributes(keys, order);
            json["value"] = attributes(values, order);
        }
        _ => {}
    }
    if let Some(default) = schema.default() {
        json["default"] = ordered(default, Some(schema), order);
    }
    json
}

/// A value; its schema says what a moment is.
pub fn value(it: &Value, schema: Option<&Schema>) -> Json {
    ordered(it, schema, Order::ByKey)
}

/// The order of maps' entries and of parameters.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    ByKey,
    AsTheyAre,
}

fn ordered(it: &Value, schema: Option<&Schema>, order: Order) -> Json {
    match it {
        Value::Null => Json::Null,
        Value::Boolean(it) => json!(["bool", it]),
        Value::Int8(it) => json!(["i8", it]),
        Value::Int16(it) => json!(["i16", it]),
        Value::Int32(it) => json!(["i32", it]),
        Value::Int64(it) => json!(["i64", it]),
        Value::Float32(it) if it.is_nan() => json!(["f32", "7fc00000"]),
        Value::Float32(it) => json!(["f32", format!("{:08x}", it.to_bits())]),
        Value::Float64(it) if it.is_nan() => json!(["f64", "7ff8000000000000"]),
        Value::Float64(it) => json!(["f64", format!("{:016x}", it.to_bits())]),
        Value::String(it) => json!(["str", &**it]),
        Value::Bytes(it) => json!(["bytes", hex::encode(it)]),
        Value::Decimal(it) => json!(["dec", it.unscaled().to_string(), it.scale()]),
        Value::Date(days) => moment(i64::from(*days) * DAY_MS, schema),
        Value::Time(ms) => moment((*ms).into(), schema),
        Value::Timestamp(ms) => moment(*ms, schema),
        Value::Array(items) => {
            let inner = match schema.map(Schema::kind) {
                Some(Kind::Array(items)) => Some(items.as_ref()),
                _ => None,
            };
            json!(["arr", items.iter().map(|item| ordered(item, inner, order)).collect::<Json>()])
        }
        Value::Map(map) => {
            let (keys, values) = match schema.map(Schema::kind) {
                Some(Kind::Map(keys, values)) => (Some(keys.as_ref()), Some(values.as_ref())),
                _ => (None, None),
            };
            let mut entries: Vec<_> = map
                .iter()
                .map(|(key, item)| (ordered(key, keys, order), ordered(item, values, order)))
                .collect();
            if order == Order::ByKey {
                entries.sort_by_cached_key(|(key, _)| key.to_string());
            }
            json!(["map", entries.into_iter().map(|(key, item)| json!([key, item])).collect::<Json>()])
        }
        Value::Struct(row) => {
            let own = row.schema();
            let as_expected =
                schema.is_some_and(|expected| std::ptr::eq(expected, &**own) || *expected == **own);
            let fields = own.fields().map_or(&[][..], |fields| fields);
            let cells: Json = fields
                .iter()
                .zip(row.values())
                .map(|(field, it)| ordered(it, Some(&field.schema), order))
                .collect();
            json!(["struct", if as_expected { Json::Null } else { self::schema(own) }, cells])
        }
    }
}

fn moment(ms: i64, schema: Option<&Schema>) -> Json {
    match schema.and_then(Schema::name) {
        Some(Logical::DATE) if ms % DAY_MS == 0 => json!(["date", ms / DAY_MS]),
        Some(Logical::TIME) => json!(["time", ms]),
        _ => json!(["ts", ms]),
    }
}

/// A value with its schema.
pub fn datum(it: &Datum) -> Json {
    let schema = it.schema.as_deref();
    json!([schema.map_or(Json::Null, self::schema), value(&it.value, schema)])
}

/// What a converter has written: text where it is text, so that a difference can be read.
pub fn bytes(bytes: Option<&[u8]>) -> Json {
    match bytes.map(|it| (it, std::str::from_utf8(it))) {
        None => json!({"written": null}),
        Some((_, Ok(text))) => json!({"written": text}),
        Some((it, Err(_))) => json!({"written": {"bytes": hex::encode(it)}}),
    }
}

/// A record as an answer has it.
pub fn record(it: &Record) -> Json {
    record_with(it, &mut datum)
}

fn record_with(it: &Record, datum: &mut dyn FnMut(&Datum) -> Json) -> Json {
    let key = datum(&it.key);
    let value = datum(&it.value);
    let headers: Json = it.headers.iter().map(|header| json!([&*header.key, datum(&header.value)])).collect();
    json!({
        "topic": &*it.topic, "partition": it.partition, "key": key, "value": value, "timestamp": it.timestamp,
        "headers": headers,
    })
}

/// The schemas of a request: sent once, named by number, so that records share them on both sides.
#[derive(Default)]
pub struct Pool(Vec<SchemaRef>);

impl Pool {
    /// A datum that names its schema by number.
    pub fn datum(&mut self, it: &Datum) -> Json {
        let number = it.schema.as_ref().map(|schema| {
            let known = self.0.iter().position(|known| std::sync::Arc::ptr_eq(known, schema));
            known.unwrap_or_else(|| {
                self.0.push(schema.clone());
                self.0.len() - 1
            })
        });
        json!([number, ordered(&it.value, it.schema.as_deref(), Order::AsTheyAre)])
    }

    /// A record; `offset` makes it a sink's.
    pub fn record(&mut self, it: &Record, offset: Option<i64>) -> Json {
        let mut json = record_with(it, &mut |it| self.datum(it));
        json["offset"] = offset.into();
        json
    }

    /// The schemas in the order of their numbers.
    pub fn schemas(&self) -> Json {
        self.0.iter().map(|it| attributes(it, Order::AsTheyAre)).collect()
    }
}
