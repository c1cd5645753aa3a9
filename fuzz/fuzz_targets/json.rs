//! A document without schema, with envelope, and as a schema; what was read is written and read again.
#![no_main]

use bytes::Bytes;
use json::{DecimalFormat, Reader, Writer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let document = Bytes::copy_from_slice(data);
    let mut reader = Reader::new();
    let _ = reader.parse_schema(&document);
    if let Ok(datum) = reader.parse_envelope(&document) {
        let mut out = Vec::new();
        let _ = Writer::new(DecimalFormat::Numeric).write_envelope(&datum, &mut out);
    }
    let Ok(value) = reader.parse(&document) else { return };
    let mut out = Vec::new();
    if Writer::new(DecimalFormat::Base64).write(None, &value, &mut out).is_ok() {
        assert!(reader.parse(&Bytes::from(out)).is_ok(), "what was written cannot be read");
    }
});
