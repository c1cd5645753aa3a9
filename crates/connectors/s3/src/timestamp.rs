//! The time of a record, for time-based directories and `rotate.interval.ms`.

use api::data::{Kind, Logical, Map, Schema, SinkRecord, Struct, Value};
use api::{Error, Result};

use crate::iso8601;

/// Where a record's time comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extractor {
    /// The clock.
    Wallclock,
    /// The record's timestamp.
    Record,
    /// A field of its value; the path from the outermost.
    Field(FieldPath),
}

/// A field's name with dots, and its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath {
    /// As configured.
    pub name: String,
    parts: Vec<String>,
}

impl FieldPath {
    /// Splits at the dots.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), parts: name.split('.').map(str::to_owned).collect() }
    }

    /// The field's schema and value in a row; the value is null also where a row on the way is null.
    pub fn in_row<'a>(&self, row: &'a Struct) -> Option<(&'a Schema, &'a Value)> {
        let (last, path) = self.parts.split_last()?;
        let mut schema: &Schema = row.schema();
        let mut row = Some(row);
        for part in path {
            let fields = schema.fields()?;
            schema = &fields[fields.position(part)?].schema;
            row = row.and_then(|row| row.get(part)).and_then(Value::as_struct);
        }
        let fields = schema.fields()?;
        let schema = &fields[fields.position(last)?].schema;
        Some((schema, row.and_then(|row| row.get(last)).unwrap_or(&Value::Null)))
    }

    fn in_map<'a>(&self, map: &'a Map) -> Option<&'a Value> {
        let (first, path) = self.parts.split_first()?;
        path.iter().try_fold(map.get_str(first)?, |value, part| match value {
            Value::Map(map) => map.get_str(part),
            Value::Struct(row) => row.get(part),
            _ => None,
        })
    }
}

impl Extractor {
    /// The record's time in milliseconds since the epoch.
    ///
    /// # Errors
    /// The record has none.
    pub fn extract(&self, record: &SinkRecord, now_ms: i64) -> Result<i64> {
        match self {
            Extractor::Wallclock => Ok(now_ms),
            Extractor::Record => record.record.timestamp.ok_or_else(|| {
                Error::bad_record("Unable to determine timestamp: the record has none")
                    .hint("use timestamp.extractor=Wallclock or RecordField")
            }),
            Extractor::Field(path) => from_field(path, &record.record.value.value),
        }
    }
}

fn from_field(path: &FieldPath, value: &Value) -> Result<i64> {
    let missing = || {
        Error::bad_record(format!("The field '{}' does not exist.", path.name))
            .hint("see timestamp.field; nested fields are written with dots")
    };
    let (schema, found) = match value {
        Value::Struct(row) => {
            let (schema, found) = path.in_row(row).ok_or_else(missing)?;
            (Some(schema), found)
        }
        Value::Map(map) => (None, path.in_map(map).ok_or_else(missing)?),
        other => {
            return Err(Error::bad_record("Error encoding partition.")
                .with("why", format!("the value is no struct or map but {}", other.type_name())));
        }
    };
    let unsupported = || {
        Error::bad_record(format!("Error extracting timestamp from record field: {}", path.name))
            .with("type", found.type_name())
    };
    match (schema, found) {
        (_, Value::Null) => Err(missing()),
        (Some(schema), Value::Timestamp(ms)) if schema.logical() == Some(Logical::Timestamp) => Ok(*ms),
        (Some(schema), Value::Int32(_) | Value::Int64(_))
            if matches!(schema.kind(), Kind::Int32 | Kind::Int64) =>
        {
            found.as_i64().ok_or_else(unsupported)
        }
        (_, Value::String(text)) => from_text(text).ok_or_else(|| {
            Error::bad_record(format!("Invalid format: \"{text}\" is no time")).with("field", &path.name)
        }),
        (Some(_), _) => Err(unsupported()),
        (None, Value::Timestamp(ms)) => Ok(*ms),
        (None, Value::Date(days)) => Ok(i64::from(*days) * 86_400_000),
        (None, Value::Time(ms)) => Ok((*ms).into()),
        (None, Value::Float32(number)) => Ok(*number as i64),
        (None, Value::Float64(number)) => Ok(*number as i64),
        (None, Value::Decimal(number)) => Ok(number.to_f64() as i64),
        (None, _) => found.as_i64().ok_or_else(unsupported),
    }
}

// Up to 19 digits are milliseconds, anything else is a date and time.
fn from_text(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if (1..=19).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(ms) = text.parse()
    {
        return Some(ms);
    }
    iso8601::parse_ms(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_milliseconds_or_a_date() {
        assert_eq!(from_text("1700000000000"), Some(1_700_000_000_000));
        assert_eq!(from_text("-5"), Some(-5));
        assert_eq!(from_text("1970-01-02"), Some(86_400_000));
        assert_eq!(from_text("99999999999999999999"), None);
        assert_eq!(from_text(""), None);
    }
}
