//! Whatever the schema and the value, what is written is read again.

use crate::*;
use proptest::prelude::*;

fn leaf() -> impl Strategy<Value = (SchemaRef, Value)> {
    prop_oneof![
        any::<i8>().prop_map(|n| (Schema::required(Kind::Int8), Value::Int8(n))),
        any::<i32>().prop_map(|n| (Schema::required(Kind::Int32), Value::Int32(n))),
        any::<i64>().prop_map(|n| (Schema::required(Kind::Int64), Value::Int64(n))),
        any::<i32>().prop_map(|n| (Schema::required(Kind::Float32), Value::Float32(n as f32 / 7.0))),
        any::<i64>().prop_map(|n| (Schema::required(Kind::Float64), Value::Float64(n as f64 / 7.0))),
        any::<bool>().prop_map(|b| (Schema::required(Kind::Boolean), Value::Boolean(b))),
        ".{0,20}".prop_map(|text| (Schema::required(Kind::String), Value::string(text))),
        proptest::collection::vec(any::<u8>(), 0..20)
            .prop_map(|bytes| (Schema::required(Kind::Bytes), Value::Bytes(bytes.into()))),
        (any::<i64>(), 0i32..20).prop_map(|(n, scale)| (
            Schema::logical_builder(Logical::Decimal { scale }).build(),
            Value::Decimal(Decimal::from_i64(n, scale))
        )),
        any::<i32>().prop_map(|n| (Schema::logical_builder(Logical::Date).build(), Value::Date(n))),
        any::<i64>().prop_map(|n| (Schema::logical_builder(Logical::Timestamp).build(), Value::Timestamp(n))),
        Just((Schema::optional(Kind::String), Value::Null)),
    ]
}

fn tree() -> impl Strategy<Value = (SchemaRef, Value)> {
    leaf().prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            (inner.clone(), 0usize..4).prop_map(|((schema, value), n)| {
                (Schema::required(Kind::Array(schema)), Value::Array(vec![value; n]))
            }),
            (inner.clone(), proptest::collection::btree_map(any::<i16>(), Just(()), 0..4)).prop_map(
                |((schema, value), keys)| {
                    let entries = keys.keys().map(|key| (Value::Int16(*key), value.clone())).collect();
                    (
                        Schema::required(Kind::Map(Schema::required(Kind::Int16), schema)),
                        Value::Map(Map::from_distinct(entries)),
                    )
                }
            ),
            proptest::collection::vec(inner, 1..5).prop_map(|parts| {
                let fields =
                    parts.iter().enumerate().map(|(i, (schema, _))| (format!("f{i}"), schema.clone()));
                let schema = Schema::structure(fields.collect::<Vec<_>>()).unwrap();
                let values = parts.into_iter().map(|(_, value)| value).collect();
                (schema.clone(), row(&schema, values))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn values_and_schemas_come_back((schema, value) in tree()) {
        let config = Config::default();
        let json_schema = text(&schema, &config);
        let back = read(&json_schema, &config);
        prop_assert_eq!(&*back, &*schema);
        let document = encode(&schema, &value, &config);
        prop_assert_eq!(decode(&back, &document), value);
    }

    #[test]
    fn bytes_never_panic((schema, value) in tree(), at in 0usize..100, with: u8) {
        let mut document = encode(&schema, &value, &Config::default()).into_bytes();
        let at = at % document.len();
        document[at] = with;
        let _ = Decoder::new(&schema).unwrap().decode(&document.into());
    }

    #[test]
    fn schemas_never_panic(text in "[\\[{:,\"}a-z\\]$#/0-9]{0,60}") {
        if let Ok(schema) = JsonSchema::parse(&text, &[]) {
            let _ = to_connect(&schema, &Config::default());
        }
    }
}
