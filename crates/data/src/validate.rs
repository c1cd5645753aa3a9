//! Whether a value fits a schema, by Connect's rules.

use crate::{Kind, Logical, Schema, Value};

/// Why a value does not fit its schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct Mismatch {
    /// Where in the value: `value`, `value.a[3].b`.
    pub path: String,
    /// What is wrong there.
    pub why: String,
}

/// Checks a value against a schema, parts included.
///
/// # Errors
/// The first place that does not fit: null without `optional` (a default does not permit null here, as in Connect),
/// another type, a decimal of another scale, a time outside the day.
pub fn validate(schema: &Schema, value: &Value) -> Result<(), Mismatch> {
    check(schema, value, &mut String::from("value"))
}

fn check(schema: &Schema, value: &Value, path: &mut String) -> Result<(), Mismatch> {
    let fail = |path: &str, why: String| Err(Mismatch { path: path.to_owned(), why });
    if value.is_null() {
        return match schema.is_optional() {
            true => Ok(()),
            false => fail(path, "null for a required field".to_owned()),
        };
    }
    if let Some(logical) = schema.logical() {
        return match (logical, value) {
            (Logical::Decimal { scale }, Value::Decimal(decimal)) if decimal.scale() == scale => Ok(()),
            (Logical::Decimal { scale }, Value::Decimal(decimal)) => fail(
                path,
                format!("a Decimal of scale {} where the schema has scale {scale}", decimal.scale()),
            ),
            (Logical::Time, Value::Time(ms)) if !(0..=86_400_000).contains(ms) => {
                fail(path, format!("a Time of {ms} ms lies outside the day"))
            }
            (Logical::Date, Value::Date(_))
            | (Logical::Time, Value::Time(_))
            | (Logical::Timestamp, Value::Timestamp(_)) => Ok(()),
            _ => fail(path, format!("{} where the schema says {}", value.type_name(), logical.name())),
        };
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
        | (Kind::Bytes, Value::Bytes(_)) => Ok(()),
        (Kind::Array(items), Value::Array(list)) => {
            each(path, list.iter().enumerate(), |(index, item), path| {
                path.push_str(&format!("[{index}]"));
                check(items, item, path)
            })
        }
        (Kind::Map(keys, values), Value::Map(map)) => each(path, map.iter(), |(key, value), path| {
            path.push_str("{}");
            check(keys, key, path)?;
            check(values, value, path)
        }),
        (Kind::Struct(fields), Value::Struct(row)) => {
            if *row.schema().as_ref() != *schema && row.schema().kind() != schema.kind() {
                return fail(path, "a struct of another schema".to_owned());
            }
            each(path, fields.iter().zip(row.values()), |(field, value), path| {
                path.push('.');
                path.push_str(&field.name);
                // A row's null stands for its default, where the field has one.
                match value.is_null() && field.schema.default().is_some() {
                    true => Ok(()),
                    false => check(&field.schema, value, path),
                }
            })
        }
        _ => {
            fail(path, format!("{} where the schema says {}", value.type_name(), schema.schema_type().name()))
        }
    }
}

fn each<T>(
    path: &mut String,
    items: impl Iterator<Item = T>,
    mut step: impl FnMut(T, &mut String) -> Result<(), Mismatch>,
) -> Result<(), Mismatch> {
    let length = path.len();
    for item in items {
        step(item, path)?;
        path.truncate(length);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decimal, Struct};

    #[test]
    fn says_where_and_why() {
        let schema =
            Schema::structure([("a", Schema::required(Kind::Array(Schema::required(Kind::Int8))))]).unwrap();
        let row = |items| Value::Struct(Struct::new(schema.clone(), vec![Value::Array(items)]).unwrap());
        assert_eq!(validate(&schema, &row(vec![Value::Int8(1)])), Ok(()));
        let wrong = validate(&schema, &row(vec![Value::Int8(1), Value::string("x")])).unwrap_err();
        assert_eq!(wrong.to_string(), "value.a[1]: string where the schema says int8");
    }

    #[test]
    fn a_decimal_must_have_the_schemas_scale() {
        let schema = Schema::logical_builder(Logical::Decimal { scale: 2 }).build();
        assert!(validate(&schema, &Value::Decimal(Decimal::from_i64(100, 2))).is_ok());
        assert!(validate(&schema, &Value::Decimal(Decimal::from_i64(10, 1))).is_err());
        assert!(validate(&schema, &Value::Null).is_err());
    }
}
