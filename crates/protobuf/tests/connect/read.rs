//! Connect's schemas and values that are made of files and bytes.

use crate::*;

/// Without both options a wrapper is a row.
#[test]
fn wrappers_are_rows_when_nothing_unwraps_them() {
    let file = File::parse(MANY, &[]).unwrap();
    let config = Config { wrapper_for_raw_primitives: false, ..Config::default() };
    let datum = decode(&file, &bytes("00 82010 2 0805"), &config);
    let value = datum.value.as_struct().unwrap().get("r").unwrap();
    assert_eq!(value.as_struct().unwrap().values(), [Value::Int32(5)]);
}

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
