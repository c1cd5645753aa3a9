//! Logical types: what an attribute `logicalType` says of a type, where it may say so.

use serde_json::Value as Json;

use super::{Kind, Node};

/// Avro's logical types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logical {
    /// `decimal` over bytes or fixed.
    Decimal {
        /// Digits of a number at most.
        precision: u32,
        /// Digits after the point.
        scale: u32,
    },
    /// `date` over int: days since 1970-01-01.
    Date,
    /// `time-millis` over int.
    TimeMillis,
    /// `time-micros` over long.
    TimeMicros,
    /// `timestamp-millis` over long.
    TimestampMillis,
    /// `timestamp-micros` over long.
    TimestampMicros,
    /// `local-timestamp-millis` over long.
    LocalTimestampMillis,
    /// `local-timestamp-micros` over long.
    LocalTimestampMicros,
    /// `uuid` over string.
    Uuid,
    /// `duration` over a fixed of 12 bytes.
    Duration,
}

pub(super) fn of(node: &Node) -> Option<Logical> {
    let logical = match (node.text_property("logicalType")?, &node.kind) {
        ("decimal", Kind::Bytes) => decimal(node, None)?,
        ("decimal", Kind::Fixed(fixed)) => decimal(node, Some(fixed.size))?,
        ("date", Kind::Int) => Logical::Date,
        ("time-millis", Kind::Int) => Logical::TimeMillis,
        ("time-micros", Kind::Long) => Logical::TimeMicros,
        ("timestamp-millis", Kind::Long) => Logical::TimestampMillis,
        ("timestamp-micros", Kind::Long) => Logical::TimestampMicros,
        ("local-timestamp-millis", Kind::Long) => Logical::LocalTimestampMillis,
        ("local-timestamp-micros", Kind::Long) => Logical::LocalTimestampMicros,
        ("uuid", Kind::String) => Logical::Uuid,
        ("duration", Kind::Fixed(fixed)) if fixed.size == 12 => Logical::Duration,
        _ => return None,
    };
    Some(logical)
}

fn decimal(node: &Node, size: Option<usize>) -> Option<Logical> {
    let number = |key: &str| node.properties.get(key).map(Json::as_i64);
    let precision = u32::try_from(number("precision")??).ok().filter(|precision| *precision > 0)?;
    let scale = match number("scale") {
        None => 0,
        Some(scale) => u32::try_from(scale?).ok()?,
    };
    // So many digits fit so many bytes of two's complement.
    let digits_max = size.map_or(f64::INFINITY, |size| (8.0 * size as f64 - 1.0) * std::f64::consts::LOG10_2);
    let fits = scale <= precision && f64::from(precision) <= digits_max.floor();
    fits.then_some(Logical::Decimal { precision, scale })
}
