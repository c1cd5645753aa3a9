//! Change events as Debezium's connectors make them, and what else is on their topics.

use std::sync::Arc;

use data::{Datum, Field, Fields, Header, Kind, Logical, Record, Schema, SchemaRef, Struct, Text, Value};
use rand::Rng;

use super::super::random::{self, Random, chance, pick};
use super::super::records;
use super::times;
use crate::case::Input;

/// Columns that tables have, most of them.
pub const COLUMNS: &[&str] = &["id", "name", "amount", "at", "seen", "flag", "note", "tags"];

/// Topics of tables, as `prefix.schema.table`.
pub const TOPICS: &[&str] =
    &["app.public.orders", "app.public.orders_1", "app.public.orders_2", "app.db-2.Order Lines", "one"];

/// A table, and how its change events look.
#[derive(Debug, Clone)]
pub struct Table {
    /// Where its events go.
    pub topic: String,
    /// Its name in the block `source`.
    pub name: String,
    /// The key's schema.
    pub key: SchemaRef,
    /// The row's schema.
    pub row: SchemaRef,
    /// The event's schema.
    pub envelope: SchemaRef,
}

impl Table {
    /// A table with columns of its own choice.
    pub fn new(random: &mut Random) -> Self {
        let topic = pick(random, TOPICS).to_owned();
        let mut list: Vec<Field> = Vec::new();
        for name in COLUMNS {
            if *name == "id" || chance(random, 80) {
                list.push(field(name, column(random, name)));
            }
        }
        Self::of(random, topic, list)
    }

    /// A table with these columns.
    pub fn of(random: &mut Random, topic: String, columns: Vec<Field>) -> Self {
        let name = topic.rsplit('.').next().unwrap_or_default().to_owned();
        let key = columns.iter().filter(|column| &*column.name == "id").cloned().collect();
        let key = structure(key, &format!("{topic}.Key")).build();
        let row = structure(columns, &format!("{topic}.Value")).optional().build();
        let envelope = envelope(random, &topic, &row);
        Self { topic, name, key, row, envelope }
    }

    /// The key of a row.
    pub fn key_of(&self, row: &Value) -> Datum {
        let id = row.as_struct().and_then(|row| row.get("id")).cloned().unwrap_or(Value::Null);
        build(&self.key, vec![id])
    }

    /// A row.
    pub fn row(&self, random: &mut Random) -> Value {
        let fields = self.row.fields().map_or(&[][..], |fields| fields);
        let cells = fields.iter().map(|field| times::cell(random, &field.schema)).collect();
        Struct::new(self.row.clone(), cells).map_or(Value::Null, Value::Struct)
    }

    /// An event of one change.
    pub fn event(&self, random: &mut Random, operation: &str, before: Value, after: Value) -> Datum {
        let fields = self.envelope.fields().map_or(&[][..], |fields| fields);
        let cells = fields.iter().map(|field| match &*field.name {
            "before" => before.clone(),
            "after" => after.clone(),
            "source" => source(random, &field.schema, &self.name),
            "transaction" if chance(random, 50) => Value::Null,
            "op" => Value::string(operation),
            "ts_ms" | "ts_us" | "ts_ns" if chance(random, 92) => {
                Value::Int64(random.random_range(0..i64::MAX))
            }
            _ => random::value(random, &field.schema),
        });
        build(&self.envelope, cells.collect())
    }

    /// One of the changes that tables have, and its key.
    pub fn change(&self, random: &mut Random) -> (Datum, Datum) {
        let (old, new) = (self.row(random), self.row(random));
        let (operation, before, after) = match random.random_range(0..16) {
            0..4 => ("c", Value::Null, new.clone()),
            4..6 => ("r", Value::Null, new.clone()),
            6 => ("u", Value::Null, new.clone()),
            7..10 => ("u", similar(random, &old, &new), new.clone()),
            10..14 => ("d", old.clone(), Value::Null),
            14 => ("t", Value::Null, Value::Null),
            _ => (pick(random, &["m", "d"]), Value::Null, Value::Null),
        };
        let key = if chance(random, 8) {
            Datum::NULL
        } else {
            self.key_of(if operation == "d" { &old } else { &new })
        };
        (key, self.event(random, operation, before, after))
    }
}

/// Records of some tables, and what else a connector writes.
pub fn inputs(random: &mut Random, count: usize) -> Vec<Input> {
    let tables: Vec<Table> = (0..random.random_range(1..4)).map(|_| Table::new(random)).collect();
    let others = records::inputs(random, count);
    others.into_iter().map(|other| input(random, &tables, other)).collect()
}

fn input(random: &mut Random, tables: &[Table], other: Input) -> Input {
    let Input::Record(mut record, offset) = other else { return other };
    let table = &tables[random.random_range(0..tables.len())];
    if chance(random, 70) {
        record.headers.clear();
    }
    headers(random, &mut record);
    match random.random_range(0..20) {
        0..15 => {
            record.topic = table.topic.as_str().into();
            (record.key, record.value) = table.change(random);
        }
        15 | 16 => {
            record.topic = table.topic.as_str().into();
            record.key = table.key_of(&table.row(random));
            record.value = Datum::NULL;
        }
        17 => {
            record.topic = "app".into();
            (record.key, record.value) = (Datum::NULL, schema_change(random));
        }
        18 => {
            record.topic = "__debezium-heartbeat.app".into();
            (record.key, record.value) = heartbeat(random);
        }
        _ => {} // any record
    }
    // Debezium's transforms are for sources in the first place.
    Input::Record(record, offset.filter(|_| chance(random, 40)))
}

/// Headers that lists of fields come in, and others.
fn headers(random: &mut Random, record: &mut Record) {
    if chance(random, 50) {
        let header = match chance(random, 95) {
            true => list(random),
            false => Header { key: Text::from("unchanged"), value: random::datum(random) },
        };
        record.headers.push(header);
    }
    for name in ["h1", "h2"] {
        if chance(random, 50) {
            record.headers.push(text(random, name));
        }
    }
}

/// Gives the record these headers and no other.
pub fn set_headers(random: &mut Random, input: &mut Input, names: &[&str]) {
    let Input::Record(record, _) = input else { return };
    record.headers = names
        .iter()
        .map(|name| if *name == "unchanged" { list(random) } else { text(random, name) })
        .collect();
}

fn list(random: &mut Random) -> Header {
    let names = (0..random.random_range(0..4)).map(|_| Value::string(pick(random, COLUMNS))).collect();
    let items = Schema::builder(Kind::Array(Schema::optional(Kind::String))).optional().build();
    Header { key: Text::from("unchanged"), value: Datum::new(items, Value::Array(names)) }
}

fn text(random: &mut Random, name: &str) -> Header {
    let value = Datum::new(Schema::required(Kind::String), Value::string(random::text(random)));
    Header { key: Text::from(name), value }
}

/// A field.
pub fn field(name: &str, schema: SchemaRef) -> Field {
    Field { name: Arc::from(name), schema }
}

/// A struct's schema.
pub fn structure(fields: Vec<Field>, name: &str) -> data::SchemaBuilder {
    Schema::builder(Kind::Struct(Fields::new(fields).unwrap_or_default())).name(name)
}

/// A row with its schema.
pub fn build(schema: &SchemaRef, cells: Vec<Value>) -> Datum {
    let value = Struct::new(schema.clone(), cells).map_or(Value::Null, Value::Struct);
    Datum::new(schema.clone(), value)
}

fn column(random: &mut Random, name: &str) -> SchemaRef {
    let text = || Schema::builder(Kind::String);
    let builder = match name {
        "id" => match random.random_range(0..4) {
            0 => text(),
            1 => Schema::builder(Kind::Int64),
            _ => Schema::builder(Kind::Int32),
        },
        "name" => match random.random() {
            true => text().optional(),
            false => text().optional().default_value(Value::string("nobody")),
        },
        "amount" => Schema::logical_builder(Logical::Decimal { scale: 2 })
            .parameter("connect.decimal.precision", "10")
            .set_optional(random.random()),
        "at" | "seen" => return times::column(random),
        "flag" => {
            Schema::builder(Kind::Boolean).default_value(Value::Boolean(true)).set_optional(random.random())
        }
        "note" => text().name("io.debezium.data.Json").version(1).optional(),
        _ => return random::schema(random, 1),
    };
    builder.build()
}

fn plain(kind: Kind) -> SchemaRef {
    Schema::required(kind)
}

fn optional(kind: Kind) -> SchemaRef {
    Schema::optional(kind)
}

fn envelope(random: &mut Random, topic: &str, row: &SchemaRef) -> SchemaRef {
    let source = vec![
        field("version", plain(Kind::String)),
        field("connector", plain(Kind::String)),
        field("name", plain(Kind::String)),
        field("ts_ms", plain(Kind::Int64)),
        field(
            "snapshot",
            Schema::builder(Kind::String)
                .name("io.debezium.data.Enum")
                .version(1)
                .parameter("allowed", "true,last,false,incremental")
                .default_value(Value::string("false"))
                .optional()
                .build(),
        ),
        field("db", plain(Kind::String)),
        field("sequence", optional(Kind::String)),
        field("ts_us", optional(Kind::Int64)),
        field("ts_ns", optional(Kind::Int64)),
        field("schema", plain(Kind::String)),
        field("table", plain(Kind::String)),
        field("txId", optional(Kind::Int64)),
        field("lsn", optional(Kind::Int64)),
    ];
    let transaction = vec![
        field("id", plain(Kind::String)),
        field("total_order", plain(Kind::Int64)),
        field("data_collection_order", plain(Kind::Int64)),
    ];
    let mut fields = vec![field("before", row.clone()), field("after", row.clone())];
    fields.push(field("source", structure(source, "io.debezium.connector.postgresql.Source").build()));
    if chance(random, 85) {
        let block = structure(transaction, "event.block").version(1).optional();
        fields.push(field("transaction", block.build()));
    }
    fields.push(field("op", plain(Kind::String)));
    fields.push(field("ts_ms", optional(Kind::Int64)));
    if chance(random, 70) {
        fields.push(field("ts_us", optional(Kind::Int64)));
        fields.push(field("ts_ns", optional(Kind::Int64)));
    }
    structure(fields, &format!("{topic}.Envelope")).version(2).build()
}

fn source(random: &mut Random, schema: &SchemaRef, table: &str) -> Value {
    let fields = schema.fields().map_or(&[][..], |fields| fields);
    let cells = fields.iter().map(|field| match &*field.name {
        "version" => Value::string("3.6.3.Final"),
        "connector" => Value::string("postgresql"),
        "name" => Value::string("app"),
        "db" => Value::string("shop"),
        "schema" => Value::string("public"),
        "table" => Value::string(table),
        "ts_ms" => Value::Int64(random.random_range(0..2_000_000_000_000)),
        "ts_us" => Value::Int64(random.random_range(0..2_000_000_000_000_000)),
        "snapshot" => match random.random_range(0..3) {
            0 => Value::Null, // stands for the default
            _ => Value::string(pick(random, &["true", "last", "incremental"])),
        },
        _ => random::value(random, &field.schema),
    });
    Struct::new(schema.clone(), cells.collect()).map_or(Value::Null, Value::Struct)
}

// The row before, of which some columns are the same.
fn similar(random: &mut Random, old: &Value, new: &Value) -> Value {
    let (Some(old), Some(new)) = (old.as_struct(), new.as_struct()) else { return Value::Null };
    let cells = old.values().iter().zip(new.values()).map(|(old, new)| match chance(random, 60) {
        true => new.clone(),
        false => old.clone(),
    });
    Struct::new(new.schema().clone(), cells.collect()).map_or(Value::Null, Value::Struct)
}

fn schema_change(random: &mut Random) -> Datum {
    let change = structure(
        vec![field("type", plain(Kind::String)), field("id", plain(Kind::String))],
        "io.debezium.connector.schema.Change",
    );
    let change = change.version(1).build();
    let changes = Schema::builder(Kind::Array(change.clone())).set_optional(random.random()).build();
    let schema = structure(
        vec![
            field("ts_ms", plain(Kind::Int64)),
            field("databaseName", optional(Kind::String)),
            field("ddl", optional(Kind::String)),
            field("tableChanges", changes.clone()),
        ],
        "io.debezium.connector.mysql.SchemaChangeValue",
    );
    let list: Vec<Value> = (0..random.random_range(0..3))
        .map(|_| {
            let kind = pick(random, &["CREATE", "ALTER", "DROP", "TRUNCATE"]);
            build(&change, vec![Value::string(kind), Value::string("\"shop\".\"orders\"")]).value
        })
        .collect();
    let list = match changes.is_optional() && chance(random, 20) {
        true => Value::Null,
        false => Value::Array(list),
    };
    let ddl = Value::string("create table orders (id int)");
    build(&schema.version(1).build(), vec![Value::Int64(7), Value::string("shop"), ddl, list])
}

fn heartbeat(random: &mut Random) -> (Datum, Datum) {
    let key = structure(
        vec![field("serverName", plain(Kind::String))],
        "io.debezium.connector.common.ServerNameKey",
    );
    let value = structure(vec![field("ts_ms", plain(Kind::Int64))], "io.debezium.connector.common.Heartbeat");
    let now = Value::Int64(random.random_range(0..2_000_000_000_000));
    (build(&key.build(), vec![Value::string("app")]), build(&value.build(), vec![now]))
}
