//! Types that contain themselves: Connect's schemas are trees, so that it is said which type it is and what to do.

use api::ErrorKind;
use api::converter::BuildConverter;
use api::data::Bytes;
use serde_json::json;
use sluice_schema_registry::{AvroConverter, JsonSchemaConverter, ProtobufConverter};

use crate::{converter_of, decode, register, server};

async fn refused<C: BuildConverter + api::Converter>(schema_type: &str, schema: &str, names: &str) {
    let server = server().await;
    register(server.url(), "trees-value", schema_type, schema, &[]).await;
    let mut converter = converter_of::<C>(server.url(), &[]);
    let bytes = Bytes::from_static(&[0, 0, 0, 0, 1, 0, 0]);
    let error = decode(&mut converter, "trees", &[], &bytes).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRecord, "{error}");
    let text = error.to_string();
    for part in [names, "contains itself", "ByteArrayConverter", "topic trees"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_record_a_message_and_a_ref() {
    let avro = json!({"type": "record", "name": "Node", "namespace": "shop", "fields": [
        {"name": "next", "type": ["null", "Node"], "default": null}]});
    refused::<AvroConverter>("AVRO", &avro.to_string(), "shop.Node").await;
    let around = json!({"type": "record", "name": "Node", "namespace": "shop", "fields": [
        {"name": "children", "type": {"type": "array", "items": "shop.Node"}}]});
    refused::<AvroConverter>("AVRO", &around.to_string(), "shop.Node").await;
    let direct = "syntax = \"proto3\"; package shop; message Node { Node next = 1; }";
    refused::<ProtobufConverter>("PROTOBUF", direct, "shop.Node").await;
    let through = "syntax = \"proto3\"; package shop; message Tree { repeated Leaf leaves = 1; } \
                   message Leaf { map<string, Tree> trees = 1; }";
    refused::<ProtobufConverter>("PROTOBUF", through, "shop.Tree").await;
    let node = json!({"type": "object", "properties": {"next": {"$ref": "#/definitions/node"}}, "definitions": {
        "node": {"type": "object", "properties": {"next": {"$ref": "#/definitions/node"}}}}});
    refused::<JsonSchemaConverter>("JSON", &node.to_string(), "#/definitions/node").await;
    let whole = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});
    refused::<JsonSchemaConverter>("JSON", &whole.to_string(), "\"#\"").await;
}
