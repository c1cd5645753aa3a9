//! Maps, which are lists of messages with a key and a value. Texts and bytes are the answers of Confluent's
//! ProtobufConverter 7.0.16.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use data::{Bytes, Datum, Decimal, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};
use sluice_protobuf::Schema as File;
use sluice_protobuf::connect::{Config, Decoder, Encoder, from_connect};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn row(schema: &SchemaRef, values: Vec<Value>) -> Value {
    Value::Struct(Struct::new(schema.clone(), values).unwrap())
}

fn map(key: impl Into<Value>, value: impl Into<Value>) -> Value {
    Value::Map(Map::from_distinct(vec![(key.into(), value.into())]))
}

fn map_of(keys: SchemaRef, values: SchemaRef) -> SchemaRef {
    Schema::required(Kind::Map(keys, values))
}

// The text of the file, the message's bytes, and what is read from them.
fn through(schema: &SchemaRef, value: &Value, config: &Config) -> (String, Vec<u8>, Datum) {
    let text = from_connect(schema, config).unwrap();
    let file = File::parse(&text, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(file.canonical(), text);
    let mut out = Vec::new();
    Encoder::new(schema, &file, &[0], config).unwrap().encode(value, &mut out).unwrap();
    let back =
        Decoder::new(&file, &[0], config, None).unwrap().decode(&Bytes::copy_from_slice(&out)).unwrap();
    (text, out, back)
}

fn field<'a>(datum: &'a Datum, name: &str) -> (&'a SchemaRef, &'a Value) {
    let row = datum.value.as_struct().unwrap();
    let fields = row.schema().fields().unwrap();
    let position = fields.position(name).unwrap();
    (&fields[position].schema, &row.values()[position])
}

const JAVA: &str = include_str!("maps.proto");

#[test]
fn a_map_has_javas_schema_and_bytes_and_comes_back_as_a_map() {
    let string = Schema::required(Kind::String);
    let decimal = || Schema::logical_builder(Logical::Decimal { scale: 2 });
    let inner = Schema::structure([("z", Schema::required(Kind::Int32))]).unwrap();
    let inner = inner.to_builder().name("x.y.Inner").build();
    let own_name = Schema::structure([("q", string.clone())]).unwrap().to_builder().name("inner").build();
    let named = map_of(Schema::required(Kind::Int32), inner.clone()).to_builder().name("a.my_map").optional();
    let schema = Schema::structure([
        ("ma", map_of(string.clone(), Schema::required(Kind::Int64))),
        ("mi", named.build()),
        ("m8", map_of(string.clone(), Schema::required(Kind::Int8))),
        ("md", map_of(string.clone(), decimal().build())),
        ("ms", map_of(string.clone(), Schema::optional(Kind::String))),
        ("mf", map_of(Schema::required(Kind::Float64), inner.clone())),
        ("mk", map_of(inner.clone(), string.clone())),
        ("inner", own_name.clone()),
        ("in", inner.clone()),
        ("de", decimal().parameter("connect.decimal.precision", "9").build()),
        ("i8", Schema::required(Kind::Int8)),
    ]);
    let schema = schema.unwrap().to_builder().name("com.acme.Row").build();
    let five = || row(&inner, vec![Value::Int32(5)]);
    let value = row(
        &schema,
        vec![
            map(Value::string("k"), Value::Int64(9)),
            map(Value::Int32(3), five()),
            map(Value::string("b"), Value::Int8(7)),
            map(Value::string("d"), Value::Decimal(Decimal::from_i64(125, 2))),
            map(Value::string("n"), Value::Null),
            map(Value::Float64(1.5), five()),
            map(five(), Value::string("x")),
            row(&own_name, vec![Value::string("i")]),
            five(),
            Value::Decimal(Decimal::from_i64(350, 2)),
            Value::Int8(1),
        ],
    );
    let (text, bytes, back) = through(&schema, &value, &Config::default());
    assert_eq!(text, JAVA);
    assert_eq!(
        hex(&bytes),
        "0a050a016b100912060803120208051a050a01621007220c0a016412070a017d100318022a030a016e320d09000000000000f83f1202\
         08053a070a02080512017842030a01694a02080552080a02015e100318025801"
    );
    for (name, java, value) in [
        ("ma", "connect_default1", map(Value::string("k"), Value::Int64(9))),
        ("m8", "connect_default2", map(Value::string("b"), Value::Int32(7))),
        ("md", "connect_default3", map(Value::string("d"), Value::Decimal(Decimal::from_i64(125, 2)))),
        ("ms", "connect_default4", map(Value::string("n"), Value::string(""))),
    ] {
        let (schema, read) = field(&back, name);
        assert_eq!((schema.name(), schema.is_optional()), (Some(java), true), "{name}");
        assert_eq!(read, &value, "{name}");
    }
    let (schema, read) = field(&back, "mi");
    assert_eq!(schema.name(), Some("my_map"));
    let Value::Map(entries) = read else { panic!("{read:?}") };
    let (key, value) = entries.iter().next().unwrap();
    assert_eq!((key, value.as_struct().unwrap().values()), (&Value::Int32(3), &[Value::Int32(5)][..]));
    let (schema, _) = field(&back, "md");
    let Kind::Map(_, values) = schema.kind() else { panic!() };
    assert_eq!(
        values.logical(),
        Some(Logical::Decimal { scale: 0 }),
        "the entry has no options in Java either"
    );
    let (schema, _) = field(&back, "de");
    let parameters: Vec<_> = schema.parameters().iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(
        parameters,
        ["scale=2", "connect.decimal.precision=9", "io.confluent.connect.protobuf.Tag=10"]
    );
}

/// What Java writes of a map of lists or of maps comes back as a list of rows, in Java too: its reader knows only
/// entries of one value.
#[test]
fn maps_of_lists_and_of_maps() {
    let string = Schema::required(Kind::String);
    let list = Schema::required(Kind::Array(Schema::required(Kind::Int32)));
    let schema = Schema::structure([
        ("ml", map_of(string.clone(), list)),
        ("mm", map_of(string.clone(), map_of(string, Schema::required(Kind::Boolean)))),
    ]);
    let schema = schema.unwrap().to_builder().name("N").build();
    let numbers = Value::Array(vec![Value::Int32(1), Value::Int32(2)]);
    let inner = map(Value::string("c"), Value::Boolean(true));
    let value =
        row(&schema, vec![map(Value::string("a"), numbers.clone()), map(Value::string("b"), inner.clone())]);
    let (text, bytes, back) = through(&schema, &value, &Config::default());
    assert_eq!(
        text,
        "syntax = \"proto3\";\n\nmessage N {\n  repeated ConnectDefault1Entry ml = 1;\n  repeated ConnectDefault2Entry mm = \
         2;\n\n  message ConnectDefault1Entry {\n    string key = 1;\n    repeated int32 value = 2;\n  }\n  message \
         ConnectDefault2Entry {\n    string key = 1;\n    repeated ConnectDefault3Entry value = 2;\n  \n    message \
         ConnectDefault3Entry {\n      string key = 1;\n      bool value = 2;\n    }\n  }\n}\n"
    );
    assert_eq!(hex(&bytes), "0a070a016112020102120a0a016212050a01631001");
    for (name, key, value) in [("ml", "a", numbers), ("mm", "b", inner)] {
        let (_, Value::Array(rows)) = field(&back, name) else { panic!("{back:?}") };
        assert_eq!(rows[0].as_struct().unwrap().values(), [Value::string(key), value]);
    }
}

/// Java registers a schema for it, writes no maps at all, and fails when there are some.
#[test]
fn a_list_of_maps_is_written_when_it_is_empty() {
    let maps = map_of(Schema::required(Kind::String), Schema::required(Kind::Int32));
    let schema = Schema::structure([("am", Schema::required(Kind::Array(maps)))]).unwrap();
    let (_, bytes, back) = through(&schema, &row(&schema, vec![Value::Array(vec![])]), &Config::default());
    assert_eq!(bytes, []);
    assert_eq!(field(&back, "am").1, &Value::Map(Map::new()));
    let config = Config::default();
    let file = File::parse(&from_connect(&schema, &config).unwrap(), &[]).unwrap();
    let some = row(&schema, vec![Value::Array(vec![map(Value::string("a"), Value::Int32(1))])]);
    let mut out = Vec::new();
    let error = Encoder::new(&schema, &file, &[0], &config).unwrap().encode(&some, &mut out).unwrap_err();
    assert_eq!(
        error.to_string(),
        "am: map does not fit the Protobuf field, which is ConnectDefault1.ConnectDefault2Entry"
    );
    assert_eq!(out, []);
}

#[test]
fn maps_that_others_wrote() {
    let file = "syntax = \"proto3\"; package p; message M { map<string, int32> aB = 1; repeated LikeEntry l = 2; \
                repeated Entry e = 3; repeated WideEntry w = 4; LikeEntry one = 5; \
                message LikeEntry { int32 key = 1; string value = 2; } \
                message Entry { string key = 2; int32 value = 1; } message Two { string b = 2; string a = 1; } Two two = 6; \
                message WideEntry { string key = 1; string value = 2; string more = 3; } }";
    let file = File::parse(file, &[]).unwrap();
    let config = Config { enhanced_protobuf_schema_support: true, ..Config::default() };
    let decoder = Decoder::new(&file, &[0], &config, None).unwrap();
    let record = Bytes::from_static(b"\x0a\x05\x0a\x01k\x10\x07\x12\x05\x08\x01\x12\x01v\x12\x05\x08\x01\x12\x01w\x1a\x05\x12\x01x\x08\x03\x22\x00");
    let datum = decoder.decode(&record).unwrap();
    for (name, schema_name, value) in [
        ("aB", "p.M.a_b", map(Value::string("k"), Value::Int32(7))),
        // Of two entries with the same key the last counts.
        ("l", "p.M.like", map(Value::Int32(1), Value::string("w"))),
        ("e", "p.M.", map(Value::string("x"), Value::Int32(3))),
    ] {
        let (schema, read) = field(&datum, name);
        assert_eq!((schema.name(), read), (Some(schema_name), &value), "{name}");
    }
    assert!(
        matches!(field(&datum, "w").1, Value::Array(rows) if rows.len() == 1),
        "three fields are no entry"
    );
    assert_eq!(field(&datum, "one").1, &Value::Null);
    // A row has its fields in the order of the file, whatever their numbers.
    let fields: Vec<_> =
        field(&datum, "two").0.fields().unwrap().iter().map(|field| field.name.to_string()).collect();
    assert_eq!(fields, ["b", "a"]);
}
