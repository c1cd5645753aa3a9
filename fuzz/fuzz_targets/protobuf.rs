//! Protobuf schema text up to the first NUL byte, and a message after it. The text is printed and parsed again; what was
//! read of the message is written and read again.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use protobuf::Schema;
use protobuf::connect::{Config, Decoder, Encoder, read_indexes};

fuzz_target!(|data: &[u8]| {
    let (text, message) = match data.iter().position(|byte| *byte == 0) {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &data[data.len()..]),
    };
    let _ = read_indexes(message);
    let Ok(text) = std::str::from_utf8(text) else { return };
    let Ok(schema) = Schema::parse(text, &[]) else { return };
    let again = Schema::parse(&schema.canonical(), &[]).expect("canonical text can be parsed");
    assert_eq!(again.canonical(), schema.canonical());
    let _ = Schema::parse(&schema.normalized(), &[]).expect("normalized text can be parsed");
    let _ = protobuf::compatibility::backward(&schema, &again);
    let config = Config::default();
    let Ok(decoder) = Decoder::new(&schema, &[0], &config, None) else { return };
    let Ok(datum) = decoder.decode(&Bytes::copy_from_slice(message)) else { return };
    let Some(schema_of_value) = &datum.schema else { return };
    let Ok(mut encoder) = Encoder::new(schema_of_value, &schema, &[0], &config) else { return };
    let mut out = Vec::new();
    if encoder.encode(&datum.value, &mut out).is_ok() {
        decoder.decode(&Bytes::from(out)).expect("what was written can be read");
    }
});
