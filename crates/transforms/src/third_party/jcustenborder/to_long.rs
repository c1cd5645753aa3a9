//! `ToLong`: numbers as INT64.

use std::marker::PhantomData;

use api::config::Config;
use api::data::{Datum, Kind, Record, Schema, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};

use super::base::{Input, side_name, take, unsupported, unsupported_value};
use super::class;
use crate::schema_cache::{SchemaCache, replace_by_default};
use crate::side::Side;
use crate::third_party::rows::{datum, fields_of, named_with};

/// Keys of [`ToLong`].
#[derive(Debug, Clone, Config)]
pub struct ToLongConfig {
    /// The fields that become INT64.
    #[config(key = "fields", default = "", importance = High)]
    pub fields: Vec<String>,
}

/// Makes numbers of fields INT64, without what stands behind the point.
#[derive(Debug)]
pub struct ToLong<S> {
    fields: Vec<String>,
    schemas: SchemaCache<(SchemaRef, Vec<usize>)>,
    side: PhantomData<fn(S)>,
}

fn long(value: &Value, name: &str) -> Result<Value> {
    let number = match value {
        Value::Null => return Ok(Value::Null),
        // Java's narrowing: towards zero, and not beyond the ends.
        Value::Float32(n) => Some(*n as i64),
        Value::Float64(n) => Some(*n as i64),
        Value::Decimal(n) => Some(n.to_i64_low_bits()),
        other => other.as_i64(),
    };
    number.map(Value::Int64).ok_or_else(|| {
        Error::bad_record(format!("fields: field {name} must be a number, found: {}", value.type_name()))
    })
}

impl<S: Side> Transform for ToLong<S> {
    const CLASS: &'static str = class!("ToLong", S);
    type Config = ToLongConfig;

    fn build(config: ToLongConfig) -> Result<Self> {
        Ok(Self { fields: config.fields, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        *part = match take(part, side_name::<S>())? {
            Input::Nothing => Datum::NULL,
            Input::Map(_) => return Err(unsupported("map")),
            Input::Other(other) => return Err(unsupported_value(&other)),
            Input::Row(row) => {
                let names = &self.fields;
                let (schema, changed) = self.schemas.get(row.schema(), |schema| {
                    let mut fields = fields_of(schema).to_vec();
                    let mut changed = Vec::new();
                    for (position, field) in fields.iter_mut().enumerate() {
                        if names.iter().any(|name| **name == *field.name) {
                            let optional = field.schema.is_optional();
                            field.schema = Schema::builder(Kind::Int64).set_optional(optional).build();
                            changed.push(position);
                        }
                    }
                    Ok::<_, Error>((named_with(schema, fields, "numbers as INT64")?, changed))
                })?;
                let (old, mut values) = row.into_parts();
                for position in changed.iter() {
                    let field = &fields_of(&old)[*position];
                    replace_by_default(&field.schema, &mut values[*position]);
                    values[*position] = long(&values[*position], &field.name)?;
                }
                datum(schema, values)?
            }
        };
        Ok(Some(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_lose_their_fraction_and_what_is_beyond_64_bits() {
        for (decimal, expected) in [
            ("12345678901234567.89", 12_345_678_901_234_567),
            ("-12345678901234567.89", -12_345_678_901_234_567),
            ("18446744073709551621.5", 5),
            ("1e2", 100),
        ] {
            let value = Value::Decimal(decimal.parse().unwrap());
            assert_eq!(long(&value, "a").unwrap(), Value::Int64(expected), "{decimal}");
        }
    }
}
