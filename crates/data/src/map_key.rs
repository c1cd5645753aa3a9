//! When two keys of a map are one.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::{Map, Value};

/// A value as the key of a map. Equal as Java's `equals`: a float that is no number is one key, 0.0 and -0.0 are two.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a>(pub &'a Value);

impl PartialEq for Key<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Value::String(one), Value::String(other)) => one == other,
            _ => self.equals_no_text(other),
        }
    }
}

impl Key<'_> {
    fn equals_no_text(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Value::Float32(one), Value::Float32(other)) => {
                one.to_bits() == other.to_bits() || both_nan(*one, *other)
            }
            (Value::Float64(one), Value::Float64(other)) => {
                one.to_bits() == other.to_bits() || both_nan(*one, *other)
            }
            (Value::Array(one), Value::Array(other)) => same_values(one, other),
            (Value::Map(one), Value::Map(other)) => one.equals(other, |one, other| Key(one) == Key(other)),
            (Value::Struct(one), Value::Struct(other)) => {
                same_values(one.values(), other.values()) && one.same_schema(other)
            }
            (one, other) => one == other,
        }
    }
}

impl Eq for Key<'_> {}

fn both_nan(one: impl Into<f64>, other: impl Into<f64>) -> bool {
    one.into().is_nan() && other.into().is_nan()
}

fn same_values(one: &[Value], other: &[Value]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| Key(one) == Key(other))
}

impl Hash for Key<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self.0).hash(state);
        match self.0 {
            Value::Null => {}
            Value::Boolean(value) => value.hash(state),
            Value::Int8(number) => number.hash(state),
            Value::Int16(number) => number.hash(state),
            Value::Int32(number) | Value::Date(number) | Value::Time(number) => number.hash(state),
            Value::Int64(number) | Value::Timestamp(number) => number.hash(state),
            Value::Float32(number) if number.is_nan() => f32::NAN.to_bits().hash(state),
            Value::Float32(number) => number.to_bits().hash(state),
            Value::Float64(number) if number.is_nan() => f64::NAN.to_bits().hash(state),
            Value::Float64(number) => number.to_bits().hash(state),
            Value::String(text) => text.hash(state),
            Value::Bytes(bytes) => bytes.hash(state),
            Value::Decimal(decimal) => decimal.hash(state),
            Value::Array(items) => hash_values(items, state),
            Value::Map(map) => hash_map(map, state),
            Value::Struct(row) => hash_values(row.values(), state),
        }
    }
}

fn hash_values<H: Hasher>(values: &[Value], state: &mut H) {
    values.len().hash(state);
    values.iter().for_each(|value| Key(value).hash(state));
}

// Without order: equal maps may have their entries in another one.
fn hash_map<H: Hasher>(map: &Map, state: &mut H) {
    let sum = map.iter().fold(0u64, |sum, (key, value)| {
        let mut hasher = DefaultHasher::new();
        Key(key).hash(&mut hasher);
        Key(value).hash(&mut hasher);
        sum.wrapping_add(hasher.finish())
    });
    sum.hash(state);
}
