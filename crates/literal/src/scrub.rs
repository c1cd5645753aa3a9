//! Names that formats with schemas allow, of names that Connect allows.

use std::borrow::Cow;

/// A name of letters, digits and `_` of ASCII that does not begin with a digit, as Confluent's converters make one with
/// `scrub.invalid.names`: percent-encoded as in a form, then all but letters, digits and `_` become `_`; a leading digit
/// gets an `x` before it. The empty name stays as it is.
pub fn scrubbed(name: &str) -> Cow<'_, str> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let digit_first = name.starts_with(|first: char| first.is_ascii_digit());
    if !digit_first && name.bytes().all(is_letter) {
        return Cow::Borrowed(name);
    }
    let mut scrubbed = String::with_capacity(name.len() + 8);
    if digit_first {
        scrubbed.push('x');
    }
    for byte in name.bytes() {
        match byte {
            letter if is_letter(letter) => scrubbed.push(char::from(letter)),
            // What a form's encoding leaves as it is, or writes as `+`.
            b' ' | b'.' | b'-' | b'*' => scrubbed.push('_'),
            other => scrubbed.push_str(&format!("_{other:02X}")),
        }
    }
    Cow::Owned(scrubbed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrubbed_as_java() {
        for (name, expected) in [
            ("abc_1", "abc_1"),
            ("", ""),
            ("1a", "x1a"),
            ("a-b.c d*", "a_b_c_d_"),
            ("a$b", "a_24b"),
            ("sérv", "s_C3_A9rv"),
            ("~", "_7E"),
        ] {
            assert_eq!(scrubbed(name), expected);
        }
    }
}
