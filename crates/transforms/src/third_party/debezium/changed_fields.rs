//! `ExtractChangedRecordState`: the names of changed and unchanged fields as headers.

use api::config::Config;
use api::data::{Datum, Header, Kind, Record, Schema, SchemaRef, Text, Value};
use api::{Origin, Result, Transform};

use super::envelope::{self, AFTER, BEFORE};
use crate::third_party::rows::{fields_of, optional_string};

/// Keys of [`ExtractChangedRecordState`].
#[derive(Debug, Clone, Config)]
pub struct ExtractChangedRecordStateConfig {
    /// Header that gets the names of changed fields; none without it.
    #[config(key = "header.changed.name", importance = Low)]
    pub changed: Option<String>,
    /// Header that gets the names of unchanged fields; none without it.
    #[config(key = "header.unchanged.name", importance = Low)]
    pub unchanged: Option<String>,
}

/// Lists in headers which fields an update changed.
#[derive(Debug)]
pub struct ExtractChangedRecordState {
    changed: Option<(Text, SchemaRef)>,
    unchanged: Option<(Text, SchemaRef)>,
}

fn header(name: Option<String>) -> Option<(Text, SchemaRef)> {
    let name = name.filter(|name| !name.trim().is_empty())?;
    let schema = Schema::builder(Kind::Array(optional_string())).optional().name(&name).build();
    Some((Text::from(name), schema))
}

impl Transform for ExtractChangedRecordState {
    const CLASS: &'static str = "io.debezium.transforms.ExtractChangedRecordState";
    type Config = ExtractChangedRecordStateConfig;

    fn build(config: ExtractChangedRecordStateConfig) -> Result<Self> {
        Ok(Self { changed: header(config.changed), unchanged: header(config.unchanged) })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let Some(event) = envelope::of(&record.value)? else {
            return Ok(Some(record));
        };
        let (mut changed, mut unchanged) = (Vec::new(), Vec::new());
        if let (Some(after), Some(before)) = (envelope::nested(event, AFTER), envelope::nested(event, BEFORE))
        {
            for (field, value) in fields_of(after.schema()).iter().zip(after.values()) {
                let same = before.get_without_default(&field.name).is_some_and(|old| same(old, value));
                let list = if same { &mut unchanged } else { &mut changed };
                list.push(Value::string(&*field.name));
            }
        }
        for (header, names) in [(&self.changed, changed), (&self.unchanged, unchanged)] {
            if let Some((key, schema)) = header {
                let value = Datum::new(schema.clone(), Value::Array(names));
                record.headers.push(Header { key: key.clone(), value });
            }
        }
        Ok(Some(record))
    }
}

// Equal as Java's objects are: not-a-number is equal to itself, and zero is not to its negative.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Float32(one), Value::Float32(other)) => {
            one.to_bits() == other.to_bits() || (one.is_nan() && other.is_nan())
        }
        (Value::Float64(one), Value::Float64(other)) => {
            one.to_bits() == other.to_bits() || (one.is_nan() && other.is_nan())
        }
        (Value::Array(one), Value::Array(other)) => all_same(one, other),
        (Value::Struct(one), Value::Struct(other)) => {
            one.schema() == other.schema() && all_same(one.values(), other.values())
        }
        (Value::Map(one), Value::Map(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

fn all_same(one: &[Value], other: &[Value]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_as_in_java() {
        let list = |number| Value::Array(vec![Value::Float64(number)]);
        assert!(same(&list(f64::NAN), &list(f64::NAN)));
        assert!(!same(&list(0.0), &list(-0.0)));
        assert!(same(&Value::Float32(f32::NAN), &Value::Float32(f32::NAN)));
        assert!(!same(&Value::Int32(1), &Value::Int64(1)));
        assert!(!same(&list(1.0), &Value::Array(vec![])));
    }
}
