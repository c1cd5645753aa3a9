//! The character sets that every Java has.

use data::{Bytes, Text};

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// Seven bits a character.
    Ascii,
    /// Eight bits a character, Latin.
    Latin1,
    /// UTF-16, big-endian with a byte order mark; when read, the mark decides.
    Utf16,
    /// UTF-16, big-endian.
    Utf16Be,
    /// UTF-16, little-endian.
    Utf16Le,
}

impl Charset {
    /// By Java's name or one of its aliases, in any case.
    ///
    /// # Errors
    /// It is none of these; the text says which there are.
    pub fn parse(name: &str) -> Result<Self, String> {
        Ok(match name.to_ascii_uppercase().as_str() {
            "UTF-8" | "UTF8" => Self::Utf8,
            "ISO-8859-1" | "ISO8859_1" | "LATIN1" => Self::Latin1,
            "US-ASCII" | "ASCII" => Self::Ascii,
            "UTF-16" | "UTF16" => Self::Utf16,
            "UTF-16BE" => Self::Utf16Be,
            "UTF-16LE" => Self::Utf16Le,
            _ => {
                return Err(
                    "the charset is not supported: there are UTF-8, ISO-8859-1, US-ASCII, UTF-16, UTF-16BE and UTF-16LE"
                        .to_owned(),
                );
            }
        })
    }

    /// Appends text; a character that the set lacks becomes `?`, as in Java.
    pub fn encode(self, text: &str, out: &mut Vec<u8>) {
        let narrow = |out: &mut Vec<u8>, limit: u32| {
            out.extend(text.chars().map(|c| if u32::from(c) < limit { u32::from(c) as u8 } else { b'?' }));
        };
        match self {
            Charset::Utf8 => out.extend_from_slice(text.as_bytes()),
            Charset::Ascii => narrow(out, 0x80),
            Charset::Latin1 => narrow(out, 0x100),
            Charset::Utf16 if text.is_empty() => {} // no mark either, as in Java
            Charset::Utf16 => {
                out.extend_from_slice(&[0xfe, 0xff]);
                out.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
            }
            Charset::Utf16Be => out.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
            Charset::Utf16Le => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
        }
    }

    /// The text of bytes; what is no text becomes U+FFFD, as in Java. UTF-8 shares the buffer where it can.
    pub fn decode(self, bytes: &Bytes) -> Text {
        match self {
            Charset::Utf8 => match Text::try_from(bytes.clone()) {
                Ok(text) => text,
                Err(_) => Text::from(String::from_utf8_lossy(bytes).into_owned()),
            },
            Charset::Ascii => {
                let ascii =
                    |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER };
                Text::from(bytes.iter().map(ascii).collect::<String>())
            }
            Charset::Latin1 => Text::from(bytes.iter().map(|byte| char::from(*byte)).collect::<String>()),
            Charset::Utf16 => match bytes.as_ref() {
                [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
                [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
                rest => units(rest, u16::from_be_bytes),
            },
            Charset::Utf16Be => units(bytes, u16::from_be_bytes),
            Charset::Utf16Le => units(bytes, u16::from_le_bytes),
        }
    }
}

fn units(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Text {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    Text::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_back_where_the_set_has_it() {
        for charset in [Charset::Utf8, Charset::Utf16, Charset::Utf16Be, Charset::Utf16Le] {
            let mut bytes = Vec::new();
            charset.encode("aä😀", &mut bytes);
            assert_eq!(charset.decode(&Bytes::from(bytes)), Text::from("aä😀"), "{charset:?}");
        }
        let mut bytes = Vec::new();
        Charset::Latin1.encode("aä€", &mut bytes);
        assert_eq!(bytes, [b'a', 0xe4, b'?']);
        assert_eq!(Charset::Latin1.decode(&Bytes::from(bytes)), Text::from("aä?"));
        assert_eq!(Charset::Ascii.decode(&Bytes::from_static(&[b'a', 0xe4])), Text::from("a\u{fffd}"));
    }

    #[test]
    fn what_is_no_text_is_replaced() {
        assert_eq!(Charset::Utf8.decode(&Bytes::from_static(b"a\xff")), Text::from("a\u{fffd}"));
        assert_eq!(
            Charset::Utf16Be.decode(&Bytes::from_static(&[0, b'a', 0xd8, 0, 1])),
            Text::from("a\u{fffd}\u{fffd}")
        );
    }

    #[test]
    fn names_are_those_of_java() {
        for (name, bytes, text) in [
            ("utf-8", &b"\xc3\xa4\xff"[..], "ä\u{fffd}"),
            ("ISO-8859-1", b"\xe4", "ä"),
            ("US-ASCII", b"a\xe4", "a\u{fffd}"),
            ("UTF-16", b"\xff\xfea\0", "a"),
            ("UTF-16BE", b"\0a\0", "a\u{fffd}"),
        ] {
            let charset = Charset::parse(name).unwrap();
            assert_eq!(charset.decode(&Bytes::from_static(bytes)), Text::from(text), "{name}");
        }
        assert!(Charset::parse("EBCDIC").unwrap_err().contains("UTF-8"));
    }
}
