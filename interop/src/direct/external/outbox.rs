//! Changes of an outbox table, and configs of the router that makes events of them.

use config::RawConfig;
use data::{Datum, Field, Kind, Schema, SchemaRef, Struct, Value};
use rand::Rng;

use super::super::random::{self, Random, chance, pick};
use super::events::{self, Table, field};
use super::set;
use crate::case::Input;

const JSON: &[&str] = &[
    "{}",
    "[]",
    "",
    " ",
    "null",
    "plain text",
    "12",
    "{\"a\":1}",
    "{\"a\":1,\"b\":\"x\",\"c\":true,\"d\":null,\"e\":1.5}",
    "{\"a\":2147483648,\"b\":[1,2,3],\"c\":[],\"d\":{}}",
    "{\"a\":{\"b\":{\"c\":[1.5,2]}},\"x\":[\"p\",\"q\"]}",
    "{\"a\":[{\"b\":1},{\"c\":\"x\"}],\"n\":[null,1]}",
    "{\"a\":[1,\"x\"]}",
    "{\"a\":[[1,2],[3]],\"b\":[true,false]}",
    "{\"a\":[{\"b\":null},{\"b\":1}]}",
    "{\"a\":[{},{}],\"b\":[null,null]}",
    "{\"a\":[{\"b\":1},{\"b\":\"x\"}]}",
    "{\"a\":[[],[1]]}",
    "{\"a\":[[1],[]],\"c\":[[{\"d\":1}],[{\"d\":2}]]}",
    "[{\"a\":1},{\"a\":2}]",
    "[1,2]",
    "{\"a-b\":1,\"1c\":2,\"\u{e9}\":3,\"d e\":{\"f.g\":4}}",
    "{\"a\":1} trailing",
    "{\"a\":",
    "{a:1}",
    "{\"a\":1e400,\"b\":99999999999999999999,\"c\":-0.0,\"d\":1e2}",
    "{\"a\":1,\"a\":\"x\"}",
    "{\"a\":[1,2147483648],\"b\":[1,1.5]}",
    "{\"text\":\"say \\\"hi\\\" \\u00e9\"}",
];

const TYPES: &[&str] = &["Order", "Customer", "order.line", "a b", "", "Ünit"];

/// Whether the class is a router of outbox tables.
pub fn is_router(class: &str) -> bool {
    class.ends_with(".outbox.EventRouter")
}

/// A config of the router.
pub fn config(random: &mut Random) -> RawConfig {
    let mut config = RawConfig::new();
    let to = &mut config;
    set(random, to, 30, "table.op.invalid.behavior", &["warn", "error", "fatal", "WARN", "maybe"]);
    set(random, to, 20, "table.field.event.id", &["id", "eventid", "absent", "type"]);
    set(random, to, 30, "table.field.event.key", &["aggregateid", "id", "absent", "type", "version", ""]);
    set(random, to, 10, "table.field.event.type", &["type", "absent"]);
    set(
        random,
        to,
        40,
        "table.field.event.timestamp",
        &["created", "created", "created", "id", "absent", "version"],
    );
    set(
        random,
        to,
        20,
        "table.field.event.payload",
        &["payload", "body", "body", "absent", "version", "type"],
    );
    set(
        random,
        to,
        25,
        "table.field.event.schema.version",
        &["version", "version", "version", "absent", "type"],
    );
    set(random, to, 30, "table.field.additional.missing", &["error", "ignore", "ignore", "IGNORE", "x"]);
    set(
        random,
        to,
        25,
        "route.by.field",
        &["aggregatetype", "type", "type", "absent", "version", "aggregateid"],
    );
    set(
        random,
        to,
        35,
        "route.topic.regex",
        &["(?<routedByValue>.*)", "(.*)", "Order", "([A-Z])(.*)", "(", "x"],
    );
    set(
        random,
        to,
        35,
        "route.topic.replacement",
        &["outbox.event.${routedByValue}", "events", "$1", "$2.x", "$1-events", "", "${other}"],
    );
    set(random, to, 40, "route.tombstone.on.empty.payload", &["true", "true", "false", "x"]);
    set(random, to, 60, "table.expand.json.payload", &["true", "true", "true", "false"]);
    set(
        random,
        to,
        30,
        "table.json.payload.null.behavior",
        &["ignore", "optional_bytes", "optional_bytes", "x"],
    );
    set(
        random,
        to,
        30,
        "table.json.payload.empty.array.behavior",
        &["ignore", "optional_string", "optional_string", "x"],
    );
    set(random, to, 25, "field.name.adjustment.mode", &["none", "avro", "avro_unicode", "AVRO", "x"]);
    set(random, to, 10, "tracing.span.context.field", &["tracingspancontext", "type"]);
    set(random, to, 10, "tracing.operation.name", &["debezium-read", "read"]);
    if chance(random, 60) {
        config.set("table.fields.additional.placement", placement(random));
    }
    config
}

fn placement(random: &mut Random) -> String {
    if chance(random, 4) {
        return pick(random, &["type", "type:body", "type:header:a:b", ":header", "type:header:", "", ","])
            .to_owned();
    }
    let items: Vec<String> = (0..random.random_range(1..4))
        .map(|at| {
            let column =
                pick(random, &["type", "aggregateid", "version", "created", "shard", "type", "absent"]);
            let place = match column {
                "shard" => pick(random, &["partition", "partition", "envelope"]),
                _ => pick(random, &["header", "envelope", "header", "envelope", "Header", "partition"]),
            };
            match random.random() {
                true => format!("{column}:{place}:{}{at}", pick(random, &["as", "eventType"])),
                false => format!("{column}:{place}"),
            }
        })
        .collect();
    items.join(if chance(random, 15) { ", " } else { "," })
}

/// Records of an outbox table, and others.
pub fn inputs(random: &mut Random, count: usize) -> Vec<Input> {
    let columns = columns(random);
    let table = Table::of(random, "app.public.outbox".to_owned(), columns);
    let others = events::inputs(random, count);
    others.into_iter().map(|other| input(random, &table, other)).collect()
}

fn input(random: &mut Random, table: &Table, other: Input) -> Input {
    let Input::Record(mut record, offset) = other else { return other };
    if chance(random, 8) {
        return Input::Record(record, offset);
    }
    record.topic = table.topic.as_str().into();
    let row = row(random, table);
    record.key = table.key_of(&row);
    record.value = match random.random_range(0..20) {
        0 => table.event(random, "d", row, Value::Null),
        1 => table.event(random, "u", row.clone(), row),
        2 => Datum::NULL,
        3..6 => table.event(random, "r", Value::Null, row),
        _ => table.event(random, "c", Value::Null, row),
    };
    Input::Record(record, offset)
}

fn columns(random: &mut Random) -> Vec<Field> {
    let optional_text = || Schema::optional(Kind::String);
    let text = || Schema::required(Kind::String);
    let uuid = Schema::builder(Kind::String).name("io.debezium.data.Uuid").version(1).build();
    let payload: SchemaRef = match random.random_range(0..10) {
        0..4 => Schema::builder(Kind::String).name("io.debezium.data.Json").version(1).optional().build(),
        4..7 => optional_text(),
        7 => text(),
        8 => Schema::optional(Kind::Bytes),
        _ => random::schema(random, 1),
    };
    let created = match random.random_range(0..5) {
        0 => Schema::builder(Kind::Int64).name("io.debezium.time.Timestamp").version(1).optional().build(),
        1 => Schema::builder(Kind::Int64).name("io.debezium.time.MicroTimestamp").version(1).build(),
        2 => {
            Schema::builder(Kind::Int64).name("io.debezium.time.NanoTimestamp").version(1).optional().build()
        }
        3 => Schema::optional(Kind::Int64),
        _ => super::times::column(random),
    };
    let mut list = vec![
        field("id", uuid),
        field("aggregatetype", if chance(random, 80) { text() } else { optional_text() }),
        field("aggregateid", if chance(random, 80) { text() } else { Schema::optional(Kind::Int64) }),
        field("type", if chance(random, 80) { text() } else { optional_text() }),
        field("payload", payload),
    ];
    for (name, schema) in [
        ("created", created),
        ("version", Schema::optional(Kind::Int32)),
        ("shard", Schema::optional(Kind::Int32)),
        ("body", Schema::optional(Kind::String)),
    ] {
        if chance(random, 80) {
            list.push(field(name, schema));
        }
    }
    list
}

fn row(random: &mut Random, table: &Table) -> Value {
    let fields = table.row.fields().map_or(&[][..], |fields| fields);
    let cells = fields.iter().map(|field| match (&*field.name, field.schema.kind()) {
        ("id", _) => Value::string("4a4b7c2e-0d6f-4d4e-9d64-1f2a3b4c5d6e"),
        ("payload" | "body", Kind::String) if chance(random, 85) => Value::string(pick(random, JSON)),
        ("aggregatetype", Kind::String) if chance(random, 95) => Value::string(pick(random, TYPES)),
        ("type", Kind::String) if chance(random, 90) => {
            Value::string(pick(random, &["created", "paid", "Order"]))
        }
        ("version" | "shard", Kind::Int32) if chance(random, 85) => Value::Int32(random.random_range(0..4)),
        _ => super::times::cell(random, &field.schema),
    });
    Struct::new(table.row.clone(), cells.collect()).map_or(Value::Null, Value::Struct)
}
