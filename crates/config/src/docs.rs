//! The documentation table of a set of keys.

use std::fmt::Write as _;

use crate::{ConfigDef, DefaultValue};

impl ConfigDef {
    /// A Markdown table of the keys: one section a group, one row a key.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        let mut groups: Vec<Option<&str>> = self.groups().into_iter().map(Some).collect();
        if self.keys().any(|key| key.group.is_none()) {
            groups.insert(0, None);
        }
        for group in groups {
            if let Some(group) = group {
                let _ = writeln!(out, "\n### {group}\n");
            }
            out.push_str("| key | type | default | importance | meaning |\n|---|---|---|---|---|\n");
            for key in self.keys().filter(|key| key.group.as_deref() == group) {
                let default = match &key.default {
                    DefaultValue::Required => "**required**".to_owned(),
                    DefaultValue::Null => "null".to_owned(),
                    DefaultValue::Text(text) if text.is_empty() => "empty".to_owned(),
                    DefaultValue::Text(text) => format!("`{text}`"),
                };
                let valid = key.validator.as_ref().map(|validator| validator.describe()).unwrap_or_default();
                let valid = if valid.is_empty() { valid } else { format!(" ({valid})") };
                let _ = writeln!(
                    out,
                    "| `{}` | {} | {default} | {} | {}{} |",
                    key.name,
                    key.value_type.name(),
                    key.importance.name(),
                    key.documentation.replace('|', "\\|").replace('\n', " "),
                    valid.replace('|', "\\|"),
                );
            }
        }
        out
    }
}
