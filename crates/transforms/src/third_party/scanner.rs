//! Reading the small languages of conditions: words, texts, numbers, symbols, each with its column.

use std::fmt;

// Longer texts are no conditions.
const BYTES_MAX: usize = 10_000;
/// Parentheses and the like may be nested so deep.
pub(crate) const DEPTH_MAX: usize = 50;

/// Why a text is not understood, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Counted in characters, from 1.
    pub column: usize,
    pub why: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.why)
    }
}

/// A number as it was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Number {
    Integer(i64),
    Float(f64),
}

/// A position in a text.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    offset: usize,
    depth: usize,
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Result<Self, SyntaxError> {
        match text.len() {
            0..=BYTES_MAX => Ok(Self { text, offset: 0, depth: 0 }),
            length => Err(SyntaxError {
                column: 1,
                why: format!("the text has {length} bytes, at most {BYTES_MAX} are read"),
            }),
        }
    }

    pub fn rest(&self) -> &'a str {
        &self.text[self.offset..]
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.offset += rest.len() - rest.trim_start().len();
    }

    pub fn at_end(&mut self) -> bool {
        self.skip_blanks();
        self.rest().is_empty()
    }

    /// An error at this position.
    pub fn error(&self, why: impl Into<String>) -> SyntaxError {
        SyntaxError { column: self.text[..self.offset].chars().count() + 1, why: why.into() }
    }

    /// What stands here and does not belong.
    pub fn unexpected(&mut self, wanted: &str) -> SyntaxError {
        self.skip_blanks();
        match self.peek() {
            None => self.error(format!("expected {wanted}, found the end")),
            Some(found) => self.error(format!("expected {wanted}, found {found}")),
        }
    }

    /// Passes this text if it stands here, blanks before it left out.
    pub fn eat(&mut self, symbol: &str) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(symbol);
        if found {
            self.offset += symbol.len();
        }
        found
    }

    pub fn expect(&mut self, symbol: &str) -> Result<(), SyntaxError> {
        match self.eat(symbol) {
            true => Ok(()),
            false => Err(self.unexpected(symbol)),
        }
    }

    /// Passes a word if exactly it stands here.
    pub fn eat_word(&mut self, word: &str) -> bool {
        self.skip_blanks();
        let mut ahead = self.clone();
        let found = ahead.word() == Some(word);
        if found {
            *self = ahead;
        }
        found
    }

    /// A name: letters, digits, `_` and `$`, not beginning with a digit.
    pub fn word(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let rest = self.rest();
        let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let end = rest.find(|c: char| !part(c)).unwrap_or(rest.len());
        if end == 0 || rest.starts_with(|c: char| c.is_numeric()) {
            return None;
        }
        self.offset += end;
        Some(&rest[..end])
    }

    /// A text in single or double quotes.
    pub fn quoted(&mut self) -> Result<Option<String>, SyntaxError> {
        self.skip_blanks();
        let Some(quote @ ('\'' | '"')) = self.peek() else { return Ok(None) };
        let start = self.clone();
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((offset, character)) = characters.next() {
            match character {
                _ if character == quote => {
                    self.offset += offset + 1;
                    return Ok(Some(text));
                }
                '\\' => match characters.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, same @ ('\\' | '\'' | '"' | '/' | '$'))) => text.push(same),
                    _ => {
                        self.offset += offset;
                        return Err(self.error("this escape is not supported"));
                    }
                },
                other => text.push(other),
            }
        }
        Err(start.error("the text has no closing quote"))
    }

    /// A number, with a sign if there is one.
    pub fn number(&mut self) -> Result<Option<Number>, SyntaxError> {
        self.skip_blanks();
        let rest = self.rest();
        let unsigned = rest.strip_prefix('-').unwrap_or(rest);
        if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        let mut end = rest.len() - unsigned.len();
        let bytes = rest.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        end = digits(end);
        let mut whole = true;
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            (end, whole) = (digits(end + 1), false);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            (end, whole) = (digits(end + 1 + sign), false);
        }
        let text = &rest[..end];
        if rest[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return Err(self.error("this form of a number is not supported"));
        }
        let number = match whole {
            true => text.parse().map(Number::Integer).ok(),
            false => text.parse().map(Number::Float).ok(),
        };
        let number = number.ok_or_else(|| self.error(format!("{text} is no number of 64 bits")))?;
        self.offset += end;
        Ok(Some(number))
    }

    /// `/pattern/flags` of a regular expression.
    pub fn pattern(&mut self) -> Result<(String, String), SyntaxError> {
        self.expect("/")?;
        let start = self.clone();
        let mut pattern = String::new();
        let mut escaped = false;
        for (offset, character) in self.rest().char_indices() {
            match (escaped, character) {
                (false, '/') => {
                    self.offset += offset + 1;
                    let rest = self.rest();
                    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
                    self.offset += end;
                    return Ok((pattern, rest[..end].to_owned()));
                }
                (true, '/') => {
                    pattern.pop();
                    pattern.push('/');
                }
                _ => pattern.push(character),
            }
            escaped = !escaped && character == '\\';
        }
        Err(start.error("the regular expression has no closing /"))
    }

    /// Goes one level deeper.
    pub fn enter(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        match self.depth > DEPTH_MAX {
            true => Err(self.error(format!("nested deeper than {DEPTH_MAX} levels"))),
            false => Ok(()),
        }
    }

    /// Comes back.
    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}
