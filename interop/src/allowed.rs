//! The committed list of differences that are on purpose: `interop/allowed.toml`.

use std::cell::Cell;
use std::path::Path;

use anyhow::{Context, ensure};
use regex::Regex;
use serde::Deserialize;

use crate::difference::Difference;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    allowed: Vec<RawEntry>,
    #[serde(default)]
    wording: Vec<RawWording>,
    #[serde(default)]
    absent: Vec<Absent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWording {
    id: String,
    text: String,
    says: String,
    #[serde(default)]
    rare: bool,
    why: String,
}

/// Two wordings of one error: each text that the pattern matches as a whole says the same.
struct Wording {
    id: String,
    text: Regex,
    says: String,
    rare: bool,
    uses: Cell<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    id: String,
    group: Option<String>,
    at: String,
    java: Option<String>,
    ours: Option<String>,
    same: Option<String>,
    input: Option<String>,
    #[serde(default)]
    rare: bool,
    why: String,
}

/// A class of Java's that is not here, on purpose.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absent {
    /// The class.
    pub class: String,
    /// Why.
    pub why: String,
}

/// A difference that is on purpose: it is matched by every pattern that is given, each against the whole. `same` is
/// matched against both sides, and its groups must have caught the same texts.
struct Entry {
    id: String,
    group: Option<Regex>,
    at: Regex,
    java: Option<Regex>,
    ours: Option<Regex>,
    same: Option<Regex>,
    input: Option<Regex>,
    rare: bool,
    uses: Cell<u64>,
}

/// What an entry or a wording of the list was good for.
pub struct Use<'a> {
    /// Its name.
    pub id: &'a str,
    /// How many differences or texts it permitted.
    pub count: u64,
    /// Whether a run may do without it.
    pub rare: bool,
}

/// The list.
pub struct Allowed {
    entries: Vec<Entry>,
    wordings: Vec<Wording>,
    /// Classes that are not here.
    pub absent: Vec<Absent>,
}

impl Allowed {
    /// Reads the list.
    ///
    /// # Errors
    /// The file cannot be read, has an entry without a reason, or a pattern that is none.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text)?;
        let mut entries: Vec<Entry> = Vec::new();
        for raw in file.allowed {
            ensure!(!raw.why.trim().is_empty(), "{}: say why", raw.id);
            ensure!(entries.iter().all(|entry| entry.id != raw.id), "{} is there twice", raw.id);
            let whole = |pattern: &str| {
                Regex::new(&format!("^(?s:{pattern})$")).with_context(|| format!("{}: {pattern}", raw.id))
            };
            let optional = |pattern: &Option<String>| pattern.as_deref().map(whole).transpose();
            entries.push(Entry {
                group: optional(&raw.group)?,
                at: whole(&raw.at)?,
                java: optional(&raw.java)?,
                ours: optional(&raw.ours)?,
                same: optional(&raw.same)?,
                input: optional(&raw.input)?,
                rare: raw.rare,
                uses: Cell::new(0),
                id: raw.id,
            });
        }
        let mut wordings: Vec<Wording> = Vec::new();
        for raw in file.wording {
            ensure!(!raw.why.trim().is_empty(), "{}: say why", raw.id);
            ensure!(wordings.iter().all(|it| it.id != raw.id), "{} is there twice", raw.id);
            let text = Regex::new(&format!("^(?s:{})$", raw.text)).with_context(|| raw.id.clone())?;
            wordings.push(Wording { text, says: raw.says, rare: raw.rare, uses: Cell::new(0), id: raw.id });
        }
        Ok(Self { entries, wordings, absent: file.absent })
    }

    /// An empty list.
    #[cfg(test)]
    pub fn none() -> Self {
        Self { entries: Vec::new(), wordings: Vec::new(), absent: Vec::new() }
    }

    /// The entry that says that this difference is on purpose.
    pub fn permits(&self, group: &str, input: &str, difference: &Difference) -> Option<&str> {
        let fits = |pattern: &Option<Regex>, text: &str| pattern.as_ref().is_none_or(|it| it.is_match(text));
        let entry = self.entries.iter().find(|entry| {
            entry.at.is_match(&difference.at)
                && fits(&entry.group, group)
                && fits(&entry.java, &difference.java)
                && fits(&entry.ours, &difference.ours)
                && entry
                    .same
                    .as_ref()
                    .is_none_or(|it| catches_the_same(it, &difference.java, &difference.ours))
                && fits(&entry.input, input)
        });
        entry.inspect(|entry| entry.uses.set(entry.uses.get() + 1)).map(|entry| entry.id.as_str())
    }

    /// Whether two texts of one error say the same in other words. Of a config Java names the first fault, ours all.
    pub fn says_the_same(&self, java: &str, ours: &str) -> bool {
        let java = self.meaning(java);
        java == self.meaning(ours) || ours.lines().any(|line| self.meaning(line) == java)
    }

    fn meaning(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for wording in &self.wordings {
            if wording.text.is_match(&text) {
                wording.uses.set(wording.uses.get() + 1);
                text = wording.text.replace(&text, wording.says.as_str()).into_owned();
            }
        }
        text
    }

    /// Each entry with the number of differences that it permitted, and each wording with that of texts.
    pub fn uses(&self) -> impl Iterator<Item = Use<'_>> {
        let entries = self.entries.iter().map(|it| Use { id: &it.id, count: it.uses.get(), rare: it.rare });
        entries.chain(self.wordings.iter().map(|it| Use { id: &it.id, count: it.uses.get(), rare: it.rare }))
    }
}

fn catches_the_same(pattern: &Regex, java: &str, ours: &str) -> bool {
    let (Some(java), Some(ours)) = (pattern.captures(java), pattern.captures(ours)) else { return false };
    let texts = |captures: &regex::Captures<'_>| {
        captures.iter().skip(1).map(|it| it.map(|it| it.as_str().to_owned())).collect::<Vec<_>>()
    };
    texts(&java) == texts(&ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(at: &str, java: &str, ours: &str) -> Difference {
        Difference { at: at.to_owned(), java: java.to_owned(), ours: ours.to_owned() }
    }

    #[test]
    fn an_entry_permits_what_all_its_patterns_match_and_counts() {
        let list = Allowed::parse(
            "[[allowed]]\nid = 'a'\ngroup = 'x'\nat = 'datum\\[1\\]'\njava = '1'\nwhy = 'a defect'\n",
        )
        .unwrap();
        assert_eq!(list.permits("x", "", &difference("datum[1]", "1", "2")), Some("a"));
        assert_eq!(list.permits("y", "", &difference("datum[1]", "1", "2")), None);
        assert_eq!(list.permits("x", "", &difference("datum[1][0]", "1", "2")), None);
        assert_eq!(list.permits("x", "", &difference("datum[1]", "11", "2")), None);
        assert_eq!(list.uses().map(|it| (it.id, it.count)).collect::<Vec<_>>(), [("a", 1)]);
    }

    #[test]
    fn what_must_be_the_same_is() {
        let list =
            Allowed::parse("[[allowed]]\nid = 'a'\nat = 'm'\nsame = '(cannot \\w+).*'\nwhy = 'x'\n").unwrap();
        assert_eq!(list.permits("x", "", &difference("m", "cannot read 1", "cannot read 2")), Some("a"));
        assert_eq!(list.permits("x", "", &difference("m", "cannot read 1", "cannot write 1")), None);
    }

    #[test]
    fn texts_that_a_wording_matches_say_the_same_and_others_do_not() {
        let text = "[[wording]]\nid = 'a'\ntext = '(?:key: )?(no (\\w+)).*'\nsays = '$1'\nwhy = 'x'\n";
        let list = Allowed::parse(text).unwrap();
        assert!(list.says_the_same("no field, says Java", "key: no field"));
        assert!(list.says_the_same("no field", "bad number\nkey: no field"));
        assert!(!list.says_the_same("no field", "no name"));
        assert!(!list.says_the_same("no field", "a field"));
    }

    #[test]
    fn an_entry_without_a_reason_or_with_an_unknown_key_is_refused() {
        assert!(Allowed::parse("[[allowed]]\nid = 'a'\nat = 'x'\nwhy = ' '\n").is_err());
        assert!(Allowed::parse("[[allowed]]\nid = 'a'\nat = 'x'\nwhy = 'w'\npath = 'x'\n").is_err());
        assert!(Allowed::parse("[[allowed]]\nid = 'a'\nat = '('\nwhy = 'w'\n").is_err());
    }
}
