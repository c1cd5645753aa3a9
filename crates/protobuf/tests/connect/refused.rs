//! What cannot be said in Protobuf, and what is too much.

use crate::*;

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
