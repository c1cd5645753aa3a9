//! Texts in other encodings than UTF-8.

/// An encoding of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    Latin1,
    Ascii,
    Utf16,
    Utf16BigEndian,
    Utf16LittleEndian,
}

impl Charset {
    /// By Java's name or one of its aliases.
    pub fn parse(name: &str) -> Result<Self, String> {
        Ok(match name.to_ascii_uppercase().as_str() {
            "UTF-8" | "UTF8" => Self::Utf8,
            "ISO-8859-1" | "ISO8859_1" | "LATIN1" => Self::Latin1,
            "US-ASCII" | "ASCII" => Self::Ascii,
            "UTF-16" | "UTF16" => Self::Utf16,
            "UTF-16BE" => Self::Utf16BigEndian,
            "UTF-16LE" => Self::Utf16LittleEndian,
            _ => {
                return Err(
                    "the charset is not supported: there are UTF-8, ISO-8859-1, US-ASCII, UTF-16, UTF-16BE and UTF-16LE"
                        .to_owned(),
                );
            }
        })
    }

    /// The text; what is no character becomes U+FFFD, as in Java.
    pub fn decode(self, bytes: &[u8]) -> String {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
            Self::Ascii => bytes
                .iter()
                .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '\u{fffd}' })
                .collect(),
            Self::Utf16BigEndian => utf16(bytes, u16::from_be_bytes),
            Self::Utf16LittleEndian => utf16(bytes, u16::from_le_bytes),
            Self::Utf16 => match bytes {
                [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
                [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
                _ => utf16(bytes, u16::from_be_bytes),
            },
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let pairs = bytes.chunks_exact(2);
    let half = !pairs.remainder().is_empty();
    let units: Vec<u16> = pairs.map(|pair| unit([pair[0], pair[1]])).collect();
    let mut text = String::from_utf16_lossy(&units);
    if half {
        text.push('\u{fffd}');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes() {
        for (name, bytes, text) in [
            ("utf-8", &b"\xc3\xa4\xff"[..], "ä\u{fffd}"),
            ("ISO-8859-1", b"\xe4", "ä"),
            ("US-ASCII", b"a\xe4", "a\u{fffd}"),
            ("UTF-16", b"\xff\xfea\0", "a"),
            ("UTF-16BE", b"\0a\0", "a\u{fffd}"),
        ] {
            assert_eq!(Charset::parse(name).unwrap().decode(bytes), text, "{name}");
        }
        assert!(Charset::parse("EBCDIC").unwrap_err().contains("UTF-8"));
    }
}
