//! Connector configs in files, in the forms in which people keep them: `{"name", "config"}`, or the config alone.

use std::fs;
use std::path::Path;

use api::config::RawConfig;
use serde_json::Value;

/// The config of a file; `None` when it is no JSON object. The name stands in the config.
///
/// # Panics
/// The file cannot be read.
pub fn read(path: &Path) -> Option<RawConfig> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let value: Value = serde_json::from_str(&text).ok()?;
    let name = value.get("name").and_then(Value::as_str).map(str::to_owned);
    let config = value.get("config").unwrap_or(&value).as_object()?;
    let mut raw = RawConfig::new();
    for (key, value) in config {
        match value {
            Value::Null => raw.set_null(key),
            Value::String(text) => raw.set(key, text),
            other => raw.set(key, other.to_string()),
        }
    }
    if let Some(name) = name.filter(|_| !raw.contains("name")) {
        raw.set("name", name);
    }
    Some(raw)
}

/// The configs of a folder's files by their names, in order; files that are no JSON objects are left out.
///
/// # Panics
/// The folder or a file cannot be read.
pub fn read_all(folder: &Path) -> Vec<(String, RawConfig)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut configs: Vec<(String, RawConfig)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_string_lossy().into_owned(), read(&path)?))
        })
        .collect();
    configs.sort_by(|left, right| left.0.cmp(&right.0));
    configs
}
