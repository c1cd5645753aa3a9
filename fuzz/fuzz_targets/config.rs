//! Java properties, and references to config providers in their values.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(config) = config::properties::parse(text) else { return };
    for (_, value) in config.iter() {
        let value = value.unwrap_or_default();
        let _ = config::placeholder::find(value);
        let _ = config::placeholder::substitute(value, |_| Some("x".to_owned()));
    }
});
