//! Columns in PostgreSQL's binary form, and how each becomes a value.
//!
//! The way is chosen once a column ([`Decoder::of`]); a cell is then a match over a small enum.

use api::data::{Decimal, Kind, Logical, SchemaRef, Value};
use num_bigint::BigInt;
use tokio_postgres::types::{Kind as TypeKind, Type};

use crate::config::Settings;
use crate::numeric::{NumericForm, UNDECLARED_SCALE};
use crate::rows::{self, Block, decimal, logical, plain};
use crate::stamp::Stamp;
use crate::temporal::TimeForm;

/// How a column's cells are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoder {
    Boolean,
    Int16,
    Int32,
    Int64,
    Oid,
    Float32,
    Float64,
    Money,
    Numeric(NumericForm),
    Text,
    Jsonb,
    Uuid,
    Bytes,
    BitBoolean,
    BitInt8,
    BitBytes,
    Date,
    Time,
    TimeTz,
    Timestamp,
    TimestampTz,
}

/// Microseconds from 1970 to 2000, PostgreSQL's epoch.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const EPOCH_DAYS: i64 = 10_957;
/// What the JDBC driver makes of `infinity` and `-infinity`, in milliseconds.
const INFINITY_MS: i64 = 9_223_372_036_825_200_000;
const MINUS_INFINITY_MS: i64 = -9_223_372_036_832_400_000;

impl Decoder {
    /// The way and the schema of a type; `None`: the column is left out.
    pub(super) fn of(
        column_type: &Type,
        modifier: i32,
        optional: bool,
        settings: &Settings,
        form: &TimeForm,
    ) -> Option<(Self, SchemaRef)> {
        let plain = |decoder, kind| Some((decoder, plain(kind, optional)));
        match *column_type {
            Type::BOOL => plain(Decoder::Boolean, Kind::Boolean),
            Type::INT2 => plain(Decoder::Int16, Kind::Int16),
            Type::INT4 => plain(Decoder::Int32, Kind::Int32),
            Type::INT8 => plain(Decoder::Int64, Kind::Int64),
            Type::OID => plain(Decoder::Oid, Kind::Int64),
            Type::FLOAT4 => plain(Decoder::Float32, Kind::Float32),
            Type::FLOAT8 => plain(Decoder::Float64, Kind::Float64),
            Type::MONEY => plain(Decoder::Money, Kind::Float64),
            Type::BIT => match modifier {
                1 => plain(Decoder::BitBoolean, Kind::Boolean),
                2..=8 => plain(Decoder::BitInt8, Kind::Int8),
                _ => plain(Decoder::BitBytes, Kind::Bytes),
            },
            Type::NUMERIC if modifier < 4 => {
                let schema = decimal(0, UNDECLARED_SCALE, optional);
                Some((Decoder::Numeric(NumericForm::Decimal(UNDECLARED_SCALE)), schema))
            }
            Type::NUMERIC => {
                let packed = modifier - 4;
                // Eleven bits with a sign: scales may be negative since PostgreSQL 15.
                let (precision, scale) = (packed >> 16 & 0xffff, ((packed & 0x7ff) ^ 1024) - 1024);
                let (form, schema) = rows::numeric(settings.numeric, precision, scale, optional);
                Some((Decoder::Numeric(form), schema))
            }
            Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::JSON | Type::XML | Type::CHAR => {
                plain(Decoder::Text, Kind::String)
            }
            Type::JSONB => plain(Decoder::Jsonb, Kind::String),
            Type::UUID => plain(Decoder::Uuid, Kind::String),
            Type::BYTEA => plain(Decoder::Bytes, Kind::Bytes),
            Type::DATE => Some((Decoder::Date, logical(Logical::Date, optional))),
            Type::TIME => Some((Decoder::Time, logical(Logical::Time, optional))),
            Type::TIMETZ => Some((Decoder::TimeTz, logical(Logical::Time, optional))),
            Type::TIMESTAMP => Some((Decoder::Timestamp, form.timestamp_schema(optional))),
            Type::TIMESTAMPTZ => Some((Decoder::TimestampTz, form.timestamp_schema(optional))),
            _ => match column_type.kind() {
                TypeKind::Enum(_) => plain(Decoder::Text, Kind::String),
                TypeKind::Domain(base) => Self::of(base, modifier, optional, settings, form),
                _ => None,
            },
        }
    }

    /// A cell's value. Text and bytes go to the block, which puts them in place.
    #[inline]
    pub(super) fn value(
        self,
        raw: &[u8],
        column: usize,
        form: &TimeForm,
        block: &mut Block,
    ) -> Result<Value, String> {
        Ok(match self {
            Decoder::Text => block.text(column, raw),
            Decoder::Int32 => Value::Int32(i32::from_be_bytes(fixed(raw)?)),
            Decoder::Int64 => Value::Int64(i64::from_be_bytes(fixed(raw)?)),
            Decoder::Numeric(to) => numeric(raw, to)?,
            Decoder::Date => {
                let days = i32::from_be_bytes(fixed(raw)?);
                match days {
                    // `infinity` has no day; the ends of the range stand for it, as in the server.
                    i32::MAX | i32::MIN => Value::Date(days),
                    _ => form.date(i64::from(days) + EPOCH_DAYS)?,
                }
            }
            Decoder::Timestamp => timestamp(raw, false, form)?,
            Decoder::TimestampTz => timestamp(raw, true, form)?,
            Decoder::Boolean => Value::Boolean(raw.first() == Some(&1)),
            Decoder::Int16 => Value::Int16(i16::from_be_bytes(fixed(raw)?)),
            Decoder::Oid => Value::Int64(u32::from_be_bytes(fixed(raw)?).into()),
            Decoder::Float32 => Value::Float32(f32::from_be_bytes(fixed(raw)?)),
            Decoder::Float64 => Value::Float64(f64::from_be_bytes(fixed(raw)?)),
            Decoder::Money => Value::Float64(i64::from_be_bytes(fixed(raw)?) as f64 / 100.0),
            // A version byte before the text.
            Decoder::Jsonb => block.text(column, raw.get(1..).unwrap_or_default()),
            Decoder::Uuid => {
                let bytes: [u8; 16] = fixed(raw)?;
                block.text_with(column, |text| write_uuid(bytes, text))
            }
            Decoder::Bytes => block.bytes(column, raw),
            // A length in bits, then the bits from the left.
            Decoder::BitBoolean => Value::Boolean(raw.get(4).is_some_and(|byte| byte & 0x80 != 0)),
            Decoder::BitInt8 => {
                let length = i32::from_be_bytes(fixed(raw.get(..4).unwrap_or_default())?).clamp(0, 8) as u32;
                let byte = raw.get(4).copied().unwrap_or(0);
                Value::Int8(byte.checked_shr(8 - length).unwrap_or(0) as i8)
            }
            Decoder::BitBytes => block.bytes(column, raw.get(4..).unwrap_or_default()),
            Decoder::Time => form.time(i64::from_be_bytes(fixed(raw)?) / 1000),
            Decoder::TimeTz => {
                let raw: [u8; 12] = fixed(raw)?;
                let micros = i64::from_be_bytes(fixed(&raw[..8])?);
                let west_s = i32::from_be_bytes(fixed(&raw[8..])?);
                let utc_ms = micros / 1000 + i64::from(west_s) * 1000;
                Value::Time(utc_ms.rem_euclid(86_400_000) as i32)
            }
        })
    }
}

#[inline]
fn fixed<const N: usize>(raw: &[u8]) -> Result<[u8; N], String> {
    raw.try_into().map_err(|_| format!("the server sent {} bytes for a value of {N}", raw.len()))
}

#[inline]
fn timestamp(raw: &[u8], zoned: bool, form: &TimeForm) -> Result<Value, String> {
    match i64::from_be_bytes(fixed(raw)?) {
        i64::MAX => form.timestamp(Stamp::from_ms(INFINITY_MS)),
        i64::MIN => form.timestamp(Stamp::from_ms(MINUS_INFINITY_MS)),
        micros => form.timestamp(stamp(micros, zoned, form)),
    }
}

/// The instant of a timestamp's microseconds since 2000.
#[inline]
fn stamp(micros: i64, zoned: bool, form: &TimeForm) -> Stamp {
    let stamp = Stamp::from_micros(micros.saturating_add(EPOCH_MICROS));
    // With a zone the server counts in UTC. The calendar applies to both.
    if zoned {
        TimeForm { zone: crate::zone::Zone::Utc, ..*form }.instant(stamp)
    } else {
        form.instant(stamp)
    }
}

/// The instant of a timestamp cell, where it stands for a row's position.
pub(super) fn position_stamp(raw: &[u8], zoned: bool, form: &TimeForm) -> Result<Stamp, String> {
    let micros = i64::from_be_bytes(fixed(raw)?);
    // Positions go back to the server: they are not bent by a calendar.
    Ok(stamp(micros, zoned, &TimeForm { legacy_calendar: false, ..*form }))
}

/// The id of a cell, where it stands for a row's position.
pub(super) fn position_id(decoder: Decoder, raw: &[u8]) -> Result<i64, String> {
    match decoder {
        Decoder::Int16 => Ok(i16::from_be_bytes(fixed(raw)?).into()),
        Decoder::Int32 => Ok(i32::from_be_bytes(fixed(raw)?).into()),
        Decoder::Int64 => Ok(i64::from_be_bytes(fixed(raw)?)),
        Decoder::Oid => Ok(u32::from_be_bytes(fixed(raw)?).into()),
        Decoder::Numeric(_) => match numeric(raw, NumericForm::Int64)? {
            Value::Int64(id) => Ok(id),
            _ => Err("the incrementing column's value is not an integer".to_owned()),
        },
        _ => Err("the incrementing column's type is not an integer".to_owned()),
    }
}

/// Microseconds since 2000, for parameters.
pub(super) fn server_micros(stamp: Stamp) -> Option<i64> {
    stamp.to_micros()?.checked_sub(EPOCH_MICROS)
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn write_uuid(bytes: [u8; 16], text: &mut Vec<u8>) {
    for (at, byte) in bytes.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push(b'-');
        }
        text.extend([DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

const NEGATIVE: u16 = 0x4000;
const POWERS: [i64; 19] = {
    let mut powers = [1i64; 19];
    let mut at = 1;
    while at < 19 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// A NUMERIC: digits of base 10,000, the weight of the first, sign, digits after the point.
fn numeric(raw: &[u8], to: NumericForm) -> Result<Value, String> {
    let number = Numeric::parse(raw)?;
    let integer = |max: i64| {
        let unscaled = number.unscaled(0).ok_or("the number does not fit the column's form")?;
        match (-max - 1..=max).contains(&unscaled) {
            true => Ok(unscaled),
            false => Err("the number does not fit the column's form".to_owned()),
        }
    };
    Ok(match to {
        NumericForm::Decimal(scale) => Value::Decimal(match number.unscaled(scale) {
            Some(unscaled) => Decimal::from_i64(unscaled, scale),
            None => number.decimal().with_scale(scale).ok_or_else(|| {
                format!(
                    "the number has more than {scale} digits after the point, which the schema has room for"
                )
            })?,
        }),
        NumericForm::Float64 => Value::Float64(number.to_f64()),
        NumericForm::Int64 => Value::Int64(integer(i64::MAX)?),
        NumericForm::Int32 => Value::Int32(integer(i32::MAX.into())? as i32),
        NumericForm::Int16 => Value::Int16(integer(i16::MAX.into())? as i16),
        NumericForm::Int8 => Value::Int8(integer(i8::MAX.into())? as i8),
    })
}

struct Numeric<'a> {
    digits: &'a [u8],
    weight: i32,
    negative: bool,
    scale: i32,
}

impl<'a> Numeric<'a> {
    #[inline]
    fn parse(raw: &'a [u8]) -> Result<Self, String> {
        let (Some(head), Some(digits)) = (raw.first_chunk::<8>(), raw.get(8..)) else {
            return Err("the server sent a number that is cut short".to_owned());
        };
        let part = |at: usize| u16::from_be_bytes([head[at], head[at + 1]]);
        let sign = part(4);
        if sign & 0xc000 == 0xc000 {
            return Err("the number is NaN or infinite, which Connect's numbers cannot be".to_owned());
        }
        if digits.len() != usize::from(part(0)) * 2 {
            return Err("the server sent a number that is cut short".to_owned());
        }
        Ok(Self {
            digits,
            weight: i32::from(part(2) as i16),
            negative: sign == NEGATIVE,
            scale: i32::from(part(6) & 0x3fff),
        })
    }

    /// Number of base-10,000 digits after the point.
    fn fraction_digits(&self) -> i32 {
        self.digits.len() as i32 / 2 - 1 - self.weight
    }

    /// The number times 10^scale, when it is an integer of at most 18 digits.
    #[inline]
    fn unscaled(&self, scale: i32) -> Option<i64> {
        // At most 18 digits of the number, and no more to be added.
        if self.digits.len() > 10 || self.digits.is_empty() {
            return self.digits.is_empty().then_some(0);
        }
        let mut value: i128 = 0;
        for digit in self.digits.chunks_exact(2) {
            value = value * 10_000 + i128::from(u16::from_be_bytes([digit[0], digit[1]]));
        }
        let shift = scale - self.fraction_digits() * 4;
        let value = match usize::try_from(shift) {
            Ok(shift) => value.checked_mul(i128::from(*POWERS.get(shift)?))?,
            Err(_) => {
                let power = i128::from(*POWERS.get(shift.unsigned_abs() as usize)?);
                if value % power != 0 {
                    return None;
                }
                value / power
            }
        };
        i64::try_from(if self.negative { -value } else { value }).ok()
    }

    fn decimal(&self) -> Decimal {
        let mut value = BigInt::ZERO;
        for digit in self.digits.chunks_exact(2) {
            value = value * 10_000 + u16::from_be_bytes([digit[0], digit[1]]);
        }
        let exact = Decimal::from_big(if self.negative { -value } else { value }, self.fraction_digits() * 4);
        // Shown digits after the point; there are never fewer than the value needs.
        exact.with_scale(self.scale).unwrap_or(exact)
    }

    #[inline]
    fn to_f64(&self) -> f64 {
        // Exact as long as both parts are: one division, correctly rounded.
        match self.unscaled(self.scale) {
            Some(unscaled) if unscaled.unsigned_abs() <= 1 << 53 && self.scale < 19 => {
                unscaled as f64 / POWERS[self.scale as usize] as f64
            }
            _ => self.decimal().to_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // As `numeric_send` of the server: digits by hand.
    fn encode(digits: &[u16], weight: i16, sign: u16, scale: u16) -> Vec<u8> {
        let mut raw = Vec::new();
        raw.extend((digits.len() as u16).to_be_bytes());
        raw.extend(weight.to_be_bytes());
        raw.extend(sign.to_be_bytes());
        raw.extend(scale.to_be_bytes());
        for digit in digits {
            raw.extend(digit.to_be_bytes());
        }
        raw
    }

    fn decimal_of(raw: &[u8], scale: i32) -> Result<String, String> {
        match numeric(raw, NumericForm::Decimal(scale))? {
            Value::Decimal(decimal) => Ok(decimal.to_string()),
            other => Err(format!("{other:?}")),
        }
    }

    #[test]
    fn numbers_are_exact() {
        for (raw, scale, text) in [
            (encode(&[1, 2345, 6700], 1, 0, 2), 2, "12345.67"),
            (encode(&[1, 2345, 6700], 1, NEGATIVE, 2), 2, "-12345.67"),
            (encode(&[], 0, 0, 2), 2, "0.00"),
            (encode(&[500], -1, 0, 2), 2, "0.05"),
            (encode(&[12], 1, 0, 0), 0, "120000"),
            (encode(&[12], 1, 0, 0), -3, "1.20E+5"),
            (encode(&[1234, 5678, 9012, 3456, 7890], 4, 0, 0), 0, "12345678901234567890"),
            (encode(&[1234, 5678, 9012, 3456, 7890, 1200], 4, 0, 2), 2, "12345678901234567890.12"),
        ] {
            assert_eq!(decimal_of(&raw, scale).as_deref(), Ok(text), "{raw:?}");
        }
        let big = decimal_of(&encode(&[1], 0, 0, 0), UNDECLARED_SCALE).unwrap();
        assert_eq!(big.len(), 2 + 127, "{big}");
    }

    #[test]
    fn numbers_that_do_not_fit_are_said() {
        assert!(decimal_of(&encode(&[500], -1, 0, 2), 1).unwrap_err().contains("digits after the point"));
        assert!(decimal_of(&encode(&[], 0, 0xc000, 0), 2).unwrap_err().contains("NaN"));
        assert!(decimal_of(&[0, 1], 2).unwrap_err().contains("cut short"));
        assert!(numeric(&encode(&[300], 0, 0, 0), NumericForm::Int8).is_err());
        assert_eq!(numeric(&encode(&[128], 0, NEGATIVE, 0), NumericForm::Int8), Ok(Value::Int8(-128)));
    }

    #[test]
    fn floats_are_the_nearest() {
        for (raw, number) in [
            (encode(&[900, 3700], 0, 0, 2), 900.37),
            (encode(&[1000], -1, NEGATIVE, 1), -0.1),
            (encode(&[1234, 5678, 9012, 3456, 7890, 1200], 4, 0, 2), 12345678901234567890.12),
        ] {
            assert_eq!(numeric(&raw, NumericForm::Float64), Ok(Value::Float64(number)));
        }
    }

    #[test]
    fn any_bytes_are_an_answer_or_an_error() {
        let form = TimeForm {
            zone: crate::zone::Zone::Utc,
            granularity: crate::config::Granularity::ConnectLogical,
            legacy_calendar: true,
        };
        let decoders = [
            Decoder::Boolean,
            Decoder::Int16,
            Decoder::Int32,
            Decoder::Int64,
            Decoder::Oid,
            Decoder::Float32,
            Decoder::Float64,
            Decoder::Money,
            Decoder::Numeric(NumericForm::Float64),
            Decoder::Jsonb,
            Decoder::Uuid,
            Decoder::BitBoolean,
            Decoder::BitInt8,
            Decoder::BitBytes,
            Decoder::Date,
            Decoder::Time,
            Decoder::TimeTz,
            Decoder::Timestamp,
            Decoder::TimestampTz,
            Decoder::Numeric(NumericForm::Decimal(2)),
        ];
        for length in 0..20usize {
            for fill in [0u8, 1, 0x7f, 0x80, 0xff] {
                for decoder in decoders {
                    // Must return.
                    let _ = decoder.value(&vec![fill; length], 0, &form, &mut Block::default());
                }
            }
        }
    }
}
