//! Values to JSON, driven by the schema.

use data::{Datum, Map, SchemaRef, Value};

use crate::error::MAX_DEPTH;
use crate::plan::{Node, Shape};
use crate::{Error, SchemaCache, number, schema, text};

/// How decimals are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecimalFormat {
    /// Base64 text of the unscaled value's bytes.
    #[default]
    Base64,
    /// A number with the exact digits; very large and small ones have an exponent.
    Numeric,
}

/// What holds for all values of a writer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub decimal: DecimalFormat,
    pub replace_null_with_default: bool,
}

/// Appends values as JSON. One writer per task: it remembers what it computed of the last schemas.
#[derive(Debug)]
pub struct Writer {
    style: Style,
    plans: SchemaCache<Plan>,
}

#[derive(Debug)]
struct Plan {
    node: Node,
    /// `{"schema":…,"payload":`, once it was needed.
    envelope: Option<Box<[u8]>>,
}

const PAYLOAD: &[u8] = b",\"payload\":";

impl Writer {
    /// A writer that replaces nulls by defaults and remembers 1000 schemas: Kafka Connect's defaults.
    pub fn new(decimal: DecimalFormat) -> Self {
        let style = Style { decimal, replace_null_with_default: true };
        Self { style, plans: SchemaCache::new(1000) }
    }

    /// Sets whether a null is written as the schema's default, where it has one.
    pub fn replace_null_with_default(mut self, replace: bool) -> Self {
        self.style.replace_null_with_default = replace;
        self
    }

    /// Sets how many schemas are remembered.
    pub fn remember_schemas(mut self, count: usize) -> Self {
        self.plans = SchemaCache::new(count);
        self
    }

    /// Appends a value.
    ///
    /// # Errors
    /// The value does not fit its schema; a logical type or struct without schema; nesting deeper than
    /// [`MAX_DEPTH`]. Then nothing stays appended.
    #[inline]
    pub fn write(
        &mut self,
        schema: Option<&SchemaRef>,
        value: &Value,
        out: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let start = out.len();
        let style = self.style;
        let result = match schema {
            None => write_schemaless(value, 0, out),
            Some(schema) => {
                let plan = plan(&mut self.plans, schema, style)?;
                write_node(&mut plan.node, value, style, 0, out)
            }
        };
        result.inspect_err(|_| out.truncate(start))
    }

    /// Appends a datum's value, as [`Self::write`].
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_datum(&mut self, datum: &Datum, out: &mut Vec<u8>) -> Result<(), Error> {
        self.write(datum.schema.as_ref(), &datum.value, out)
    }

    /// Appends `{"schema":…,"payload":…}`.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_envelope(&mut self, datum: &Datum, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = out.len();
        let style = self.style;
        let result = match &datum.schema {
            None => {
                out.extend_from_slice(b"{\"schema\":null");
                out.extend_from_slice(PAYLOAD);
                write_schemaless(&datum.value, 1, out)
            }
            Some(schema) => {
                let plan = plan(&mut self.plans, schema, style)?;
                out.extend_from_slice(plan.envelope(schema, style)?);
                write_node(&mut plan.node, &datum.value, style, 1, out)
            }
        };
        out.push(b'}');
        result.inspect_err(|_| out.truncate(start))
    }

    /// Appends a schema in Connect's JSON form.
    ///
    /// # Errors
    /// A default that does not fit its schema.
    pub fn write_schema(&mut self, schema: &SchemaRef, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = out.len();
        schema::write(schema, self.style, out).inspect_err(|_| out.truncate(start))
    }
}

#[inline]
fn plan<'a>(
    plans: &'a mut SchemaCache<Plan>,
    schema: &SchemaRef,
    style: Style,
) -> Result<&'a mut Plan, Error> {
    plans.get_or_try_insert(schema, |schema| Ok(Plan { node: Node::of(schema, style), envelope: None }))
}

impl Plan {
    fn envelope(&mut self, schema: &SchemaRef, style: Style) -> Result<&[u8], Error> {
        if self.envelope.is_none() {
            let mut text = b"{\"schema\":".to_vec();
            schema::write(schema, style, &mut text)?;
            text.extend_from_slice(PAYLOAD);
            self.envelope = Some(text.into_boxed_slice());
        }
        Ok(self.envelope.as_deref().unwrap_or_default())
    }
}

/// Appends a value by the plan of its schema; `depth` is the number of arrays and objects around it.
pub(crate) fn write_node(
    node: &mut Node,
    value: &Value,
    style: Style,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    match (&mut node.shape, value) {
        (_, Value::Null) => match &node.null {
            Some(text) => out.extend_from_slice(text),
            None => return Err(required_null()),
        },
        (Shape::Int32, Value::Int32(n)) => number::write_i64((*n).into(), out),
        (Shape::Int64, Value::Int64(n)) => number::write_i64(*n, out),
        (Shape::String, Value::String(string)) => text::write_string(string, out),
        (Shape::Float64, Value::Float64(n)) => number::write_f64(*n, out),
        (Shape::Boolean, Value::Boolean(b)) => write_boolean(*b, out),
        (Shape::Timestamp, Value::Timestamp(ms)) => number::write_i64(*ms, out),
        (Shape::Date, Value::Date(n)) | (Shape::Time, Value::Time(n)) => number::write_i64((*n).into(), out),
        (Shape::Int8, Value::Int8(n)) => number::write_i64((*n).into(), out),
        (Shape::Int16, Value::Int16(n)) => number::write_i64((*n).into(), out),
        (Shape::Float32, Value::Float32(n)) => number::write_f32(*n, out),
        (Shape::Bytes, Value::Bytes(bytes)) => text::write_base64(bytes, out),
        (Shape::Decimal(scale), Value::Decimal(decimal)) => write_decimal(decimal, *scale, style, out)?,
        (Shape::Row(row), Value::Struct(value)) => {
            row.check(value.schema())?;
            let depth = deeper(depth)?;
            for (column, value) in row.columns.iter_mut().zip(value.values()) {
                column.prefix.append(out);
                write_node(&mut column.node, value, style, depth, out)
                    .map_err(|error| error.inside(&column.name))?;
            }
            out.extend_from_slice(if row.columns.is_empty() { b"{}" } else { b"}" });
        }
        (Shape::List(items), Value::Array(list)) => {
            let depth = deeper(depth)?;
            out.push(b'[');
            for (index, item) in list.iter().enumerate() {
                comma(index, out);
                write_node(items, item, style, depth, out)?;
            }
            out.push(b']');
        }
        (Shape::Object(values), Value::Map(map)) => {
            let depth = deeper(depth)?;
            out.push(b'{');
            for (index, (key, value)) in map.iter().enumerate() {
                comma(index, out);
                write_key(key, out)?;
                write_node(values, value, style, depth, out)?;
            }
            out.push(b'}');
        }
        (Shape::Pairs(pair), Value::Map(map)) => {
            let (keys, values) = &mut **pair;
            let depth = deeper(deeper(depth)?)?;
            out.push(b'[');
            for (index, (key, value)) in map.iter().enumerate() {
                comma(index, out);
                out.push(b'[');
                write_node(keys, key, style, depth, out)?;
                out.push(b',');
                write_node(values, value, style, depth, out)?;
                out.push(b']');
            }
            out.push(b']');
        }
        (shape, value) => return Err(refused(shape, value)),
    }
    Ok(())
}

/// Appends a value that has no schema.
fn write_schemaless(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), Error> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(b) => write_boolean(*b, out),
        Value::Int8(n) => number::write_i64((*n).into(), out),
        Value::Int16(n) => number::write_i64((*n).into(), out),
        Value::Int32(n) => number::write_i64((*n).into(), out),
        Value::Int64(n) => number::write_i64(*n, out),
        Value::Float32(n) => number::write_f32(*n, out),
        Value::Float64(n) => number::write_f64(*n, out),
        Value::String(string) => text::write_string(string, out),
        Value::Bytes(bytes) => text::write_base64(bytes, out),
        Value::Array(list) => {
            let depth = deeper(depth)?;
            out.push(b'[');
            for (index, item) in list.iter().enumerate() {
                comma(index, out);
                write_schemaless(item, depth, out)?;
            }
            out.push(b']');
        }
        Value::Map(map) => write_schemaless_map(map, deeper(depth)?, out)?,
        Value::Decimal(_) | Value::Date(_) | Value::Time(_) | Value::Timestamp(_) | Value::Struct(_) => {
            return Err(Error::mismatch(format!(
                "a {} without a schema does not have a corresponding JSON form",
                value.type_name()
            )));
        }
    }
    Ok(())
}

// An object when all keys are text, else an array of pairs.
fn write_schemaless_map(map: &Map, depth: usize, out: &mut Vec<u8>) -> Result<(), Error> {
    let object = map.iter().all(|(key, _)| matches!(key, Value::String(_)));
    out.push(if object { b'{' } else { b'[' });
    for (index, (key, value)) in map.iter().enumerate() {
        comma(index, out);
        if object {
            write_key(key, out)?;
            write_schemaless(value, depth, out)?;
            continue;
        }
        let depth = deeper(depth)?;
        out.push(b'[');
        write_schemaless(key, depth, out)?;
        out.push(b',');
        write_schemaless(value, depth, out)?;
        out.push(b']');
    }
    out.push(if object { b'}' } else { b']' });
    Ok(())
}

fn write_key(key: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
    match key {
        Value::String(name) => text::write_string(name, out),
        // What Java's text of a null is.
        Value::Null => out.extend_from_slice(b"\"null\""),
        _ => return Err(Error::mismatch(format!("{} where the schema says string", key.type_name()))),
    }
    out.push(b':');
    Ok(())
}

fn write_boolean(value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

fn write_decimal(decimal: &data::Decimal, scale: i32, style: Style, out: &mut Vec<u8>) -> Result<(), Error> {
    if style.decimal == DecimalFormat::Numeric {
        use std::io::Write;
        return write!(out, "{decimal}").map_err(|_| Error::mismatch("the decimal has no text"));
    }
    if decimal.scale() != scale {
        return Err(Error::mismatch(format!(
            "Decimal value has mismatching scale for given Decimal schema: {} instead of {scale}",
            decimal.scale()
        )));
    }
    text::write_base64(&decimal.be_bytes(), out);
    Ok(())
}

#[inline]
fn comma(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

#[inline]
fn deeper(depth: usize) -> Result<usize, Error> {
    if depth < MAX_DEPTH { Ok(depth + 1) } else { Err(Error::TooDeep) }
}

#[cold]
fn required_null() -> Error {
    Error::mismatch("Conversion error: null value for field that is required and has no default value")
}

#[cold]
fn refused(shape: &Shape, value: &Value) -> Error {
    let expected = match shape {
        Shape::Refused(why) => return Error::mismatch(*why),
        Shape::Boolean => "boolean",
        Shape::Int8 => "int8",
        Shape::Int16 => "int16",
        Shape::Int32 => "int32",
        Shape::Int64 => "int64",
        Shape::Float32 => "float32",
        Shape::Float64 => "float64",
        Shape::String => "string",
        Shape::Bytes => "bytes",
        Shape::Decimal(_) => "Decimal",
        Shape::Date => "Date",
        Shape::Time => "Time",
        Shape::Timestamp => "Timestamp",
        Shape::List(_) => "array",
        Shape::Object(_) | Shape::Pairs(_) => "map",
        Shape::Row(_) => "struct",
    };
    Error::mismatch(format!("Invalid type: {} where the schema says {expected}", value.type_name()))
}
