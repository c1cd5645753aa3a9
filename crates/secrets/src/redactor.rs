//! Takes looked-up values out of texts.

use std::borrow::Cow;
use std::fmt;

use api::config::{HIDDEN, RawConfig, Secret};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use crate::needles::Needles;
use crate::parts::{parts, passwords};
use crate::reinsert::reinsert;

// Shorter values are no secrets worth the name, and stand in every second text.
const SHORTEST: usize = 4;
// Shorter encoded pieces would be found in texts that have nothing to do with the secret.
const SHORTEST_ENCODED: usize = 6;
// A shorter item of a list may be anything.
const SHORTEST_ITEM: usize = 8;
// A value this long in another key's value is no coincidence.
const SHORTEST_IN_CONFIGS: usize = 8;

/// Replaces secret values, in plain and in the forms in which errors show them, by their references.
#[derive(Clone, Default)]
pub struct Redactor {
    needles: Needles,
    // Values as they were looked up, those that may be found in other keys' values.
    plain: Needles,
}

/// Shows no value.
impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} texts)", self.needles.len())
    }
}

impl Redactor {
    /// Remembers a value and the reference that stands for it.
    pub(crate) fn add(&mut self, secret: &Secret, reference: &str) {
        let value = secret.expose();
        if value.len() < SHORTEST {
            return;
        }
        if value.len() >= SHORTEST_IN_CONFIGS {
            self.plain.insert(value, reference);
        }
        for needle in forms(value).into_iter().chain(items(value)).chain(parts(value)) {
            self.needles.insert(&needle, reference);
        }
    }

    /// Remembers the value of a PASSWORD key that stands in the config itself; [`HIDDEN`] stands for it.
    pub fn hide(&mut self, value: &str) {
        if value.len() >= SHORTEST {
            let needles = forms(value).into_iter().chain(passwords(value));
            needles.for_each(|needle| self.needles.insert(&needle, HIDDEN));
        }
    }

    /// Remembers the passwords inside of a value that is itself no secret, such as a URL.
    pub fn hide_inside(&mut self, value: &str) {
        let passwords = passwords(value);
        let needles = passwords.iter().flat_map(|password| forms(password));
        needles.for_each(|needle| self.needles.insert(&needle, HIDDEN));
    }

    /// Whether there is nothing to take out.
    pub fn is_empty(&self) -> bool {
        self.needles.is_empty()
    }

    /// How many bytes all texts have that it looks for.
    pub(crate) fn bytes(&self) -> usize {
        self.needles.bytes()
    }

    /// Whether both take the same out.
    pub(crate) fn is_same(&self, other: &Redactor) -> bool {
        self.needles.is_same(&other.needles)
    }

    /// The text without secrets.
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.needles.replace(text)
    }

    /// Takes in the values of another one.
    pub fn merge(&mut self, other: &Redactor) {
        self.plain.merge(&other.plain);
        self.needles.merge(&other.needles);
    }

    /// A task's config as it may be stored and shown: [`reinsert`], and beyond that every value that holds a secret
    /// under another key. The references resolve to the same values again.
    pub fn reinsert(&self, raw_connector: &RawConfig, task: RawConfig) -> RawConfig {
        let mut task = reinsert(raw_connector, task);
        let changed: Vec<(String, String)> = task
            .iter()
            .filter_map(|(key, value)| match self.plain.replace(value?) {
                Cow::Owned(replaced) => Some((key.to_owned(), replaced)),
                Cow::Borrowed(_) => None,
            })
            .collect();
        changed.into_iter().for_each(|(key, value)| task.set(key, value));
        task
    }
}

// A list may be shown item by item, as the names of transforms are.
fn items(value: &str) -> impl Iterator<Item = String> {
    value.split(',').map(str::trim).filter(|item| item.len() >= SHORTEST_ITEM).map(str::to_owned)
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
    fn a_word_is_taken_out_where_it_is_a_word() {
        let mut redactor = redactor(&[]);
        redactor.hide("postgres");
        redactor.hide("p4ss");
        assert_eq!(
            redactor.scrub("jdbc:postgresql://postgres:p4ss@h"),
            "jdbc:postgresql://[hidden]:[hidden]@h"
        );
        assert_eq!(redactor.scrub("xp4ssx"), "x[hidden]x");
        redactor.hide_inside("http://u:geheim-1@h/");
        assert_eq!(redactor.scrub("geheim-1 at http://u@h/"), "[hidden] at http://u@h/");
    }

    #[test]
    fn parts_of_a_url_are_taken_out() {
        let redactor = redactor(&[("jdbc:sqlite:/srv/canary.db?key=0123456789ab", "${env:URL}")]);
        assert_eq!(
            redactor.scrub("cannot open (file /srv/canary.db): 0123456789ab"),
            "cannot open (file ${env:URL}): ${env:URL}"
        );
        let mut both = Redactor::default();
        both.hide("other-one");
        both.merge(&redactor);
        assert_eq!(both.scrub("/srv/canary.db other-one"), "${env:URL} [hidden]");
    }

    #[test]
    fn items_of_a_list_are_taken_out() {
        let redactor = redactor(&[("mask-canary, route", "${env:T}")]);
        assert_eq!(redactor.scrub("no class for mask-canary or route"), "no class for ${env:T} or route");
    }

    #[test]
    fn lines_of_a_key_are_taken_out() {
        let redactor =
            redactor(&[("-----BEGIN KEY-----\nMIIEvgIBADANBg\n-----END KEY-----\n", "${file:/k:k}")]);
        assert_eq!(redactor.scrub("bad line: MIIEvgIBADANBg!"), "bad line: ${file:/k:k}!");
    }
}
