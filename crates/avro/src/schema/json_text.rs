//! JSON as Avro's Java library prints schemas: no white space, only what must be escaped is, with upper-case digits.

use serde_json::{Number, Value};

/// Appends a document.
pub(super) fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_string(text, out),
        Value::Array(items) => write_array(items, out, write),
        Value::Object(members) => {
            out.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
    }
}

/// Appends an array of whatever `write` appends.
pub(super) fn write_array<T>(items: &[T], out: &mut String, mut write: impl FnMut(&T, &mut String)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

fn write_number(number: &Number, out: &mut String) {
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) => {
            let mut digits = Vec::new();
            json::write_f64(float, &mut digits);
            out.push_str(&String::from_utf8_lossy(&digits));
        }
        None => out.push_str(&number.to_string()),
    }
}

/// Appends a quoted text.
pub(super) fn write_string(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            letter if u32::from(letter) < 0x20 => out.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    #[test]
    fn prints_as_java() {
        let text = r#"{"a":[1e3,1.0,10000000000,1e20,null,true],"b":"\u001f\u007f/é😀\b\"\\"}"#;
        let mut out = String::new();
        super::write(&serde_json::from_str(text).unwrap(), &mut out);
        assert_eq!(
            out,
            "{\"a\":[1000.0,1.0,10000000000,1.0E20,null,true],\"b\":\"\\u001F\u{7f}/é😀\\b\\\"\\\\\"}"
        );
    }
}
