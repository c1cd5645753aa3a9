//! Regular expressions as `java.util.regex` writes them.
//!
//! What the engine here does not have (look-around, back references, possessive quantifiers, atomic groups) is refused
//! when the config is read, never run with another meaning.

use std::collections::HashMap;

use api::config::Report;
use api::data::Topic;
use regex::{Regex, RegexBuilder};

use crate::replacement::Replacement;

mod ascii_case;

// Longer patterns are a mistake; compiled programs have a limit of their own in the engine (10 MB).
const PATTERN_BYTES_MAX: usize = 100_000;

/// The expression of a Java pattern, to be searched for.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    compile_with(pattern, Flags::default())
}

/// Flags of `java.util.regex.Pattern`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Flags {
    /// `CASE_INSENSITIVE`: for letters of ASCII.
    pub ignore_case: bool,
    /// `UNICODE_CASE`: case is ignored for all letters, where it is ignored.
    pub unicode_case: bool,
    /// `MULTILINE`.
    pub multi_line: bool,
    /// `DOTALL`.
    pub dot_all: bool,
    /// `COMMENTS`.
    pub comments: bool,
}

/// As [`compile`], with flags.
pub(crate) fn compile_with(pattern: &str, flags: Flags) -> Result<Regex, String> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(format!("the pattern has {} bytes, at most {PATTERN_BYTES_MAX} are read", pattern.len()));
    }
    let mut translated = translate(pattern)?;
    if flags.ignore_case && !flags.unicode_case {
        translated = ascii_case::widen(&translated, flags.comments)?;
    }
    let mut builder = RegexBuilder::new(&translated);
    builder.case_insensitive(flags.ignore_case && flags.unicode_case);
    builder.multi_line(flags.multi_line).dot_matches_new_line(flags.dot_all);
    builder.ignore_whitespace(flags.comments);
    builder.build().map_err(|error| one_line(&error.to_string()))
}

/// As [`compile`], for a whole text.
pub(crate) fn compile_whole(pattern: &str) -> Result<Regex, String> {
    whole_of(pattern, &compile(pattern)?)
}

// By itself first: `a)(b` would become valid between the parentheses.
fn whole_of(pattern: &str, _valid: &Regex) -> Result<Regex, String> {
    let translated = translate(pattern)?;
    Regex::new(&format!("\\A(?:{translated})\\z")).map_err(|error| one_line(&error.to_string()))
}

// The engine draws the pattern over several lines; the last says what is wrong.
fn one_line(error: &str) -> String {
    let last = error.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or(error);
    last.trim().trim_start_matches("error: ").to_owned()
}

// Java's syntax in that of the engine. What both write alike stays.
fn translate(pattern: &str) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut depth = 0_usize; // of character classes
    let mut rest = pattern.chars().peekable();
    let mut after_quantifier = false;
    while let Some(character) = rest.next() {
        let quantifier = depth == 0 && matches!(character, '*' | '+' | '?' | '}');
        if after_quantifier && character == '+' {
            return Err("possessive quantifiers are not supported".to_owned());
        }
        match character {
            '\\' => escape(&mut rest, depth > 0, &mut out)?,
            '[' => {
                depth += 1;
                out.push('[');
            }
            ']' => {
                depth = depth.saturating_sub(1);
                out.push(']');
            }
            // Two of these in a class are operators here, and themselves in Java.
            '~' if depth > 0 => out.push_str("\\~"),
            '-' if depth > 0 && rest.peek() == Some(&'-') => out.push_str("\\-"),
            '(' if depth == 0 => {
                out.push('(');
                let ahead: String =
                    rest.clone().take_while(|c| !matches!(c, ':' | ')' | '<')).take(12).collect();
                if ahead.starts_with('?') && ahead.contains('U') {
                    return Err("the flag U is not supported".to_owned());
                }
                // The `?` after a parenthesis is no quantifier.
                if rest.next_if_eq(&'?').is_some() {
                    out.push('?');
                }
            }
            other => out.push(other),
        }
        after_quantifier = quantifier && !after_quantifier;
    }
    Ok(out)
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn escape(rest: &mut Chars<'_>, in_class: bool, out: &mut String) -> Result<(), String> {
    let class = |inner: &str, out: &mut String| match in_class {
        true => out.push_str(inner),
        false => {
            out.push('[');
            out.push_str(inner);
            out.push(']');
        }
    };
    match rest.next() {
        None => return Err("the pattern ends in a backslash".to_owned()),
        Some('Q') => quoted(rest, out),
        // Java's classes are those of ASCII.
        Some('d') => class("0-9", out),
        Some('w') => class("a-zA-Z0-9_", out),
        Some('s') => class(" \\t\\n\\x0B\\f\\r", out),
        Some('h') => class(" \\t\\u00A0\\u1680\\u180E\\u2000-\\u200A\\u202F\\u205F\\u3000", out),
        Some('D') => out.push_str("[^0-9]"),
        Some('W') => out.push_str("[^a-zA-Z0-9_]"),
        Some('S') => out.push_str("[^ \\t\\n\\x0B\\f\\r]"),
        // The brace at its end is no quantifier's.
        Some('x') if rest.next_if_eq(&'{').is_some() => {
            out.push_str("\\x{");
            loop {
                match rest.next() {
                    Some(character) => out.push(character),
                    None => return Err("Unclosed hexadecimal escape sequence".to_owned()),
                }
                if out.ends_with('}') {
                    break;
                }
            }
        }
        Some(letter @ ('p' | 'P')) if rest.peek() == Some(&'{') => {
            let name: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
            match posix(&name) {
                Some(posix) if letter == 'p' => out.push_str(&format!("[[:{posix}:]]")),
                Some(posix) => out.push_str(&format!("[[:^{posix}:]]")),
                None => out.push_str(&format!("\\{letter}{{{}}}", name.strip_prefix("Is").unwrap_or(&name))),
            }
        }
        Some(other) => {
            out.push('\\');
            out.push(other);
        }
    }
    Ok(())
}

fn quoted(rest: &mut Chars<'_>, out: &mut String) {
    let mut text = String::new();
    while let Some(character) = rest.next() {
        if character == '\\' && rest.next_if_eq(&'E').is_some() {
            break;
        }
        text.push(character);
    }
    out.push_str(&regex::escape(&text));
}

fn posix(name: &str) -> Option<&'static str> {
    Some(match name {
        "Lower" => "lower",
        "Upper" => "upper",
        "ASCII" => "ascii",
        "Alpha" => "alpha",
        "Digit" => "digit",
        "Alnum" => "alnum",
        "Punct" => "punct",
        "Graph" => "graph",
        "Print" => "print",
        "Blank" => "blank",
        "Cntrl" => "cntrl",
        "XDigit" => "xdigit",
        "Space" => "space",
        _ => return None,
    })
}

/// A pattern and what takes its place, with Java's groups `$1`, `${name}`.
#[derive(Debug)]
pub(crate) struct Rewrite {
    whole: Regex,
    first: Regex,
    replacement: Replacement,
}

/// Which half of a [`Rewrite`] is wrong, and why.
pub(crate) enum RewriteError {
    Pattern(String),
    Replacement(String),
}

impl Rewrite {
    pub fn parse(pattern: &str, replacement: &str) -> Result<Self, RewriteError> {
        let first = compile(pattern).map_err(RewriteError::Pattern)?;
        let whole = whole_of(pattern, &first).map_err(RewriteError::Pattern)?;
        let replacement = Replacement::parse(replacement, &first).map_err(RewriteError::Replacement)?;
        Ok(Self { whole, first, replacement })
    }

    /// Reports what is wrong under the keys of pattern and replacement.
    pub fn check(
        report: &mut Report,
        (pattern_key, pattern): (&str, &str),
        (key, replacement): (&str, &str),
    ) {
        match Self::parse(pattern, replacement) {
            Ok(_) => {}
            Err(RewriteError::Pattern(why)) => {
                report.invalid(pattern_key, Some(pattern), &format!("Invalid regex: {why}"));
            }
            Err(RewriteError::Replacement(why)) => report.invalid(key, Some(replacement), &why),
        }
    }

    /// The text with its first match replaced; `None` unless the pattern matches all of it.
    pub fn apply(&self, text: &str) -> Option<String> {
        if !self.whole.is_match(text) {
            return None;
        }
        // The first match need not be the whole: of `a|ab` in `ab` it is `a`.
        let captures = self.first.captures(text)?;
        let found = captures.get(0)?;
        let mut rewritten = text[..found.start()].to_owned();
        self.replacement.expand(&captures, &mut rewritten);
        rewritten.push_str(&text[found.end()..]);
        Some(rewritten)
    }
}

impl From<RewriteError> for api::Error {
    fn from(error: RewriteError) -> Self {
        let (RewriteError::Pattern(why) | RewriteError::Replacement(why)) = error;
        api::Error::misconfigured(why)
    }
}

/// Java's `replaceAll`.
pub(crate) fn replace_all(regex: &Regex, replacement: &Replacement, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for captures in regex.captures_iter(text) {
        let Some(found) = captures.get(0) else { continue };
        out.push_str(&text[end..found.start()]);
        replacement.expand(&captures, &mut out);
        end = found.end();
    }
    out.push_str(&text[end..]);
    out
}

// Topics are few; a source that makes up names must not fill the memory.
const KNOWN_MAX: usize = 1000;

/// What became of topics seen before.
#[derive(Debug)]
pub(crate) struct KnownTopics<T>(HashMap<Topic, T>);

impl<T: Clone> KnownTopics<T> {
    pub fn new() -> Self {
        Self(HashMap::new())
    }

    pub fn get(&mut self, topic: &Topic, make: impl FnOnce(&Topic) -> T) -> T {
        if let Some(known) = self.0.get(topic) {
            return known.clone();
        }
        let made = make(topic);
        if self.0.len() >= KNOWN_MAX {
            self.0.clear();
        }
        self.0.insert(topic.clone(), made.clone());
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_java() {
        for (pattern, text, matches) in [
            (r"\d+", "12", true),
            (r"\d+", "١٢", false),
            (r"[\w-]+", "a-b_1", true),
            (r"\Qa.b\E.*", "a.bc", true),
            (r"\Qa.b\E.*", "axbc", false),
            (r"\p{Alpha}+", "ab", true),
            (r"\p{IsAlphabetic}+", "aä", true),
            (r"[a--]+", "a-", true),
            (r"(?<x>a)(?:b)?", "ab", true),
            (r"(?i)AB", "ab", true),
            (r"a{2}?", "aa", true),
            (r"[+*]+", "+*", true),
            (r"\u0041", "A", true),
            (r"\x{e9}+", "éé", true),
            (r"\x41{2}", "AA", true),
            (r"a\sb\S", "a bc", true),
        ] {
            assert_eq!(compile_whole(pattern).unwrap().is_match(text), matches, "{pattern} {text}");
        }
    }

    #[test]
    fn what_java_has_and_the_engine_not_is_refused() {
        for (pattern, why) in [
            ("a*+", "possessive"),
            ("a?+b", "possessive"),
            ("a{2}+", "possessive"),
            (r"\x{e9}*+", "possessive"),
            (r"\x{e9", "hexadecimal"),
            ("(?=a)b", "look-around"),
            ("(?<!a)b", "look-around"),
            (r"(a)\1", "backreferences"),
            ("(?>a)", "flag"),
            ("(?U)a", "flag U"),
            ("a\\", "backslash"),
            ("(a", "unclosed group"),
            ("a)(b", "unopened group"),
        ] {
            let error = compile_whole(pattern).unwrap_err();
            assert!(error.contains(why), "{pattern}: {error}");
        }
        assert!(compile(&"a".repeat(100_001)).unwrap_err().contains("100000"));
    }

    #[test]
    fn case_is_ignored_as_the_flags_say() {
        let ascii = Flags { ignore_case: true, ..Flags::default() };
        let unicode = Flags { unicode_case: true, ..ascii };
        for (pattern, text, by_ascii, by_unicode) in [
            ("ab[c-e]f", "AbDF", true, true),
            ("[^a]", "A", false, false),
            ("[W-b]+", "wxyzABWXYZ_ab", true, true),
            ("[W-b]+", "c", false, false),
            ("ä", "Ä", false, true),
            ("[ä-ü]x", "ÄX", false, true),
            ("ä", "ä", true, true),
            ("k", "\u{212a}", false, true),
            (r"\x41\Qb.c\E(?<d>e)", "aB.CE", true, true),
            (r"\d+[[x]&&[x-z]]", "1X", true, true),
        ] {
            let is_match = |flags| compile_with(&format!("^(?:{pattern})$"), flags).unwrap().is_match(text);
            assert_eq!(is_match(ascii), by_ascii, "{pattern} {text}");
            assert_eq!(is_match(unicode), by_unicode, "{pattern} {text}");
        }
        let comments = Flags { comments: true, ..ascii };
        assert!(compile_with("a b # c", comments).unwrap().is_match("AB"));
        assert!(compile_with("a(?-i)b", ascii).unwrap_err().contains("flag i"));
        assert!(compile_with("(a", ascii).unwrap_err().contains("unclosed group"));
        assert!(
            compile_with("a", Flags { unicode_case: true, ..Flags::default() }).unwrap().find("A").is_none()
        );
    }

    #[test]
    fn the_first_match_is_replaced_when_all_matches() {
        let check = |pattern: &str, replacement: &str, text: &str| {
            Rewrite::parse(pattern, replacement).ok().unwrap().apply(text)
        };
        assert_eq!(check(r"(.*)-(\d+)", "$2a", "x-7").as_deref(), Some("7a"));
        assert_eq!(check(r"(?<t>[^.]+)\..*", "${t}", "a.b").as_deref(), Some("a"));
        assert_eq!(check(r"(?P<t>[^.]+)\..*", "${t}", "a.b").as_deref(), Some("a"));
        assert_eq!(check("b", "c", "ab"), None);
        assert_eq!(check("a|ab", "x", "ab").as_deref(), Some("xb"));
    }
}
