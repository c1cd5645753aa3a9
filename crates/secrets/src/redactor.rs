//! Takes looked-up values out of texts.

use std::borrow::Cow;
use std::fmt;

use api::config::{RawConfig, Secret};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::reinsert::reinsert;

// Shorter values are no secrets worth the name, and stand in every second text.
const SHORTEST: usize = 4;
// Shorter encoded pieces would be found in texts that have nothing to do with the secret.
const SHORTEST_ENCODED: usize = 6;
// A value this long in another key's value is no coincidence.
const SHORTEST_IN_CONFIGS: usize = 8;

/// Replaces secret values, in plain and in the forms in which errors show them, by their references.
#[derive(Clone, Default)]
pub struct Redactor {
    // What to look for and what to put there, the longest first.
    needles: Vec<(String, String)>,
    plain: Vec<(String, String)>,
}

/// Shows no value.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} values)", self.plain.len())
    }
}

impl Redactor {
    /// Remembers a value and the reference that stands for it.
    pub(crate) fn add(&mut self, secret: &Secret, reference: &str) {
        let value = secret.expose();
        if value.len() < SHORTEST || self.plain.iter().any(|(known, _)| known == value) {
            return;
        }
        insert(&mut self.plain, value.to_owned(), reference);
        for needle in forms(value) {
            insert(&mut self.needles, needle, reference);
        }
    }

    /// Whether there is nothing to take out.
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    /// The text without secrets.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        replace(text, &self.needles)
    }

    /// Takes in the values of another one.
    pub fn merge(&mut self, other: &Redactor) {
        for (value, reference) in &other.plain {
            self.add(&Secret::new(value.as_str()), reference);
        }
    }

    /// A task's config as it may be stored and shown: [`reinsert`], and beyond that every value that holds a secret
    /// under another key. The references resolve to the same values again.
    pub fn reinsert(&self, raw_connector: &RawConfig, task: RawConfig) -> RawConfig {
        let mut task = reinsert(raw_connector, task);
        let long: Vec<(String, String)> =
            self.plain.iter().filter(|(value, _)| value.len() >= SHORTEST_IN_CONFIGS).cloned().collect();
        let changed: Vec<(String, String)> = task
            .iter()
            .filter_map(|(key, value)| match replace(value?, &long) {
                Cow::Owned(replaced) => Some((key.to_owned(), replaced)),
                Cow::Borrowed(_) => None,
            })
            .collect();
        changed.into_iter().for_each(|(key, value)| task.set(key, value));
        task
    }
}

fn insert(list: &mut Vec<(String, String)>, needle: String, reference: &str) {
    if !list.iter().any(|(known, _)| *known == needle) {
        let at = list.partition_point(|(known, _)| known.len() > needle.len());
        list.insert(at, (needle, reference.to_owned()));
    }
}

// The value, its lines, and what it looks like in JSON, in URLs, and in base64 at any place of a longer text.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    let lines = value.lines().map(str::trim).filter(|line| line.len() >= 8 && !line.starts_with("-----"));
    forms.extend(lines.map(str::to_owned));
    forms.push(value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"));
    forms.push(percent_encoded(value));
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend_from_slice(value.as_bytes());
        for encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            // The characters at both ends depend on the neighbours.
            let start = (shift * 8).div_ceil(6);
            let end = bytes.len() * 8 / 6;
            if end.saturating_sub(start) >= SHORTEST_ENCODED {
                forms.push(encoded[start..end].to_owned());
            }
        }
    }
    forms
}

fn percent_encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

// In one pass, so that no reference that was put in is looked at again.
fn replace<'a>(text: &'a str, needles: &[(String, String)]) -> Cow<'a, str> {
    if !needles.iter().any(|(needle, _)| text.contains(needle.as_str())) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match needles.iter().find(|(needle, _)| rest.starts_with(needle.as_str())) {
            Some((needle, reference)) => {
                out.push_str(reference);
                rest = &rest[needle.len()..];
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn redactor(values: &[(&str, &str)]) -> Redactor {
        let mut redactor = Redactor::default();
        values.iter().for_each(|(value, reference)| redactor.add(&Secret::new(*value), reference));
        redactor
    }

    #[test]
    fn invariant_5_no_form_of_a_secret_stays() {
        let secret = "ca\"nary/pass word";
        let redactor = redactor(&[(secret, "${env:P}")]);
        for text in [
            secret.to_owned(),
            "ca\\\"nary/pass word".to_owned(),
            "ca%22nary%2Fpass%20word".to_owned(),
            STANDARD.encode(secret),
            STANDARD.encode(format!("u:{secret}")),
            STANDARD.encode(format!("us:{secret}:x")),
            STANDARD.encode(format!("usr:{secret}")),
        ] {
            let shown = redactor.scrub(&format!("[{text}]")).into_owned();
            assert!(shown.contains("${env:P}") && !shown.contains(&text), "{text} -> {shown}");
        }
        assert!(!format!("{redactor:?}").contains("nary"));
    }

    #[test]
    fn the_longest_value_goes_first_and_references_stay() {
        let redactor =
            redactor(&[("secret", "${env:file}"), ("secret-long", "${file:/x:k}"), ("file", "${env:F}")]);
        assert_eq!(redactor.scrub("a secret-long secret"), "a ${file:/x:k} ${env:file}");
        assert!(matches!(redactor.scrub("nothing here"), Cow::Borrowed(_)));
        let short = self::redactor(&[("abc", "${env:S}")]);
        assert_eq!(short.scrub("abc"), "abc");
    }

    #[test]
    fn lines_of_a_key_are_taken_out() {
        let redactor =
            redactor(&[("-----BEGIN KEY-----\nMIIEvgIBADANBg\n-----END KEY-----\n", "${file:/k:k}")]);
        assert_eq!(redactor.scrub("bad line: MIIEvgIBADANBg!"), "bad line: ${file:/k:k}!");
    }
}
