//! Values of headers, converted to a type, as Connect's `Values` does.

use api::data::{Decimal, Logical, SchemaType, Value};
use literal::calendar::DAY_MS;

/// What a header becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Plain(SchemaType),
    Logical(Logical),
}

/// The value as the type; why not, otherwise. Null stays null.
pub(super) fn convert(value: &Value, target: Target) -> Result<Value, String> {
    let unable = || format!("{} cannot become {}", value.type_name(), target.name());
    if value.is_null() {
        return Ok(Value::Null);
    }
    // A text is read as what it looks like, unless a text is wanted.
    let parsed = match (value, target) {
        (Value::String(_), Target::Plain(SchemaType::String)) => None,
        (Value::String(text), _) => Some(literal::parse(text).value),
        _ => None,
    };
    let value = parsed.as_ref().unwrap_or(value);
    match target {
        Target::Plain(SchemaType::String) => {
            let mut text = Vec::new();
            literal::write(value, &mut text);
            Ok(Value::string(String::from_utf8_lossy(&text).into_owned()))
        }
        Target::Plain(SchemaType::Boolean) => match value {
            Value::Boolean(value) => Ok(Value::Boolean(*value)),
            other => whole(other).map(|number| Value::Boolean(number != 0)).ok_or_else(unable),
        },
        Target::Plain(SchemaType::Int8) => whole(value).map(|n| Value::Int8(n as i8)).ok_or_else(unable),
        Target::Plain(SchemaType::Int16) => whole(value).map(|n| Value::Int16(n as i16)).ok_or_else(unable),
        Target::Plain(SchemaType::Int32) => whole(value).map(|n| Value::Int32(n as i32)).ok_or_else(unable),
        Target::Plain(SchemaType::Int64) => whole(value).map(Value::Int64).ok_or_else(unable),
        Target::Plain(SchemaType::Float32) => {
            float(value).map(|n| Value::Float32(n as f32)).ok_or_else(unable)
        }
        Target::Plain(SchemaType::Float64) => float(value).map(Value::Float64).ok_or_else(unable),
        Target::Plain(_) => Err(unable()),
        Target::Logical(Logical::Timestamp) => epoch(value).map(Value::Timestamp).ok_or_else(unable),
        Target::Logical(Logical::Date) => {
            let days = match value {
                Value::Date(days) => Some(*days),
                Value::Timestamp(ms) => i32::try_from(ms.div_euclid(DAY_MS)).ok(),
                other => whole(other).and_then(|days| i32::try_from(days).ok()),
            };
            days.map(Value::Date).ok_or_else(unable)
        }
        Target::Logical(Logical::Time) => {
            let ms = match value {
                Value::Time(ms) => Some(i64::from(*ms)),
                Value::Timestamp(ms) => Some(ms.rem_euclid(DAY_MS)),
                other => whole(other),
            };
            let ms = ms.filter(|ms| (0..=DAY_MS).contains(ms)).and_then(|ms| i32::try_from(ms).ok());
            ms.map(Value::Time).ok_or_else(unable)
        }
        Target::Logical(Logical::Decimal { scale }) => {
            let decimal = match value {
                Value::Decimal(decimal) => Some(decimal.clone()),
                Value::Float32(n) => n.to_string().parse().ok(),
                Value::Float64(n) => n.to_string().parse().ok(),
                other => whole(other).map(|n| Decimal::from_i64(n, 0)),
            };
            decimal.and_then(|decimal| decimal.with_scale(scale)).map(Value::Decimal).ok_or_else(unable)
        }
    }
}

impl Target {
    /// The type's name.
    pub fn name(self) -> &'static str {
        match self {
            Target::Plain(plain) => plain.name(),
            Target::Logical(Logical::Timestamp) => "Timestamp",
            Target::Logical(Logical::Date) => "Date",
            Target::Logical(Logical::Time) => "Time",
            Target::Logical(Logical::Decimal { .. }) => "Decimal of this scale",
        }
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Boolean(value) => Some(i64::from(*value)),
        Value::Float32(n) => Some(*n as i64),
        Value::Float64(n) => Some(*n as i64),
        Value::Decimal(n) => Some(n.to_i64_low_bits()),
        Value::Timestamp(ms) => Some(*ms),
        Value::Date(n) | Value::Time(n) => Some((*n).into()),
        other => other.as_i64(),
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float32(n) => Some((*n).into()),
        Value::Float64(n) => Some(*n),
        Value::Decimal(n) => Some(n.to_f64()),
        other => whole(other).map(|n| n as f64),
    }
}

fn epoch(value: &Value) -> Option<i64> {
    match value {
        Value::Date(days) => Some(i64::from(*days) * DAY_MS),
        Value::Timestamp(ms) => Some(*ms),
        Value::Time(ms) => Some((*ms).into()),
        Value::Boolean(_) => None,
        other => whole(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converts() {
        let plain = Target::Plain;
        for (value, target, expected) in [
            (Value::string("7"), plain(SchemaType::Int32), Value::Int32(7)),
            (Value::string("1.5"), plain(SchemaType::Float64), Value::Float64(1.5)),
            (Value::string("true"), plain(SchemaType::Boolean), Value::Boolean(true)),
            (Value::Int64(300), plain(SchemaType::Int8), Value::Int8(44)),
            (Value::Int64(3), plain(SchemaType::String), Value::string("3")),
            (
                Value::Decimal("12345678901234567.89".parse().unwrap()),
                plain(SchemaType::Int64),
                Value::Int64(12_345_678_901_234_567),
            ),
            (Value::Int64(3), Target::Logical(Logical::Timestamp), Value::Timestamp(3)),
            (Value::string("2026-01-02"), Target::Logical(Logical::Date), Value::Date(20455)),
            (
                Value::string("1.5"),
                Target::Logical(Logical::Decimal { scale: 2 }),
                Value::Decimal(Decimal::from_i64(150, 2)),
            ),
        ] {
            assert_eq!(convert(&value, target), Ok(expected));
        }
        assert!(convert(&Value::string("x"), plain(SchemaType::Int32)).unwrap_err().contains("int32"));
        assert!(convert(&Value::string("x"), plain(SchemaType::Bytes)).is_err());
    }
}
