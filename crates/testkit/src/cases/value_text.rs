//! Values as case files write them.
//!
//! Under a schema a value is written as one would expect: numbers, text, `true`; `"NaN"`, `"Infinity"`; bytes as base64
//! text; decimals as text; `"2026-01-31"`, `"12:30:00.000Z"`, `"2026-01-31T12:30:00.000Z"`; lists; maps with text keys
//! and rows as objects, other maps as a list of pairs.
//!
//! Without a schema JSON's own types count, as Kafka Connect's JSON converter reads them: whole numbers are int64, others
//! float64, objects are maps. Any other type is named: `{"$int32": 5}`, `{"$date": "2026-01-31"}`,
//! `{"$map": [[1, "a"]]}`, `{"$struct": [SCHEMA, {…}]}`. The same forms hold a value that is not of its schema's type.

use api::data::{Bytes, Decimal, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use literal::calendar::{DAY_MS, civil, clock};
use serde_json::{Value as Json, json};

use super::schema_text;

/// Reads a value.
///
/// # Errors
/// Why it is none of the schema.
pub fn read(schema: Option<&SchemaRef>, form: &Json) -> Result<Value, String> {
    if let Some(object) = form.as_object()
        && object.len() == 1
        && let Some((name, inner)) = object.iter().next()
        && let Some(name) = name.strip_prefix('$')
    {
        return named(name, inner);
    }
    match (form, schema) {
        (Json::Null, _) => Ok(Value::Null),
        (form, None) => schemaless(form),
        (form, Some(schema)) => typed(schema, form),
    }
}

fn schemaless(form: &Json) -> Result<Value, String> {
    Ok(match form {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Boolean(*value),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Value::Int64(number),
            None => Value::Float64(number.as_f64().ok_or("a number out of range")?),
        },
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(items) => {
            Value::Array(items.iter().map(|item| read(None, item)).collect::<Result<_, _>>()?)
        }
        Json::Object(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                map.insert(Value::string(key.as_str()), read(None, value)?);
            }
            Value::Map(map)
        }
    })
}

// `{"$int32": 5}`
fn named(name: &str, inner: &Json) -> Result<Value, String> {
    match (name, inner) {
        ("map", Json::Array(pairs)) => Ok(Value::Map(pairs_of(None, None, pairs)?)),
        ("struct", Json::Array(pair)) if pair.len() == 2 => {
            read(Some(&schema_text::read(&pair[0])?), &pair[1])
        }
        ("decimal", Json::String(text)) => {
            text.parse().map(Value::Decimal).map_err(|error| format!("{error}"))
        }
        _ => read(Some(&schema_text::read(&json!(name))?), inner),
    }
}

fn typed(schema: &SchemaRef, form: &Json) -> Result<Value, String> {
    let wrong = || format!("{form} is no {}", schema_text::write(schema));
    let whole = || form.as_i64().ok_or_else(wrong);
    let text = || form.as_str().ok_or_else(wrong);
    if let Some(logical) = schema.logical() {
        return of_logical(logical, form).ok_or_else(wrong);
    }
    Ok(match schema.kind() {
        Kind::Int8 => Value::Int8(whole()?.try_into().map_err(|_| wrong())?),
        Kind::Int16 => Value::Int16(whole()?.try_into().map_err(|_| wrong())?),
        Kind::Int32 => Value::Int32(whole()?.try_into().map_err(|_| wrong())?),
        Kind::Int64 => Value::Int64(whole()?),
        Kind::Float32 => Value::Float32(float(form).ok_or_else(wrong)? as f32),
        Kind::Float64 => Value::Float64(float(form).ok_or_else(wrong)?),
        Kind::Boolean => Value::Boolean(form.as_bool().ok_or_else(wrong)?),
        Kind::String => Value::string(text()?),
        Kind::Bytes => Value::Bytes(Bytes::from(STANDARD.decode(text()?).map_err(|_| wrong())?)),
        Kind::Array(items) => {
            let list = form.as_array().ok_or_else(wrong)?;
            Value::Array(list.iter().map(|item| read(Some(items), item)).collect::<Result<_, _>>()?)
        }
        Kind::Map(keys, values) => match form {
            Json::Array(pairs) => Value::Map(pairs_of(Some(keys), Some(values), pairs)?),
            Json::Object(entries) => {
                let mut map = Map::new();
                for (key, value) in entries {
                    map.insert(read(Some(keys), &json!(key))?, read(Some(values), value)?);
                }
                Value::Map(map)
            }
            _ => return Err(wrong()),
        },
        Kind::Struct(fields) => {
            let object = form.as_object().ok_or_else(wrong)?;
            if let Some(unknown) = object.keys().find(|key| fields.position(key).is_none()) {
                return Err(format!("the schema has no field {unknown}"));
            }
            let values = fields.iter().map(|field| match object.get(&*field.name) {
                Some(form) => read(Some(&field.schema), form).map_err(|why| format!("{}: {why}", field.name)),
                None => Ok(Value::Null),
            });
            let values = values.collect::<Result<_, _>>()?;
            Value::Struct(Struct::new(schema.clone(), values).ok_or_else(wrong)?)
        }
    })
}

fn pairs_of(keys: Option<&SchemaRef>, values: Option<&SchemaRef>, pairs: &[Json]) -> Result<Map, String> {
    let mut map = Map::new();
    for pair in pairs {
        let [key, value] = pair.as_array().map(Vec::as_slice).unwrap_or_default() else {
            return Err(format!("{pair} is no pair of a key and a value"));
        };
        map.insert(read(keys, key)?, read(values, value)?);
    }
    Ok(map)
}

fn float(form: &Json) -> Option<f64> {
    match form.as_str() {
        Some("NaN") => Some(f64::NAN),
        Some("Infinity") => Some(f64::INFINITY),
        Some("-Infinity") => Some(f64::NEG_INFINITY),
        _ => form.as_f64(),
    }
}

fn of_logical(logical: Logical, form: &Json) -> Option<Value> {
    let number = form.as_i64();
    let literal = form.as_str().map(|text| literal::parse(text).value);
    match (logical, number, literal) {
        (Logical::Decimal { .. }, ..) => form.as_str()?.parse().ok().map(Value::Decimal),
        (Logical::Date, Some(days), _) => Some(Value::Date(days.try_into().ok()?)),
        (Logical::Time, Some(ms), _) => Some(Value::Time(ms.try_into().ok()?)),
        (Logical::Timestamp, Some(ms), _) => Some(Value::Timestamp(ms)),
        (Logical::Date, _, Some(value @ Value::Date(_)))
        | (Logical::Time, _, Some(value @ Value::Time(_)))
        | (Logical::Timestamp, _, Some(value @ Value::Timestamp(_))) => Some(value),
        _ => None,
    }
}

/// Writes a value.
pub fn write(schema: Option<&Schema>, value: &Value) -> Json {
    if value.is_null() {
        return Json::Null;
    }
    match schema {
        Some(schema) => of_schema(schema, value).unwrap_or_else(|| with_name(value)),
        None => with_name(value),
    }
}

// `None`: the value is not of the schema's type.
fn of_schema(schema: &Schema, value: &Value) -> Option<Json> {
    match (schema.logical(), value) {
        (Some(Logical::Decimal { .. }), Value::Decimal(_))
        | (Some(Logical::Date), Value::Date(_))
        | (Some(Logical::Time), Value::Time(_))
        | (Some(Logical::Timestamp), Value::Timestamp(_)) => return Some(plain(value)),
        (Some(_), _) => return None,
        (None, _) => {}
    }
    match (schema.kind(), value) {
        (Kind::Int8, Value::Int8(_))
        | (Kind::Int16, Value::Int16(_))
        | (Kind::Int32, Value::Int32(_))
        | (Kind::Int64, Value::Int64(_))
        | (Kind::Float32, Value::Float32(_))
        | (Kind::Float64, Value::Float64(_))
        | (Kind::Boolean, Value::Boolean(_))
        | (Kind::String, Value::String(_))
        | (Kind::Bytes, Value::Bytes(_)) => Some(plain(value)),
        (Kind::Array(items), Value::Array(list)) => {
            Some(list.iter().map(|item| write(Some(items), item)).collect())
        }
        (Kind::Map(keys, values), Value::Map(map)) => Some(match keys.kind() {
            Kind::String if map.iter().all(|(key, _)| key.as_str().is_some()) => object(map, Some(values)),
            _ => map.iter().map(|(k, v)| json!([write(Some(keys), k), write(Some(values), v)])).collect(),
        }),
        (Kind::Struct(fields), Value::Struct(row)) if row.schema().fields() == Some(fields) => {
            let values = fields.iter().zip(row.values());
            let entries = values.map(|(field, v)| (field.name.to_string(), write(Some(&field.schema), v)));
            Some(Json::Object(entries.collect()))
        }
        _ => None,
    }
}

fn object(map: &Map, values: Option<&Schema>) -> Json {
    let entries =
        map.iter().filter_map(|(key, value)| Some((key.as_str()?.to_owned(), write(values, value))));
    Json::Object(entries.collect())
}

fn with_name(value: &Value) -> Json {
    let name = match value {
        Value::Null | Value::Boolean(_) | Value::Int64(_) | Value::String(_) => return plain(value),
        Value::Float64(number) if number.is_finite() => return plain(value),
        Value::Array(items) => return items.iter().map(|item| write(None, item)).collect(),
        Value::Map(map) => {
            let dollar =
                map.len() == 1 && map.iter().any(|(k, _)| k.as_str().is_some_and(|k| k.starts_with('$')));
            return match !dollar && map.iter().all(|(key, _)| key.as_str().is_some()) {
                true => object(map, None),
                false => {
                    let pairs: Json =
                        map.iter().map(|(k, v)| json!([write(None, k), write(None, v)])).collect();
                    json!({ "$map": pairs })
                }
            };
        }
        Value::Struct(row) => {
            return json!({ "$struct": [schema_text::write(row.schema()), write(Some(row.schema()), value)] });
        }
        Value::Decimal(_) => "$decimal",
        Value::Date(_) => "$date",
        Value::Time(_) => "$time",
        Value::Timestamp(_) => "$timestamp",
        other => return json!({ format!("${}", other.type_name()): plain(other) }),
    };
    json!({ name: plain(value) })
}

fn plain(value: &Value) -> Json {
    match value {
        Value::Boolean(value) => json!(value),
        Value::Float32(number) if number.is_finite() => short(*number),
        Value::Float64(number) if number.is_finite() => json!(number),
        Value::Float32(_) | Value::Float64(_) => json!(literal::java::to_string(value)),
        Value::String(text) => json!(&**text),
        Value::Bytes(bytes) => json!(STANDARD.encode(bytes)),
        Value::Decimal(decimal) => json!(Decimal::to_string(decimal)),
        Value::Date(days) => date(i64::from(*days)).map_or_else(|| json!(days), Json::String),
        Value::Time(ms) => time(i64::from(*ms)).map_or_else(|| json!(ms), Json::String),
        Value::Timestamp(ms) => timestamp(*ms),
        other => json!(other.as_i64()),
    }
}

// The shortest digits that are this number: a 64-bit float would print more.
fn short(number: f32) -> Json {
    json!(number.to_string().parse::<f64>().unwrap_or_else(|_| number.into()))
}

/// A moment as text, or as its number where the text would have no four-digit year.
pub(super) fn timestamp(ms: i64) -> Json {
    match (date(ms.div_euclid(DAY_MS)), time(ms.rem_euclid(DAY_MS))) {
        (Some(date), Some(time)) => json!(format!("{date}T{time}")),
        _ => json!(ms),
    }
}

fn date(days: i64) -> Option<String> {
    let (year, month, day) = civil(days);
    (0..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn time(ms: i64) -> Option<String> {
    let (hour, minute, second, fraction) = clock(ms);
    (0..DAY_MS).contains(&ms).then(|| format!("{hour:02}:{minute:02}:{second:02}.{fraction:03}Z"))
}
