//! The tokens of a JSON document, read in place.

use std::ops::Range;

use data::{Bytes, Text};

use crate::Error;
use crate::error::MAX_DEPTH;
use crate::text::special_bytes;

// Jackson's limit for the text of a number; without one, a number costs its length squared.
const MAX_NUMBER_LENGTH: usize = 1000;

/// A position in a document.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'a> {
    source: &'a Bytes,
    bytes: &'a [u8],
    pub position: usize,
}

/// The text between two quotes: a slice of the document, or what its escapes stand for.
#[derive(Debug)]
pub(crate) enum Quoted<'a> {
    /// Bytes from this position, not yet known to be UTF-8.
    Slice(&'a [u8], usize),
    Unescaped(String),
}

impl Quoted<'_> {
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Quoted::Slice(bytes, _) => bytes,
            Quoted::Unescaped(text) => text.as_bytes(),
        }
    }

    /// The text; fails unless it is UTF-8.
    #[inline]
    pub fn as_str(&self) -> Result<&str, Error> {
        match self {
            Quoted::Slice(bytes, start) => std::str::from_utf8(bytes).map_err(|_| invalid_utf8(*start)),
            Quoted::Unescaped(text) => Ok(text),
        }
    }
}

#[cold]
fn invalid_utf8(offset: usize) -> Error {
    Error::Syntax { why: "invalid UTF-8 in the text", offset }
}

/// A number's text and what was computed on the way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number<'a> {
    pub text: &'a str,
    /// Whether it has neither fraction nor exponent.
    pub integral: bool,
    negative: bool,
    mantissa: u64,
    /// Whether the mantissa holds all digits.
    exact: bool,
    exponent: i32,
}

impl<'a> Scanner<'a> {
    pub fn new(source: &'a Bytes) -> Self {
        Self { source, bytes: source, position: 0 }
    }

    /// The same document from another position.
    pub fn at(&self, position: usize) -> Self {
        Self { source: self.source, bytes: self.bytes, position }
    }

    pub fn slice(&self, range: Range<usize>) -> &'a [u8] {
        &self.bytes[range]
    }

    /// What is left of the document.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    #[cold]
    pub fn error<T>(&self, why: &'static str) -> Result<T, Error> {
        Err(Error::Syntax { why, offset: self.position })
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    /// The next byte that is not white space; it is not consumed.
    #[inline]
    pub fn peek(&mut self) -> Result<u8, Error> {
        while let Some(byte) = self.byte() {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(byte);
            }
            self.position += 1;
        }
        self.error("the document ends too early")
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Result<(), Error> {
        match self.peek() {
            Ok(_) => self.error("something follows the document"),
            Err(_) => Ok(()),
        }
    }

    /// Consumes a byte that must come next.
    #[inline]
    pub fn expect(&mut self, byte: u8, why: &'static str) -> Result<(), Error> {
        if self.peek()? != byte {
            return self.error(why);
        }
        self.position += 1;
        Ok(())
    }

    /// After the opening bracket: whether there is nothing before the closing one, which is consumed then.
    #[inline]
    pub fn is_empty(&mut self, close: u8) -> Result<bool, Error> {
        let empty = self.peek()? == close;
        self.position += usize::from(empty);
        Ok(empty)
    }

    /// After an item: whether another one follows. The comma or closing bracket is consumed.
    #[inline]
    pub fn more(&mut self, close: u8) -> Result<bool, Error> {
        let byte = self.peek()?;
        if byte != b',' && byte != close {
            return self.error("expected a comma or the closing bracket");
        }
        self.position += 1;
        Ok(byte == b',')
    }

    /// A member's name and the colon after it.
    #[inline]
    pub fn name(&mut self) -> Result<Quoted<'a>, Error> {
        if self.peek()? != b'"' {
            return self.error("expected a member's name in double quotes");
        }
        let name = self.quoted()?;
        self.expect(b':', "expected a colon after a member's name")?;
        Ok(name)
    }

    /// A word: `true`, `false`, `null`.
    pub fn word(&mut self, word: &'static str) -> Result<(), Error> {
        let end = self.position + word.len();
        if self.bytes.get(self.position..end) != Some(word.as_bytes()) {
            return self.error("unknown word");
        }
        if self.bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            return self.error("unknown word");
        }
        self.position = end;
        Ok(())
    }

    /// Text in quotes; the position is at the opening one.
    #[inline]
    pub fn quoted(&mut self) -> Result<Quoted<'a>, Error> {
        let start = self.position + 1;
        let end = self.plain_until(start);
        match self.bytes.get(end) {
            Some(b'"') => {
                self.position = end + 1;
                Ok(Quoted::Slice(&self.bytes[start..end], start))
            }
            _ => self.unescape(start, end),
        }
    }

    // The position of the next quote, backslash or control character, or the end.
    #[inline]
    fn plain_until(&self, mut position: usize) -> usize {
        while let Some(chunk) = self.bytes.get(position..position + 8) {
            let found = special_bytes(u64::from_le_bytes(chunk.try_into().expect("a chunk of eight")));
            if found != 0 {
                return position + (found.trailing_zeros() / 8) as usize;
            }
            position += 8;
        }
        let tail = &self.bytes[position.min(self.bytes.len())..];
        let plain = |byte: &u8| *byte >= 0x20 && *byte != b'"' && *byte != b'\\';
        position + tail.iter().position(|byte| !plain(byte)).unwrap_or(tail.len())
    }

    #[cold]
    fn unescape(&mut self, start: usize, plain_end: usize) -> Result<Quoted<'a>, Error> {
        let mut text = String::new();
        let (mut from, mut to) = (start, plain_end);
        loop {
            match std::str::from_utf8(&self.bytes[from..to]) {
                Ok(plain) => text.push_str(plain),
                Err(_) => return Err(invalid_utf8(from)),
            }
            self.position = to;
            match self.byte() {
                Some(b'"') => {
                    self.position += 1;
                    return Ok(Quoted::Unescaped(text));
                }
                Some(b'\\') => {
                    self.position += 1;
                    text.push(self.escape()?);
                }
                Some(_) => return self.error("a control character in a text must be escaped"),
                None => return self.error("the document ends in a text"),
            }
            from = self.position;
            to = self.plain_until(from);
        }
    }

    fn escape(&mut self) -> Result<char, Error> {
        let Some(byte) = self.byte() else {
            return self.error("the document ends in a text");
        };
        let character = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return self.error("unknown escape"),
        };
        self.position += 1;
        Ok(character)
    }

    // The position is at the `u`. Half a surrogate pair is no character.
    fn unicode(&mut self) -> Result<char, Error> {
        let first = self.unit()?;
        let code = match first {
            0xd800..=0xdbff => {
                if self.bytes.get(self.position..self.position + 2) != Some(b"\\u") {
                    return self.error("half a surrogate pair");
                }
                self.position += 1;
                let second = self.unit()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return self.error("half a surrogate pair");
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            _ => first,
        };
        match char::from_u32(code) {
            Some(character) => Ok(character),
            None => self.error("half a surrogate pair"),
        }
    }

    fn unit(&mut self) -> Result<u32, Error> {
        self.position += 1;
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return self.error("expected four hexadecimal digits");
            };
            unit = unit << 4 | digit;
            self.position += 1;
        }
        Ok(unit)
    }

    /// Text that shares the document's buffer where it can; fails unless it is UTF-8.
    #[inline]
    pub fn text(&self, quoted: Quoted<'a>) -> Result<Text, Error> {
        match quoted {
            Quoted::Slice(b"", _) => Ok(Text::new()),
            Quoted::Slice(bytes, start) => {
                Text::try_from(self.source.slice(start..start + bytes.len())).map_err(|_| invalid_utf8(start))
            }
            Quoted::Unescaped(text) => Ok(Text::from(text)),
        }
    }

    /// A number; the position is at its first byte. Leading zeros are accepted, as Kafka Connect has Jackson do.
    #[inline]
    pub fn number(&mut self) -> Result<Number<'a>, Error> {
        let start = self.position;
        let negative = self.byte() == Some(b'-');
        self.position += usize::from(negative);
        let (mut mantissa, mut digits) = (0, 0);
        if self.digits(&mut mantissa, &mut digits) == 0 {
            return self.error(if negative {
                "expected a digit after the minus sign"
            } else {
                "unexpected character"
            });
        }
        let (mut exponent, mut integral) = (0i32, true);
        if self.byte() == Some(b'.') {
            self.position += 1;
            integral = false;
            let count = self.digits(&mut mantissa, &mut digits);
            if count == 0 {
                return self.error("expected a digit after the decimal point");
            }
            exponent = -(count.min(MAX_NUMBER_LENGTH + 1) as i32);
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.position += 1;
            integral = false;
            let sign = self.byte();
            self.position += usize::from(matches!(sign, Some(b'+' | b'-')));
            let (mut power, mut length) = (0, 0);
            if self.digits(&mut power, &mut length) == 0 {
                return self.error("expected a digit in the exponent");
            }
            let power = if length > 9 { i32::MAX / 2 } else { power as i32 };
            exponent += if sign == Some(b'-') { -power } else { power };
        }
        if self.position - start > MAX_NUMBER_LENGTH {
            return self.error("the number is longer than 1000 characters");
        }
        let text = std::str::from_utf8(&self.bytes[start..self.position]).unwrap_or_default();
        Ok(Number { text, integral, negative, mantissa, exact: digits <= 19, exponent })
    }

    // Appends digits to the mantissa while it has room; answers how many there were. Zeros in front count nothing.
    #[inline]
    fn digits(&mut self, mantissa: &mut u64, significant: &mut usize) -> usize {
        let start = self.position;
        while let Some(byte) = self.byte() {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            *significant += usize::from(*significant > 0 || digit != 0);
            if *significant <= 19 {
                *mantissa = *mantissa * 10 + u64::from(digit);
            }
            self.position += 1;
        }
        self.position - start
    }

    /// Goes past a value and answers where it lies. It is checked as if it were read.
    pub fn skip(&mut self, depth: usize) -> Result<Range<usize>, Error> {
        let first = self.peek()?;
        let start = self.position;
        match first {
            b'"' => {
                self.quoted()?.as_str()?;
            }
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            b'[' | b'{' => {
                if depth >= MAX_DEPTH {
                    return Err(Error::TooDeep);
                }
                self.position += 1;
                let close = if first == b'[' { b']' } else { b'}' };
                let mut more = !self.is_empty(close)?;
                while more {
                    if close == b'}' {
                        self.name()?.as_str()?;
                    }
                    self.skip(depth + 1)?;
                    more = self.more(close)?;
                }
            }
            _ => drop(self.number()?),
        }
        Ok(start..self.position)
    }
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

impl Number<'_> {
    /// The integer, when it has neither fraction nor exponent and fits 64 bits.
    #[inline]
    pub fn to_i64(self) -> Option<i64> {
        let fits = self.integral && self.exact && self.mantissa <= i64::MAX as u64 + u64::from(self.negative);
        let magnitude = self.mantissa as i64;
        fits.then_some(if self.negative { magnitude.wrapping_neg() } else { magnitude })
    }

    /// The nearest 64-bit float; beyond its range, infinity.
    #[inline]
    pub fn to_f64(self) -> f64 {
        // Both parts are exact floats, so that one rounding makes the nearest.
        if self.exact && self.mantissa <= 1 << 53 && self.exponent.unsigned_abs() <= 22 {
            let power = POWERS[self.exponent.unsigned_abs() as usize];
            let mantissa = self.mantissa as f64;
            let magnitude = if self.exponent < 0 { mantissa / power } else { mantissa * power };
            return if self.negative { -magnitude } else { magnitude };
        }
        self.text.parse().unwrap_or(f64::NAN)
    }

    /// The nearest 32-bit float; beyond its range, infinity.
    pub fn to_f32(self) -> f32 {
        self.text.parse().unwrap_or(f32::NAN)
    }
}
