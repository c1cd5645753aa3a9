//! Replacement texts as `java.util.regex` has them.

use regex::{Captures, Regex};

/// Text with groups: `$1` (as many digits as make a group that there is), `${name}`, `\x` for x.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Replacement(Vec<Part>);

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Group(usize),
}

impl Replacement {
    pub fn parse(text: &str, regex: &Regex) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            match character {
                '\\' => plain.push(rest.next().ok_or("character to be escaped is missing")?),
                '$' => {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    let (group, after) = group(rest.as_str(), regex)?;
                    parts.push(Part::Group(group));
                    rest = after.chars();
                }
                _ => plain.push(character),
            }
        }
        parts.push(Part::Text(plain));
        parts.retain(|part| *part != Part::Text(String::new()));
        Ok(Self(parts))
    }

    /// Appends the replacement; a group that took no part is empty.
    pub fn expand(&self, captures: &Captures<'_>, out: &mut String) {
        for part in &self.0 {
            out.push_str(match part {
                Part::Text(text) => text,
                Part::Group(group) => captures.get(*group).map_or("", |found| found.as_str()),
            });
        }
    }
}

// The group after a dollar sign, and what follows it.
fn group<'a>(text: &'a str, regex: &Regex) -> Result<(usize, &'a str), String> {
    if let Some(named) = text.strip_prefix('{') {
        let (name, after) = named.split_once('}').ok_or("named capturing group is missing trailing '}'")?;
        let index = regex.capture_names().position(|known| known == Some(name));
        return Ok((index.ok_or_else(|| format!("No group with name {{{name}}}"))?, after));
    }
    let mut digits = text.char_indices().map_while(|(offset, c)| Some((offset, c.to_digit(10)? as usize)));
    let (_, mut group) = digits.next().ok_or("Illegal group reference")?;
    let mut end = 1;
    for (offset, digit) in digits {
        let longer = group * 10 + digit;
        if longer >= regex.captures_len() {
            break;
        }
        (group, end) = (longer, offset + 1);
    }
    match group < regex.captures_len() {
        true => Ok((group, &text[end..])),
        false => Err(format!("No group {group}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(regex: &str, replacement: &str, text: &str, expected: &str) {
        let regex = Regex::new(regex).unwrap();
        let replacement = Replacement::parse(replacement, &regex).unwrap();
        let mut out = String::new();
        replacement.expand(&regex.captures(text).unwrap(), &mut out);
        assert_eq!(out, expected);
    }

    #[test]
    fn groups_and_escapes() {
        check("(.*)-(.*)", "$2_$1", "a-b", "b_a");
        check("(.*)-(.*)", "$0!", "a-b", "a-b!");
        check("(.*)-(.*)", "$10", "a-b", "a0");
        check("(?<x>.*)-(.*)", "pre.${x}", "a-b", "pre.a");
        check("(a)|(b)", "[$2]", "a", "[]");
        check("a", r"\$1\\", "a", r"$1\");
        for (regex, replacement) in
            [("a", "$1"), ("a", "$"), ("a", "$x"), ("a", "${x}"), ("(?<x>a)", "${x"), ("a", "\\")]
        {
            assert!(Replacement::parse(replacement, &Regex::new(regex).unwrap()).is_err(), "{replacement}");
        }
    }
}
