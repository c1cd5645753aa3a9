//! JSON Schema text up to the first NUL byte, and a document after it. The text is printed and parsed again, and is
//! compatible with itself; what was read of the document is written again.
#![no_main]

use bytes::Bytes;
use json_schema::Schema;
use json_schema::connect::{Config, Decoder, Encoder, to_connect};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (text, document) = match data.iter().position(|byte| *byte == 0) {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &data[data.len()..]),
    };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(schema) = Schema::parse(text, &[]) else { return };
    let again = Schema::parse(&schema.canonical(), &[]).expect("canonical text can be parsed");
    assert_eq!(again.canonical(), schema.canonical());
    let _ = Schema::parse(&schema.normalized(), &[]).expect("normalized text can be parsed");
    let _ = json_schema::compatibility::backward(&schema, &again);
    let config = Config::default();
    let Ok(connect) = to_connect(&schema, &config) else { return };
    let Ok(mut decoder) = Decoder::new(&connect) else { return };
    let Ok(value) = decoder.decode(&Bytes::copy_from_slice(document)) else { return };
    let Ok(mut encoder) = Encoder::new(&connect, &config) else { return };
    let _ = encoder.encode(&value, &mut Vec::new());
});
