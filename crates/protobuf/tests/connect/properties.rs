//! Whatever the schema and the value, what is written is read again.

use crate::*;
use proptest::prelude::*;

// A field's schema and values of it; optional ones only of what may be null in Protobuf.
fn field() -> impl Strategy<Value = (SchemaRef, Vec<Value>)> {
    let scalar = prop_oneof![
        any::<i8>().prop_map(|n| (Schema::required(Kind::Int8), Value::Int8(n))),
        any::<i16>().prop_map(|n| (Schema::required(Kind::Int16), Value::Int16(n))),
        any::<i32>().prop_map(|n| (Schema::required(Kind::Int32), Value::Int32(n))),
        any::<i64>().prop_map(|n| (Schema::required(Kind::Int64), Value::Int64(n))),
        any::<i32>().prop_map(|n| (Schema::required(Kind::Float32), Value::Float32(n as f32 / 7.0))),
        any::<i64>().prop_map(|n| (Schema::required(Kind::Float64), Value::Float64(n as f64 / 7.0))),
        any::<bool>().prop_map(|b| (Schema::required(Kind::Boolean), Value::Boolean(b))),
        ".{0,200}".prop_map(|text| (Schema::required(Kind::String), Value::string(text))),
        proptest::collection::vec(any::<u8>(), 0..200)
            .prop_map(|bytes| (Schema::required(Kind::Bytes), Value::Bytes(bytes.into()))),
        (any::<i64>(), -5i32..20).prop_map(|(n, scale)| (
            Schema::logical_builder(Logical::Decimal { scale }).build(),
            Value::Decimal(Decimal::from_i64(n, scale))
        )),
        (-719_162i32..700_000_000)
            .prop_map(|n| (Schema::logical_builder(Logical::Date).build(), Value::Date(n))),
        (0i32..86_400_000).prop_map(|n| (Schema::logical_builder(Logical::Time).build(), Value::Time(n))),
        (-62_135_596_800_000i64..253_402_300_800_000)
            .prop_map(|n| (Schema::logical_builder(Logical::Timestamp).build(), Value::Timestamp(n))),
    ];
    scalar.prop_flat_map(|(schema, value)| {
        let (s, v) = (schema.clone(), value.clone());
        let (s2, v2) = (schema.clone(), value.clone());
        prop_oneof![
            Just((schema.clone(), vec![value.clone()])),
            Just((optional(&schema), vec![value.clone(), Value::Null])),
            (0usize..5).prop_map(move |n| (
                Schema::required(Kind::Array(s.clone())),
                vec![Value::Array(vec![v.clone(); n])]
            )),
            proptest::collection::btree_map(any::<i32>(), Just(()), 0..5).prop_map(move |keys| {
                // What an int32 in a map was is not told, as in Java.
                let (s2, v2) = match v2 {
                    Value::Int8(n) => (Schema::required(Kind::Int32), Value::Int32(n.into())),
                    Value::Int16(n) => (Schema::required(Kind::Int32), Value::Int32(n.into())),
                    _ => (s2.clone(), v2.clone()),
                };
                let entries = keys.keys().map(|key| (Value::Int32(*key), v2.clone())).collect();
                let schema = Schema::required(Kind::Map(Schema::required(Kind::Int32), s2));
                (schema, vec![Value::Map(Map::from_distinct(entries))])
            }),
        ]
    })
}

proptest! {
    #[test]
    fn values_come_back(fields in proptest::collection::vec((field(), any::<bool>()), 1..12), wrap: bool) {
        let config = match wrap {
            true => Config { wrapper_for_nullables: true, ..Config::default() },
            false => Config { optional_for_nullables: true, ..Config::default() },
        };
        let list: Vec<_> = fields.iter().enumerate().map(|(i, ((schema, _), _))| (format!("f{i}"), schema.clone())).collect();
        let schema = Schema::structure(list).unwrap();
        let values: Vec<_> = fields.iter().map(|((_, values), last)| {
            values[if *last { values.len() - 1 } else { 0 }].clone()
        }).collect();
        let value = row(&schema, values.clone());
        let (file, out) = encode(&schema, &value, &config);
        let back = decode(&file, &out, &config);
        // Names and numbers are added to the schema: values are compared.
        let back = back.value.as_struct().unwrap();
        for (was, is) in values.iter().zip(back.values()) {
            // A wrapper does not tell that an integer was a narrow one.
            match was.as_i64().filter(|_| wrap) {
                Some(number) => prop_assert_eq!(Some(number), is.as_i64()),
                None => prop_assert_eq!(was, is),
            }
        }
    }

    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let file = File::parse(MANY, &[]).unwrap();
        let decoder = Decoder::new(&file, &[0], &Config::default(), Some(1)).unwrap();
        let _ = decoder.decode(&bytes.into());
    }

    #[test]
    fn changed_records_never_panic(at in 0usize..200, with: u8, cut in 0usize..200) {
        let (schema, value) = everything();
        let (file, mut out) = encode(&schema, &value, &Config::default());
        let at = at % out.len();
        out[at] = with;
        out.truncate(out.len().saturating_sub(cut));
        if let Ok((indexes, length)) = read_indexes(&out)
            && let Ok(decoder) = Decoder::new(&file, &indexes, &Config::default(), Some(1))
        {
            let _ = decoder.decode(&Bytes::copy_from_slice(&out[length..]));
        }
    }
}
