//! Documents to values.

use data::{Bytes, Datum, Decimal, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};
use json::Reader;

use super::{Error, MAX_DEPTH, has_entries, is_union};

/// Reads documents of one schema.
#[derive(Debug)]
pub struct Decoder {
    schema: SchemaRef,
    /// As Kafka Connect's own JSON: read in one pass.
    plain: bool,
    reader: Reader,
}

impl Decoder {
    /// A decoder of values of this Connect schema, as [`super::to_connect`] makes it.
    ///
    /// # Errors
    /// The schema is nested too deeply.
    pub fn new(schema: &SchemaRef) -> Result<Self, Error> {
        let plain = is_plain(schema, 0)?;
        Ok(Self { schema: schema.clone(), plain, reader: Reader::new() })
    }

    /// The Connect schema of the values.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// A document's value with its schema.
    ///
    /// # Errors
    /// As [`Self::decode`].
    pub fn decode_datum(&mut self, document: &Bytes) -> Result<Datum, Error> {
        Ok(Datum::new(self.schema.clone(), self.decode(document)?))
    }

    /// A document's value. Texts without escapes are slices of it; members that the schema does not name are passed
    /// over.
    ///
    /// # Errors
    /// The bytes are not JSON or do not fit the schema.
    pub fn decode(&mut self, document: &Bytes) -> Result<Value, Error> {
        if self.plain {
            return Ok(self.reader.parse_as(&self.schema, document)?);
        }
        let value = self.reader.parse(document)?;
        convert(&self.schema, value)
    }
}

fn is_plain(schema: &Schema, depth: usize) -> Result<bool, Error> {
    if depth >= MAX_DEPTH + 2 {
        return Err(Error::TooDeep);
    }
    match schema.kind() {
        Kind::Struct(_) if is_union(schema) => Ok(false),
        Kind::Struct(fields) => {
            let mut plain = true;
            for field in fields.iter() {
                plain &= is_plain(&field.schema, depth + 1)?;
            }
            Ok(plain)
        }
        Kind::Array(items) => is_plain(items, depth + 1),
        Kind::Map(keys, values) => Ok(!has_entries(keys) && is_plain(values, depth + 1)?),
        _ => Ok(true),
    }
}

fn convert(schema: &SchemaRef, value: Value) -> Result<Value, Error> {
    if value.is_null() {
        return match (schema.default(), schema.is_optional()) {
            (Some(default), _) => Ok(default.clone()),
            (None, true) => Ok(Value::Null),
            (None, false) => Err(unfit(schema, &value)),
        };
    }
    if let Some(logical) = schema.logical() {
        return of_logical(logical, schema, value);
    }
    Ok(match (schema.kind(), value) {
        (Kind::Struct(_), value) if is_union(schema) => return of_union(schema, value),
        (Kind::Struct(fields), Value::Map(mut map)) => {
            let mut values = Vec::with_capacity(fields.len());
            for field in fields.iter() {
                let value = map.remove_str(&field.name).unwrap_or_default();
                values.push(convert(&field.schema, value)?);
            }
            let row = Struct::new(schema.clone(), values);
            Value::Struct(
                row.ok_or_else(|| Error::Mismatch("the row has not as many values as fields".to_owned()))?,
            )
        }
        (Kind::Array(items), Value::Array(list)) => {
            Value::Array(list.into_iter().map(|item| convert(items, item)).collect::<Result<_, _>>()?)
        }
        (Kind::Map(keys, values), Value::Array(list)) if has_entries(keys) => {
            let mut map = Map::with_capacity(list.len());
            for entry in list {
                let Value::Map(mut entry) = entry else { return Err(unfit(schema, &entry)) };
                let key = convert(keys, entry.remove_str("key").unwrap_or_default())?;
                map.insert(key, convert(values, entry.remove_str("value").unwrap_or_default())?);
            }
            Value::Map(map)
        }
        (Kind::Map(_, values), Value::Map(map)) => {
            let entries =
                map.into_entries().into_iter().map(|(key, value)| Ok((key, convert(values, value)?)));
            Value::Map(Map::from_distinct(entries.collect::<Result<_, Error>>()?))
        }
        (Kind::Int8, Value::Int64(n)) => Value::Int8(narrow(schema, n)?),
        (Kind::Int16, Value::Int64(n)) => Value::Int16(narrow(schema, n)?),
        (Kind::Int32, Value::Int64(n)) => Value::Int32(narrow(schema, n)?),
        (Kind::Float32, Value::Int64(n)) => Value::Float32(n as f32),
        (Kind::Float32, Value::Float64(n)) => Value::Float32(n as f32),
        (Kind::Float64, Value::Int64(n)) => Value::Float64(n as f64),
        (Kind::Float32, Value::String(text)) => Value::Float32(not_finite(schema, &text)? as f32),
        (Kind::Float64, Value::String(text)) => Value::Float64(not_finite(schema, &text)?),
        (Kind::Bytes, Value::String(text)) => Value::Bytes(base64(schema, &text)?),
        (Kind::Int64, value @ Value::Int64(_))
        | (Kind::Float64, value @ Value::Float64(_))
        | (Kind::Boolean, value @ Value::Boolean(_))
        | (Kind::String, value @ Value::String(_)) => value,
        (_, value) => return Err(unfit(schema, &value)),
    })
}

fn of_logical(logical: Logical, schema: &Schema, value: Value) -> Result<Value, Error> {
    Ok(match (logical, value) {
        (Logical::Date, Value::Int64(n)) => Value::Date(narrow(schema, n)?),
        (Logical::Time, Value::Int64(n)) => Value::Time(narrow(schema, n)?),
        (Logical::Timestamp, Value::Int64(n)) => Value::Timestamp(n),
        (Logical::Decimal { scale }, value) => {
            let decimal = match &value {
                Value::String(text) => Decimal::from_be_bytes(&base64(schema, text)?, scale),
                Value::Int64(n) => Decimal::from_i64(*n, 0),
                Value::Float64(n) => n.to_string().parse().map_err(|_| unfit(schema, &value))?,
                value => return Err(unfit(schema, value)),
            };
            let fitting = decimal.with_scale(scale);
            Value::Decimal(fitting.ok_or_else(|| {
                Error::Mismatch(format!("the decimal {decimal} has more than {scale} digits after the point"))
            })?)
        }
        (_, value) => return Err(unfit(schema, &value)),
    })
}

// The first branch that the value fits; of rows, first those that name all its members.
fn of_union(schema: &SchemaRef, value: Value) -> Result<Value, Error> {
    let fields = schema.fields().map(|fields| fields.iter()).into_iter().flatten();
    let mut nulls = vec![Value::Null; schema.fields().map_or(0, |fields| fields.len())];
    let mut chosen: Option<(usize, Value, usize)> = None;
    for (index, field) in fields.enumerate() {
        // The branch itself does not take null.
        let branch = field.schema.to_builder().set_optional(false).build();
        let strange = strangers(&branch, &value);
        if chosen.as_ref().is_some_and(|(_, _, least)| strange >= *least) {
            continue;
        }
        if let Ok(converted) = convert(&field.schema, value.clone()) {
            chosen = Some((index, converted, strange));
        }
    }
    let Some((index, converted, _)) = chosen else { return Err(unfit(schema, &value)) };
    nulls[index] = converted;
    let row = Struct::new(schema.clone(), nulls);
    Ok(Value::Struct(
        row.ok_or_else(|| Error::Mismatch("the row has not as many values as fields".to_owned()))?,
    ))
}

// How many of the value's members the branch does not name.
fn strangers(branch: &Schema, value: &Value) -> usize {
    match (branch.fields(), value) {
        (Some(fields), Value::Map(map)) => map
            .iter()
            .filter(|(key, _)| key.as_str().is_none_or(|key| fields.position(key).is_none()))
            .count(),
        _ => 0,
    }
}

fn narrow<T: TryFrom<i64>>(schema: &Schema, number: i64) -> Result<T, Error> {
    let name = schema.schema_type().name();
    T::try_from(number).map_err(|_| Error::Mismatch(format!("{number} does not fit {name}")))
}

fn not_finite(schema: &Schema, text: &str) -> Result<f64, Error> {
    match text {
        "NaN" => Ok(f64::NAN),
        "Infinity" => Ok(f64::INFINITY),
        "-Infinity" => Ok(f64::NEG_INFINITY),
        _ => Err(unfit(schema, &Value::string(""))),
    }
}

fn base64(schema: &Schema, text: &str) -> Result<Bytes, Error> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    bytes.map(Bytes::from).map_err(|_| {
        Error::Mismatch(format!(
            "a text that is not base64 where the schema says {}",
            schema.schema_type().name()
        ))
    })
}

#[cold]
fn unfit(schema: &Schema, value: &Value) -> Error {
    let expected = schema.name().unwrap_or_else(|| schema.schema_type().name());
    Error::Mismatch(format!("Invalid type: {} where the schema says {expected}", value.type_name()))
}
