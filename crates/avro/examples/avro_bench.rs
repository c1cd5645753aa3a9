//! Records of ten fields written and read, by CPU time (Linux): `cargo run --release -p sluice-avro --example avro_bench`.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a program that cannot go on stops

use std::hint::black_box;

use data::{Bytes, Decimal, Kind, Logical, Schema, SchemaRef, Struct, Value};
use sluice_avro::{Decoder, Encoder, Mapping};

const RECORDS: usize = 1000;
const ROUNDS: usize = 3000;

fn schema() -> SchemaRef {
    let decimal = Schema::logical_builder(Logical::Decimal { scale: 2 }).build();
    let fields = [
        ("id", Schema::required(Kind::Int64)),
        ("customer", Schema::required(Kind::Int32)),
        ("status", Schema::required(Kind::String)),
        ("total", decimal),
        ("ordered", Schema::logical_builder(Logical::Date).build()),
        ("priority", Schema::optional(Kind::String)),
        ("clerk", Schema::required(Kind::String)),
        ("weight", Schema::required(Kind::Float64)),
        ("updated", Schema::logical_builder(Logical::Timestamp).build()),
        ("comment", Schema::optional(Kind::String)),
    ];
    Schema::structure(fields).unwrap().to_builder().name("bench.Order").build()
}

fn row(schema: &SchemaRef, n: i64) -> Value {
    let values = vec![
        Value::Int64(1_000_000 + n),
        Value::Int32((n * 7919 % 150_000) as i32),
        Value::string(if n % 3 == 0 { "OPEN" } else { "FILLED" }),
        Value::Decimal(Decimal::from_i64(1_234_567 + n * 31, 2)),
        Value::Date(19_000 + (n % 365) as i32),
        Value::string("3-MEDIUM"),
        Value::string(format!("Clerk#{n:09}")),
        Value::Float64(n as f64 * 0.37),
        Value::Timestamp(1_700_000_000_000 + n * 1000),
        if n % 5 == 0 {
            Value::Null
        } else {
            Value::string("carefully packed deposits along the quick requests")
        },
    ];
    Value::Struct(Struct::new(schema.clone(), values).unwrap())
}

fn main() {
    let schema = schema();
    let mapping = Mapping::default();
    let avro = mapping.from_connect(Some(&schema)).unwrap();
    let mut encoder = Encoder::new(Some(&schema), &avro, mapping).unwrap();
    let decoder = Decoder::new(&avro, None, mapping, None).unwrap();
    let rows: Vec<Value> = (0..RECORDS as i64).map(|n| row(&schema, n)).collect();

    let mut data = Vec::new();
    let mut messages = Vec::new();
    for row in &rows {
        let start = data.len();
        encoder.write(row, &mut data).unwrap();
        messages.push(Bytes::copy_from_slice(&data[start..]));
    }
    let mut buffer = Vec::with_capacity(data.len());
    measure("encode", data.len(), || {
        buffer.clear();
        for row in &rows {
            encoder.write(row, &mut buffer).unwrap();
        }
        black_box(&buffer);
    });
    measure("decode", data.len(), || {
        for message in &messages {
            black_box(decoder.read(message).unwrap());
        }
    });
}

/// What this thread has used of a core, as Linux counts it: other programs do not disturb the figure.
fn cpu_seconds() -> f64 {
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    counted.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn measure(what: &str, bytes: usize, mut round: impl FnMut()) {
    for _ in 0..ROUNDS / 10 {
        round();
    }
    let start = cpu_seconds();
    for _ in 0..ROUNDS {
        round();
    }
    let seconds = cpu_seconds() - start;
    let records = (RECORDS * ROUNDS) as f64;
    println!(
        "{what}: {:.2} million records/s, {:.0} ns a record of {} bytes",
        records / seconds / 1e6,
        seconds / records * 1e9,
        bytes / RECORDS
    );
}
