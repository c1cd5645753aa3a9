//! Contexts, metadata and normalized schemas.

use api::data::Value;
use api::{Converter, ErrorKind, Prepare};
use reqwest::Method;
use serde_json::json;
use sluice_schema_registry::{AvroConverter, ProtobufConverter};

use crate::{converter, converter_of, decode, encode, order, order_schema, register, send, server};

const NO_REGISTER: (&str, &str) = ("auto.register.schemas", "false");
const HEADER: (&str, &str) =
    ("value.schema.id.serializer", "io.confluent.kafka.serializers.schema.id.HeaderSchemaIdSerializer");

#[tokio::test]
async fn ids_and_references_are_those_of_the_context() {
    let server = server().await;
    let team = format!("{}/contexts/.team", server.url());
    // Outside, the same id and the same subject are something else.
    register(server.url(), "buyer", "AVRO", r#""int""#, &[]).await;
    register(server.url(), "orders-value", "AVRO", r#""string""#, &[]).await;
    let buyer = json!({"type": "record", "name": "Buyer", "namespace": "shop", "fields": [{"name": "n", "type": "int"}]});
    register(&team, "buyer", "AVRO", &buyer.to_string(), &[]).await;
    let schema = r#"{"type":"array","items":"shop.Buyer"}"#;
    let id = register(&team, "orders-value", "AVRO", schema, &[("shop.Buyer", "buyer")]).await;
    assert_eq!(id, 2);
    let bytes = api::data::Bytes::from_static(&[0, 0, 0, 0, 2, 2, 10, 0]);
    let back = decode(&mut converter(&team, &[]), "orders", &[], &bytes).await.unwrap();
    let Value::Array(rows) = back.value else { panic!("{back:?}") };
    assert_eq!(rows[0].as_struct().unwrap().get("n"), Some(&Value::Int32(5)));
    // A GUID is the content's: it is the same everywhere, and found from everywhere.
    let schema = order_schema();
    let (data, headers) =
        encode(&mut converter(&team, &[HEADER]), "others", &order(&schema, 1)).await.unwrap();
    let mut inside = converter(&team, &[]);
    let back = decode(&mut inside, "others", &headers, &data.unwrap()).await.unwrap();
    assert_eq!(back.value.as_struct().unwrap().get("id"), Some(&Value::Int64(1)));
    server.shutdown().await;
}

#[tokio::test]
async fn the_latest_schema_with_some_metadata_is_written_and_read_with() {
    let server = server().await;
    let url = server.url();
    // Two lines of versions that are not compatible: each is compared within itself.
    send(Method::PUT, format!("{url}/config/orders-value"), json!({"compatibilityGroup": "major"})).await;
    let versions = format!("{url}/subjects/orders-value/versions");
    let mut ids = Vec::new();
    for (major, kind) in [("1", "long"), ("1", "double"), ("2", "string")] {
        let schema = json!({"type": "record", "name": "Order", "namespace": "shop", "fields": [
            {"name": "id", "type": kind}, {"name": "note", "type": ["null", "string"], "default": null}]});
        let body = json!({"schema": schema.to_string(), "metadata": {"properties": {"major": major, "team": "blue"}}});
        ids.push(send(Method::POST, versions.clone(), body).await["id"].as_i64().unwrap());
    }
    let first = [NO_REGISTER, ("use.latest.with.metadata", "major=1, team=blue")];
    let (bytes, _) = encode(&mut converter(url, &first), "orders", &order(&order_schema(), 1)).await.unwrap();
    let bytes = bytes.unwrap();
    assert_eq!(i64::from(bytes[4]), ids[1], "the latest of the first line");
    // Old data is read as the latest schema of its line.
    let old = api::data::Bytes::from_static(&[0, 0, 0, 0, 1, 14, 0]);
    let back = decode(&mut converter(url, &first), "orders", &[], &old).await.unwrap();
    assert_eq!(back.value.as_struct().unwrap().get("id"), Some(&Value::Float64(7.0)));
    assert_eq!(back.schema.unwrap().version(), Some(2));
    // The other line cannot read it, which is said; metadata that no version has is named.
    let second = [NO_REGISTER, ("use.latest.with.metadata", "major=2")];
    let error = encode(&mut converter(url, &second), "orders", &order(&order_schema(), 1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRecord);
    assert!(error.to_string().contains("latest.compatibility.strict"), "{error}");
    let third = [NO_REGISTER, ("use.latest.with.metadata", "major=3")];
    let error = encode(&mut converter(url, &third), "orders", &order(&order_schema(), 1)).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("orders-value") && text.contains("metadata") && text.contains(url), "{text}");
    server.shutdown().await;
}

#[tokio::test]
async fn normalized_schemas_are_the_same_in_any_order() {
    let server = server().await;
    let url = server.url();
    let schema = order_schema();
    // What the converter registers, as another author would have ordered it.
    encode(&mut converter_of::<ProtobufConverter>(url, &[]), "orders", &order(&schema, 1)).await.unwrap();
    let stored = send(Method::GET, format!("{url}/subjects/orders-value/versions/1"), json!({})).await;
    let mut lines: Vec<&str> = stored["schema"].as_str().unwrap().lines().collect();
    let first = lines.iter().position(|line| line.contains("= 1;")).unwrap();
    lines.swap(first, first + 1);
    let body = json!({"schema": lines.join("\n"), "schemaType": "PROTOBUF"});
    send(Method::POST, format!("{url}/subjects/others-value/versions?normalize=true"), body.clone()).await;
    send(Method::POST, format!("{url}/subjects/as-sent-value/versions"), body).await;
    // The look-up knows it as it was sent only.
    let mut plain = converter_of::<ProtobufConverter>(url, &[NO_REGISTER]);
    let error = plain.prepare(Prepare::Encode { topic: "as-sent", schema: Some(&schema) }).await.unwrap_err();
    assert!(error.to_string().contains("normalize.schemas=true"), "{error}");
    let normal = [NO_REGISTER, ("normalize.schemas", "true")];
    let mut normal = converter_of::<ProtobufConverter>(url, &normal);
    encode(&mut normal, "others", &order(&schema, 1)).await.unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn a_mode_that_allows_no_writing_is_said_with_the_way_out() {
    let server = server().await;
    let url = server.url();
    send(Method::PUT, format!("{url}/mode/orders-value"), json!({"mode": "READONLY"})).await;
    let error =
        encode(&mut converter_of::<AvroConverter>(url, &[]), "orders", &order(&order_schema(), 1)).await;
    let error = error.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("42205") && text.contains("READWRITE") && text.contains(url), "{text}");
    server.shutdown().await;
}
