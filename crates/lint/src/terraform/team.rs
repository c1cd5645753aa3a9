//! Files of teams: `<folder>/<team>/team.yaml`, which say what each team owns.

use std::path::{Path, PathBuf};

use serde_norway::Value;

use crate::place::{Lines, Place};

/// One team's file.
#[derive(Debug)]
pub(crate) struct TeamFile {
    pub(crate) path: PathBuf,
    /// The folder that holds the folders of all teams.
    pub(crate) folder: PathBuf,
    /// The team's name, which is its folder's.
    pub(crate) name: String,
    /// What it says; of a file that is no YAML, where and why.
    pub(crate) document: Result<Value, (Place, String)>,
    text: String,
    lines: Lines,
}

impl TeamFile {
    /// Reads a text, when its path is one of a team's file.
    pub(crate) fn parse(path: &Path, text: &str) -> Option<Self> {
        if path.file_name()? != "team.yaml" {
            return None;
        }
        let own = path.parent()?;
        let name = own.file_name()?.to_string_lossy().into_owned();
        // The parser ends at 128 levels, and at aliases that would grow without measure.
        let document = serde_norway::from_str(text).map_err(|error| {
            let place = error
                .location()
                .map_or(Place { line: 1, column: 1 }, |at| Place { line: at.line(), column: at.column() });
            (place, error.to_string())
        });
        Some(Self {
            path: path.to_owned(),
            folder: own.parent()?.to_owned(),
            name,
            document,
            text: text.to_owned(),
            lines: Lines::of(text),
        })
    }

    /// A key's value; nothing stands for a key without a value, too.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.document.as_ref().ok()?.get(key).filter(|value| !value.is_null())
    }

    /// The names in a list; whatever is no text is left out.
    pub(crate) fn list(&self, key: &str) -> Vec<&str> {
        self.get(key).and_then(Value::as_sequence).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Names of its topics.
    pub(crate) fn topics(&self) -> Vec<&str> {
        let topics = self.get("topics").and_then(Value::as_mapping);
        topics.into_iter().flat_map(|topics| topics.keys()).filter_map(Value::as_str).collect()
    }

    /// Whether a topic's name begins with one of its prefixes.
    pub(crate) fn owns(&self, topic: &str) -> bool {
        self.list("topic_prefixes").iter().any(|prefix| topic.starts_with(prefix))
    }

    /// Whether it has connectors, all of them named `<team>-...`.
    pub(crate) fn has_connectors(&self) -> bool {
        self.get("connectors").is_some_and(Value::is_mapping)
    }

    /// Where a text stands first; the file's beginning when it is written in another way.
    pub(crate) fn place(&self, text: &str) -> Place {
        self.lines.place(&self.text, self.text.find(text).unwrap_or(0))
    }
}
