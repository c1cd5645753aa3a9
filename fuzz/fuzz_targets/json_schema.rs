//! JSON Schema text, printed and parsed again; compatible with itself.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(schema) = json_schema::Schema::parse(text, &[]) else { return };
    let again = json_schema::Schema::parse(&schema.canonical(), &[]).expect("canonical text can be parsed");
    assert_eq!(again.canonical(), schema.canonical());
    let _ = json_schema::compatibility::backward(&schema, &again);
});
