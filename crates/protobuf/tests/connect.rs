//! Connect's schemas and values as Protobuf. Bytes and schemas marked Java are the answers of Confluent's
//! ProtobufConverter 7.0.16.
#![allow(clippy::unwrap_used)] // a test that cannot go on fails

use data::{Bytes, Decimal, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};
use sluice_protobuf::Schema as File;
use sluice_protobuf::connect::{Config, Decoder, Encoder, Error, from_connect, read_indexes};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Bytes {
    let hex: String = hex.split_whitespace().collect();
    (0..hex.len() / 2)
        .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
        .collect::<Vec<_>>()
        .into()
}

fn optional(schema: &SchemaRef) -> SchemaRef {
    schema.to_builder().optional().build()
}

fn row(schema: &SchemaRef, values: Vec<Value>) -> Value {
    Value::Struct(Struct::new(schema.clone(), values).unwrap())
}

fn encode(schema: &SchemaRef, value: &Value, config: &Config) -> (File, Vec<u8>) {
    let text = from_connect(schema, config).unwrap();
    let file = File::parse(&text, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut encoder = Encoder::new(schema, &file, &Encoder::indexes(schema), config).unwrap();
    let mut out = encoder.prefix().to_vec();
    encoder.encode(value, &mut out).unwrap();
    (file, out)
}

fn decode(file: &File, record: &[u8], config: &Config) -> data::Datum {
    let (indexes, length) = read_indexes(record).unwrap();
    let decoder = Decoder::new(file, &indexes, config, Some(1)).unwrap();
    decoder.decode(&Bytes::copy_from_slice(&record[length..])).unwrap()
}

fn inner() -> SchemaRef {
    let plain = Schema::structure([("z", Schema::required(Kind::Int32))]).unwrap();
    plain.to_builder().name("x.y.Inner").build()
}

fn everything() -> (SchemaRef, Value) {
    let logical = |logical| Schema::logical_builder(logical).build();
    let decimal = logical(Logical::Decimal { scale: 2 });
    let timestamp = logical(Logical::Timestamp);
    let string = Schema::required(Kind::String);
    let unnamed = Schema::structure([("q", string.clone())]).unwrap();
    let fields: Vec<(&str, SchemaRef)> = vec![
        ("i8", Schema::required(Kind::Int8)),
        ("i16", Schema::required(Kind::Int16)),
        ("i32", Schema::required(Kind::Int32)),
        ("i64", Schema::required(Kind::Int64)),
        ("f32", Schema::required(Kind::Float32)),
        ("f64", Schema::required(Kind::Float64)),
        ("bo", Schema::required(Kind::Boolean)),
        ("st", string.clone()),
        ("by", Schema::required(Kind::Bytes)),
        ("oi8", Schema::optional(Kind::Int8)),
        ("oi32", Schema::optional(Kind::Int32)),
        ("ost", Schema::optional(Kind::String)),
        ("oby", Schema::optional(Kind::Bytes)),
        ("obo", Schema::optional(Kind::Boolean)),
        ("of64", Schema::optional(Kind::Float64)),
        ("de", decimal.clone()),
        ("da", logical(Logical::Date)),
        ("ti", logical(Logical::Time)),
        ("ts", timestamp.clone()),
        ("ode", optional(&decimal)),
        ("ots", optional(&timestamp)),
        ("ar", Schema::required(Kind::Array(Schema::required(Kind::Int32)))),
        ("oar", Schema::optional(Kind::Array(Schema::optional(Kind::String)))),
        ("ma", Schema::required(Kind::Map(string.clone(), Schema::required(Kind::Int64)))),
        ("mi", Schema::required(Kind::Map(Schema::required(Kind::Int32), inner()))),
        ("in", inner()),
        ("oin", optional(&unnamed)),
        ("ain", Schema::required(Kind::Array(inner()))),
        ("df", Schema::builder(Kind::Int32).default_value(Value::Int32(7)).build()),
        ("odf", Schema::builder(Kind::String).optional().default_value(Value::string("d")).build()),
    ];
    let schema = Schema::structure(fields).unwrap().to_builder().name("com.acme.Row").build();
    let five = || row(&inner(), vec![Value::Int32(5)]);
    let map = |key, value| Value::Map(Map::from_distinct(vec![(key, value)]));
    let null = || Value::Null;
    let value = row(
        &schema,
        vec![
            Value::Int8(-1),
            Value::Int16(2),
            Value::Int32(-3),
            Value::Int64(4),
            Value::Float32(1.5),
            Value::Float64(-0.0),
            Value::Boolean(true),
            Value::string("é"),
            Value::Bytes(Bytes::from_static(&[1, 2])),
            null(),
            null(),
            null(),
            null(),
            null(),
            null(),
            Value::Decimal(Decimal::from_i64(1234, 2)),
            Value::Date(20_000),
            Value::Time(3_723_004),
            Value::Timestamp(-1),
            null(),
            null(),
            Value::Array(vec![Value::Int32(1), Value::Int32(0), Value::Int32(300)]),
            Value::Array(vec![Value::string("a"), Value::string("")]),
            map(Value::string("k"), Value::Int64(9)),
            map(Value::Int32(3), five()),
            five(),
            null(),
            Value::Array(vec![five(), row(&inner(), vec![Value::Int32(0)])]),
            Value::Int32(7),
            null(),
        ],
    );
    (schema, value)
}

// The record without magic byte and schema id.
const JAVA_ROW: &str = "00 08ffffffffffffffffff01 1002 18fdffffffffffffffff01 2004 2d0000c03f 310000000000000080 3801 4202c3a9 \
    4a020102 8201080a0204d210041802 8a010708e80f100a1804 92010b080110021803208092f401 9a011108ffffffffffffffffff0110c08faedc03 \
    b201040100ac02 ba010161 ba0100 c201050a016b1009 ca01060803 12020805 d2010 20805 e201020805 e20100 e80107 f2010164";

#[test]
fn a_row_has_javas_bytes() {
    let (schema, value) = everything();
    let (file, out) = encode(&schema, &value, &Config::default());
    assert_eq!(hex(&out), hex(&bytes(JAVA_ROW)));
    let back = decode(&file, &out, &Config::default());
    let back = back.value.as_struct().unwrap();
    for name in ["i8", "f64", "st", "by", "de", "da", "ti", "ts", "ar", "oar", "ma"] {
        assert_eq!(
            back.get_without_default(name),
            value.as_struct().unwrap().get_without_default(name),
            "{name}"
        );
    }
    assert_eq!(back.get_without_default("oi8"), Some(&Value::Int8(0)));
    assert_eq!(back.get_without_default("ode"), Some(&Value::Null));
}

#[test]
fn optional_and_wrappers_keep_nulls() {
    let (schema, value) = everything();
    let with_optional = Config { optional_for_nullables: true, ..Config::default() };
    let (file, out) = encode(&schema, &value, &with_optional);
    assert_eq!(hex(&out), hex(&bytes(JAVA_ROW)));
    assert!(file.canonical().contains("  optional string ost = 12;\n"), "{}", file.canonical());
    let back = decode(&file, &out, &with_optional);
    assert_eq!(back.value.as_struct().unwrap().get_without_default("ost"), Some(&Value::Null));
    let fields = back.schema.as_ref().unwrap().fields().unwrap();
    let is_optional = |name: &str| fields[fields.position(name).unwrap()].schema.is_optional();
    assert!(!is_optional("st") && is_optional("ost") && is_optional("da") && is_optional("ar"));

    let with_wrappers = Config { wrapper_for_nullables: true, ..Config::default() };
    let (file, out) = encode(&schema, &value, &with_wrappers);
    assert!(file.canonical().contains("  google.protobuf.StringValue ost = 12;\n"), "{}", file.canonical());
    assert!(file.canonical().contains("  repeated google.protobuf.StringValue oar = 23;\n"));
    assert!(hex(&out).contains("ba01030a0161ba0100"), "{}", hex(&out));
    let back = decode(&file, &out, &with_wrappers);
    let row = back.value.as_struct().unwrap();
    assert_eq!(row.get_without_default("ost"), Some(&Value::Null));
    // A wrapper tells no Connect type, and what it wraps may be unsigned: as Java has it.
    assert_eq!(row.schema().fields().unwrap()[9].schema.kind(), &Kind::Int32);
    let unsigned = Schema::builder(Kind::Int64).optional();
    let unsigned = unsigned.parameter("io.confluent.connect.protobuf.Type", "uint32").build();
    let text = from_connect(&Schema::structure([("u", unsigned)]).unwrap(), &with_wrappers).unwrap();
    assert!(text.contains("  google.protobuf.UInt32Value u = 1;\n"), "{text}");
}

/// Java takes the first struct of a name for all of that name in a message.
#[test]
fn two_structs_of_one_name() {
    let of = |names: &[&str]| {
        let fields = names.iter().map(|name| (*name, Schema::optional(Kind::Int32)));
        Schema::structure(fields).unwrap().to_builder().name("T").optional().build()
    };
    let (one, two) = (of(&["a"]), of(&["a", "b"]));
    let schema = Schema::structure([("one", one.clone()), ("two", two.clone())]).unwrap();
    let config = Config::default();
    let text = from_connect(&schema, &config).unwrap();
    assert!(
        text.contains("  T one = 1;\n  T two = 2;\n\n  message T {\n    int32 a = 1;\n  }\n}\n"),
        "{text}"
    );
    let file = File::parse(&text, &[]).unwrap();
    let mut encoder = Encoder::new(&schema, &file, &[0], &config).unwrap();
    let mut encode = |b: Value| {
        let two = row(&two, vec![Value::Int32(2), b]);
        let mut out = Vec::new();
        encoder.encode(&row(&schema, vec![row(&one, vec![Value::Int32(1)]), two]), &mut out)?;
        Ok::<_, Error>(hex(&out))
    };
    assert_eq!(encode(Value::Null).unwrap(), "0a02080112020802");
    let error = encode(Value::Int32(3)).unwrap_err().to_string();
    assert_eq!(error, "two.b: the Protobuf message ConnectDefault1.T has no field \"b\"");
}

/// Without both options a wrapper is a row.
#[test]
fn wrappers_are_rows_when_nothing_unwraps_them() {
    let file = File::parse(MANY, &[]).unwrap();
    let config = Config { wrapper_for_raw_primitives: false, ..Config::default() };
    let datum = decode(&file, &bytes("00 82010 2 0805"), &config);
    let value = datum.value.as_struct().unwrap().get("r").unwrap();
    assert_eq!(value.as_struct().unwrap().values(), [Value::Int32(5)]);
}

/// Google's types say which moments they can hold, and Java takes no others.
#[test]
fn dates_and_times_that_are_none() {
    let text = "syntax = \"proto3\"; import \"google/type/date.proto\"; import \"google/type/timeofday.proto\"; \
                import \"google/protobuf/timestamp.proto\"; message M { google.type.Date d = 1; \
                google.type.TimeOfDay t = 2; google.protobuf.Timestamp s = 3; }";
    let file = File::parse(text, &[]).unwrap();
    let decoder = Decoder::new(&file, &[0], &Config::default(), None).unwrap();
    for (record, error) in [
        ("0a07 08e70f 1002 181d", "2023-2-29 is no date"),
        ("0a04 1002 181c", "0-2-28 is no date"),
        ("0a05 08e70f 1001", "2023-1-0 is no date"),
        ("1202 103c", "0:60:0 and 0 ns is no time of a day"),
        ("1202 0818", "24:0:0 and 0 ns is no time of a day"),
        ("1a0b 10ffffffffffffffffff01", "a Timestamp of 0 s and -1 ns is not between the years 1 and 9999"),
        ("1a07 088083d1ffaf07", "a Timestamp of 253402300800 s and 0 ns is not between the years 1 and 9999"),
    ] {
        let found = decoder.decode(&bytes(record)).unwrap_err().to_string();
        assert!(found.ends_with(error), "{record}: {found}");
    }
    let one = |logical| Schema::structure([("d", Schema::logical_builder(logical).build())]).unwrap();
    for (logical, value, error) in [
        (Logical::Date, Value::Date(-719_163), "d: a Date before the year 1 has no form in Protobuf"),
        (
            Logical::Timestamp,
            Value::Timestamp(253_402_300_800_000),
            "d: a Timestamp of 253402300800000 ms is not between the years 1 and 9999, as one of Protobuf must be",
        ),
    ] {
        let schema = one(logical);
        let config = Config::default();
        let file = File::parse(&from_connect(&schema, &config).unwrap(), &[]).unwrap();
        let mut encoder = Encoder::new(&schema, &file, &[0], &config).unwrap();
        let found = encoder.encode(&row(&schema, vec![value]), &mut Vec::new()).unwrap_err();
        assert_eq!(found.to_string(), error);
    }
}

/// A decimal has its own scale: a schema without the option, or with another, takes nothing from it.
#[test]
fn a_decimal_keeps_its_scale() {
    let file = File::parse(MANY, &[]).unwrap();
    let datum = decode(&file, &bytes("00 aa01 07 0a017d 1003 1802"), &Config::default());
    let row = datum.value.as_struct().unwrap();
    assert_eq!(row.get("w"), Some(&Value::Decimal(Decimal::from_i64(125, 2))));
}

#[test]
fn the_file_of_a_schema() {
    let (schema, _) = everything();
    let text = from_connect(&schema, &Config::default()).unwrap();
    for part in [
        "syntax = \"proto3\";\npackage com.acme;\n\nimport \"confluent/type/decimal.proto\";\n",
        "message Row {\n  int32 i8 = 1 [(confluent.field_meta) = {\n    params: [\n      {\n        key: \"connect.type\",\n        \
         value: \"int8\"\n      }\n    ]\n  }];\n",
        "  confluent.type.Decimal de = 16 [(confluent.field_meta) = {\n    params: [\n      {\n        value: \"2\",\n        \
         key: \"scale\"\n      }\n    ]\n  }];\n",
        "  google.type.Date da = 17;\n  google.type.TimeOfDay ti = 18;\n  google.protobuf.Timestamp ts = 19;\n",
        "  repeated int32 ar = 22;\n  repeated string oar = 23;\n  repeated ConnectDefault1Entry ma = 24;\n  repeated ConnectDefault2Entry mi = 25;\n  \
         Inner in = 26;\n  ConnectDefault3 oin = 27;\n  repeated Inner ain = 28;\n",
        "  message Inner {\n    int32 z = 1;\n  }\n  message ConnectDefault3 {\n    string q = 1;\n  }\n}\n",
    ] {
        assert!(text.contains(part), "{part}\nin\n{text}");
    }
}

#[test]
fn scalars_at_the_top_are_wrappers() {
    for (kind, value, java) in [
        (Kind::String, Value::string("x"), "02 0e 0a0178"),
        (Kind::Int32, Value::Int32(5), "02 08 0805"),
        (Kind::Int8, Value::Int8(5), "02 08 0805"),
        (Kind::Int64, Value::Int64(0), "02 04"),
        (Kind::Boolean, Value::Boolean(true), "02 0c 0801"),
        (Kind::Float32, Value::Float32(1.0), "02 02 0d0000803f"),
        (Kind::Float64, Value::Float64(1.0), "00 09000000000000f03f"),
        (Kind::Bytes, Value::Bytes(Bytes::from_static(&[1])), "02 10 0a0101"),
    ] {
        let schema = Schema::required(kind);
        let (file, out) = encode(&schema, &value, &Config::default());
        assert_eq!(hex(&out), hex(&bytes(java)));
        let back = decode(&file, &out, &Config::default());
        assert_eq!(back.value.as_i64(), value.as_i64());
        let in_struct = Config { wrapper_for_raw_primitives: false, ..Config::default() };
        let back = decode(&file, &out, &in_struct);
        assert_eq!(
            back.schema.unwrap().name(),
            Some(match java {
                "02 0e 0a0178" => "StringValue",
                _ => back.value.as_struct().unwrap().schema().name().unwrap(),
            })
        );
    }
    // The text too is Java's, which prints the file's descriptor.
    let text = from_connect(&Schema::required(Kind::String), &Config::default()).unwrap();
    assert!(
        text.contains("message StringValue {\n  string value = 1 [json_name = \"value\"];\n}\n"),
        "{text}"
    );
    assert_eq!(File::parse(&text, &[]).unwrap().canonical(), text);
    let schema = Schema::logical_builder(Logical::Decimal { scale: 2 }).build();
    let (_, out) = encode(&schema, &Value::Decimal(Decimal::from_i64(100, 2)), &Config::default());
    assert_eq!(hex(&out), "000a016410031802");
}

#[test]
fn what_has_no_counterpart_is_refused() {
    let int = Schema::required(Kind::Int32);
    let in_row = |schema: SchemaRef| Schema::structure([("a", schema)]).unwrap();
    let array = Schema::required(Kind::Array(int.clone()));
    for (schema, text) in [
        (array.clone(), "the value: Unsupported root schema of type ARRAY"),
        (in_row(Schema::required(Kind::Array(array))), "a: Array cannot be nested"),
        (
            Schema::structure([("f-1", int.clone())]).unwrap(),
            "f-1: \"f-1\" is not a valid identifier; scrub.invalid.names=true replaces what a name may not have",
        ),
    ] {
        assert_eq!(from_connect(&schema, &Config::default()).unwrap_err().to_string(), text);
    }
    let scrub = Config { scrub_invalid_names: true, ..Config::default() };
    let odd = Schema::structure([("f-1", int)]).unwrap().to_builder().name("a-b.c d").build();
    let text = from_connect(&odd, &scrub).unwrap();
    assert!(text.contains("package a_b;") && text.contains("message c_d {\n  int32 f_1 = 1;\n}"), "{text}");
}

const MANY: &str = "syntax = \"proto3\"; package p; import \"google/protobuf/wrappers.proto\"; \
    import \"google/protobuf/timestamp.proto\"; import \"confluent/type/decimal.proto\"; import \"confluent/meta.proto\"; \
    message M { int32 a = 1; uint32 b = 2; uint64 c = 3; sint32 d = 4; optional string g = 7; E h = 8; repeated E i = 9; \
    oneof o { int32 j = 10; N k = 11; } N l = 12; repeated N m = 13; map<string,int32> n = 14; map<int32,N> q = 15; \
    google.protobuf.Int32Value r = 16; google.protobuf.Timestamp s = 17; \
    confluent.type.Decimal w = 21 [(confluent.field_meta) = {params: [{key: \"scale\", value: \"3\"}]}]; \
    message N { string s = 1; } enum E { ZERO = 0; ONE = 1; } }";

#[test]
fn what_java_reads() {
    let file = File::parse(MANY, &[]).unwrap();
    let record = bytes(
        "00 08ffffffffffffffffff01 10ffffffff0f 18ffffffffffffffffff01 4001 4a020105 5a00 6a030a0161 7205 0a01611002 \
         820100 8a01020803",
    );
    let datum = decode(&file, &record, &Config::default());
    let row = datum.value.as_struct().unwrap();
    let get = |name: &str| row.get_without_default(name).unwrap().clone();
    assert_eq!(get("a"), Value::Int32(-1));
    assert_eq!(get("b"), Value::Int64(4_294_967_295));
    assert_eq!(get("c"), Value::Int64(-1));
    assert_eq!(get("d"), Value::Int32(0));
    assert_eq!(get("g"), Value::Null);
    assert_eq!(get("h"), Value::string("ONE"));
    assert_eq!(get("i"), Value::Array(vec![Value::string("ONE"), Value::string("UNKNOWN_ENUM_VALUE_E_5")]));
    let union = get("o_0");
    let union = union.as_struct().unwrap();
    assert_eq!(union.get("j"), Some(&Value::Null));
    assert_eq!(union.get("k").unwrap().as_struct().unwrap().get("s"), Some(&Value::string("")));
    assert_eq!(get("l"), Value::Null);
    let Value::Map(map) = get("n") else { panic!() };
    assert_eq!(map.get_str("a"), Some(&Value::Int32(2)));
    assert_eq!(get("r"), Value::Int32(0));
    assert_eq!(get("s"), Value::Timestamp(3000));
    let schema = datum.schema.unwrap();
    assert_eq!((schema.name(), schema.version(), schema.is_optional()), (Some("M"), Some(1), false));
    let fields = schema.fields().unwrap();
    assert_eq!(fields[0].schema.name(), Some("io.confluent.connect.protobuf.Union.o"));
    let parameters = |name: &str| {
        let schema = &fields[fields.position(name).unwrap()].schema;
        schema
            .parameters()
            .iter()
            .map(|(k, v)| format!("{}={v}", k.rsplit("protobuf.").next().unwrap()))
            .collect::<Vec<_>>()
    };
    assert_eq!(parameters("b"), ["Type=uint32", "Tag=2"]);
    assert_eq!(parameters("h"), ["Enum=E", "Enum.ZERO=0", "Enum.ONE=1", "Tag=8"]);
    assert_eq!(parameters("w"), ["scale=3", "Tag=21"]);
    assert_eq!(fields[fields.position("n").unwrap()].schema.name(), Some("n"));
}

#[test]
fn options_of_reading() {
    let file = File::parse(MANY, &[]).unwrap();
    let config = Config {
        flatten_unions: true,
        int_for_enums: true,
        generate_struct_for_nulls: true,
        enhanced_protobuf_schema_support: true,
        ..Config::default()
    };
    // j, then k: the last member of a oneof counts
    let datum = decode(&file, &bytes("00 5005 5a00 4007"), &config);
    let row = datum.value.as_struct().unwrap();
    assert_eq!(row.get("j"), Some(&Value::Null));
    assert!(row.get("k").unwrap().as_struct().is_some());
    assert_eq!(row.get("h"), Some(&Value::Int32(7)));
    assert_eq!(row.get("l").unwrap().as_struct().unwrap().values(), [Value::Null]);
    assert_eq!(datum.schema.unwrap().name(), Some("p.M"));
    let plain = Config { generate_index_for_unions: false, ..Config::default() };
    assert!(decode(&file, &[0], &plain).schema.unwrap().fields().unwrap().position("o").is_some());
}

#[test]
fn proto2_defaults() {
    let file = File::parse(
        "message R { required int32 a = 1; optional int32 b = 2 [default = 5]; optional string c = 3; \
         optional group G = 5 { optional int32 z = 1; } }",
        &[],
    )
    .unwrap();
    let datum = decode(&file, &bytes("00 0801 2b 0802 2c"), &Config::default());
    let row = datum.value.as_struct().unwrap();
    assert_eq!(&row.values()[..3], [Value::Int32(1), Value::Null, Value::Null]);
    assert_eq!(row.get("g").unwrap().as_struct().unwrap().values(), [Value::Int32(2)]);
    let with_defaults = Config { optional_for_proto2: false, ..Config::default() };
    let datum = decode(&file, &bytes("00 0801"), &with_defaults);
    assert_eq!(
        &datum.value.as_struct().unwrap().values()[..3],
        [Value::Int32(1), Value::Int32(5), Value::string("")]
    );
}

#[test]
fn a_schema_that_was_read_is_written_the_same() {
    let file = File::parse(MANY, &[]).unwrap();
    let record = bytes(
        "00 08ffffffffffffffffff01 10ffffffff0f 18ffffffffffffffffff01 2003 4001 4a0101 5a00 8a01020803",
    );
    let config = Config::default();
    let datum = decode(&file, &record, &config);
    let schema = datum.schema.unwrap();
    let text = from_connect(&schema, &config).unwrap();
    let again = File::parse(&text, &[]).unwrap_or_else(|error| panic!("{error}\n{text}"));
    for part in
        ["uint32 b = 2;", "sint32 d = 4;", "E h = 8;", "oneof o {", "N k = 11;", "repeated qEntry q = 15;"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let mut encoder = Encoder::new(&schema, &again, &[0], &config).unwrap();
    let mut out = Vec::new();
    encoder.encode(&datum.value, &mut out).unwrap();
    let back = Decoder::new(&file, &[0], &config, Some(1)).unwrap().decode(&out.into()).unwrap();
    assert_eq!(back.value, datum.value);
}

#[test]
fn messages_in_themselves_and_deep_bytes_are_refused() {
    let file = File::parse("syntax = \"proto3\"; message R { R r = 1; }", &[]).unwrap();
    let error = Decoder::new(&file, &[0], &Config::default(), Some(1)).unwrap_err().to_string();
    assert!(error.contains("contains itself"), "{error}");
    let file = File::parse("syntax = \"proto3\"; message R { int32 a = 1; }", &[]).unwrap();
    let decoder = Decoder::new(&file, &[0], &Config::default(), Some(1)).unwrap();
    // Unknown groups in groups: passed over without recursion.
    let groups = [vec![0x2b; 1_000_000], vec![0x2c; 1_000_000], vec![8, 5]].concat();
    assert_eq!(
        decoder.decode(&groups.into()).unwrap().value.as_struct().unwrap().values(),
        [Value::Int32(5)]
    );
    for bad in ["08", "0d00", "07", "00", "0c", "f8ffffffff7f00", "12ff01", "2b"] {
        let error = decoder.decode(&bytes(bad)).unwrap_err();
        assert!(matches!(error, Error::Bytes { .. }), "{bad}: {error}");
    }
}

#[test]
fn a_value_that_does_not_fit_is_named() {
    let (schema, value) = everything();
    let text = from_connect(&schema, &Config::default()).unwrap();
    let file = File::parse(&text, &[]).unwrap();
    let mut encoder = Encoder::new(&schema, &file, &[0], &Config::default()).unwrap();
    let Value::Struct(row) = value else { panic!() };
    let mut values = row.into_parts().1;
    values[7] = Value::Boolean(true);
    let mut out = vec![9];
    let wrong = Value::Struct(Struct::new(schema, values).unwrap());
    let error = encoder.encode(&wrong, &mut out).unwrap_err();
    assert_eq!(error.to_string(), "st: Invalid type: boolean where the schema says string");
    assert_eq!(out, [9]);
}

#[test]
fn few_bytes_do_not_become_many_values() {
    let fields: String = (1..=1000).map(|n| format!("int32 f{n} = {n}; ")).collect();
    let text =
        format!("syntax = \"proto3\"; message M {{ repeated Wide w = 1; }} message Wide {{ {fields}}}");
    let file = File::parse(&text, &[]).unwrap();
    let decoder = Decoder::new(&file, &[0], &Config::default(), Some(1)).unwrap();
    let rows = |count: usize| decoder.decode(&Bytes::from([0x0a, 0].repeat(count)));
    let value = rows(900).unwrap().value;
    assert!(matches!(&value.as_struct().unwrap().values()[0], Value::Array(list) if list.len() == 900));
    let error = rows(2000).unwrap_err().to_string();
    assert!(error.contains("4 a byte and 1000000"), "{error}");
}

#[test]
fn a_long_text_is_not_shown_whole() {
    let file = File::parse("syntax = \"proto3\"; message M { E e = 1; } enum E { A = 0; }", &[]).unwrap();
    let schema = Schema::structure([("e", Schema::required(Kind::String))]).unwrap();
    let mut encoder = Encoder::new(&schema, &file, &[0], &Config::default()).unwrap();
    let value = row(&schema, vec![Value::string("x".repeat(5000))]);
    let error = encoder.encode(&value, &mut Vec::new()).unwrap_err().to_string();
    assert!(error.contains("xxx…") && error.len() < 200, "{error}");
}

/// A schema that was chosen may have narrower fields; a reader would cut off what does not fit.
#[test]
fn integers_beyond_a_chosen_field_are_refused() {
    let config = Config::default();
    let schema = Schema::structure([("n", Schema::required(Kind::Int64))]).unwrap();
    for kind in ["int32", "sint32", "sfixed32"] {
        let text = format!("syntax = \"proto3\"; message M {{ {kind} n = 1; }}");
        let file = File::parse(&text, &[]).unwrap();
        let mut encoder = Encoder::new(&schema, &file, &[0], &config).unwrap();
        for number in [i64::from(i32::MIN), -1, 0, 5, i64::from(i32::MAX)] {
            let mut out = encoder.prefix().to_vec();
            encoder.encode(&row(&schema, vec![Value::Int64(number)]), &mut out).unwrap();
            let back = decode(&file, &out, &config).value;
            assert_eq!(back.as_struct().unwrap().values(), [Value::Int32(number as i32)], "{kind}");
        }
        for number in [3_000_000_000, i64::from(i32::MIN) - 1, i64::MAX] {
            let error =
                encoder.encode(&row(&schema, vec![Value::Int64(number)]), &mut Vec::new()).unwrap_err();
            assert_eq!(error.to_string(), format!("n: {number} does not fit 32 bits"), "{kind}");
        }
    }
}

mod properties {
    use super::*;
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
}
