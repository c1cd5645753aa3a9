//! SQLite cells: the column's type is pinned from its declaration, the cell's own type may differ.
//!
//! What can be converted without loss is; for the rest the task fails, naming the row.

use api::data::{Decimal, Kind, Logical, SchemaRef, Value};
use chrono::{NaiveDate, NaiveDateTime};
use rusqlite::types::ValueRef;

use crate::config::Settings;
use crate::numeric::{NumericForm, UNDECLARED_SCALE};
use crate::rows::{self, Block, decimal, logical, plain};
use crate::stamp::Stamp;
use crate::temporal::{DAY_S, TimeForm};
use crate::zone::Zone;

/// How a column's cells are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoder {
    Boolean,
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    Decimal(i32),
    Text,
    Bytes,
    Date,
    Timestamp,
}

impl Decoder {
    /// The way and the schema of a declared type.
    pub(super) fn of(
        declared: Option<&str>,
        optional: bool,
        settings: &Settings,
        form: &TimeForm,
    ) -> (Self, SchemaRef) {
        let declared = declared.unwrap_or_default();
        let (name, precision, scale) = split(declared);
        let plain = |decoder, kind| (decoder, plain(kind, optional));
        match name.as_str() {
            "BOOLEAN" | "BOOL" => plain(Decoder::Boolean, Kind::Boolean),
            "TINYINT" => plain(Decoder::Int16, Kind::Int16),
            "SMALLINT" | "INT2" => plain(Decoder::Int32, Kind::Int32),
            // SQLite's integers have 64 bits, whatever their name.
            "INTEGER" | "INT" | "MEDIUMINT" | "BIGINT" | "INT8" => plain(Decoder::Int64, Kind::Int64),
            "REAL" => plain(Decoder::Float32, Kind::Float32),
            "DOUBLE" | "DOUBLE PRECISION" | "FLOAT" => plain(Decoder::Float64, Kind::Float64),
            "DECIMAL" => {
                let scale = if precision.is_some() { scale } else { UNDECLARED_SCALE };
                (Decoder::Decimal(scale), decimal(precision.unwrap_or(0), scale, optional))
            }
            "NUMERIC" => match precision {
                None => (Decoder::Decimal(UNDECLARED_SCALE), decimal(0, UNDECLARED_SCALE, optional)),
                Some(precision) => {
                    let (form, schema) = rows::numeric(settings.numeric, precision, scale, optional);
                    let decoder = match form {
                        NumericForm::Int8 => Decoder::Int8,
                        NumericForm::Int16 => Decoder::Int16,
                        NumericForm::Int32 => Decoder::Int32,
                        NumericForm::Int64 => Decoder::Int64,
                        NumericForm::Float64 => Decoder::Float64,
                        NumericForm::Decimal(scale) => Decoder::Decimal(scale),
                    };
                    (decoder, schema)
                }
            },
            "DATE" | "DATETIME" => (Decoder::Date, logical(Logical::Date, optional)),
            "TIMESTAMP" => (Decoder::Timestamp, form.timestamp_schema(optional)),
            "BLOB" | "BINARY" | "VARBINARY" => plain(Decoder::Bytes, Kind::Bytes),
            _ => plain(Decoder::Text, Kind::String),
        }
    }

    /// A cell's value. Text and bytes go to the block, which puts them in place.
    pub(super) fn value(
        self,
        cell: ValueRef<'_>,
        column: usize,
        form: &TimeForm,
        block: &mut Block,
    ) -> Result<Value, String> {
        let integer = |min: i64, max: i64| {
            let number = integer(cell).ok_or_else(|| unfit(cell, "an integer"))?;
            match (min..=max).contains(&number) {
                true => Ok(number),
                false => Err(format!("the integer {number} does not fit the column's declared type")),
            }
        };
        Ok(match (self, cell) {
            (_, ValueRef::Null) => Value::Null,
            (Decoder::Text, ValueRef::Text(text) | ValueRef::Blob(text)) => block.text(column, text),
            (Decoder::Text, ValueRef::Integer(number)) => block.text(column, number.to_string().as_bytes()),
            (Decoder::Text, ValueRef::Real(number)) => block.text(column, number.to_string().as_bytes()),
            (Decoder::Bytes, ValueRef::Blob(bytes) | ValueRef::Text(bytes)) => block.bytes(column, bytes),
            (Decoder::Bytes, _) => return Err(unfit(cell, "bytes")),
            (Decoder::Int8, _) => Value::Int8(integer(i8::MIN.into(), i8::MAX.into())? as i8),
            (Decoder::Int16, _) => Value::Int16(integer(i16::MIN.into(), i16::MAX.into())? as i16),
            (Decoder::Int32, _) => Value::Int32(integer(i32::MIN.into(), i32::MAX.into())? as i32),
            (Decoder::Int64, _) => Value::Int64(integer(i64::MIN, i64::MAX)?),
            (Decoder::Float32, _) => {
                Value::Float32(float(cell).ok_or_else(|| unfit(cell, "a number"))? as f32)
            }
            (Decoder::Float64, _) => Value::Float64(float(cell).ok_or_else(|| unfit(cell, "a number"))?),
            (Decoder::Decimal(scale), _) => Value::Decimal(decimal_of(cell, scale)?),
            (Decoder::Boolean, ValueRef::Text(text)) if text.eq_ignore_ascii_case(b"true") => {
                Value::Boolean(true)
            }
            (Decoder::Boolean, ValueRef::Text(text)) if text.eq_ignore_ascii_case(b"false") => {
                Value::Boolean(false)
            }
            (Decoder::Boolean, _) => Value::Boolean(integer(i64::MIN, i64::MAX)? != 0),
            (Decoder::Date, _) => form.date(stamp(cell, form)?.1.div_euclid(DAY_S))?,
            (Decoder::Timestamp, _) => form.timestamp(stamp(cell, form)?.0)?,
        })
    }
}

/// The row's timestamp, where it stands for a position: an integer, since text does not compare with bounds.
pub(super) fn position_stamp(cell: ValueRef<'_>) -> Result<Option<Stamp>, String> {
    match cell {
        ValueRef::Null => Ok(None),
        _ => integer(cell)
            .map(|ms| Some(Stamp::from_ms(ms)))
            .ok_or_else(|| unfit(cell, "milliseconds since the epoch")),
    }
}

/// The row's id.
pub(super) fn position_id(cell: ValueRef<'_>) -> Result<i64, String> {
    match cell {
        ValueRef::Null => Err("the incrementing column is null".to_owned()),
        ValueRef::Integer(id) => Ok(id),
        _ => Err(unfit(cell, "an integer")),
    }
}

fn unfit(cell: ValueRef<'_>, wanted: &str) -> String {
    let found = match cell {
        ValueRef::Null => "null",
        ValueRef::Integer(_) => "an integer",
        ValueRef::Real(_) => "a real number",
        ValueRef::Text(_) => "text",
        ValueRef::Blob(_) => "a blob",
    };
    format!("the value is {found} that is not {wanted}, which the column's declared type asks for")
}

fn text_of<'a>(cell: ValueRef<'a>) -> Option<&'a str> {
    match cell {
        ValueRef::Text(text) => std::str::from_utf8(text).ok().map(str::trim),
        _ => None,
    }
}

fn integer(cell: ValueRef<'_>) -> Option<i64> {
    match cell {
        ValueRef::Integer(number) => Some(number),
        // Exact below 2^63, where floats have no fraction anyway.
        ValueRef::Real(number) if number.fract() == 0.0 && number.abs() < 9.2e18 => Some(number as i64),
        _ => text_of(cell)?.parse().ok(),
    }
}

fn float(cell: ValueRef<'_>) -> Option<f64> {
    match cell {
        ValueRef::Real(number) => Some(number),
        ValueRef::Integer(number) => Some(number as f64),
        _ => text_of(cell)?.parse().ok(),
    }
}

fn decimal_of(cell: ValueRef<'_>, scale: i32) -> Result<Decimal, String> {
    let number: Decimal = match cell {
        ValueRef::Integer(number) => Decimal::from_i64(number, 0),
        // The shortest digits that stand for the float, as they were most likely written.
        ValueRef::Real(number) => number.to_string().parse().map_err(|_| unfit(cell, "a number"))?,
        _ => text_of(cell).and_then(|text| text.parse().ok()).ok_or_else(|| unfit(cell, "a number"))?,
    };
    number.with_scale(scale).ok_or_else(|| {
        format!("the number {number} has more than {scale} digits after the point, which the column declares")
    })
}

/// A time: milliseconds since the epoch, or text. Gives the instant, and seconds on the wall clock.
fn stamp(cell: ValueRef<'_>, form: &TimeForm) -> Result<(Stamp, i64), String> {
    if let ValueRef::Integer(ms) = cell {
        let stamp = Stamp::from_ms(ms);
        return Ok((stamp, form.zone.to_wall(stamp.seconds)));
    }
    let text = text_of(cell).ok_or_else(|| unfit(cell, "a time"))?;
    let (wall, zone) = parse_time(text).ok_or_else(|| {
        unfit(
            cell,
            "a time (milliseconds since the epoch, or `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS.fff`, with or without `Z` \
             or `+HH:MM`)",
        )
    })?;
    let utc = wall.and_utc();
    let wall = Stamp { seconds: utc.timestamp(), nanos: utc.timestamp_subsec_nanos().min(999_999_999) };
    match zone {
        None => Ok((form.instant(wall), wall.seconds)),
        // The text says its zone: db.timezone is for those that do not.
        Some(zone) => {
            let instant = TimeForm { zone, ..*form }.instant(wall);
            Ok((instant, form.zone.to_wall(instant.seconds)))
        }
    }
}

/// Wall-clock time, and the zone if the text ends in one, as SQLite's own functions take it.
fn parse_time(text: &str) -> Option<(NaiveDateTime, Option<Zone>)> {
    let (time, zone) = split_zone(text);
    let midnight = || NaiveDate::parse_from_str(time, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    Some((parse_wall(time).or_else(midnight)?, zone))
}

// `Z`, or an offset behind a time of day: the hyphens of a date are none.
fn split_zone(text: &str) -> (&str, Option<Zone>) {
    if let Some(time) = text.strip_suffix(['Z', 'z']) {
        return (time.trim_end(), Some(Zone::Utc));
    }
    let offset = text.rfind(['+', '-']).filter(|at| text[..*at].contains(':'));
    match offset.and_then(|at| Some((text[..at].trim_end(), Zone::from_offset(&text[at..])?))) {
        Some((time, zone)) => (time, Some(zone)),
        None => (text, None),
    }
}

fn parse_wall(text: &str) -> Option<NaiveDateTime> {
    for format in ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"] {
        if let Ok(found) = NaiveDateTime::parse_from_str(text, format) {
            return Some(found);
        }
    }
    None
}

/// `DECIMAL(10, 2)`: name, precision, scale.
fn split(declared: &str) -> (String, Option<i32>, i32) {
    let upper = declared.trim().to_ascii_uppercase();
    let Some((name, rest)) = upper.split_once('(') else { return (upper, None, 0) };
    let mut numbers = rest.trim_end_matches(')').split(',').map(|number| number.trim().parse::<i32>().ok());
    let precision = numbers.next().flatten();
    (name.trim().to_owned(), precision, numbers.next().flatten().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Granularity;

    fn form() -> TimeForm {
        TimeForm { zone: Zone::Utc, granularity: Granularity::ConnectLogical, legacy_calendar: true }
    }

    fn value(decoder: Decoder, cell: ValueRef<'_>) -> Result<Value, String> {
        decoder.value(cell, 0, &form(), &mut Block::default())
    }

    #[test]
    fn what_can_be_converted_without_loss_is() {
        let text = |text: &'static str| ValueRef::Text(text.as_bytes());
        for (decoder, cell, expected) in [
            (Decoder::Int64, text(" 12 "), Value::Int64(12)),
            (Decoder::Int64, ValueRef::Real(3.0), Value::Int64(3)),
            (Decoder::Float64, ValueRef::Integer(3), Value::Float64(3.0)),
            (Decoder::Boolean, text("TRUE"), Value::Boolean(true)),
            (Decoder::Boolean, ValueRef::Integer(0), Value::Boolean(false)),
            (Decoder::Decimal(2), ValueRef::Real(0.1), Value::Decimal(Decimal::from_i64(10, 2))),
            (Decoder::Decimal(2), ValueRef::Integer(7), Value::Decimal(Decimal::from_i64(700, 2))),
            (Decoder::Date, text("1970-01-03"), Value::Date(2)),
            (Decoder::Date, ValueRef::Integer(86_400_000), Value::Date(1)),
            (Decoder::Timestamp, text("1970-01-01 00:00:01.5"), Value::Timestamp(1500)),
            (Decoder::Timestamp, ValueRef::Integer(1500), Value::Timestamp(1500)),
            (Decoder::Int64, ValueRef::Null, Value::Null),
        ] {
            assert_eq!(value(decoder, cell), Ok(expected), "{decoder:?} {cell:?}");
        }
    }

    #[test]
    fn a_zone_in_the_text_counts_and_others_are_in_the_databases() {
        let berlin = TimeForm { zone: Zone::from_id("Europe/Berlin").unwrap(), ..form() };
        let noon = 1_704_110_400_000; // 2024-01-01T12:00:00Z
        let check = |decoder: Decoder, text: &str, expected: Value| {
            let cell = ValueRef::Text(text.as_bytes());
            assert_eq!(decoder.value(cell, 0, &berlin, &mut Block::default()), Ok(expected), "{text}");
        };
        for text in [
            "2024-01-01T12:00:00Z",
            "2024-01-01 12:00:00.000z",
            "2024-01-01 12:00 Z",
            "2024-01-01 13:00:00",
            "2024-01-01 13:00:00+01:00",
            "2024-01-01T13:00:00.0+0100",
            "2024-01-01 13:00:00 +01",
            "2024-01-01 06:30:00-05:30",
        ] {
            check(Decoder::Timestamp, text, Value::Timestamp(noon));
        }
        check(Decoder::Timestamp, "2024-01-01", Value::Timestamp(noon - 13 * 3_600_000));
        check(Decoder::Timestamp, "2024-01-01Z", Value::Timestamp(noon - 12 * 3_600_000));
        check(Decoder::Date, "2024-01-01T23:30:00Z", Value::Date(19_724));
        check(Decoder::Date, "2024-01-01 23:30:00", Value::Date(19_723));
        for text in ["2024-01-01 12:00:00+25:00", "12:00Z", "2024-01-01 12:00:00+"] {
            let cell = ValueRef::Text(text.as_bytes());
            assert!(Decoder::Timestamp.value(cell, 0, &berlin, &mut Block::default()).is_err(), "{text}");
        }
    }

    #[test]
    fn the_rest_is_said() {
        for (decoder, cell) in [
            (Decoder::Int64, ValueRef::Text(b"twelve")),
            (Decoder::Int64, ValueRef::Real(3.5)),
            (Decoder::Int16, ValueRef::Integer(40_000)),
            (Decoder::Float64, ValueRef::Blob(b"x")),
            (Decoder::Decimal(1), ValueRef::Real(0.25)),
            (Decoder::Timestamp, ValueRef::Text(b"yesterday")),
            (Decoder::Timestamp, ValueRef::Real(2_459_000.5)),
            (Decoder::Bytes, ValueRef::Integer(1)),
        ] {
            assert!(value(decoder, cell).is_err(), "{decoder:?} {cell:?}");
        }
    }
}
