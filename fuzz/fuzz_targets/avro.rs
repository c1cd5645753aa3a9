//! Avro schema text up to the first NUL byte, and a datum after it. Canonical text is parsed again; what was read of the
//! datum is written and read again.
#![no_main]

use avro::{Decoder, Encoder, Mapping, Schema};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (text, datum) = match data.iter().position(|byte| *byte == 0) {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &data[data.len()..]),
    };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(schema) = Schema::parse(text, &[]) else { return };
    let again = Schema::parse(&schema.canonical(), &[]).expect("canonical text can be parsed");
    assert_eq!(again.canonical(), schema.canonical());
    assert!(avro::compatibility::reads(&schema, &again).is_empty(), "a schema reads its own data");
    let Ok(decoder) = Decoder::new(&schema, None, Mapping::default(), None) else { return };
    let Ok(value) = decoder.read(&Bytes::copy_from_slice(datum)) else { return };
    let Ok(mut encoder) = Encoder::new(decoder.schema(), &schema, Mapping::default()) else { return };
    let mut out = Vec::new();
    if encoder.write(&value, &mut out).is_ok() {
        decoder.read(&Bytes::from(out)).expect("what was written can be read");
    }
});
