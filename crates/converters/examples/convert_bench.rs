//! How fast records become JSON and back on one core: `cargo run --release -p sluice-converters --example convert_bench`.
//!
//! Two shapes of record: ten fields (about 230 bytes of JSON), and a line item of TPC-H with bookkeeping (18 fields).
//! As in a task, a batch of records is encoded into one buffer, and decoded from slices of one buffer.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hint::black_box;
use std::time::Instant;

use api::config::RawConfig;
use api::data::{Bytes, Datum, Kind, Logical, Schema, SchemaRef, Struct, Value};
use api::{Converter, DecodeContext, EncodeContext, Registry, Usage};

const BATCH: usize = 1000;
const ROUNDS: usize = 7;
const SECONDS: f64 = 0.5;

fn ten_fields(n: i64) -> (SchemaRef, Vec<Value>) {
    let text = || Schema::optional(Kind::String);
    let schema = Schema::structure([
        ("id", Schema::required(Kind::Int64)),
        ("customer", Schema::required(Kind::Int32)),
        ("name", text()),
        ("email", text()),
        ("city", text()),
        ("amount", Schema::required(Kind::Float64)),
        ("quantity", Schema::required(Kind::Int32)),
        ("active", Schema::required(Kind::Boolean)),
        ("comment", text()),
        ("updated_at", Schema::logical_builder(Logical::Timestamp).build()),
    ]);
    let values = vec![
        Value::Int64(1_000_000 + n),
        Value::Int32((n * 7 % 100_000) as i32),
        Value::string(format!("Customer number {n}")),
        Value::string(format!("customer{n}@example.com")),
        Value::string("Frankfurt am Main"),
        Value::Float64((n % 100_000) as f64 / 100.0),
        Value::Int32((n % 50) as i32),
        Value::Boolean(n % 2 == 0),
        Value::string("delivered to the neighbour, second floor"),
        Value::Timestamp(1_767_225_600_000 + n),
    ];
    (schema.unwrap(), values)
}

fn line_item(n: i64) -> (SchemaRef, Vec<Value>) {
    let text = || Schema::optional(Kind::String);
    let date = || Schema::logical_builder(Logical::Date).optional().build();
    let double = || Schema::optional(Kind::Float64);
    let long = || Schema::optional(Kind::Int64);
    let schema = Schema::structure([
        ("id", Schema::required(Kind::Int64)),
        ("l_orderkey", long()),
        ("l_partkey", long()),
        ("l_suppkey", long()),
        ("l_linenumber", Schema::optional(Kind::Int32)),
        ("l_quantity", double()),
        ("l_extendedprice", double()),
        ("l_discount", double()),
        ("l_tax", double()),
        ("l_returnflag", text()),
        ("l_linestatus", text()),
        ("l_shipdate", date()),
        ("l_commitdate", date()),
        ("l_receiptdate", date()),
        ("l_shipinstruct", text()),
        ("l_shipmode", text()),
        ("l_comment", text()),
        ("updated_at", Schema::logical_builder(Logical::Timestamp).optional().build()),
    ]);
    let values = vec![
        Value::Int64(n),
        Value::Int64(n / 4),
        Value::Int64(n * 7919 % 200_000),
        Value::Int64(n * 104_729 % 10_000),
        Value::Int32((n % 7) as i32 + 1),
        Value::Float64((n % 50) as f64 + 1.0),
        Value::Float64((n * 7919 % 10_000_000) as f64 / 100.0),
        Value::Float64((n % 11) as f64 / 100.0),
        Value::Float64((n % 9) as f64 / 100.0),
        Value::string("N"),
        Value::string("O"),
        Value::Date(8037 + (n % 2500) as i32),
        Value::Date(8067 + (n % 2500) as i32),
        Value::Date(8097 + (n % 2500) as i32),
        Value::string("DELIVER IN PERSON"),
        Value::string("TRUCK"),
        Value::string("egular courts above the"),
        Value::Timestamp(1_767_225_600_000 + n),
    ];
    (schema.unwrap(), values)
}

fn converter(envelope: bool) -> Box<dyn Converter> {
    let mut registry = Registry::new();
    sluice_converters::register(&mut registry);
    let raw = RawConfig::new().with("schemas.enable", envelope.to_string());
    registry.build_converter("org.apache.kafka.connect.json.JsonConverter", &raw, Usage::Value).unwrap()
}

fn encode(converter: &mut dyn Converter, batch: &[Datum], out: &mut Vec<u8>, ends: &mut Vec<usize>) {
    out.clear();
    ends.clear();
    let mut headers = Vec::new();
    for datum in batch {
        let mut context = EncodeContext { topic: "t", headers: &mut headers };
        converter.encode(&mut context, datum, out).unwrap();
        ends.push(out.len());
    }
}

// The best of some rounds: other programs only make it slower.
fn measure(name: &str, bytes: usize, mut batch: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut batches = 0;
        while start.elapsed().as_secs_f64() < SECONDS {
            batch();
            batches += 1;
        }
        best = best.min(start.elapsed().as_secs_f64() / (batches * BATCH) as f64);
    }
    let (millions, ns, megabytes) = (1e-6 / best, best * 1e9, bytes as f64 / best / 1e6);
    println!("{name:40} {bytes:5} B {ns:8.0} ns/record {millions:6.2} M records/s {megabytes:6.0} MB/s");
}

fn shape(name: &str, make: fn(i64) -> (SchemaRef, Vec<Value>)) {
    let schema = make(0).0;
    let batch: Vec<Datum> = (0..BATCH as i64)
        .map(|n| Datum::new(schema.clone(), Value::Struct(Struct::new(schema.clone(), make(n).1).unwrap())))
        .collect();
    for envelope in [false, true] {
        let kind = if envelope { "envelope" } else { "plain" };
        let mut converter = converter(envelope);
        let (mut out, mut ends) = (Vec::new(), Vec::new());
        encode(converter.as_mut(), &batch, &mut out, &mut ends);
        let bytes = out.len() / BATCH;
        measure(&format!("{name}, {kind}, encode"), bytes, || {
            encode(converter.as_mut(), black_box(&batch), &mut out, &mut ends);
            black_box(&out);
        });
        let received = Bytes::from(out.clone());
        measure(&format!("{name}, {kind}, decode and drop"), bytes, || {
            let mut start = 0;
            for end in &ends {
                let record = received.slice(start..*end);
                let context = DecodeContext { topic: "t", headers: &[] };
                black_box(converter.decode(context, Some(&record)).unwrap());
                start = *end;
            }
        });
    }
}

fn main() {
    shape("10 fields", ten_fields);
    shape("18 fields (line item)", line_item);
}
