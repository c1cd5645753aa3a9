//! Random schemas and values, edge cases first.

use std::sync::Arc;

use data::{Bytes, Datum, Decimal, Field, Fields, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};
use num_bigint::BigInt;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Where all randomness comes from: the seed is printed, and gives the same run again.
pub type Random = StdRng;

const TEXTS: &[&str] = &[
    "",
    "a",
    "text",
    "true",
    "FALSE",
    "12",
    "-7",
    "1.5",
    "1e3",
    "99999999999",
    "NaN",
    "x y",
    " padded ",
    "é€😀",
    "null",
    "2021-03-04",
    "2021-03-04T05:06:07.089Z",
    "05:06:07.089Z",
    "say \"hi\"",
    "back\\slash",
    "tab\there",
    "line\nbreak",
    "{\"a\":1}",
    "[1,2]",
    "a,b",
    "k:v",
    "\u{7f}\u{1}",
    "AQID",
    "127",
    "128",
    "-129",
    "32768",
    "2147483648",
    "0x10",
    "+5",
    "1_000",
    "１２",
];

/// One of these.
pub fn pick<'a, T: ?Sized>(random: &mut Random, from: &[&'a T]) -> &'a T {
    from.choose(random).copied().unwrap_or(from[0])
}

/// True in so many of a hundred times.
pub fn chance(random: &mut Random, percent: u32) -> bool {
    random.random_range(0..100) < percent
}

/// A text.
pub fn text(random: &mut Random) -> String {
    match random.random_range(0..10) {
        0..7 => pick(random, TEXTS).to_owned(),
        7 => random.random_range(-1000..1000).to_string(),
        _ => (0..random.random_range(0..12)).map(|_| random.random_range('a'..='z')).collect(),
    }
}

const DEPTH: u32 = 3;

/// A base kind without parts, or with parts while `depth` allows it.
fn kind(random: &mut Random, depth: u32) -> Kind {
    match random.random_range(0..if depth < DEPTH { 13 } else { 9 }) {
        0 => Kind::Int8,
        1 => Kind::Int16,
        2 => Kind::Int32,
        3 => Kind::Int64,
        4 => Kind::Float32,
        5 => Kind::Float64,
        6 => Kind::Boolean,
        7 => Kind::String,
        8 => Kind::Bytes,
        9 => Kind::Array(schema(random, depth + 1)),
        10 => {
            let keys =
                if chance(random, 75) { Schema::required(Kind::String) } else { schema(random, DEPTH) };
            Kind::Map(keys, schema(random, depth + 1))
        }
        _ => Kind::Struct(fields(random, &["a", "b", "c", "d.e"], depth + 1)),
    }
}

/// A schema of any kind, with any attributes.
pub fn schema(random: &mut Random, depth: u32) -> SchemaRef {
    let builder = match random.random_range(0..100) {
        0..25 => Schema::logical_builder(logical(random)),
        _ => {
            let kind = kind(random, depth);
            let is_struct = matches!(kind, Kind::Struct(_));
            let mut builder = Schema::builder(kind);
            if chance(random, if is_struct { 40 } else { 10 }) {
                builder = builder.name(pick(random, &["com.example.Thing", "plain", "org.example.v2.Other"]));
            }
            if chance(random, 15) {
                builder = builder.version(random.random_range(1..4));
            }
            builder
        }
    };
    let mut builder = builder.set_optional(chance(random, 50));
    if chance(random, 10) {
        builder = builder.doc("what it is");
    }
    if chance(random, 8) {
        builder = builder.parameter("color", "red");
    }
    let plain = builder.clone().build();
    if plain.fields().is_none() && chance(random, 15) {
        let default = present(random, &plain);
        // No schema with such a default would be equal to itself here, and in Java it would.
        if !matches!(default, Value::Float32(it) if it.is_nan())
            && !matches!(default, Value::Float64(it) if it.is_nan())
        {
            builder = builder.default_value(default);
        }
    }
    builder.build()
}

/// A logical type.
pub fn logical(random: &mut Random) -> Logical {
    match random.random_range(0..4) {
        0 => Logical::Decimal { scale: *[0, 2, 2, 5, 10, -2].choose(random).unwrap_or(&0) },
        1 => Logical::Date,
        2 => Logical::Time,
        _ => Logical::Timestamp,
    }
}

// What a moment may be kept as.
fn moment_schema(random: &mut Random, depth: u32) -> SchemaRef {
    let builder = match random.random_range(0..6) {
        0 => Schema::logical_builder(Logical::Date),
        1 => Schema::logical_builder(Logical::Time),
        2 => Schema::logical_builder(Logical::Timestamp),
        3 => Schema::builder(Kind::String),
        4 => Schema::builder(Kind::Int64),
        _ => return schema(random, depth),
    };
    builder.set_optional(chance(random, 50)).build()
}

/// Some fields of these names, in some order.
fn fields(random: &mut Random, names: &[&str], depth: u32) -> Fields {
    let mut list = Vec::new();
    for name in names {
        if chance(random, 75) {
            let schema = if *name == "at" { moment_schema(random, depth) } else { schema(random, depth) };
            list.insert(random.random_range(0..=list.len()), Field { name: Arc::from(*name), schema });
        }
    }
    Fields::new(list).unwrap_or_default()
}

/// A struct of most of these names, each of any kind; `n` is a struct of them again.
pub fn row_schema(random: &mut Random, names: &[&str]) -> SchemaRef {
    let mut list: Vec<Field> = fields(random, names, 1).to_vec();
    if chance(random, 50) {
        let inner = Schema::builder(Kind::Struct(fields(random, names, 2))).set_optional(chance(random, 40));
        list.push(Field { name: Arc::from("n"), schema: inner.build() });
    }
    let mut builder = Schema::builder(Kind::Struct(Fields::new(list).unwrap_or_default()));
    if chance(random, 40) {
        builder = builder.name("com.example.Row");
    }
    if chance(random, 20) {
        builder = builder.version(random.random_range(1..4));
    }
    if chance(random, 10) {
        builder = builder.doc("a row").parameter("table", "rows");
    }
    builder.set_optional(chance(random, 30)).build()
}

/// A value that fits the schema, null included where it may be.
pub fn value(random: &mut Random, schema: &SchemaRef) -> Value {
    match schema.is_optional() && chance(random, 20) {
        true => Value::Null,
        false => present(random, schema),
    }
}

fn integer(random: &mut Random, bits: u32) -> i64 {
    let limit = 1i64.checked_shl(bits - 1).map_or(i64::MAX, |it| it.wrapping_sub(1));
    match random.random_range(0..8) {
        0 => 0,
        1 => limit,
        2 => -limit - 1,
        3 => -1,
        4 => 1,
        _ => random.random_range(-limit..=limit),
    }
}

fn float(random: &mut Random) -> f64 {
    match random.random_range(0..14) {
        0 => 0.0,
        1 => -0.0,
        2 => f64::NAN,
        3 => f64::INFINITY,
        4 => f64::NEG_INFINITY,
        5 => 1e10,
        6 => 1.5,
        7 => -123_456.789,
        8 => 1e-5,
        9 => f64::MAX,
        10 => f64::from(random.random_range(-1000..1000)),
        11 => 1e21,
        _ => random.random_range(-1e6..1e6),
    }
}

const DAY_MS: i64 = 86_400_000;

fn timestamp(random: &mut Random) -> i64 {
    match random.random_range(0..8) {
        0 => 0,
        1 => random.random_range(0..DAY_MS),
        2 => random.random_range(-20_000..20_000) * DAY_MS,
        3 => -1,
        4 => random.random_range(-60_000_000_000_000..0),
        _ => random.random_range(1_000_000_000_000..2_000_000_000_000),
    }
}

/// A value that is not null.
pub fn present(random: &mut Random, schema: &SchemaRef) -> Value {
    match schema.logical() {
        Some(Logical::Decimal { scale }) => return Value::Decimal(decimal(random, scale)),
        Some(Logical::Date) => return Value::Date(random.random_range(-30_000..40_000)),
        Some(Logical::Time) => return Value::Time(random.random_range(0..DAY_MS as i32)),
        Some(Logical::Timestamp) => return Value::Timestamp(timestamp(random)),
        None => {}
    }
    match schema.kind() {
        Kind::Int8 => Value::Int8(integer(random, 8) as i8),
        Kind::Int16 => Value::Int16(integer(random, 16) as i16),
        Kind::Int32 => Value::Int32(integer(random, 32) as i32),
        Kind::Int64 => Value::Int64(integer(random, 64)),
        Kind::Float32 => Value::Float32(float(random) as f32),
        Kind::Float64 => Value::Float64(float(random)),
        Kind::Boolean => Value::Boolean(random.random()),
        Kind::String => Value::string(text(random)),
        Kind::Bytes => bytes(random),
        Kind::Array(items) => {
            Value::Array((0..random.random_range(0..4)).map(|_| value(random, items)).collect())
        }
        Kind::Map(keys, values) => {
            let mut map = Map::new();
            for _ in 0..random.random_range(0..4) {
                // A key that is no number is not equal to itself here, and in Java it is; so with the zeros' signs.
                match value(random, keys) {
                    Value::Float32(key) if key.is_nan() || key == 0.0 => {}
                    Value::Float64(key) if key.is_nan() || key == 0.0 => {}
                    key => map.insert(key, value(random, values)),
                }
            }
            Value::Map(map)
        }
        Kind::Struct(fields) => {
            let cells =
                fields.iter().map(|field| match field.schema.default().is_some() && chance(random, 30) {
                    true => Value::Null, // stands for the default
                    false => value(random, &field.schema),
                });
            Struct::new(schema.clone(), cells.collect()).map_or(Value::Null, Value::Struct)
        }
    }
}

fn decimal(random: &mut Random, scale: i32) -> Decimal {
    match random.random_range(0..6) {
        0 => Decimal::from_i64(0, scale),
        1 => Decimal::from_big(BigInt::from(random.random::<i128>()), scale),
        _ => Decimal::from_i64(random.random_range(-10_000_000..10_000_000), scale),
    }
}

fn bytes(random: &mut Random) -> Value {
    let length = random.random_range(0..9);
    Value::Bytes(Bytes::from((0..length).map(|_| random.random()).collect::<Vec<u8>>()))
}

/// A value without a schema: null, a number, a text, bytes, a moment, a list or a map.
pub fn schemaless(random: &mut Random, depth: u32) -> Value {
    match random.random_range(0..if depth < DEPTH { 14 } else { 11 }) {
        0 => Value::Null,
        1 => Value::Boolean(random.random()),
        2 => Value::Int8(integer(random, 8) as i8),
        3 => Value::Int16(integer(random, 16) as i16),
        4 => Value::Int32(integer(random, 32) as i32),
        5 => Value::Int64(integer(random, 64)),
        6 => match random.random() {
            true => Value::Float32(float(random) as f32),
            false => Value::Float64(float(random)),
        },
        7 | 8 => Value::string(text(random)),
        9 => bytes(random),
        // Few: what Kafka Connect makes of them without a schema is an error in most places.
        10 => match random.random_range(0..12) {
            0 => Value::Timestamp(timestamp(random)),
            1 => Value::Decimal(decimal(random, 2)),
            _ => Value::Int64(random.random_range(-1000..1000)),
        },
        11 => Value::Array((0..random.random_range(0..4)).map(|_| schemaless(random, depth + 1)).collect()),
        _ => schemaless_map(random, &["a", "b", "c", "d.e"], depth + 1),
    }
}

/// A map with most of these keys.
pub fn schemaless_map(random: &mut Random, names: &[&str], depth: u32) -> Value {
    let mut map = Map::new();
    for name in names {
        if chance(random, 75) {
            map.insert(Value::string(*name), schemaless(random, depth));
        }
    }
    if depth < DEPTH && chance(random, 40) {
        map.insert(Value::string("n"), schemaless_map(random, names, depth + 1));
    }
    Value::Map(map)
}

/// Any datum: with a schema, without, or null.
pub fn datum(random: &mut Random) -> Datum {
    match random.random_range(0..10) {
        0 => Datum::NULL,
        1..7 => {
            let schema = schema(random, 0);
            let value = value(random, &schema);
            Datum::new(schema, value)
        }
        _ => Datum::schemaless(schemaless(random, 0)),
    }
}
