//! Names that Avro allows, of names that Connect allows.

use std::borrow::Cow;

/// A name in which every character that Avro does not allow is replaced: it is percent-encoded as in a form, then all
/// but letters, digits and `_` become `_`; a leading digit gets an `x` before it.
pub(crate) fn scrub(name: &str) -> Cow<'_, str> {
    if name.is_empty() || crate::schema::is_valid_name(name) {
        return Cow::Borrowed(name);
    }
    let mut scrubbed = String::with_capacity(name.len() + 8);
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' => scrubbed.push(char::from(byte)),
            // What a form's encoding leaves as it is, or writes as `+`.
            b' ' | b'.' | b'-' | b'*' => scrubbed.push('_'),
            other => scrubbed.push_str(&format!("_{other:02X}")),
        }
    }
    if scrubbed.starts_with(|first: char| first.is_ascii_digit()) {
        scrubbed.insert(0, 'x');
    }
    Cow::Owned(scrubbed)
}

/// A full name with each of its parts scrubbed, or as it is.
pub(crate) fn full(name: &str, scrubs: bool) -> Cow<'_, str> {
    match scrubs {
        false => Cow::Borrowed(name),
        true => Cow::Owned(name.split('.').map(scrub).collect::<Vec<_>>().join(".")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrubbed_as_java() {
        for (name, expected) in [
            ("abc_1", "abc_1"),
            ("1a", "x1a"),
            ("a-b.c d*", "a_b_c_d_"),
            ("a$b", "a_24b"),
            ("é", "_C3_A9"),
            ("~", "_7E"),
        ] {
            assert_eq!(scrub(name), expected);
        }
        assert_eq!(full("my-ns.a$b", true), "my_ns.a_24b");
        assert_eq!(full("my-ns.a", false), "my-ns.a");
    }
}
