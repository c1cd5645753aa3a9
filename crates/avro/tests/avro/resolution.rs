//! Data of one schema read as another, and records written as a schema that was chosen for them.

use data::{Bytes, Kind, Map, Schema, Struct, Value};
use sluice_avro::{Decoder, Encoder, Mapping, Schema as Avro};

fn avro(text: &str) -> Avro {
    Avro::parse(text, &[]).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn read(writer: &str, reader: &str, bytes: &[u8]) -> Result<Value, String> {
    let decoder = Decoder::new(&avro(writer), Some(&avro(reader)), Mapping::default(), None);
    let decoder = decoder.map_err(|error| error.to_string())?;
    decoder.read(&Bytes::copy_from_slice(bytes)).map_err(|error| error.to_string())
}

#[test]
fn numbers_and_texts_are_promoted() {
    assert_eq!(read(r#""int""#, r#""long""#, &[6]), Ok(Value::Int64(3)));
    assert_eq!(read(r#""int""#, r#""double""#, &[6]), Ok(Value::Float64(3.0)));
    assert_eq!(read(r#""long""#, r#""float""#, &[6]), Ok(Value::Float32(3.0)));
    assert_eq!(read(r#""float""#, r#""double""#, &1.5f32.to_le_bytes()), Ok(Value::Float64(1.5)));
    assert_eq!(read(r#""string""#, r#"["null","string"]"#, &[2, b'a']), Ok(Value::string("a")));
    assert!(read(r#""long""#, r#""int""#, &[6]).unwrap_err().contains("cannot be read as int"));
}

#[test]
fn fields_are_found_skipped_and_filled_in() {
    let writer = r#"{"type":"record","name":"R","fields":[{"name":"gone","type":{"type":"map","values":["null","string"]}},{"name":"b","type":"int"},{"name":"a","type":"string"}]}"#;
    let reader = r#"{"type":"record","name":"R","fields":[{"name":"a","type":["null","string"]},{"name":"new","type":"int","default":7},{"name":"c","type":"long","aliases":["b"]}]}"#;
    let bytes = [2, 2, b'k', 2, 2, b'v', 0, 10, 2, b'x'];
    let Value::Struct(row) = read(writer, reader, &bytes).unwrap() else { panic!() };
    assert_eq!(row.values(), [Value::string("x"), Value::Int32(7), Value::Int64(5)]);
    let lacking = reader.replace(r#","default":7"#, "");
    assert!(read(writer, &lacking, &bytes).unwrap_err().contains("new"));
}

/// The answers are those of Avro's Java library.
#[test]
fn a_written_field_goes_to_one_field_of_the_reader() {
    let record = |fields: &str| format!(r#"{{"type":"record","name":"R","fields":[{fields}]}}"#);
    let a = r#"{"name":"a","type":"int"}"#;
    let a_default = r#"{"name":"a","type":"int","default":7}"#;
    let b = r#"{"name":"b","type":"int","aliases":["a"],"default":8}"#;
    let c = r#"{"name":"c","type":"int","aliases":["a"],"default":9}"#;
    let values = |reader: &str| match read(&record(a), &record(reader), &[10]) {
        Ok(Value::Struct(row)) => Ok(row.values().to_vec()),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error),
    };
    let ints = |values: [i32; 2]| Ok(values.map(Value::Int32).to_vec());
    // The field was renamed and its old name given to a new one.
    assert_eq!(values(&format!("{b},{a_default}")), ints([5, 7]));
    assert_eq!(values(&format!("{a_default},{b}")), ints([7, 5]));
    assert!(values(&format!("{b},{a}")).unwrap_err().contains("the field a of R was not written"));
    // Of two with the same alias the last.
    assert_eq!(values(&format!("{b},{c}")), ints([8, 5]));
    assert_eq!(values(&format!("{c},{b}")), ints([9, 5]));
    // Both names were written.
    let both = record(&format!(r#"{a},{{"name":"b","type":"int"}}"#));
    let Value::Struct(row) = read(&both, &record(&format!("{b},{a}")), &[10, 12]).unwrap() else { panic!() };
    assert_eq!(row.values(), [Value::Int32(6), Value::Int32(5)]);
}

#[test]
fn what_a_reader_does_not_know_fails_when_it_comes() {
    let union = r#"["int","string"]"#;
    assert_eq!(read(union, r#""int""#, &[0, 4]), Ok(Value::Int32(2)));
    assert!(read(union, r#""int""#, &[2, 2, b'a']).unwrap_err().contains("cannot be read as int"));
    let symbols =
        |list: &str, more: &str| format!(r#"{{"type":"enum","name":"E","symbols":[{list}]{more}}}"#);
    let writer = symbols(r#""A","B""#, "");
    assert_eq!(read(&writer, &symbols(r#""B""#, ""), &[2]), Ok(Value::string("B")));
    assert!(read(&writer, &symbols(r#""B""#, ""), &[0]).unwrap_err().contains("does not know"));
    assert_eq!(read(&writer, &symbols(r#""B""#, r#","default":"B""#), &[0]), Ok(Value::string("B")));
}

#[test]
fn a_record_is_written_as_the_schema_that_was_chosen() {
    let schema =
        Schema::structure([("b", Schema::required(Kind::Int32)), ("a", Schema::required(Kind::String))]);
    let schema = schema.unwrap();
    let row = Struct::new(schema.clone(), vec![Value::Int32(5), Value::string("x")]).unwrap();
    let chosen = avro(
        r#"{"type":"record","name":"Chosen","fields":[{"name":"a","type":["null","string"]},{"name":"n","type":"string","default":"d"},{"name":"b","type":"long"}]}"#,
    );
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(Some(&schema), &chosen, Mapping::default()).unwrap();
    encoder.write(&Value::Struct(row), &mut bytes).unwrap();
    assert_eq!(bytes, [2, 2, b'x', 2, b'd', 10]);
    let lacking = avro(r#"{"type":"record","name":"Chosen","fields":[{"name":"z","type":"int"}]}"#);
    assert!(Encoder::new(Some(&schema), &lacking, Mapping::default()).is_err());
}

#[test]
fn a_long_key_is_not_shown_whole() {
    let schema = Schema::required(Kind::Map(Schema::required(Kind::String), Schema::required(Kind::Int32)));
    let map = avro(r#"{"type":"map","values":"int"}"#);
    let mut encoder = Encoder::new(Some(&schema), &map, Mapping::default()).unwrap();
    let value = Map::from_distinct(vec![(Value::string("k".repeat(5000)), Value::string("a"))]);
    let error = encoder.write(&Value::Map(value), &mut Vec::new()).unwrap_err().to_string();
    assert!(error.contains("kkk…") && error.len() < 300, "{error}");
}

/// Branches are found by trying, in each other: not twice each, and not without an end.
#[test]
fn nested_unions_of_other_names_are_planned_in_time() {
    let levels = 60;
    let chain: Vec<(String, String)> = {
        let record = |name: &str, of: &str| {
            format!(r#"{{"type":"record","name":"{name}","fields":[{{"name":"v","type":{of}}}]}}"#)
        };
        let mut references = vec![("0".to_owned(), record("x.A0", r#"["null","int"]"#))];
        references.extend((1..levels).map(|n| {
            let of = format!(r#"["null","x.A{}"]"#, n - 1);
            (n.to_string(), record(&format!("x.A{n}"), &of))
        }));
        references
    };
    let connect = (0..levels).fold(Schema::optional(Kind::Int32), |inner, level| {
        let schema = Schema::structure([("v", inner)]).unwrap();
        schema.to_builder().name(&format!("own.S{level}")).optional().build()
    });
    let mapping = Mapping::default();
    let last = format!(r#"["null","x.A{}"]"#, levels - 1);
    let schema = Avro::parse(&last, &chain).unwrap();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(Some(&connect), &schema, mapping).unwrap();
    encoder.write(&Value::Null, &mut bytes).unwrap();
    assert_eq!(bytes, [0]);
    // Two branches at each level, and texts where there are none: all would have to be tried.
    let twins: Vec<(String, String)> = {
        let record = |name: String, of: String| {
            format!(r#"{{"type":"record","name":"{name}","fields":[{{"name":"v","type":{of}}}]}}"#)
        };
        (0..levels)
            .flat_map(|n| {
                let of = match n {
                    0 => r#""boolean""#.to_owned(),
                    n => format!(r#"["x.A{0}","x.B{0}"]"#, n - 1),
                };
                [
                    (format!("A{n}"), record(format!("x.A{n}"), of.clone())),
                    (format!("B{n}"), record(format!("x.B{n}"), of)),
                ]
            })
            .collect()
    };
    let schema = Avro::parse(&last, &twins).unwrap();
    let error = Encoder::new(Some(&connect), &schema, mapping).unwrap_err().to_string();
    assert!(error.contains("their unions have too many branches"), "{error}");
}

#[test]
fn rows_of_many_defaults_are_data_like_any_other() {
    let list = |fields: &[String]| {
        let fields = fields.join(",");
        format!(r#"{{"type":"array","items":{{"type":"record","name":"R","fields":[{fields}]}}}}"#)
    };
    let written: Vec<String> = (0..3).map(|n| format!(r#"{{"name":"w{n}","type":"int"}}"#)).collect();
    let added = (0..47).map(|n| format!(r#"{{"name":"d{n}","type":"int","default":{n}}}"#));
    let wanted: Vec<String> = written.iter().cloned().chain(added).collect();
    // 3000 rows of three bytes.
    let mut bytes = vec![0xf0, 0x2e];
    bytes.extend_from_slice(&[2; 9000]);
    bytes.push(0);
    let Value::Array(rows) = read(&list(&written), &list(&wanted), &bytes).unwrap() else { panic!() };
    assert_eq!(rows.len(), 3000);
    let last = rows[2999].as_struct().unwrap();
    assert_eq!((&last.values()[2], &last.values()[49]), (&Value::Int32(1), &Value::Int32(46)));
    // Records of nothing have a limit all the same.
    let empty = r#"{"type":"array","items":{"type":"record","name":"R","fields":[]}}"#;
    let error = read(empty, empty, &[0x80, 0x84, 0xaf, 0x5f, 0]).unwrap_err();
    assert!(error.contains("4 a byte and 1000000"), "{error}");
}

#[test]
fn lengths_and_depths_beyond_the_data_are_refused() {
    let list = avro(r#"{"type":"array","items":"string"}"#);
    let decoder = Decoder::new(&list, None, Mapping::default(), None).unwrap();
    // A block of 2^62 items; a text of 2^40 bytes; a number that does not end.
    for bytes in [
        &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f][..],
        &[2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        &[0xff; 20],
        &[1, 1],
    ] {
        assert!(decoder.read(&Bytes::copy_from_slice(bytes)).is_err(), "{bytes:?}");
    }
    // Each record holds the one before twice: 2^30 values of no bytes.
    let doubling: String = (1..30)
        .map(|n| format!(r#"{{"type":"record","name":"R{n}","fields":[{{"name":"a","type":"R{0}"}},{{"name":"b","type":"R{0}"}}]}},"#, n - 1))
        .collect();
    let bomb = format!(r#"[{{"type":"record","name":"R0","fields":[]}},{doubling}"null"]"#);
    let error = Decoder::new(&avro(&bomb), None, Mapping::default(), None).unwrap_err();
    assert!(error.to_string().contains("50000 types"), "{error}");
}
