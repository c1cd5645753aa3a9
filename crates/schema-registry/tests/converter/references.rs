//! Schemas that name others: written with, and read.

use api::data::{Datum, Kind, Schema, SchemaRef, Struct, Value};
use reqwest::Method;
use serde_json::json;
use sluice_schema_registry::{AvroConverter, JsonSchemaConverter, ProtobufConverter};

use crate::{converter_of, decode, encode, register, send, server};

const LATEST: [(&str, &str); 2] = [("auto.register.schemas", "false"), ("use.latest.version", "true")];

fn named(name: &str, fields: Vec<(&str, SchemaRef)>) -> SchemaRef {
    Schema::structure(fields).unwrap().to_builder().name(name).build()
}

/// An order with a buyer, who has an address: named as the format's schemas name them.
fn order(package: &str) -> Datum {
    let name = |name: &str| format!("{package}{name}");
    let text = Schema::required(Kind::String);
    let address = named(&name("Address"), vec![("city", text.clone())]);
    let buyer = named(&name("Buyer"), vec![("name", text), ("address", address.clone())]);
    let order = named(&name("Order"), vec![("id", Schema::required(Kind::Int64)), ("buyer", buyer.clone())]);
    let row = |schema: &SchemaRef, values| Value::Struct(Struct::new(schema.clone(), values).unwrap());
    let address = row(&address, vec![Value::string("Bern")]);
    let buyer = row(&buyer, vec![Value::string("Ada"), address]);
    Datum::new(order.clone(), row(&order, vec![Value::Int64(7), buyer]))
}

fn city(datum: &Datum) -> String {
    let inside = |value: &Value, name: &str| value.as_struct().unwrap().get(name).cloned().unwrap();
    let address = inside(&inside(&datum.value, "buyer"), "address");
    inside(&address, "city").as_str().unwrap().to_owned()
}

#[tokio::test]
async fn avro_names_types_of_other_subjects() {
    let server = server().await;
    let url = server.url();
    let address = json!({"type": "record", "name": "Address", "namespace": "shop",
        "fields": [{"name": "city", "type": "string"}]});
    register(url, "address", "AVRO", &address.to_string(), &[]).await;
    let buyer = json!({"type": "record", "name": "Buyer", "namespace": "shop", "fields": [
        {"name": "name", "type": "string"}, {"name": "address", "type": "shop.Address"}]});
    register(url, "buyer", "AVRO", &buyer.to_string(), &[("shop.Address", "address")]).await;
    let order_schema = json!({"type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "id", "type": "long"}, {"name": "buyer", "type": "shop.Buyer"}]});
    let references = [("shop.Buyer", "buyer")];
    let id = register(url, "orders-value", "AVRO", &order_schema.to_string(), &references).await;
    let mut converter = converter_of::<AvroConverter>(url, &LATEST);
    let (bytes, _) = encode(&mut converter, "orders", &order("shop.")).await.unwrap();
    let bytes = bytes.unwrap();
    assert_eq!(bytes, [&[0, 0, 0, 0, u8::try_from(id).unwrap(), 14, 6][..], b"Ada", &[8], b"Bern"].concat());
    // With and without a schema of the reader's.
    for more in [&LATEST[..], &[]] {
        let back =
            decode(&mut converter_of::<AvroConverter>(url, more), "orders", &[], &bytes).await.unwrap();
        assert_eq!(city(&back), "Bern");
        let buyer = back.value.as_struct().unwrap().get("buyer").unwrap().as_struct().unwrap();
        assert_eq!(buyer.schema().name(), Some("shop.Buyer"));
    }
    // What the converter makes of the same record has everything in it, and is found as the one with references.
    let mut finder = converter_of::<AvroConverter>(
        url,
        &[("auto.register.schemas", "false"), ("connect.meta.data", "false")],
    );
    let (found, _) = encode(&mut finder, "orders", &order("shop.")).await.unwrap();
    assert_eq!(found.unwrap(), bytes);
    server.shutdown().await;
}

#[tokio::test]
async fn protobuf_imports_files_of_other_subjects() {
    let server = server().await;
    let url = server.url();
    let address = "syntax = \"proto3\"; package shop; message Address { string city = 1; }";
    register(url, "address", "PROTOBUF", address, &[]).await;
    let buyer = "syntax = \"proto3\"; package shop; import \"a/address.proto\"; \
                 message Buyer { string name = 1; Address address = 2; }";
    register(url, "buyer", "PROTOBUF", buyer, &[("a/address.proto", "address")]).await;
    let schema = "syntax = \"proto3\"; package shop; import \"buyer.proto\"; \
                  message Order { int64 id = 1; shop.Buyer buyer = 2; }";
    let id = register(url, "orders-value", "PROTOBUF", schema, &[("buyer.proto", "buyer")]).await;
    // The converter's own schema has the buyer inside of the order, where it has another full name.
    let lenient = [LATEST[0], LATEST[1], ("latest.compatibility.strict", "false")];
    let mut converter = converter_of::<ProtobufConverter>(url, &lenient);
    let (bytes, _) = encode(&mut converter, "orders", &order("shop.")).await.unwrap();
    let bytes = bytes.unwrap();
    let data = [&[8, 7, 18, 13, 10, 3][..], b"Ada", &[18, 6, 10, 4], b"Bern"].concat();
    assert_eq!(bytes, [&[0, 0, 0, 0, u8::try_from(id).unwrap(), 0], &data[..]].concat());
    for more in [&lenient[..], &[]] {
        let mut reader = converter_of::<ProtobufConverter>(url, more);
        assert_eq!(city(&decode(&mut reader, "orders", &[], &bytes).await.unwrap()), "Bern");
    }
    // What Google's own files define needs no reference.
    let fields = vec![
        ("at", Schema::logical_builder(api::data::Logical::Timestamp).build()),
        ("id", Schema::required(Kind::Int64)),
    ];
    let event = named("Event", fields);
    let row = Struct::new(event.clone(), vec![Value::Timestamp(1_500), Value::Int64(1)]).unwrap();
    let event = Datum::new(event, Value::Struct(row));
    let mut registering = converter_of::<ProtobufConverter>(url, &[]);
    let (bytes, _) = encode(&mut registering, "events", &event).await.unwrap();
    let back = decode(&mut registering, "events", &[], &bytes.unwrap()).await.unwrap();
    assert_eq!(back.value.as_struct().unwrap().get("at"), Some(&Value::Timestamp(1_500)));
    server.shutdown().await;
}

#[tokio::test]
async fn json_schema_refers_to_schemas_of_other_subjects() {
    let server = server().await;
    let url = server.url();
    let address = json!({"type": "object", "title": "Address", "properties": {"city": {"type": "string"}},
        "required": ["city"]});
    register(url, "address", "JSON", &address.to_string(), &[]).await;
    let buyer = json!({"type": "object", "title": "Buyer", "properties": {
        "name": {"type": "string", "connect.index": 0}, "address": {"$ref": "address.json", "connect.index": 1}},
        "required": ["name", "address"]});
    register(url, "buyer", "JSON", &buyer.to_string(), &[("address.json", "address")]).await;
    let schema = json!({"type": "object", "title": "Order", "properties": {
        "id": {"type": "integer", "connect.type": "int64", "connect.index": 0},
        "buyer": {"$ref": "buyer.json", "connect.index": 1}}, "required": ["id", "buyer"]});
    let id = register(url, "orders-value", "JSON", &schema.to_string(), &[("buyer.json", "buyer")]).await;
    let lenient = [
        LATEST[0],
        LATEST[1],
        ("latest.compatibility.strict", "false"),
        ("json.fail.invalid.schema", "true"),
    ];
    let mut converter = converter_of::<JsonSchemaConverter>(url, &lenient);
    let (bytes, _) = encode(&mut converter, "orders", &order("")).await.unwrap();
    let bytes = bytes.unwrap();
    assert_eq!(bytes[..5], [0, 0, 0, 0, u8::try_from(id).unwrap()]);
    assert_eq!(bytes[5..], *br#"{"id":7,"buyer":{"name":"Ada","address":{"city":"Bern"}}}"#);
    for more in [&lenient[..], &[]] {
        let mut reader = converter_of::<JsonSchemaConverter>(url, more);
        assert_eq!(city(&decode(&mut reader, "orders", &[], &bytes).await.unwrap()), "Bern");
    }
    // The validator follows the references, too.
    let mut validating = converter_of::<JsonSchemaConverter>(url, &[("json.fail.invalid.schema", "true")]);
    let wrong = [&bytes[..5], br#"{"id":7,"buyer":{"name":"Ada","address":{"city":5}}}"#].concat();
    let error = decode(&mut validating, "orders", &[], &wrong.into()).await.unwrap_err();
    assert!(error.to_string().contains("/buyer/address/city"), "{error}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_reference_stays_readable_when_its_version_is_deleted_and_a_missing_one_is_named() {
    let server = server().await;
    let url = server.url();
    let address =
        json!({"type": "record", "name": "Address", "fields": [{"name": "city", "type": "string"}]});
    register(url, "address", "AVRO", &address.to_string(), &[]).await;
    let id = register(
        url,
        "homes-value",
        "AVRO",
        r#"{"type":"array","items":"Address"}"#,
        &[("Address", "address")],
    )
    .await;
    let bytes = [&[0, 0, 0, 0, u8::try_from(id).unwrap(), 2, 8][..], b"Bern", &[0]].concat();
    send(Method::DELETE, format!("{url}/subjects/homes-value"), json!({})).await;
    send(Method::DELETE, format!("{url}/subjects/address"), json!({})).await;
    let mut reader = converter_of::<AvroConverter>(url, &[]);
    let back = decode(&mut reader, "homes", &[], &bytes.into()).await.unwrap();
    assert!(matches!(back.value, Value::Array(ref rows) if rows.len() == 1), "{back:?}");
    server.shutdown().await;
}
