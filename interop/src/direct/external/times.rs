//! Columns of times as a change event has them, and what stands in them.

use data::{Kind, Logical, Schema, SchemaRef, Value};
use rand::Rng;

use super::super::random::{self, Random, pick};

const DAY_S: i64 = 86_400;

const INTEGERS: &[(&str, i64)] = &[
    ("io.debezium.time.Timestamp", 1_000),
    ("io.debezium.time.MicroTimestamp", 1_000_000),
    ("io.debezium.time.NanoTimestamp", 1_000_000_000),
];

/// The schema of a column of times.
pub fn column(random: &mut Random) -> SchemaRef {
    let named = |kind: Kind, name: &str| Schema::builder(kind).name(name).version(1);
    let builder = match random.random_range(0..12) {
        0..2 => named(Kind::Int64, "io.debezium.time.Timestamp"),
        2..4 => named(Kind::Int64, "io.debezium.time.MicroTimestamp"),
        4 => named(Kind::Int64, "io.debezium.time.NanoTimestamp"),
        5..7 => named(Kind::String, "io.debezium.time.ZonedTimestamp"),
        7 => named(Kind::String, "io.debezium.time.ZonedTime"),
        8 => named(Kind::Int32, "io.debezium.time.Date"),
        9 => named(Kind::Int64, "io.debezium.time.MicroTime"),
        10 => Schema::logical_builder(Logical::Timestamp),
        _ => Schema::logical_builder(Logical::Date),
    };
    builder.set_optional(random.random()).build()
}

/// What stands in a column: times that such a column may have, anything else in others.
pub fn cell(random: &mut Random, schema: &SchemaRef) -> Value {
    let name = schema.name().unwrap_or_default();
    if schema.is_optional() && random.random_range(0..8) == 0 {
        return Value::Null;
    }
    if let Some((_, units)) = INTEGERS.iter().find(|(known, _)| *known == name) {
        let seconds = seconds(random);
        return Value::Int64(seconds * units + random.random_range(0..*units));
    }
    match name {
        "io.debezium.time.ZonedTimestamp" => Value::string(zoned_timestamp(random)),
        "io.debezium.time.ZonedTime" => {
            Value::string(format!("{}{}", clock(random), pick(random, &["Z", "+01:00", "-05:30", "+00:00"])))
        }
        "io.debezium.time.Date" => Value::Int32(random.random_range(-20_000..30_000)),
        "io.debezium.time.MicroTime" => Value::Int64(random.random_range(0..DAY_S * 1_000_000)),
        "org.apache.kafka.connect.data.Timestamp" => Value::Timestamp(seconds(random) * 1_000 + 7),
        _ => random::value(random, schema),
    }
}

// Days on which clocks change among them.
fn seconds(random: &mut Random) -> i64 {
    match random.random_range(0..6) {
        0 => 0,
        1 => -1,
        2 => 1_616_893_200 + random.random_range(-7_200..7_200),
        3 => 1_635_645_600 + random.random_range(-7_200..7_200),
        4 => random.random_range(-2_000_000_000..0),
        _ => random.random_range(0..2_500_000_000),
    }
}

fn clock(random: &mut Random) -> String {
    let (hour, minute) = (random.random_range(0..24), random.random_range(0..60));
    match random.random_range(0..4) {
        0 => format!("{hour:02}:{minute:02}:00"),
        1 => format!(
            "{hour:02}:{minute:02}:{:02}.{:03}",
            random.random_range(0..60),
            random.random_range(0..1000)
        ),
        2 => format!(
            "{hour:02}:{minute:02}:{:02}.{:06}",
            random.random_range(0..60),
            random.random_range(0..1_000_000)
        ),
        _ => format!("{hour:02}:{minute:02}:{:02}", random.random_range(0..60)),
    }
}

fn zoned_timestamp(random: &mut Random) -> String {
    let day =
        pick(random, &["2021-03-28", "2021-10-31", "1970-01-01", "1999-12-31", "2024-02-29", "1883-11-18"]);
    format!("{day}T{}{}", clock(random), pick(random, &["Z", "Z", "Z", "+02:00", "-08:00", "+05:45"]))
}
