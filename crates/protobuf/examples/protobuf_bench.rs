//! CPU per record of ten fields: `cargo run --release -p sluice-protobuf --example protobuf_bench`.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use data::{Bytes, Kind, Logical, Schema, Struct, Value};
use sluice_protobuf::Schema as File;
use sluice_protobuf::connect::{Config, Decoder, Encoder, from_connect};

const RECORDS: u32 = 3_000_000;

fn main() {
    let optional = |kind| Schema::optional(kind);
    let schema = Schema::structure([
        ("id", Schema::required(Kind::Int64)),
        ("customer", Schema::required(Kind::Int32)),
        ("name", Schema::required(Kind::String)),
        ("email", optional(Kind::String)),
        ("status", Schema::required(Kind::String)),
        ("amount", Schema::required(Kind::Float64)),
        ("paid", Schema::required(Kind::Boolean)),
        ("created", Schema::logical_builder(Logical::Timestamp).build()),
        ("day", Schema::logical_builder(Logical::Date).build()),
        ("note", optional(Kind::String)),
    ])
    .unwrap();
    let config = Config { optional_for_nullables: true, ..Config::default() };
    let file = File::parse(&from_connect(&schema, &config).unwrap(), &[]).unwrap();
    let mut encoder = Encoder::new(&schema, &file, &[0], &config).unwrap();
    let decoder = Decoder::new(&file, &[0], &config, None).unwrap();
    let row = |id: i64| {
        let values = vec![
            Value::Int64(id),
            Value::Int32(42),
            Value::string("Ada Lovelace"),
            Value::string("ada@example.com"),
            Value::string("shipped"),
            Value::Float64(900.37),
            Value::Boolean(true),
            Value::Timestamp(1_700_000_000_000 + id),
            Value::Date(20_000),
            Value::Null,
        ];
        Value::Struct(Struct::new(schema.clone(), values).unwrap())
    };
    let rows: Vec<Value> = (0..1000).map(row).collect();
    let mut out = Vec::with_capacity(1 << 20);
    for (what, rounds) in [("warm-up", RECORDS / 10), ("encode", RECORDS)] {
        let start = Instant::now();
        let mut bytes = 0;
        for round in 0..rounds / 1000 {
            out.clear();
            for row in &rows {
                encoder.encode(black_box(row), &mut out).unwrap();
            }
            bytes += out.len();
            black_box(round);
        }
        report(what, rounds, bytes, start);
    }
    let records: Vec<Bytes> = rows
        .iter()
        .map(|row| {
            let mut out = Vec::new();
            encoder.encode(row, &mut out).unwrap();
            out.into()
        })
        .collect();
    let start = Instant::now();
    let mut bytes = 0;
    for _ in 0..RECORDS / 1000 {
        for record in &records {
            black_box(decoder.decode(black_box(record)).unwrap());
            bytes += record.len();
        }
    }
    report("decode", RECORDS, bytes, start);
}

fn report(what: &str, records: u32, bytes: usize, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{what:8} {:.2} million records/s, {:.0} ns and {} bytes a record",
        f64::from(records) / seconds / 1e6,
        seconds * 1e9 / f64::from(records),
        bytes / records as usize
    );
}
