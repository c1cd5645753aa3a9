//! Schema text: what is parsed, what is refused, how it is printed. The expected texts are those that Confluent's
//! Java registry client 7.0.16 printed for the same input.

use sluice_avro::{ParseOptions, Schema};

fn check(text: &str, canonical: &str, normalized: &str) {
    let schema =
        Schema::parse_with(text, &[], ParseOptions::lenient()).unwrap_or_else(|e| panic!("{text}: {e}"));
    assert_eq!(schema.canonical(), canonical, "canonical of {text}");
    assert_eq!(schema.normalized(), normalized, "normalized of {text}");
    let again = Schema::parse_with(canonical, &[], ParseOptions::lenient()).unwrap();
    assert_eq!(again.canonical(), canonical, "printed twice");
}

fn same(text: &str) {
    check(text, text, text);
}

fn refused(text: &str, path: &str, says: &str) {
    let error = Schema::parse(text, &[]).err();
    let text: String = text.chars().take(300).collect();
    let error = error.unwrap_or_else(|| panic!("{text} was taken"));
    assert_eq!(error.path, path, "{text}: {error}");
    assert!(error.what.contains(says), "{text}: {error}");
}

#[test]
fn what_has_no_properties_is_its_name() {
    check(r#"{"type":"string"}"#, r#""string""#, r#""string""#);
    check(
        r#"{"type":"array","items":{"type":"int"}}"#,
        r#"{"type":"array","items":"int"}"#,
        r#"{"type":"array","items":"int"}"#,
    );
    same(r#"{"type":"string","avro.java.string":"String"}"#);
    same(r#"["null",{"type":"map","values":"int"}]"#);
    same(r#"{"type":"int","default":1}"#);
}

#[test]
fn attributes_have_an_order_and_all_are_kept() {
    check(
        r#"{"type":"record","name":"A","namespace":"x.y","doc":"","fields":[{"name":"a","type":{"type":"bytes","scale":0,"precision":4,"logicalType":"decimal","z":1,"b":2.50},"default":"\u00ff","aliases":["q","p"],"order":"ignore","doc":""},{"name":"e","type":{"type":"enum","name":"E","symbols":["B","A"],"default":"A","aliases":["F","o.G"]},"order":"ascending"}],"aliases":["Z","x.y.B","other.C","Q"],"zz":{"b":1,"a":[1e3,1.0,10000000000,1e20,null]},"aa":"\u001f/é😀"}"#,
        r#"{"type":"record","name":"A","namespace":"x.y","doc":"","fields":[{"name":"a","type":{"type":"bytes","scale":0,"precision":4,"logicalType":"decimal","z":1,"b":2.5},"doc":"","default":"ÿ","order":"ignore","aliases":["q","p"]},{"name":"e","type":{"type":"enum","name":"E","symbols":["B","A"],"default":"A","aliases":["F","o.G"]}}],"zz":{"b":1,"a":[1000.0,1.0,10000000000,1.0E20,null]},"aa":"\u001F/é😀","aliases":["Z","B","other.C","Q"]}"#,
        r#"{"type":"record","name":"A","namespace":"x.y","fields":[{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":4,"b":2.5,"scale":0,"z":1},"doc":"","default":"ÿ","order":"ignore","aliases":["p","q"]},{"name":"e","type":{"type":"enum","name":"E","symbols":["B","A"],"default":"A","aliases":["o.G","F"]}}],"aa":"\u001F/é😀","zz":{"a":[1000.0,1.0,10000000000,1.0E20,null],"b":1},"aliases":["other.C","B","Q","Z"]}"#,
    );
    check(
        r#"{"type":"fixed","name":"F","size":3,"doc":"d","aliases":["a"],"default":"x"}"#,
        r#"{"type":"fixed","name":"F","doc":"d","size":3,"default":"x","aliases":["a"]}"#,
        r#"{"type":"fixed","name":"F","doc":"d","size":3,"default":"x","aliases":["a"]}"#,
    );
    check(
        r#"{"type":"array","items":{"type":"int"},"x":1,"default":[]}"#,
        r#"{"type":"array","items":"int","x":1,"default":[]}"#,
        r#"{"type":"array","items":"int","default":[],"x":1}"#,
    );
}

#[test]
fn names_are_as_short_as_they_can_be() {
    let text = r#"{"type":"record","name":"x.A","fields":[{"name":"a","type":{"type":"record","name":"B","namespace":"","fields":[{"name":"c","type":["null","x.A"]}]}},{"name":"d","type":"B"},{"name":"f","type":{"type":"fixed","name":"F","size":3}},{"name":"g","type":"F"}]}"#;
    let printed = text.replacen(r#""name":"x.A""#, r#""name":"A","namespace":"x""#, 1);
    check(text, &printed, &printed);
    same(
        r#"{"type":"record","name":"string","namespace":"x","fields":[{"name":"a","type":["null","x.string"]}]}"#,
    );
    same(r#"{"type":"record","name":"A","namespace":"a-b","fields":[]}"#);
}

#[test]
fn defaults_are_printed_as_values_of_their_type() {
    check(
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":"float","default":"1.5"},{"name":"b","type":"double","default":1}]}"#,
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":"float","default":1.5},{"name":"b","type":"double","default":1}]}"#,
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":"float","default":1.5},{"name":"b","type":"double","default":1.0}]}"#,
    );
    same(r#"{"type":"record","name":"A","fields":[{"name":"a","type":["int","null"],"default":null}]}"#);
    same(
        r#"{"type":"record","name":"A","fields":[{"name":"r","type":{"type":"record","name":"R","fields":[{"name":"x","type":"int","default":1},{"name":"y","type":"int"}]},"default":{"y":2}}]}"#,
    );
    same(
        r#"{"type":"int","logicalType":"date","connect.name":"org.apache.kafka.connect.data.Date","connect.version":1}"#,
    );
    check(
        r#"{"type":"error","name":"A","fields":[]}"#,
        r#"{"type":"error","name":"A","fields":[]}"#,
        r#"{"type":"record","name":"A","fields":[]}"#,
    );
}

#[test]
fn comments_are_blanks() {
    check("/* c */ {\"type\":\"string\"} // x", "\"string\"", "\"string\"");
}

#[test]
fn references_are_printed_as_names() {
    let references = [
        ("a.Money".to_owned(), r#"{"type":"record","name":"Money","namespace":"a","fields":[{"name":"c","type":{"type":"enum","name":"Currency","symbols":["EUR"]}}]}"#.to_owned()),
        ("b.Price".to_owned(), r#"{"type":"record","name":"Price","namespace":"b","fields":[{"name":"m","type":"a.Money"}]}"#.to_owned()),
    ];
    let text = r#"{"type":"record","name":"Order","namespace":"a","fields":[{"name":"p","type":"b.Price"},{"name":"m","type":"Money"},{"name":"c","type":"Currency"}]}"#;
    let schema = Schema::parse(text, &references).unwrap();
    assert_eq!(schema.canonical(), text);
    let error = Schema::parse(text, &references[..1]).unwrap_err();
    assert_eq!(error.path, "fields[0].type");
    let error = Schema::parse(text, &references[1..]).unwrap_err();
    assert_eq!(error.path, "reference b.Price: fields[0].type");
    let twice = [references[0].clone(), references[0].clone(), references[1].clone()];
    assert_eq!(Schema::parse(text, &twice).unwrap().canonical(), text);
}

#[test]
fn what_is_no_schema_is_refused_with_its_place() {
    refused("", "", "not valid JSON");
    refused("{", "", "not valid JSON");
    refused(r#"{"type":"string"} x"#, "", "not valid JSON");
    refused("1", "", "a schema is a name");
    refused(r#""A""#, "", "Undefined name");
    refused(r#"{"type":{"type":"string"}}"#, "", "No type");
    refused(r#"{"type":"strnig"}"#, "", "Type not supported");
    refused(r#"{"type":"array"}"#, "", "No items");
    refused(r#"{"type":"record","name":"A"}"#, "", "has no fields");
    refused(r#"{"type":"record","fields":[]}"#, "", "No name");
    refused(r#"{"type":"record","name":"A-b","fields":[]}"#, "", "Illegal character in: A-b");
    refused(r#"{"type":"record","name":"é","fields":[]}"#, "", "Illegal character");
    refused(
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#,
        "fields[1]",
        "Duplicate field a",
    );
    refused(
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":{"type":"array","items":"B"}}]}"#,
        "fields[0].type.items",
        "Undefined name",
    );
    refused(
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":"int","order":"x"}]}"#,
        "fields[0]",
        "order",
    );
    refused(
        r#"{"type":"record","name":"A","fields":[{"name":"a","type":{"type":"record","name":"A","fields":[]}}]}"#,
        "fields[0].type",
        "Can't redefine: A",
    );
    refused(r#"["int","int"]"#, "[1]", "Duplicate in union");
    refused(r#"["int",["null"]]"#, "[1]", "Nested union");
    refused(r#"{"type":"enum","name":"E","symbols":["A"],"default":"B"}"#, "", "The Enum Default: B");
    refused(r#"{"type":"enum","name":"E","symbols":["A","A"]}"#, "", "Duplicate enum symbol");
    refused(r#"{"type":"fixed","name":"F","size":-1}"#, "", "size");
    refused(r#"{"type":"record","name":"A","aliases":"x","fields":[]}"#, "", "aliases");
}

#[test]
fn a_new_schemas_defaults_fit_and_a_stored_ones_need_not() {
    for (schema, default) in [
        (r#""int""#, "2147483648"),
        (r#""int""#, "1.0"),
        (r#""long""#, "9223372036854775808"),
        (r#""boolean""#, "0"),
        (r#""string""#, "null"),
        (r#"["null","int"]"#, "\"x\""),
        (r#"{"type":"array","items":"int"}"#, "[\"x\"]"),
        (r#"{"type":"record","name":"R","fields":[{"name":"y","type":"int"}]}"#, "{}"),
    ] {
        let text = format!(
            r#"{{"type":"record","name":"A","fields":[{{"name":"a","type":{schema},"default":{default}}}]}}"#
        );
        refused(&text, "fields[0]", "Invalid default for field a");
        assert!(Schema::parse_with(&text, &[], ParseOptions::lenient()).is_ok(), "{text}");
    }
    for (schema, default) in [(r#"["null","int"]"#, "1"), (r#"["null","int"]"#, "null"), (r#""double""#, "1")]
    {
        let text = format!(
            r#"{{"type":"record","name":"A","fields":[{{"name":"a","type":{schema},"default":{default}}}]}}"#
        );
        assert!(Schema::parse(&text, &[]).is_ok(), "{text}");
    }
}

#[test]
fn cve_2024_47561_bombs_are_refused_in_time() {
    let deep = format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(10_000), "}".repeat(10_000));
    refused(&deep, "", "deeper than 127 levels");
    let wide = format!(
        "[{}\"int\"]",
        (0..100_000).map(|n| format!(r#"{{"type":"fixed","name":"F{n}","size":1}},"#)).collect::<String>()
    );
    refused(&wide, "[100000]", "limit of 100000");
    let long = format!("\"{}\"", "x".repeat(17 << 20));
    refused(&long, "", "bytes of schema text");
    // Each record's default takes in the next one's twice.
    let doubling: String = (0..40)
        .map(|n| match n {
            0 => r#"{"type":"record","name":"R0","fields":[]},"#.to_owned(),
            n => format!(r#"{{"type":"record","name":"R{n}","fields":[{{"name":"a","type":"R{0}","default":{{}}}},{{"name":"b","type":"R{0}","default":{{}}}}]}},"#, n - 1),
        })
        .collect();
    let error = Schema::parse(&format!("[{doubling}\"int\"]"), &[]).unwrap_err();
    assert!(error.what.contains("cannot be checked"), "{error}");
}

#[test]
fn a_long_chain_of_references_is_inlined_as_far_as_it_can_be_parsed() {
    let record = |n: usize, of: &str| {
        format!(r#"{{"type":"record","name":"A{n}","fields":[{{"name":"f","type":"{of}"}}]}}"#)
    };
    let chain: Vec<String> = (0..20_000)
        .map(|n| record(n, &if n == 0 { "int".to_owned() } else { format!("A{}", n - 1) }))
        .collect();
    let references = [("chain".to_owned(), format!("[{}]", chain.join(",")))];
    let schema = Schema::parse(&record(20_000, "A19999"), &references).unwrap();
    let inlined = schema.inlined();
    assert!(inlined.contains(r#""name":"A19900""#) && inlined.len() < 20_000, "{}", inlined.len());
    // A short one is whole.
    let schema = Schema::parse(&record(20_000, "A9"), &references).unwrap();
    assert!(Schema::parse(&schema.inlined(), &[]).is_ok());
}

#[test]
fn many_aliases_and_of_a_name_the_first() {
    let aliases: Vec<String> = (0..200_000).map(|n| format!(r#""a{n}""#)).collect();
    let text =
        format!(r#"{{"type":"fixed","name":"x.F","size":1,"aliases":[{},"x.a0"]}}"#, aliases.join(","));
    let schema = Schema::parse(&text, &[]).unwrap();
    assert_eq!(schema.node(schema.root()).aliases().len(), 200_000);
}
