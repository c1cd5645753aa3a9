//! A moment and its forms.

use api::data::Value;
use api::{Error, Result};
use literal::calendar::DAY_MS;

use super::{Form, Precision, TargetType, whole_days};
use crate::date_format::DateFormat;

/// Reads and writes moments, in milliseconds since the epoch.
#[derive(Debug)]
pub(super) struct Moments {
    /// The pattern as it was written, and taken apart.
    format: Option<(String, DateFormat)>,
    precision: Precision,
}

impl Moments {
    pub fn new(format: Option<(String, DateFormat)>, precision: Precision) -> Self {
        Self { format, precision }
    }

    /// The moment that a value of this form means.
    pub fn read(&self, form: Form, value: &Value) -> Result<i64> {
        match (form, value) {
            (Form::Unix, Value::Int64(number)) => Ok(self.of_unix(*number)),
            (Form::Text, Value::String(text)) => self.of_text(text),
            (Form::Date | Form::Time | Form::Timestamp, value) => moment(value).ok_or_else(|| misfit(value)),
            (Form::Unix | Form::Text, value) => Err(misfit(value)),
        }
    }

    fn of_unix(&self, number: i64) -> i64 {
        match self.precision {
            Precision::Nanoseconds => number / 1_000_000,
            Precision::Microseconds => number / 1000,
            Precision::Milliseconds => number,
            Precision::Seconds => number.saturating_mul(1000),
        }
    }

    fn of_text(&self, text: &str) -> Result<i64> {
        let Some((pattern, format)) = &self.format else {
            return Err(Error::bad_record("Could not parse timestamp: there is no format to read text by")
                .class("java.lang.NullPointerException")
                .hint("set format to the pattern of the text"));
        };
        format.read(text).ok_or_else(|| {
            Error::bad_record(format!(
                "Could not parse timestamp: value ({text}) does not match pattern ({pattern})"
            ))
        })
    }

    /// The moment in the form that is asked for.
    pub fn write(&self, target: TargetType, ms: i64) -> Result<Value> {
        Ok(match target {
            TargetType::Timestamp => Value::Timestamp(ms),
            TargetType::Date => {
                let days = i32::try_from(whole_days(ms)).map_err(|_| {
                    Error::bad_record(format!("{ms} milliseconds since the epoch are beyond the last date"))
                })?;
                Value::Date(days)
            }
            TargetType::Time => Value::Time(ms.rem_euclid(DAY_MS) as i32),
            TargetType::Unix => Value::Int64(match self.precision {
                Precision::Nanoseconds => ms.saturating_mul(1_000_000),
                Precision::Microseconds => ms.saturating_mul(1000),
                Precision::Milliseconds => ms,
                Precision::Seconds => ms / 1000,
            }),
            TargetType::String => match &self.format {
                Some((_, format)) => Value::string(format.format(ms)),
                None => return Err(Error::misconfigured("format is missing")),
            },
        })
    }
}

fn moment(value: &Value) -> Option<i64> {
    match value {
        Value::Timestamp(ms) => Some(*ms),
        Value::Date(days) => Some(i64::from(*days) * DAY_MS),
        Value::Time(ms) => Some(i64::from(*ms)),
        _ => None,
    }
}

#[cold]
fn misfit(value: &Value) -> Error {
    Error::bad_record(format!("the value is not of its schema: it is a {}", value.java_class()))
        .class("java.lang.ClassCastException")
}
