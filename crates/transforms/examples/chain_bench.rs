//! What a chain of five transforms costs: `cargo run --release -p sluice-transforms --example chain_bench`.
//!
//! Records of ten fields pass InsertField, ReplaceField, Cast, RegexRouter and MaskField, once with a schema and once
//! without. The records are made from a fixed seed, outside of the time that is measured.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::sync::Arc;

use api::data::{Datum, Kind, Logical, Map, Record, Schema, SchemaRef, Struct, Text, Topic, Value};
use api::dynamic::DynTransform;
use api::{Origin, Registry};

const PACKAGE: &str = "org.apache.kafka.connect.transforms";
const BATCH: usize = 1000;
const BATCHES: usize = 1000;
const ROUNDS: usize = 5;

type Keys = &'static [(&'static str, &'static str)];

const CHAIN: [(&str, Keys); 5] = [
    (
        "InsertField$Value",
        &[
            ("topic.field", "topic"),
            ("timestamp.field", "at"),
            ("static.field", "env"),
            ("static.value", "prod"),
        ],
    ),
    ("ReplaceField$Value", &[("exclude", "note"), ("renames", "id:order_id")]),
    ("Cast$Value", &[("spec", "quantity:int64,price:float32,active:string")]),
    ("RegexRouter", &[("regex", "db\\.(.*)"), ("replacement", "lake.$1")]),
    ("MaskField$Value", &[("fields", "card,region")]),
];

const NAMES: [&str; 10] =
    ["id", "customer", "card", "quantity", "price", "active", "region", "note", "created", "total"];

fn main() {
    let mut registry = Registry::new();
    sluice_transforms::register(&mut registry);
    println!(
        "{} records of 10 fields a round, the best of {ROUNDS} rounds, CPU-ns a record",
        BATCH * BATCHES
    );
    for with_schema in [true, false] {
        println!("{}", if with_schema { "with a schema" } else { "without a schema" });
        for (class, keys) in CHAIN {
            println!("  {class:<20} {:>7.0}", measure(&registry, &[(class, keys)], with_schema));
        }
        println!("  {:<20} {:>7.0}", "all five", measure(&registry, &CHAIN, with_schema));
    }
}

fn measure(registry: &Registry, chain: &[(&str, Keys)], with_schema: bool) -> f64 {
    let build = |(class, keys): &(&str, Keys)| {
        registry.build_transform(&format!("{PACKAGE}.{class}"), &keys.iter().copied().collect()).unwrap()
    };
    let mut chain: Vec<Box<dyn DynTransform>> = chain.iter().map(build).collect();
    let mut records = Records::new(with_schema);
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let mut spent = 0;
        for _ in 0..BATCHES {
            let batch = records.batch();
            let mut done = Vec::with_capacity(BATCH);
            let start = cpu_ns();
            for mut record in batch {
                for transform in &mut chain {
                    record = transform.apply(record, &Origin::Source).unwrap().unwrap();
                }
                done.push(record);
            }
            spent += cpu_ns() - start;
            black_box(done);
        }
        best = best.min(spent as f64 / (BATCH * BATCHES) as f64);
    }
    best
}

// What this thread has run, in nanoseconds: other programs on the machine do not count. Linux tells it.
fn cpu_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

struct Records {
    topic: Topic,
    schema: Option<SchemaRef>,
    random: u64,
}

impl Records {
    fn new(with_schema: bool) -> Self {
        let text = || Schema::optional(Kind::String);
        let schemas = [
            Schema::required(Kind::Int64),
            text(),
            text(),
            Schema::required(Kind::Int32),
            Schema::required(Kind::Float64),
            Schema::required(Kind::Boolean),
            text(),
            text(),
            Schema::logical_builder(Logical::Timestamp).build(),
            Schema::required(Kind::Float64),
        ];
        let schema = with_schema.then(|| Schema::structure(NAMES.into_iter().zip(schemas)).unwrap());
        Self { topic: Arc::from("db.orders"), schema, random: 42 }
    }

    // A linear congruential generator: the numbers need only differ.
    fn next(&mut self) -> i64 {
        self.random =
            self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) as i64
    }

    fn batch(&mut self) -> Vec<Record> {
        (0..BATCH).map(|_| self.record()).collect()
    }

    fn record(&mut self) -> Record {
        let n = self.next();
        let text = |prefix: &str| Value::String(Text::from(format!("{prefix}-{n}")));
        let values = vec![
            Value::Int64(n),
            text("customer"),
            text("card"),
            Value::Int32(n as i32 % 50),
            Value::Float64(n as f64 / 100.0),
            Value::Boolean(n % 2 == 0),
            text("region"),
            text("note"),
            Value::Timestamp(1_700_000_000_000 + n),
            Value::Float64(n as f64 / 10.0),
        ];
        let value = match &self.schema {
            Some(schema) => {
                Datum::new(schema.clone(), Value::Struct(Struct::new(schema.clone(), values).unwrap()))
            }
            None => {
                let names = NAMES.into_iter().map(Value::string);
                Datum::schemaless(Value::Map(Map::from_distinct(names.zip(values).collect())))
            }
        };
        let topic = self.topic.clone();
        let timestamp = Some(1_700_000_000_000 + n);
        Record { topic, partition: Some(0), key: Datum::NULL, value, timestamp, headers: Vec::new() }
    }
}
