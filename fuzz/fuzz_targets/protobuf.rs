//! Protobuf schema text, printed and parsed again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(schema) = protobuf::Schema::parse(text, &[]) else { return };
    let again = protobuf::Schema::parse(&schema.canonical(), &[]).expect("canonical text can be parsed");
    assert_eq!(again.canonical(), schema.canonical());
    let _ = protobuf::compatibility::backward(&schema, &again);
});
