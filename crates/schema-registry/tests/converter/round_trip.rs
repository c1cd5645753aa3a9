//! What was written is read again.

use api::data::{Bytes, Datum, Kind, Map, Schema, Value};
use api::{Converter, EncodeContext};

use crate::{converter, decode, encode, order, order_schema, server};

#[tokio::test]
async fn a_row_comes_back_with_the_version_that_the_registry_gave_its_schema() {
    let server = server().await;
    let mut converter = converter(server.url(), &[]);
    let schema = order_schema();
    let (bytes, headers) = encode(&mut converter, "orders", &order(&schema, 7)).await.unwrap();
    let bytes = bytes.unwrap();
    assert_eq!((&bytes[..], headers.len()), (&[0, 0, 0, 0, 1, 14, 2, 2, b'n'][..], 0));
    let back = decode(&mut converter, "orders", &[], &bytes).await.unwrap();
    assert_eq!(back.schema.as_ref().unwrap().version(), Some(1));
    assert_eq!(back.schema.as_ref().unwrap().name(), Some("shop.Order"));
    assert_eq!(back.value.as_struct().unwrap().values(), [Value::Int64(7), Value::string("n")]);
    // In a topic that does not have the schema it is read too, without a version.
    let elsewhere = decode(&mut converter, "copies", &[], &bytes).await.unwrap();
    assert_eq!(elsewhere.schema.unwrap().version(), None);
    server.shutdown().await;
}

#[tokio::test]
async fn a_header_may_name_the_schema() {
    let server = server().await;
    let header =
        [("value.schema.id.serializer", "io.confluent.kafka.serializers.schema.id.HeaderSchemaIdSerializer")];
    let mut writer = converter(server.url(), &header);
    let schema = order_schema();
    let (bytes, headers) = encode(&mut writer, "orders", &order(&schema, 7)).await.unwrap();
    let bytes = bytes.unwrap();
    assert_eq!(bytes, &[14, 2, 2, b'n'][..]);
    assert_eq!(&*headers[0].key, "__value_schema_id");
    assert_eq!((headers[0].value.as_ref().unwrap()[0], headers[0].value.as_ref().unwrap().len()), (1, 17));
    // A reader looks at both places, whatever it writes itself.
    let mut reader = converter(server.url(), &[]);
    let back = decode(&mut reader, "orders", &headers, &bytes).await.unwrap();
    assert_eq!(back.value.as_struct().unwrap().values()[0], Value::Int64(7));
    server.shutdown().await;
}

#[tokio::test]
async fn plain_bytes_nulls_and_values_without_a_schema() {
    let server = server().await;
    let mut converter = converter(server.url(), &[]);
    let raw = Datum::new(Schema::required(Kind::Bytes), Value::Bytes(Bytes::from_static(b"ab")));
    let (bytes, _) = encode(&mut converter, "raw", &raw).await.unwrap();
    let bytes = bytes.unwrap();
    assert_eq!(&bytes[5..], b"ab", "no length before them");
    assert_eq!(decode(&mut converter, "raw", &[], &bytes).await.unwrap().value, raw.value);

    let mut map = Map::new();
    map.insert(Value::string("a"), Value::Array(vec![Value::Int64(1), Value::Null]));
    let free = Datum::schemaless(Value::Map(map));
    let (bytes, _) = encode(&mut converter, "free", &free).await.unwrap();
    assert_eq!(decode(&mut converter, "free", &[], &bytes.unwrap()).await.unwrap(), free);

    let calls = |datum: Datum, converter: &mut sluice_schema_registry::AvroConverter| {
        let mut out = Vec::new();
        converter.encode(&mut EncodeContext { topic: "t", headers: &mut Vec::new() }, &datum, &mut out)
    };
    assert!(!calls(Datum::NULL, &mut converter).unwrap());
    assert!(!calls(Datum::new(Schema::optional(Kind::Int8), Value::Null), &mut converter).unwrap());
    let required = calls(Datum::new(Schema::required(Kind::Int8), Value::Null), &mut converter).unwrap_err();
    assert!(required.to_string().contains("non-optional"), "{required}");
    server.shutdown().await;
}

#[tokio::test]
async fn an_evolved_schema_is_a_new_version_and_a_breaking_one_is_refused() {
    let server = server().await;
    let mut converter = converter(server.url(), &[]);
    encode(&mut converter, "orders", &order(&order_schema(), 1)).await.unwrap();
    let fields = [
        ("id", Schema::required(Kind::Int64)),
        ("note", Schema::optional(Kind::String)),
        ("more", Schema::optional(Kind::Int32)),
    ];
    let wider = Schema::structure(fields).unwrap().to_builder().name("shop.Order").build();
    let row =
        api::data::Struct::new(wider.clone(), vec![Value::Int64(1), Value::Null, Value::Int32(3)]).unwrap();
    let (bytes, _) = encode(&mut converter, "orders", &Datum::new(wider, Value::Struct(row))).await.unwrap();
    let back = decode(&mut converter, "orders", &[], &bytes.unwrap()).await.unwrap();
    assert_eq!(back.schema.unwrap().version(), Some(2));
    let breaking = Schema::structure([("id", Schema::required(Kind::String))]).unwrap();
    let breaking = breaking.to_builder().name("shop.Order").build();
    let row = api::data::Struct::new(breaking.clone(), vec![Value::string("x")]).unwrap();
    let error =
        encode(&mut converter, "orders", &Datum::new(breaking, Value::Struct(row))).await.unwrap_err();
    assert_eq!(error.kind(), api::ErrorKind::BadRecord);
    let text = error.to_string();
    assert!(text.contains("orders-value") && text.contains("409"), "{text}");
    server.shutdown().await;
}
