//! Text and bytes in quotes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Appends text in quotes, escaped as Jackson does: `"`, `\`, control characters (short forms where JSON has them,
/// else upper-case `\u00XX`), and characters beyond U+FFFF as a surrogate pair.
#[inline]
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let clean = clean_prefix(text.as_bytes());
    out.extend_from_slice(&text.as_bytes()[..clean]);
    if clean < text.len() {
        // The prefix ends before a byte that begins a character, so it is a boundary.
        write_escaped(&text[clean..], out);
    }
    out.push(b'"');
}

/// Appends bytes as base64 in quotes: standard alphabet, padded, one line.
pub fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(bytes, &mut out[start..]).expect("base64 needs four bytes for three");
    out.truncate(start + written);
    out.push(b'"');
}

#[inline]
fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\' || byte >= 0xf0
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Marks, in the highest bit of each of eight bytes, quotes, backslashes and control characters. Only the lowest mark
/// is to be trusted: a borrow can mark a byte above it that is none of these.
#[inline]
pub(crate) fn special_bytes(word: u64) -> u64 {
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    control | zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\')))
}

// How many bytes from the start need no escape; eight are looked at together.
#[inline]
fn clean_prefix(bytes: &[u8]) -> usize {
    let mut position = 0;
    let mut chunks = bytes.chunks_exact(8);
    for chunk in &mut chunks {
        let word = u64::from_le_bytes(chunk.try_into().expect("a chunk of eight"));
        let beyond = word & (word << 1) & (word << 2) & (word << 3) & HIGH;
        let found = special_bytes(word) | beyond;
        if found != 0 {
            return position + (found.trailing_zeros() / 8) as usize;
        }
        position += 8;
    }
    let rest = chunks.remainder();
    position + rest.iter().position(|byte| needs_escape(*byte)).unwrap_or(rest.len())
}

#[cold]
fn write_escaped(text: &str, out: &mut Vec<u8>) {
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\0'..='\u{1f}' | '\u{10000}'.. => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write_unit(*unit, out);
                }
            }
            _ => out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

fn write_unit(unit: u16, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.extend_from_slice(b"\\u");
    for shift in [12, 8, 4, 0] {
        out.push(HEX[usize::from(unit >> shift) & 0xf]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, json: &str) {
        let mut out = Vec::new();
        write_string(text, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), json);
    }

    #[test]
    fn escapes_as_jackson() {
        check("", "\"\"");
        check("a/b é ü \u{7f} \u{2028}", "\"a/b é ü \u{7f} \u{2028}\"");
        check("say \"hi\" \\ there", r#""say \"hi\" \\ there""#);
        check("\u{8}\t\n\u{c}\r\u{0}\u{1f}", r#""\b\t\n\f\r\u0000\u001F""#);
        check("01234567😀", r#""01234567\uD83D\uDE00""#);
        check("01234567\u{ffff}!\u{1}", "\"01234567\u{ffff}!\\u0001\"");
    }

    proptest::proptest! {
        #[test]
        fn any_text_comes_back(text: String) {
            let mut out = Vec::new();
            write_string(&text, &mut out);
            proptest::prop_assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
        }
    }
}
