//! Every value of every schema survives being written and read.

use data::{Bytes, Datum, Decimal, Field, Fields, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};
use proptest::prelude::*;
use sluice_json::{DecimalFormat, Reader, Writer};

fn schema() -> impl Strategy<Value = SchemaRef> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            Kind::Int8,
            Kind::Int16,
            Kind::Int32,
            Kind::Int64,
            Kind::Float32,
            Kind::Float64,
            Kind::Boolean,
            Kind::String,
            Kind::Bytes,
        ])
        .prop_map(Schema::builder),
        prop_oneof![
            (0..6i32).prop_map(|scale| Logical::Decimal { scale }),
            Just(Logical::Date),
            Just(Logical::Time),
            Just(Logical::Timestamp),
        ]
        .prop_map(Schema::logical_builder),
    ];
    let leaf = (leaf, any::<bool>(), prop::option::of("[a-z\"é]{1,5}"))
        .prop_map(|(builder, optional, doc)| match doc {
            Some(doc) => builder.set_optional(optional).doc(&doc).parameter("k", &doc).build(),
            None => builder.set_optional(optional).build(),
        })
        .prop_flat_map(|schema| {
            let default = prop::option::of(value(&Schema::builder(schema.kind().clone()).build(), &schema));
            (Just(schema), default).prop_map(|(schema, default)| match default {
                Some(default) if !default.is_null() => schema.to_builder().default_value(default).build(),
                _ => schema,
            })
        });
    leaf.prop_recursive(4, 24, 5, |inner| {
        let parts = prop_oneof![
            inner.clone().prop_map(Kind::Array),
            (inner.clone(), inner.clone()).prop_map(|(keys, values)| Kind::Map(keys, values)),
            inner.clone().prop_map(|values| Kind::Map(Schema::required(Kind::String), values)),
            prop::collection::vec(("[a-c\"\\\\ä]{0,2}", inner), 0..5).prop_map(|fields| {
                let mut list: Vec<Field> = Vec::new();
                for (index, (name, schema)) in fields.into_iter().enumerate() {
                    list.push(Field { name: format!("{name}{index}").into(), schema });
                }
                Kind::Struct(Fields::new(list).unwrap())
            }),
        ];
        (parts, any::<bool>(), prop::option::of(("[A-Z]{1,3}", any::<i32>()))).prop_map(
            |(kind, optional, name)| {
                let builder = Schema::builder(kind).set_optional(optional);
                match name {
                    Some((name, version)) => builder.name(&name).version(version).build(),
                    None => builder.build(),
                }
            },
        )
    })
}

// Values of a schema. A null stands only where there is no default, since a default replaces it.
fn value(plain: &SchemaRef, schema: &SchemaRef) -> BoxedStrategy<Value> {
    let some = match (schema.logical(), plain.kind()) {
        (Some(Logical::Decimal { scale }), _) => prop_oneof![
            any::<i64>().prop_map(move |n| Value::Decimal(Decimal::from_i64(n, scale))),
            prop::collection::vec(any::<u8>(), 1..20)
                .prop_map(move |bytes| Value::Decimal(Decimal::from_be_bytes(&bytes, scale))),
        ]
        .boxed(),
        (Some(Logical::Date), _) => any::<i32>().prop_map(Value::Date).boxed(),
        (Some(Logical::Time), _) => (0..=86_400_000).prop_map(Value::Time).boxed(),
        (Some(Logical::Timestamp), _) => any::<i64>().prop_map(Value::Timestamp).boxed(),
        (None, Kind::Int8) => any::<i8>().prop_map(Value::Int8).boxed(),
        (None, Kind::Int16) => any::<i16>().prop_map(Value::Int16).boxed(),
        (None, Kind::Int32) => any::<i32>().prop_map(Value::Int32).boxed(),
        (None, Kind::Int64) => any::<i64>().prop_map(Value::Int64).boxed(),
        (None, Kind::Float32) => any::<f32>().prop_map(Value::Float32).boxed(),
        (None, Kind::Float64) => any::<f64>().prop_map(Value::Float64).boxed(),
        (None, Kind::Boolean) => any::<bool>().prop_map(Value::Boolean).boxed(),
        (None, Kind::String) => any::<String>().prop_map(Value::string).boxed(),
        (None, Kind::Bytes) => prop::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| Value::Bytes(Bytes::from(bytes)))
            .boxed(),
        (None, Kind::Array(items)) => {
            prop::collection::vec(value(items, items), 0..4).prop_map(Value::Array).boxed()
        }
        (None, Kind::Map(keys, values)) => {
            // Text keys become member names, and there a null is the text "null": Java's converter loses it too.
            let named = *keys.kind() == Kind::String;
            let key =
                value(keys, keys).prop_filter("a member has a name", move |key| !named || !key.is_null());
            prop::collection::vec((key, value(values, values)), 0..4)
                .prop_map(|entries| {
                    let mut map = Map::new();
                    for (key, value) in entries {
                        map.insert(key, value);
                    }
                    Value::Map(map)
                })
                .boxed()
        }
        (None, Kind::Struct(fields)) => {
            let schema = schema.clone();
            let values: Vec<_> = fields.iter().map(|field| value(&field.schema, &field.schema)).collect();
            values.prop_map(move |values| Value::Struct(Struct::new(schema.clone(), values).unwrap())).boxed()
        }
    };
    match schema.is_optional() && schema.default().is_none() {
        true => prop_oneof![1 => Just(Value::Null), 4 => some].boxed(),
        false => some,
    }
}

fn datum() -> impl Strategy<Value = Datum> {
    schema().prop_flat_map(|schema| {
        let values = value(&schema, &schema);
        (Just(schema), values).prop_map(|(schema, value)| Datum::new(schema, value))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn in_an_envelope(datum in datum(), numeric: bool) {
        let format = if numeric { DecimalFormat::Numeric } else { DecimalFormat::Base64 };
        let (mut writer, mut reader) = (Writer::new(format), Reader::new());
        let mut out = Vec::new();
        writer.write_envelope(&datum, &mut out).unwrap();
        serde_json::from_slice::<serde_json::Value>(&out).unwrap();
        let document = Bytes::from(out);
        // The second time both know the schema.
        for _ in 0..2 {
            let back = reader.parse_envelope(&document).unwrap();
            prop_assert!(same(&back.value, &datum.value), "{back:?} {datum:?}");
            prop_assert_eq!(&back.schema, &datum.schema);
            let mut again = Vec::new();
            writer.write_envelope(&back, &mut again).unwrap();
            prop_assert_eq!(&document, &again);
        }
    }

    #[test]
    fn a_damaged_payload_never_panics(datum in datum(), index: prop::sample::Index, byte: u8) {
        let mut out = Vec::new();
        Writer::new(DecimalFormat::Base64).write_envelope(&datum, &mut out).unwrap();
        let position = index.index(out.len());
        out[position] = byte;
        let document = Bytes::from(out);
        let _ = Reader::new().parse_envelope(&document);
        let _ = Reader::new().parse_as(datum.schema.as_ref().unwrap(), &document);
    }
}

// Equal, where no number is equal to no number.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float32(a), Value::Float32(b)) => a == b || a.is_nan() && b.is_nan(),
        (Value::Float64(a), Value::Float64(b)) => a == b || a.is_nan() && b.is_nan(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(&a.0, &b.0) && same(&a.1, &b.1))
        }
        (Value::Struct(a), Value::Struct(b)) => a.values().iter().zip(b.values()).all(|(a, b)| same(a, b)),
        _ => a == b,
    }
}

// Comparing each key with each other would take many minutes.
#[test]
fn a_map_of_half_a_million_pairs_is_read() {
    let pairs: Vec<String> = (0..500_000).map(|n| format!("[{n},1]")).collect();
    let document = format!("[{},[7,2]]", pairs.join(","));
    let schema = Schema::required(Kind::Map(Schema::required(Kind::Int32), Schema::required(Kind::Int8)));
    let value = Reader::new().parse_as(&schema, &Bytes::from(document)).unwrap();
    let Value::Map(map) = value else { panic!("a map") };
    assert_eq!(map.len(), 500_000);
    assert_eq!(map.get(&Value::Int32(7)), Some(&Value::Int8(2)));
}
