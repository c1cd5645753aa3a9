//! Random records, of a source or of a sink.

use data::{Datum, Header, Record, SchemaRef, Text};
use rand::Rng;

use super::random::{self, Random, chance, pick};
use crate::case::Input;

/// Names that configs and records share, so that configs hit fields.
pub const NAMES: &[&str] = &["id", "name", "amount", "at", "flag", "note", "tags"];

/// Names of headers.
pub const HEADERS: &[&str] = &["h1", "h2", "trace", "type"];

/// Topics.
pub const TOPICS: &[&str] = &["orders", "db.public.orders", "a-b_c.9", "x", "orders-2021"];

/// Records for one case: a few schemas that they share.
pub fn inputs(random: &mut Random, count: usize) -> Vec<Input> {
    let pool: Vec<SchemaRef> = (0..4)
        .map(|_| match chance(random, 85) {
            true => random::row_schema(random, NAMES),
            false => random::schema(random, 0),
        })
        .collect();
    (0..count).map(|_| input(random, &pool)).collect()
}

fn input(random: &mut Random, pool: &[SchemaRef]) -> Input {
    let of_sink = random.random();
    let record = Record {
        topic: pick(random, TOPICS).into(),
        partition: (of_sink || random.random()).then(|| random.random_range(0..4)),
        key: datum(random, pool),
        value: datum(random, pool),
        timestamp: chance(random, 80).then(|| random.random_range(0..2_000_000_000_000)),
        headers: (0..random.random_range(0..4))
            .map(|_| Header { key: Text::from(pick(random, HEADERS)), value: random::datum(random) })
            .collect(),
    };
    Input::Record(Box::new(record), of_sink.then(|| random.random_range(0..1_000_000)))
}

fn datum(random: &mut Random, pool: &[SchemaRef]) -> Datum {
    match random.random_range(0..20) {
        0 => Datum::NULL,
        1..12 => {
            let schema = pool[random.random_range(0..pool.len())].clone();
            let value = random::value(random, &schema);
            Datum::new(schema, value)
        }
        12..18 => Datum::schemaless(random::schemaless_map(random, NAMES, 1)),
        _ => Datum::schemaless(random::schemaless(random, 0)),
    }
}
