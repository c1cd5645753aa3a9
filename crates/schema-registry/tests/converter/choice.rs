//! Which schema is written with, under which subject.

use api::data::{Kind, Schema, Struct, Value};
use api::{Converter, ErrorKind, Prepare};

use reqwest::Method;
use serde_json::json;

use crate::{converter, decode, encode, order, order_schema, send, server};

const NO_REGISTER: (&str, &str) = ("auto.register.schemas", "false");

#[tokio::test]
async fn without_registering_a_schema_must_be_there() {
    let server = server().await;
    let schema = order_schema();
    let mut reader = converter(server.url(), &[NO_REGISTER]);
    let error = encode(&mut reader, "orders", &order(&schema, 1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRecord);
    assert!(error.to_string().contains("orders-value"), "{error}");
    encode(&mut converter(server.url(), &[]), "orders", &order(&schema, 1)).await.unwrap();
    assert!(encode(&mut reader, "orders", &order(&schema, 1)).await.unwrap().0.is_some());
    server.shutdown().await;
}

#[tokio::test]
async fn the_latest_schema_is_written_and_read_with() {
    let server = server().await;
    let fields = [("note", Schema::optional(Kind::String)), ("id", Schema::required(Kind::Int64))];
    let registered = Schema::structure(fields).unwrap().to_builder().name("shop.Order").build();
    let row = Struct::new(registered.clone(), vec![Value::Null, Value::Int64(1)]).unwrap();
    let datum = api::data::Datum::new(registered, Value::Struct(row));
    encode(&mut converter(server.url(), &[]), "orders", &datum).await.unwrap();

    let mut latest = converter(server.url(), &[NO_REGISTER, ("use.latest.version", "true")]);
    let (bytes, _) = encode(&mut latest, "orders", &order(&order_schema(), 7)).await.unwrap();
    let bytes = bytes.unwrap();
    assert_eq!(&bytes[..], [0, 0, 0, 0, 1, 2, 2, b'n', 14], "in the order of the registered fields");
    let back = decode(&mut latest, "orders", &[], &bytes).await.unwrap();
    assert_eq!(back.value.as_struct().unwrap().get("id"), Some(&Value::Int64(7)));

    // One that cannot be read as the latest schema is refused, unless that is allowed.
    let other = Schema::structure([("id", Schema::required(Kind::String))]).unwrap();
    let other = other.to_builder().name("shop.Order").build();
    let row = Struct::new(other.clone(), vec![Value::string("x")]).unwrap();
    let datum = api::data::Datum::new(other, Value::Struct(row));
    let error = encode(&mut latest, "orders", &datum).await.unwrap_err();
    assert!(error.to_string().contains("latest.compatibility.strict"), "{error}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_latest_schema_that_is_not_remembered_is_used_all_the_same() {
    let server = server().await;
    let schema = order_schema();
    encode(&mut converter(server.url(), &[]), "orders", &order(&schema, 1)).await.unwrap();
    let keys = [NO_REGISTER, ("use.latest.version", "true"), ("latest.cache.ttl.sec", "0")];
    let mut latest = converter(server.url(), &keys);
    let (bytes, _) = encode(&mut latest, "orders", &order(&schema, 1)).await.unwrap();
    decode(&mut latest, "orders", &[], &bytes.unwrap()).await.unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn a_schema_of_an_id_is_written_with() {
    let server = server().await;
    let schema = order_schema();
    encode(&mut converter(server.url(), &[]), "orders", &order(&schema, 1)).await.unwrap();
    let mut by_id = converter(server.url(), &[NO_REGISTER, ("use.schema.id", "1")]);
    let (bytes, _) = encode(&mut by_id, "orders", &order(&schema, 1)).await.unwrap();
    assert_eq!(&bytes.unwrap()[..5], [0, 0, 0, 0, 1]);
    let mut missing = converter(server.url(), &[NO_REGISTER, ("use.schema.id", "99")]);
    let error = encode(&mut missing, "orders", &order(&schema, 1)).await.unwrap_err();
    assert!(error.to_string().contains("id 99"), "{error}");
    server.shutdown().await;
}

#[tokio::test]
async fn subjects_follow_the_strategy() {
    let server = server().await;
    let schema = order_schema();
    for (strategy, subject) in [
        ("io.confluent.kafka.serializers.subject.RecordNameStrategy", "shop.Order"),
        ("io.confluent.kafka.serializers.subject.TopicRecordNameStrategy", "orders-shop.Order"),
        // This registry knows no associations: the fallback is used.
        ("io.confluent.kafka.serializers.subject.AssociatedNameStrategy", "orders-value"),
    ] {
        let mut writer = converter(server.url(), &[("value.subject.name.strategy", strategy)]);
        let (bytes, _) = encode(&mut writer, "orders", &order(&schema, 1)).await.unwrap();
        decode(&mut writer, "orders", &[], &bytes.unwrap()).await.unwrap();
        let subjects = send(Method::GET, format!("{}/subjects", server.url()), json!({})).await;
        assert!(subjects.as_array().unwrap().contains(&json!(subject)), "{subject}: {subjects}");
        // Only who finds it under that subject may write without registering.
        let mut finder = converter(server.url(), &[NO_REGISTER, ("value.subject.name.strategy", strategy)]);
        assert!(encode(&mut finder, "orders", &order(&schema, 1)).await.is_ok(), "{subject}");
    }
    let mut by_record = converter(
        server.url(),
        &[("value.subject.name.strategy", "io.confluent.kafka.serializers.subject.RecordNameStrategy")],
    );
    let plain = api::data::Datum::new(Schema::required(Kind::Int32), Value::Int32(1));
    let error = encode(&mut by_record, "orders", &plain).await.unwrap_err();
    assert!(error.to_string().contains("no record"), "{error}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_context_is_part_of_the_url() {
    let server = server().await;
    let url = format!("{}/contexts/.team", server.url());
    let schema = order_schema();
    encode(&mut converter(&url, &[]), "orders", &order(&schema, 1)).await.unwrap();
    // Outside of the context the look-up goes on in the others; a record of another name is nowhere.
    let other = schema.to_builder().name("shop.Other").build();
    let mut outside = converter(server.url(), &[NO_REGISTER]);
    let need = Prepare::Encode { topic: "orders", schema: Some(&other) };
    assert!(outside.prepare(need).await.is_err());
    let mut inside = converter(&url, &[NO_REGISTER]);
    assert!(encode(&mut inside, "orders", &order(&schema, 1)).await.is_ok());
    server.shutdown().await;
}
