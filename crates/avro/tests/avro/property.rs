//! Any value of any Connect schema comes back from Avro's bytes as it was, and no bytes make the decoder panic or take
//! more memory than its input allows.

use data::{Bytes, Decimal, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};
use proptest::prelude::*;
use sluice_avro::{Decoder, Encoder, Mapping, ParseOptions, Schema as Avro};

/// A schema and a value of it.
#[derive(Debug, Clone)]
struct Sample {
    schema: SchemaRef,
    value: Value,
}

/// Names of types differ from each other, since Avro knows one type of a name.
fn numbered(sample: Sample, next: &mut usize) -> Sample {
    let Sample { schema, value } = sample;
    match (schema.kind(), value) {
        (Kind::Struct(fields), Value::Struct(row)) => {
            *next += 1;
            let name = format!("test.R{next}");
            let parts: Vec<Sample> = fields
                .iter()
                .zip(row.values())
                .map(|(field, value)| Sample { schema: field.schema.clone(), value: value.clone() })
                .map(|part| numbered(part, next))
                .collect();
            let named =
                fields.iter().zip(&parts).map(|(field, part)| (field.name.clone(), part.schema.clone()));
            let made = Schema::structure(named).unwrap().to_builder().name(&name);
            let made = made.set_optional(schema.is_optional()).build();
            let values = parts.into_iter().map(|part| part.value).collect();
            Sample { schema: made.clone(), value: Value::Struct(Struct::new(made, values).unwrap()) }
        }
        (Kind::Struct(_), other) => {
            // Null: the type may stay without a name, which is generated.
            Sample { schema, value: other }
        }
        (_, value) => Sample { schema, value },
    }
}

fn leaf() -> impl Strategy<Value = Sample> {
    let of = |kind: Kind, value: Value| Sample { schema: Schema::required(kind), value };
    let logical =
        |logical: Logical, value: Value| Sample { schema: Schema::logical_builder(logical).build(), value };
    prop_oneof![
        any::<bool>().prop_map(move |v| of(Kind::Boolean, Value::Boolean(v))),
        any::<i8>().prop_map(move |v| of(Kind::Int8, Value::Int8(v))),
        any::<i16>().prop_map(move |v| of(Kind::Int16, Value::Int16(v))),
        any::<i32>().prop_map(move |v| of(Kind::Int32, Value::Int32(v))),
        any::<i64>().prop_map(move |v| of(Kind::Int64, Value::Int64(v))),
        (-1e30f32..1e30).prop_map(move |v| of(Kind::Float32, Value::Float32(v))),
        (-1e300f64..1e300).prop_map(move |v| of(Kind::Float64, Value::Float64(v))),
        ".{0,12}".prop_map(move |v| of(Kind::String, Value::string(v))),
        prop::collection::vec(any::<u8>(), 0..80).prop_map(move |v| of(Kind::Bytes, Value::Bytes(v.into()))),
        (any::<i64>(), -3i32..20).prop_map(move |(v, scale)| {
            logical(Logical::Decimal { scale }, Value::Decimal(Decimal::from_i64(v, scale)))
        }),
        any::<i32>().prop_map(move |v| logical(Logical::Date, Value::Date(v))),
        (0i32..=86_400_000).prop_map(move |v| logical(Logical::Time, Value::Time(v))),
        any::<i64>().prop_map(move |v| logical(Logical::Timestamp, Value::Timestamp(v))),
    ]
}

fn sample() -> impl Strategy<Value = Sample> {
    leaf().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|part| Sample {
                    schema: part.schema.to_builder().optional().build(),
                    value: part.value,
                })
                .prop_filter("a struct keeps its schema", |part| !matches!(part.value, Value::Struct(_))),
            inner.clone().prop_map(|part| Sample {
                schema: part.schema.to_builder().optional().build(),
                value: Value::Null,
            }),
            (inner.clone(), 0usize..4).prop_map(|(part, count)| Sample {
                schema: Schema::required(Kind::Array(part.schema.clone())),
                value: Value::Array(vec![part.value; count]),
            }),
            (inner.clone(), "[a-z]{0,5}").prop_map(|(part, key)| {
                let mut map = Map::new();
                map.insert(Value::string(key), part.value);
                let keys = Schema::required(Kind::String);
                Sample { schema: Schema::required(Kind::Map(keys, part.schema)), value: Value::Map(map) }
            }),
            prop::collection::vec(inner, 0..5).prop_map(|parts| {
                let fields = parts.iter().enumerate().map(|(n, part)| (format!("f{n}"), part.schema.clone()));
                let schema = Schema::structure(fields).unwrap();
                let values = parts.iter().map(|part| part.value.clone()).collect();
                Sample { schema: schema.clone(), value: Value::Struct(Struct::new(schema, values).unwrap()) }
            }),
        ]
    })
}

/// Values without what a schema adds: rows by their values, since a schema gets the name that was generated for it.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Struct(a), Value::Struct(b)) => {
            a.values().len() == b.values().len() && a.values().iter().zip(b.values()).all(|(a, b)| same(a, b))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((_, a), (_, b))| same(a, b))
        }
        (one, other) => one == other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_value_comes_back(sample in sample()) {
        let Sample { schema, value } = numbered(sample, &mut 0);
        let mapping = Mapping::default();
        let avro = mapping.from_connect(Some(&schema)).unwrap();
        let again = Avro::parse(&avro.canonical(), &[]).unwrap();
        prop_assert_eq!(again.canonical(), avro.canonical());
        prop_assume!(!value.is_null());
        let mut bytes = Vec::new();
        Encoder::new(Some(&schema), &avro, mapping).unwrap().write(&value, &mut bytes).unwrap();
        for writer in [&avro, &again] {
            let decoder = Decoder::new(writer, None, mapping, None).unwrap();
            let back = decoder.read(&Bytes::from(bytes.clone())).unwrap();
            prop_assert!(same(&value, &back), "{:?} came back as {:?}", value, back);
        }
        // Read by itself as another schema object: the road of two schemas.
        let decoder = Decoder::new(&avro, Some(&again), mapping, None).unwrap();
        prop_assert!(same(&value, &decoder.read(&Bytes::from(bytes)).unwrap()));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300), which in 0..SCHEMAS.len()) {
        let schema = Avro::parse_with(SCHEMAS[which], &[], ParseOptions::lenient()).unwrap();
        let decoder = Decoder::new(&schema, None, Mapping::default(), None).unwrap();
        let input = Bytes::from(bytes);
        if let Ok(value) = decoder.read(&input) {
            // A value is 40 bytes; so many may come of no bytes, and so many of each.
            prop_assert!(value.weight() <= 40 * (1_000_000 + 5 * input.len()) + input.len(), "{}", value.weight());
        }
    }

    #[test]
    fn any_text_is_a_schema_or_is_refused(text in "[\\[\\]{}\",:a-z0-9/* ]{0,60}") {
        let _ = Avro::parse(&text, &[]);
    }
}

const SCHEMAS: &[&str] = &[
    r#"{"type":"array","items":{"type":"array","items":{"type":"array","items":"boolean"}}}"#,
    r#"{"type":"map","values":["int","string",{"type":"map","values":"bytes"}]}"#,
    r#"{"type":"array","items":{"type":"record","name":"E","fields":[]}}"#,
    r#"{"type":"record","name":"R","fields":[{"name":"a","type":["null","string"]},{"name":"b","type":{"type":"array","items":{"type":"record","name":"E","fields":[]}}},{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},{"name":"e","type":{"type":"enum","name":"X","symbols":["A","B"]}},{"name":"f","type":{"type":"fixed","name":"F","size":7}},{"name":"g","type":["double","long","boolean"]}]}"#,
    ANYTHING,
];

/// The schema of schemaless data.
const ANYTHING: &str = r#"{"type":"record","name":"Anything","namespace":"io.confluent.connect.avro","fields":[{"name":"boolean","type":["null","boolean"],"default":null},{"name":"bytes","type":["null","bytes"],"default":null},{"name":"double","type":["null","double"],"default":null},{"name":"float","type":["null","float"],"default":null},{"name":"int","type":["null","int"],"default":null},{"name":"long","type":["null","long"],"default":null},{"name":"string","type":["null","string"],"default":null},{"name":"array","type":["null",{"type":"array","items":"Anything"}],"default":null},{"name":"map","type":["null",{"type":"array","items":{"type":"record","name":"MapEntry","fields":[{"name":"key","type":"Anything"},{"name":"value","type":"Anything"}]}}],"default":null}]}"#;
