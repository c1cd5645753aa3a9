//! The records of the plugins' benches: the same in every batch, made by number.

use std::sync::Arc;

use data::{
    Datum, Decimal, Kind, Logical, Map, Record, Schema, SchemaRef, Struct, Topic, Value, shared_name,
};

/// Records of a batch.
pub const BATCH: usize = 1000;

/// The converters' topic.
pub const TOPIC: &str = "db.orders";

const NAMES: [&str; 10] =
    ["id", "customer", "card", "quantity", "price", "active", "region", "note", "created", "total"];

/// Records that a chain of transforms goes over.
pub struct Shape {
    topic: Topic,
    schema: Option<SchemaRef>,
}

impl Shape {
    /// With a schema, or as maps.
    pub fn new(with_schema: bool) -> Self {
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
        let schema = with_schema.then(|| structure(NAMES.into_iter().zip(schemas)));
        Self { topic: Arc::from(TOPIC), schema }
    }

    /// A batch of new records, which share nothing but topic and schema, or names as our JSON reader and Java's share
    /// them.
    pub fn batch(&self) -> Vec<Record> {
        (0..BATCH as i64).map(|n| self.record(n)).collect()
    }

    fn record(&self, n: i64) -> Record {
        let text = |prefix: &str| Value::string(format!("{prefix}-{:09}", n * 7919));
        let values = vec![
            Value::Int64(1_000_000 + n),
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
            Some(schema) => row(schema, values),
            None => {
                let names = NAMES.into_iter().map(|name| Value::String(shared_name(name)));
                Datum::schemaless(Value::Map(Map::from_distinct(names.zip(values).collect())))
            }
        };
        let timestamp = Some(1_700_000_000_000 + n);
        let topic = self.topic.clone();
        Record { topic, partition: Some(0), key: Datum::NULL, value, timestamp, headers: Vec::new() }
    }
}

fn structure(fields: impl IntoIterator<Item = (&'static str, SchemaRef)>) -> SchemaRef {
    Schema::structure(fields).expect("the names differ")
}

fn row(schema: &SchemaRef, values: Vec<Value>) -> Datum {
    let values = Struct::new(schema.clone(), values).expect("as many values as fields");
    Datum::new(schema.clone(), Value::Struct(values))
}

/// Orders of ten fields, for converters.
pub fn orders() -> Vec<Datum> {
    let fields = [
        ("id", Schema::required(Kind::Int64)),
        ("customer", Schema::required(Kind::Int32)),
        ("status", Schema::required(Kind::String)),
        ("total", Schema::logical_builder(Logical::Decimal { scale: 2 }).build()),
        ("ordered", Schema::logical_builder(Logical::Date).build()),
        ("priority", Schema::optional(Kind::String)),
        ("clerk", Schema::required(Kind::String)),
        ("weight", Schema::required(Kind::Float64)),
        ("updated", Schema::logical_builder(Logical::Timestamp).build()),
        ("comment", Schema::optional(Kind::String)),
    ];
    let schema = structure(fields).to_builder().name("bench.Order").build();
    (0..BATCH as i64).map(|n| order(&schema, n)).collect()
}

fn order(schema: &SchemaRef, n: i64) -> Datum {
    let comment = match n % 5 {
        0 => Value::Null,
        _ => Value::string("carefully packed deposits along the quick requests"),
    };
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
        comment,
    ];
    row(schema, values)
}
