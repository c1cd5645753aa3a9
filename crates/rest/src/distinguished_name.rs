//! The text form of a distinguished name: RFC 2253 as Java's `X500Principal.getName()` prints it, so that rules written
//! for Java's workers and brokers match.

use std::fmt::Write;

use x509_parser::prelude::{AttributeTypeAndValue, X509Name};

/// The attributes that have a name in RFC 2253, section 2.3. Others are shown by their number, and their value in
/// hexadecimal.
const NAMED: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

// Tags of ASN.1 whose values are text.
const UTF8: u32 = 12;
const PRINTABLE: u32 = 19;
const T61: u32 = 20;
const IA5: u32 = 22;
const BMP: u32 = 30;

/// The name, its last part first.
pub(crate) fn rfc2253(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> =
        name.iter().map(|part| part.iter().map(attribute).collect::<Vec<_>>().join("+")).collect();
    parts.reverse();
    parts.join(",")
}

fn attribute(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let name = NAMED.iter().find(|(known, _)| *known == oid).map(|(_, name)| *name);
    let value = attribute.attr_value();
    match name.zip(text(value.tag().0, value.data)) {
        Some((name, text)) => format!("{name}={}", escaped(&text)),
        None => format!("{}=#{}", name.unwrap_or(&oid), hexadecimal(value.tag().0, value.data)),
    }
}

fn text(tag: u32, bytes: &[u8]) -> Option<String> {
    match tag {
        UTF8 | PRINTABLE | IA5 => String::from_utf8(bytes.to_vec()).ok(),
        T61 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        BMP if bytes.len().is_multiple_of(2) => {
            let units: Vec<u16> = bytes.chunks(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

// Java escapes these wherever they stand, and blanks at both ends.
fn escaped(text: &str) -> String {
    let inner = text.trim_matches([' ', '\r']);
    let start = text.find(inner).unwrap_or_default();
    let mut escaped = String::new();
    for (at, char) in text.char_indices() {
        let outside = at < start || at >= start + inner.len();
        match char {
            '\0' => escaped.push_str("\\00"),
            ',' | '=' | '+' | '<' | '>' | '#' | ';' | '"' | '\\' => escaped.extend(['\\', char]),
            char if outside => escaped.extend(['\\', char]),
            char => escaped.push(char),
        }
    }
    escaped
}

// The value with its tag and length, as DER has it.
fn hexadecimal(tag: u32, bytes: &[u8]) -> String {
    let mut der = vec![(tag & 0x1f) as u8];
    match u8::try_from(bytes.len()) {
        Ok(short) if short < 0x80 => der.push(short),
        _ => {
            let length = bytes.len().to_be_bytes();
            let significant: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
            der.push(0x80 | significant.len() as u8);
            der.extend(significant);
        }
    }
    der.extend(bytes);
    der.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a string cannot fail
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // What Java 17 prints for such names.
    #[test]
    fn special_characters_are_escaped_as_java_does() {
        for (text, expected) in [
            ("ann", "ann"),
            ("Example, Inc.", r"Example\, Inc."),
            ("a=b+c", r"a\=b\+c"),
            ("C#", r"C\#"),
            ("\"q\"<>;\\", "\\\"q\\\"\\<\\>\\;\\\\"),
            (" a b ", r"\ a b\ "),
            ("   ", r"\ \ \ "),
            ("é", "é"),
        ] {
            assert_eq!(escaped(text), expected, "{text}");
        }
    }

    #[test]
    fn values_without_a_known_type_are_hexadecimal() {
        assert_eq!(hexadecimal(IA5, b"a@b"), "1603614062");
        assert!(hexadecimal(UTF8, &[b'x'; 200]).starts_with("0c81c878"));
        assert_eq!(text(BMP, &[0, b'a', 0, 0xe9]).as_deref(), Some("aé"));
        assert_eq!(text(BMP, &[0]), None);
        assert_eq!(text(T61, &[0xe9]).as_deref(), Some("é"));
        assert_eq!(text(2, &[1]), None);
    }
}
