//! Defaults: Connect's values as the JSON that stands in a schema, and back.

use data::{Bytes, Decimal, Kind as Connect, Logical, Map, SchemaRef, Struct, Value};
use serde_json::{Number, Value as Json};

use super::{Mapping, MappingError, is_avro_map, is_union, names};

/// How 32-bit floats are written: in a field's default they were made 64 bits wide before.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Floats {
    Widened,
    Shortest,
}

type Result<T> = std::result::Result<T, MappingError>;

/// The JSON of a default.
pub(super) fn to_json(mapping: Mapping, schema: &SchemaRef, value: &Value, floats: Floats) -> Result<Json> {
    let float = |number: f64| Number::from_f64(number).map(Json::Number);
    let json = match value {
        Value::Null => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Int8(number) => super::number((*number).into()),
        Value::Int16(number) => super::number((*number).into()),
        Value::Int32(number) | Value::Date(number) | Value::Time(number) => super::number((*number).into()),
        Value::Int64(number) | Value::Timestamp(number) => super::number(*number),
        Value::Float32(number) => {
            let wide = match floats {
                Floats::Widened => f64::from(*number),
                Floats::Shortest => number.to_string().parse().unwrap_or(f64::from(*number)),
            };
            float(wide).ok_or_else(not_a_number)?
        }
        Value::Float64(number) => float(*number).ok_or_else(not_a_number)?,
        Value::String(text) => Json::String(text.to_string()),
        Value::Bytes(bytes) => latin(bytes),
        Value::Decimal(decimal) => {
            let mut bytes = Vec::new();
            decimal.write_be_bytes(&mut bytes);
            latin(&bytes)
        }
        Value::Array(items) => {
            let Connect::Array(schema) = schema.kind() else { return misfit(schema, value) };
            let items = items.iter().map(|item| to_json(mapping, schema, item, floats));
            Json::Array(items.collect::<Result<_>>()?)
        }
        Value::Map(map) => {
            let Connect::Map(keys, values) = schema.kind() else { return misfit(schema, value) };
            if is_avro_map(keys, mapping) {
                let entries = map.iter().map(|(key, value)| {
                    let key = key.as_str().unwrap_or_default().to_owned();
                    Ok((key, to_json(mapping, values, value, floats)?))
                });
                Json::Object(entries.collect::<Result<_>>()?)
            } else {
                let pairs = map.iter().map(|(key, value)| {
                    let key = to_json(mapping, keys, key, floats)?;
                    Ok(Json::Array(vec![key, to_json(mapping, values, value, floats)?]))
                });
                Json::Array(pairs.collect::<Result<_>>()?)
            }
        }
        Value::Struct(row) => {
            let Some(fields) = row.schema().fields() else { return misfit(schema, value) };
            let mut members = serde_json::Map::new();
            for (field, value) in fields.iter().zip(row.values()) {
                let value = match value {
                    Value::Null => field.schema.default().unwrap_or(value),
                    value => value,
                };
                let json = to_json(mapping, &field.schema, value, floats)?;
                if is_union(schema) {
                    if !json.is_null() {
                        return Ok(json);
                    }
                    continue;
                }
                let name = if mapping.scrub {
                    names::scrub(&field.name).into_owned()
                } else {
                    field.name.to_string()
                };
                members.insert(name, json);
            }
            if is_union(schema) { Json::Null } else { Json::Object(members) }
        }
    };
    Ok(json)
}

fn not_a_number() -> MappingError {
    MappingError::new("a default that is not a finite number cannot stand in an Avro schema")
}

fn misfit<T>(schema: &SchemaRef, value: &Value) -> Result<T> {
    Err(MappingError::new(format!(
        "a default is {} where its schema says {}",
        value.type_name(),
        schema.schema_type().name()
    )))
}

/// Bytes as Avro writes them in JSON: a character each.
fn latin(bytes: &[u8]) -> Json {
    Json::String(bytes.iter().map(|byte| char::from(*byte)).collect())
}

/// The bytes of such a text; `None` when a character is none.
pub(crate) fn latin_bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect()
}

/// The value of a default; `None` when it does not fit the schema, and is left out then.
pub(crate) fn from_json(mapping: Mapping, schema: &SchemaRef, json: &Json) -> Option<Value> {
    if json.is_null() {
        return Some(Value::Null);
    }
    let int = || json.as_i64().and_then(|number| i32::try_from(number).ok());
    let bytes = || json.as_str().and_then(latin_bytes);
    Some(match (schema.logical(), schema.kind()) {
        (Some(Logical::Decimal { scale }), _) => Value::Decimal(Decimal::from_be_bytes(&bytes()?, scale)),
        (Some(Logical::Date), _) => Value::Date(int()?),
        (Some(Logical::Time), _) => Value::Time(int()?),
        (Some(Logical::Timestamp), _) => Value::Timestamp(json.as_i64()?),
        (None, Connect::Int8) => Value::Int8(int()? as i8),
        (None, Connect::Int16) => Value::Int16(int()? as i16),
        (None, Connect::Int32) => Value::Int32(int()?),
        (None, Connect::Int64) => Value::Int64(json.as_i64()?),
        (None, Connect::Float32) => Value::Float32(json.as_f64()? as f32),
        (None, Connect::Float64) => Value::Float64(json.as_f64()?),
        (None, Connect::Boolean) => Value::Boolean(json.as_bool()?),
        (None, Connect::String) => Value::string(json.as_str()?),
        (None, Connect::Bytes) => Value::Bytes(Bytes::from(bytes()?)),
        (None, Connect::Array(items)) => {
            let list = json.as_array()?.iter().map(|item| from_json(mapping, items, item));
            Value::Array(list.collect::<Option<_>>()?)
        }
        (None, Connect::Map(keys, values)) => Value::Map(map(mapping, keys, values, json)?),
        (None, Connect::Struct(fields)) if is_union(schema) => {
            // The first branch that it fits.
            let found = fields
                .iter()
                .enumerate()
                .find_map(|(position, field)| Some((position, from_json(mapping, &field.schema, json)?)));
            let (position, value) = found?;
            let mut values = vec![Value::Null; fields.len()];
            values[position] = value;
            Value::Struct(Struct::new(schema.clone(), values)?)
        }
        (None, Connect::Struct(fields)) => {
            let members = json.as_object()?;
            let values = fields.iter().map(|field| {
                let name = if mapping.scrub { names::scrub(&field.name) } else { (&*field.name).into() };
                match members.get(name.as_ref()) {
                    Some(member) => from_json(mapping, &field.schema, member),
                    None => Some(field.schema.default().cloned().unwrap_or(Value::Null)),
                }
            });
            Value::Struct(Struct::new(schema.clone(), values.collect::<Option<_>>()?)?)
        }
    })
}

fn map(mapping: Mapping, keys: &SchemaRef, values: &SchemaRef, json: &Json) -> Option<Map> {
    let entries: Option<Vec<(Value, Value)>> = match json {
        Json::Object(members) => members
            .iter()
            .map(|(key, value)| Some((Value::string(key.as_str()), from_json(mapping, values, value)?)))
            .collect(),
        Json::Array(pairs) => pairs
            .iter()
            .map(|pair| {
                let (key, value) = match pair {
                    Json::Array(pair) => (pair.first()?, pair.get(1)?),
                    Json::Object(pair) => (pair.get(super::KEY)?, pair.get(super::VALUE)?),
                    _ => return None,
                };
                Some((from_json(mapping, keys, key)?, from_json(mapping, values, value)?))
            })
            .collect(),
        _ => None,
    };
    entries.map(Map::from_entries)
}
