//! Files and bytes that are made of Connect's schemas and values.

use crate::*;

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
