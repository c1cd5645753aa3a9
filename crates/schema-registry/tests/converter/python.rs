//! Messages of the converters, read by Confluent's Python client, and its messages read by them: all formats, and both
//! ways to name the schema.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use api::converter::BuildConverter;
use api::data::{Bytes, Datum, Kind, Map, Schema, Struct, Value};
use api::{Converter, RawHeader};
use serde_json::{Value as Json, json};
use sluice_schema_registry::{AvroConverter, JsonSchemaConverter, ProtobufConverter};

use crate::{converter_of, decode, encode, server};

const PROGRAM: &str = include_str!("client.py");
const PLACES: [&str; 2] = ["PrefixSchemaIdSerializer", "HeaderSchemaIdSerializer"];

/// More than a double can hold exactly.
const ID: i64 = (1 << 53) + 1;

fn order(package: &str) -> Datum {
    let text = Schema::required(Kind::String);
    let buyer = Schema::structure([("name", text.clone())]).unwrap();
    let buyer = buyer.to_builder().name(&format!("{package}Buyer")).build();
    let fields = [
        ("id", Schema::required(Kind::Int64)),
        ("note", Schema::optional(Kind::String)),
        ("paid", Schema::required(Kind::Boolean)),
        ("price", Schema::required(Kind::Float64)),
        ("tags", Schema::required(Kind::Array(text.clone()))),
        ("counts", Schema::required(Kind::Map(text, Schema::required(Kind::Int32)))),
        ("buyer", buyer.clone()),
    ];
    let schema = Schema::structure(fields).unwrap().to_builder().name(&format!("{package}Order")).build();
    let mut counts = Map::new();
    counts.insert(Value::string("a"), Value::Int32(-3));
    let values = vec![
        Value::Int64(ID),
        Value::string("für Ada"),
        Value::Boolean(true),
        Value::Float64(2.5),
        Value::Array(vec![Value::string("x"), Value::string("")]),
        Value::Map(counts),
        Value::Struct(Struct::new(buyer, vec![Value::string("Ada")]).unwrap()),
    ];
    Datum::new(schema.clone(), Value::Struct(Struct::new(schema, values).unwrap()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Bytes {
    let digits: Vec<u8> = text.bytes().collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn place(name: &str) -> [(&'static str, String); 1] {
    [("value.schema.id.serializer", format!("io.confluent.kafka.serializers.schema.id.{name}"))]
}

/// Writes the order in both ways; a line for the Python program each.
async fn written<C: BuildConverter + Converter>(url: &str, kind: &str, datum: &Datum) -> Vec<Json> {
    let mut messages = Vec::new();
    for name in PLACES {
        let [(key, value)] = place(name);
        let mut converter = converter_of::<C>(url, &[(key, value.as_str())]);
        let (bytes, headers) = encode(&mut converter, kind, datum).await.unwrap();
        let headers: Vec<Json> = headers
            .iter()
            .map(|header| json!([&*header.key, hex(header.value.as_deref().unwrap_or_default())]))
            .collect();
        messages
            .push(json!({"kind": kind, "topic": kind, "bytes": hex(&bytes.unwrap()), "headers": headers}));
    }
    messages
}

async fn read<C: BuildConverter + Converter>(url: &str, kind: &str, answer: &Json) -> Datum {
    let headers: Vec<RawHeader> = answer["headers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|header| RawHeader {
            key: header[0].as_str().unwrap().into(),
            value: Some(unhex(header[1].as_str().unwrap())),
        })
        .collect();
    let bytes = unhex(answer["bytes"].as_str().unwrap());
    decode(&mut converter_of::<C>(url, &[]), kind, &headers, &bytes).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_reads_what_the_converters_write_and_writes_what_they_read() {
    let name = "the_python_client_reads_what_the_converters_write_and_writes_what_they_read";
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let Some(python) = testkit::python::with_confluent_client(target, name) else { return };
    let server = server().await;
    let url = server.url();
    let mut messages = written::<AvroConverter>(url, "AVRO", &order("shop.")).await;
    messages.extend(written::<JsonSchemaConverter>(url, "JSON", &order("shop.")).await);
    messages.extend(written::<ProtobufConverter>(url, "PROTOBUF", &order("")).await);

    let mut program = Command::new(python);
    program.args(["-c", PROGRAM, url]).env("NO_PROXY", "*");
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = program.spawn().unwrap();
    let lines: String = messages.iter().map(|message| format!("{message}\n")).collect();
    running.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = tokio::task::spawn_blocking(move || running.wait_with_output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 2 * 3);

    for (message, answer) in messages.iter().zip(&answers) {
        let expected = json!({"id": ID, "note": "für Ada", "paid": true, "price": 2.5, "tags": ["x", ""],
            "counts": {"a": -3}, "buyer": {"name": "Ada"}});
        assert_eq!(answer["read"], expected, "{message}");
        assert_eq!(answer["headers"], message["headers"], "the same schema, named in the same way");
        let kind = message["kind"].as_str().unwrap();
        let (own, back) = match kind {
            "AVRO" => (order("shop."), read::<AvroConverter>(url, kind, answer).await),
            "JSON" => (order("shop."), read::<JsonSchemaConverter>(url, kind, answer).await),
            _ => (order(""), read::<ProtobufConverter>(url, kind, answer).await),
        };
        // Protobuf's schemas say less than Connect's: the values are what counts.
        let (own, back) = (own.value.as_struct().unwrap(), back.value.as_struct().unwrap());
        let buyer = |row: &Struct| row.get("buyer").unwrap().as_struct().unwrap().values().to_vec();
        assert_eq!(back.values()[..6], own.values()[..6], "{kind}");
        assert_eq!(buyer(back), buyer(own), "{kind}");
    }
    server.shutdown().await;
}
