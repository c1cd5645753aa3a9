//! Texts of headers and of literals in configs; what was read is written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let datum = literal::parse(text);
    let mut out = Vec::new();
    literal::write(&datum.value, &mut out);
    let _ = literal::parse(&String::from_utf8_lossy(&out));
    let _ = literal::java::to_string(&datum.value);
});
