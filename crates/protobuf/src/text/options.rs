//! Options: as a parser left them, or as a descriptor holds them.

use prost_reflect::{DynamicMessage, Kind, MapKey, Value};
use prost_types::UninterpretedOption;

use super::{Opt, OptValue};

/// Options that were read and not yet looked up.
pub(super) fn uninterpreted(options: &[UninterpretedOption]) -> Vec<Opt> {
    options.iter().map(option).collect()
}

fn option(option: &UninterpretedOption) -> Opt {
    let parts = option.name.iter().map(|part| match part.is_extension {
        true => format!("({})", part.name_part),
        false => part.name_part.clone(),
    });
    let name = parts.collect::<Vec<_>>().join(".");
    let value = if let Some(word) = &option.identifier_value {
        OptValue::Word(word.clone())
    } else if let Some(number) = option.positive_int_value {
        OptValue::Word(number.to_string())
    } else if let Some(number) = option.negative_int_value {
        OptValue::Word(number.to_string())
    } else if let Some(number) = option.double_value {
        OptValue::Word(float(number))
    } else if let Some(text) = &option.string_value {
        OptValue::Text(String::from_utf8_lossy(text).into_owned())
    } else {
        Aggregate::parse(option.aggregate_value.as_deref().unwrap_or_default())
    };
    Opt { name, value }
}

pub(super) fn float(number: f64) -> String {
    match number {
        _ if number.is_nan() => "nan".to_owned(),
        _ if number == f64::INFINITY => "inf".to_owned(),
        _ if number == f64::NEG_INFINITY => "-inf".to_owned(),
        _ => format!("{number:?}"),
    }
}

/// The tokens of a value in braces, as the parser joined them with spaces.
struct Aggregate<'a> {
    rest: &'a str,
}

impl<'a> Aggregate<'a> {
    fn parse(text: &'a str) -> OptValue {
        Aggregate { rest: text }.members()
    }

    fn members(&mut self) -> OptValue {
        let mut members: Vec<(String, OptValue)> = Vec::new();
        while let Some(token) = self.next() {
            match token {
                "}" | ">" => break,
                "," | ";" => continue,
                _ => {}
            }
            let name = match token {
                "[" => self.bracketed(),
                _ => token.to_owned(),
            };
            let value = self.value();
            // A name that comes again makes a list.
            match members.iter_mut().find(|(known, _)| *known == name) {
                Some((_, OptValue::List(items))) => match value {
                    OptValue::List(more) => items.extend(more),
                    one => items.push(one),
                },
                Some((_, known)) => {
                    let first = std::mem::replace(known, OptValue::List(Vec::new()));
                    let rest = match value {
                        OptValue::List(more) => more,
                        one => vec![one],
                    };
                    *known = OptValue::List(std::iter::once(first).chain(rest).collect());
                }
                None => members.push((name, value)),
            }
        }
        OptValue::Map(members)
    }

    fn bracketed(&mut self) -> String {
        let mut name = String::from("[");
        while let Some(token) = self.next() {
            name.push_str(token);
            if token == "]" {
                break;
            }
        }
        name
    }

    fn value(&mut self) -> OptValue {
        let mut token = self.next().unwrap_or_default();
        if token == ":" {
            token = self.next().unwrap_or_default();
        }
        self.value_of(token)
    }

    fn value_of(&mut self, token: &'a str) -> OptValue {
        match token {
            "{" | "<" => self.members(),
            "[" => {
                let mut items = Vec::new();
                while let Some(token) = self.next() {
                    match token {
                        "]" => break,
                        "," => {}
                        _ => items.push(self.value_of(token)),
                    }
                }
                OptValue::List(items)
            }
            "-" => {
                let word = self.next().unwrap_or_default();
                OptValue::Word(format!("-{word}"))
            }
            _ if token.starts_with(['"', '\'']) => {
                let mut text = unquote(token);
                // Texts beside each other are one.
                while self.rest.trim_start().starts_with(['"', '\'']) {
                    text.push_str(&unquote(self.next().unwrap_or_default()));
                }
                OptValue::Text(text)
            }
            _ => OptValue::Word(token.to_owned()),
        }
    }

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.trim_start();
        let first = text.chars().next()?;
        let length = match first {
            '"' | '\'' => quoted_length(text, first),
            '{' | '}' | '[' | ']' | '<' | '>' | ':' | ',' | ';' | '-' | '/' => 1,
            _ => text
                .find(|c: char| c.is_whitespace() || "{}[]<>:,;\"'/".contains(c))
                .unwrap_or(text.len())
                .max(first.len_utf8()),
        };
        let (token, rest) = text.split_at(length);
        self.rest = rest;
        Some(token)
    }
}

fn quoted_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn unquote(token: &str) -> String {
    let inner = token.get(1..token.len().saturating_sub(1)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        match chars.next() {
            Some('n') => bytes.push(b'\n'),
            Some('r') => bytes.push(b'\r'),
            Some('t') => bytes.push(b'\t'),
            Some('a') => bytes.push(7),
            Some('b') => bytes.push(8),
            Some('f') => bytes.push(12),
            Some('v') => bytes.push(11),
            Some('x' | 'X') => bytes.push(digits(&mut chars, None, 16, 2)),
            Some(digit) if digit.is_digit(8) => bytes.push(digits(&mut chars, Some(digit), 8, 2)),
            Some(other) => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            None => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digits(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    first: Option<char>,
    radix: u32,
    most: usize,
) -> u8 {
    let mut number = first.and_then(|c| c.to_digit(radix)).unwrap_or(0);
    for _ in 0..most {
        let Some(digit) = chars.peek().and_then(|c| c.to_digit(radix)) else { break };
        number = number * radix + digit;
        chars.next();
    }
    number as u8
}

/// Options as a descriptor holds them, in the order of their numbers.
pub(super) fn interpreted(options: &DynamicMessage) -> Vec<Opt> {
    let mut found = Vec::new();
    for (field, value) in options.fields() {
        if field.name() != "uninterpreted_option" && field.name() != "map_entry" {
            push(&mut found, field.name().to_owned(), value, &field.kind());
        }
    }
    for (extension, value) in options.extensions() {
        push(&mut found, format!("({})", extension.full_name()), value, &extension.kind());
    }
    found
}

fn push(found: &mut Vec<Opt>, name: String, value: &Value, kind: &Kind) {
    match value {
        Value::List(items) => {
            found.extend(items.iter().map(|item| Opt { name: name.clone(), value: of(item, kind) }));
        }
        value => found.push(Opt { name, value: of(value, kind) }),
    }
}

// The depth is the message's, which the decoder has limited.
fn of(value: &Value, kind: &Kind) -> OptValue {
    match value {
        Value::Bool(b) => OptValue::Word(b.to_string()),
        Value::I32(n) => OptValue::Word(n.to_string()),
        Value::I64(n) => OptValue::Word(n.to_string()),
        Value::U32(n) => OptValue::Word(n.to_string()),
        Value::U64(n) => OptValue::Word(n.to_string()),
        Value::F32(n) => OptValue::Word(float(f64::from(*n))),
        Value::F64(n) => OptValue::Word(float(*n)),
        Value::String(text) => OptValue::Text(text.clone()),
        Value::Bytes(bytes) => OptValue::Text(String::from_utf8_lossy(bytes).into_owned()),
        Value::EnumNumber(number) => {
            let name = kind.as_enum().and_then(|e| e.get_value(*number)).map(|v| v.name().to_owned());
            OptValue::Word(name.unwrap_or_else(|| number.to_string()))
        }
        Value::Message(message) => OptValue::Map(members(message)),
        Value::List(items) => OptValue::List(items.iter().map(|item| of(item, kind)).collect()),
        Value::Map(map) => {
            let value_kind = kind.as_message().and_then(|entry| entry.get_field(2)).map(|field| field.kind());
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entry = |(key, value): (&MapKey, &Value)| {
                let value = of(value, value_kind.as_ref().unwrap_or(kind));
                OptValue::Map(vec![("key".to_owned(), key_of(key)), ("value".to_owned(), value)])
            };
            OptValue::List(entries.into_iter().map(entry).collect())
        }
    }
}

fn members(message: &DynamicMessage) -> Vec<(String, OptValue)> {
    let fields = message.fields().map(|(field, value)| (field.name().to_owned(), of(value, &field.kind())));
    let extensions = message
        .extensions()
        .map(|(field, value)| (format!("[{}]", field.full_name()), of(value, &field.kind())));
    fields.chain(extensions).collect()
}

fn key_of(key: &MapKey) -> OptValue {
    match key {
        MapKey::Bool(b) => OptValue::Word(b.to_string()),
        MapKey::I32(n) => OptValue::Word(n.to_string()),
        MapKey::I64(n) => OptValue::Word(n.to_string()),
        MapKey::U32(n) => OptValue::Word(n.to_string()),
        MapKey::U64(n) => OptValue::Word(n.to_string()),
        MapKey::String(text) => OptValue::Text(text.clone()),
    }
}
