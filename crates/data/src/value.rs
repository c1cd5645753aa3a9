//! Values: what a schema describes, and what schemaless data is made of.

use std::sync::Arc;

use crate::{Bytes, Decimal, Map, Schema, SchemaRef, Text};

/// A Connect value. Logical types have variants of their own, so that a schemaless value keeps its meaning.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// True or false.
    Boolean(bool),
    /// Signed 8-bit integer.
    Int8(i8),
    /// Signed 16-bit integer.
    Int16(i16),
    /// Signed 32-bit integer.
    Int32(i32),
    /// Signed 64-bit integer.
    Int64(i64),
    /// 32-bit float.
    Float32(f32),
    /// 64-bit float.
    Float64(f64),
    /// Text.
    String(Text),
    /// Bytes.
    Bytes(Bytes),
    /// Exact decimal number (logical type Decimal).
    Decimal(Decimal),
    /// Days since 1970-01-01 (logical type Date).
    Date(i32),
    /// Milliseconds of the day (logical type Time).
    Time(i32),
    /// Milliseconds since the epoch, UTC (logical type Timestamp).
    Timestamp(i64),
    /// A list.
    Array(Vec<Value>),
    /// A map that keeps the order of insertion.
    Map(Map),
    /// A row.
    Struct(Struct),
}

impl Value {
    /// Text from a string.
    pub fn string(text: impl Into<Text>) -> Self {
        Value::String(text.into())
    }

    /// Whether this is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is an integer of any width.
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Value::Int8(n) => Some(n.into()),
            Value::Int16(n) => Some(n.into()),
            Value::Int32(n) => Some(n.into()),
            Value::Int64(n) => Some(n),
            _ => None,
        }
    }

    /// The row, if this is one.
    pub fn as_struct(&self) -> Option<&Struct> {
        match self {
            Value::Struct(row) => Some(row),
            _ => None,
        }
    }

    /// What the value is, in Connect's words, for error texts.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Boolean(_) => "boolean",
            Value::Int8(_) => "int8",
            Value::Int16(_) => "int16",
            Value::Int32(_) => "int32",
            Value::Int64(_) => "int64",
            Value::Float32(_) => "float32",
            Value::Float64(_) => "float64",
            Value::String(_) => "string",
            Value::Bytes(_) => "bytes",
            Value::Decimal(_) => "Decimal",
            Value::Date(_) => "Date",
            Value::Time(_) => "Time",
            Value::Timestamp(_) => "Timestamp",
            Value::Array(_) => "array",
            Value::Map(_) => "map",
            Value::Struct(_) => "struct",
        }
    }

    /// The Java class that holds such a value in Kafka Connect, as its error texts name it.
    pub fn java_class(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Boolean(_) => "java.lang.Boolean",
            Value::Int8(_) => "java.lang.Byte",
            Value::Int16(_) => "java.lang.Short",
            Value::Int32(_) => "java.lang.Integer",
            Value::Int64(_) => "java.lang.Long",
            Value::Float32(_) => "java.lang.Float",
            Value::Float64(_) => "java.lang.Double",
            Value::String(_) => "java.lang.String",
            Value::Bytes(_) => "[B",
            Value::Decimal(_) => "java.math.BigDecimal",
            Value::Date(_) | Value::Time(_) | Value::Timestamp(_) => "java.util.Date",
            Value::Array(_) => "java.util.ArrayList",
            Value::Map(_) => "java.util.HashMap",
            Value::Struct(_) => "org.apache.kafka.connect.data.Struct",
        }
    }

    /// About how many bytes the value holds, for byte budgets; buffers shared with others count in full.
    pub fn weight(&self) -> usize {
        let inner = match self {
            Value::String(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Array(items) => items.iter().map(Value::weight).sum(),
            Value::Map(map) => map.iter().map(|(key, value)| key.weight() + value.weight()).sum(),
            Value::Struct(row) => row.values().iter().map(Value::weight).sum(),
            _ => 0,
        };
        inner + size_of::<Value>()
    }
}

/// A row: values by position under a shared struct schema.
#[derive(Debug, Clone)]
pub struct Struct {
    schema: SchemaRef,
    values: Box<[Value]>,
}

/// Rows are equal when their schemas and values are; the schema's pointer is compared first.
impl PartialEq for Struct {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values && self.same_schema(other)
    }
}

impl Struct {
    /// A row of these values; `None` unless the schema is a struct with as many fields. Types are not checked here
    /// ([`crate::validate`] does), because a decoder makes them from the schema.
    pub fn new(schema: SchemaRef, values: Vec<Value>) -> Option<Self> {
        if schema.fields()?.len() != values.len() {
            return None;
        }
        Some(Self { schema, values: values.into_boxed_slice() })
    }

    pub(crate) fn same_schema(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.schema, &other.schema) || self.schema == other.schema
    }

    /// The row's schema.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The values in field order, nulls as they are.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The values in field order, to be changed in place.
    pub fn values_mut(&mut self) -> &mut [Value] {
        &mut self.values
    }

    /// Schema and values, owned.
    pub fn into_parts(self) -> (SchemaRef, Vec<Value>) {
        (self.schema, self.values.into_vec())
    }

    /// The field's value, or its default when it is null, as Connect's `Struct.get`; `None` when there is no field
    /// of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let fields = self.schema.fields()?;
        let position = fields.position(name)?;
        Some(or_default(&fields[position].schema, &self.values[position]))
    }

    /// The field's value without its default.
    pub fn get_without_default(&self, name: &str) -> Option<&Value> {
        Some(&self.values[self.schema.fields()?.position(name)?])
    }
}

fn or_default<'a>(schema: &'a Schema, value: &'a Value) -> &'a Value {
    match value {
        Value::Null => schema.default().unwrap_or(value),
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    #[test]
    fn a_row_answers_with_the_default_only_where_connect_does() {
        let with_default = Schema::builder(Kind::Int8).optional().default_value(Value::Int8(7)).build();
        let schema = Schema::structure([("a", with_default)]).unwrap();
        let row = Struct::new(schema, vec![Value::Null]).unwrap();
        assert_eq!(row.get("a"), Some(&Value::Int8(7)));
        assert_eq!(row.get_without_default("a"), Some(&Value::Null));
        assert_eq!(row.get("b"), None);
    }

    #[test]
    fn a_value_is_small() {
        assert!(size_of::<Value>() <= 40, "{}", size_of::<Value>());
    }
}
