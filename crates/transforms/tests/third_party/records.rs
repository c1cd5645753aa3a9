//! Records of any shape: schemas, nulls, wrong types.

use api::data::{
    Bytes, Datum, Decimal, Field, Fields, Header, Kind, Logical, Map, Record, Schema, SchemaRef, Struct,
    Text, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Names that the configs of the test mention, so that fields are found.
const NAMES: [&str; 14] = [
    "a",
    "b",
    "id",
    "op",
    "ts_ms",
    "before",
    "after",
    "source",
    "payload",
    "aggregatetype",
    "aggregateid",
    "table",
    "tableChanges",
    "type",
];

const SCHEMA_NAMES: [&str; 8] = [
    "server.t.Envelope",
    "server.t.Value",
    "io.debezium.time.MicroTimestamp",
    "io.debezium.time.ZonedTimestamp",
    "io.debezium.time.ZonedTime",
    "io.debezium.time.Timestamp",
    "io.debezium.connector.mysql.SchemaChangeValue",
    "org.apache.kafka.connect.data.Decimal",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![9 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,8}",
        prop::sample::select(vec![
            "c",
            "u",
            "d",
            "r",
            "t",
            "{\"a\":[1,{\"b\":null}],\"c\":{}}",
            "[1,\"x\"]",
            "{",
            "2024-01-02T03:04:05Z",
            "10:11:12.5+01:00",
            "1",
            "true",
            "",
        ])
        .prop_map(str::to_owned),
    ]
}

fn plain_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i8>().prop_map(Value::Int8),
        any::<i16>().prop_map(Value::Int16),
        any::<i32>().prop_map(Value::Int32),
        any::<i64>().prop_map(Value::Int64),
        any::<f32>().prop_map(Value::Float32),
        any::<f64>().prop_map(Value::Float64),
        text().prop_map(Value::string),
        vec(any::<u8>(), 0..8).prop_map(|bytes| Value::Bytes(Bytes::from(bytes))),
        (any::<i64>(), -5..40).prop_map(|(n, scale)| Value::Decimal(Decimal::from_i64(n, scale))),
        any::<i32>().prop_map(Value::Date),
        any::<i32>().prop_map(Value::Time),
        any::<i64>().prop_map(Value::Timestamp),
    ]
}

fn plain_schema() -> impl Strategy<Value = SchemaRef> {
    let kinds = prop_oneof![
        Just(Kind::Boolean),
        Just(Kind::Int8),
        Just(Kind::Int32),
        Just(Kind::Int64),
        Just(Kind::Float64),
        Just(Kind::String),
        Just(Kind::Bytes),
    ];
    let named = prop::option::weighted(0.3, prop::sample::select(&SCHEMA_NAMES[..]));
    let plain = (kinds, named, any::<bool>(), prop::option::weighted(0.2, plain_value())).prop_map(
        |(kind, name, optional, default)| {
            let mut builder = Schema::builder(kind).set_optional(optional);
            if let Some(name) = name {
                builder = builder.name(name);
            }
            // A default that does not fit its schema is possible too.
            if let Some(default) = default {
                builder = builder.default_value(default);
            }
            builder.build()
        },
    );
    let logical = prop_oneof![
        Just(Logical::Date),
        Just(Logical::Time),
        Just(Logical::Timestamp),
        (-3..30).prop_map(|scale| Logical::Decimal { scale }),
    ];
    prop_oneof![
        4 => plain,
        1 => (logical, any::<bool>())
            .prop_map(|(logical, optional)| Schema::logical_builder(logical).set_optional(optional).build()),
    ]
}

/// A row's fields with values that may not be of the fields' types.
fn structure(part: impl Strategy<Value = (SchemaRef, Value)>) -> impl Strategy<Value = (SchemaRef, Value)> {
    let fields = vec((name(), part), 0..6);
    let named = prop::option::weighted(0.6, prop::sample::select(&SCHEMA_NAMES[..]));
    (fields, named, any::<bool>(), prop::option::weighted(0.3, 0..4)).prop_map(
        |(parts, name, optional, version)| {
            let (mut fields, mut values): (Vec<Field>, Vec<Value>) = (Vec::new(), Vec::new());
            for (name, (schema, value)) in parts {
                if fields.iter().all(|field| *field.name != *name) {
                    fields.push(Field { name: name.into(), schema });
                    values.push(value);
                }
            }
            let mut builder =
                Schema::builder(Kind::Struct(Fields::new(fields).unwrap())).set_optional(optional);
            if let Some(name) = name {
                builder = builder.name(name);
            }
            if let Some(version) = version {
                builder = builder.version(version);
            }
            let schema = builder.build();
            (schema.clone(), Value::Struct(Struct::new(schema, values).unwrap()))
        },
    )
}

fn typed() -> impl Strategy<Value = (SchemaRef, Value)> {
    let leaf = (plain_schema(), plain_value());
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            4 => structure(inner.clone()),
            1 => vec(inner.clone(), 1..4).prop_map(|items| {
                let schema = Schema::optional(Kind::Array(items[0].0.clone()));
                (schema, Value::Array(items.into_iter().map(|(_, value)| value).collect()))
            }),
            1 => (name(), inner.clone()).prop_map(|(key, (schema, value))| {
                let mut map = Map::new();
                map.insert(Value::string(key), value);
                (Schema::optional(Kind::Map(Schema::required(Kind::String), schema)), Value::Map(map))
            }),
            1 => inner.prop_map(|(schema, _)| (schema, Value::Null)),
        ]
    })
}

/// A change event, whose parts may be anything.
fn event() -> impl Strategy<Value = (SchemaRef, Value)> {
    let row = || prop_oneof![4 => structure((plain_schema(), plain_value())), 1 => typed()];
    let operation = prop::sample::select(vec!["c", "u", "d", "r", "t", "m", ""]);
    let nulls = (any::<bool>(), any::<bool>());
    (row(), row(), row(), operation, plain_value(), nulls).prop_map(
        |(before, after, source, operation, time, (no_before, no_after))| {
            let text = (Schema::required(Kind::String), Value::string(operation));
            let parts = [
                ("before", (before.0, if no_before { Value::Null } else { before.1 })),
                ("after", (after.0, if no_after { Value::Null } else { after.1 })),
                ("source", source),
                ("op", text),
                ("ts_ms", (Schema::optional(Kind::Int64), time)),
            ];
            let fields = parts
                .iter()
                .map(|(name, (schema, _))| Field { name: (*name).into(), schema: schema.clone() });
            let fields = Fields::new(fields.collect()).unwrap();
            let schema = Schema::builder(Kind::Struct(fields)).name("server.t.Envelope").build();
            let values = parts.into_iter().map(|(_, (_, value))| value).collect();
            (schema.clone(), Value::Struct(Struct::new(schema, values).unwrap()))
        },
    )
}

fn schemaless() -> impl Strategy<Value = Value> {
    plain_value().prop_recursive(3, 24, 6, |inner| {
        let key = prop_oneof![6 => name().prop_map(Value::string), 1 => plain_value()];
        prop_oneof![
            3 => vec((key, inner.clone()), 0..6).prop_map(|entries| {
                let mut map = Map::new();
                for (key, value) in entries {
                    map.insert(key, value);
                }
                Value::Map(map)
            }),
            1 => vec(inner, 0..4).prop_map(Value::Array),
        ]
    })
}

// What a header of real pipelines holds; some transforms want it as a text.
fn text_datum() -> impl Strategy<Value = Datum> {
    text().prop_map(|text| Datum::new(Schema::required(Kind::String), Value::string(text)))
}

fn datum() -> impl Strategy<Value = Datum> {
    prop_oneof![
        4 => typed().prop_map(|(schema, value)| Datum::new(schema, value)),
        3 => event().prop_map(|(schema, value)| Datum::new(schema, value)),
        3 => schemaless().prop_map(Datum::schemaless),
        // A value and a schema that have nothing to do with each other.
        1 => (typed(), typed()).prop_map(|((schema, _), (_, value))| Datum::new(schema, value)),
        1 => Just(Datum::NULL),
    ]
}

/// Any record.
pub fn record() -> impl Strategy<Value = Record> {
    let value = prop_oneof![2 => datum(), 1 => text_datum()];
    let header = (name(), value).prop_map(|(key, value)| Header { key: Text::from(key), value });
    (name(), datum(), datum(), prop::option::of(any::<i64>()), vec(header, 0..4)).prop_map(
        |(topic, key, value, timestamp, headers)| Record {
            topic: topic.into(),
            partition: None,
            key,
            value,
            timestamp,
            headers,
        },
    )
}
