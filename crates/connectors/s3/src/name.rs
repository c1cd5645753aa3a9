//! Names of objects.

use std::fmt::Write as _;

use object_store::path::Path;

use api::{Error, Result};

use crate::config::StorageConfig;

/// What of a record an object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum View {
    /// The values.
    Value,
    /// The keys, beside the values.
    Key,
    /// The headers, beside the values.
    Headers,
}

/// Makes names: `<topics.dir>/<topic>/<encoded partition>/<topic>+<partition>+<start offset><extension>`.
#[derive(Debug, Clone)]
pub struct Names {
    topics_dir: Option<String>,
    directory_delimiter: String,
    file_delimiter: String,
    offset_width: usize,
}

impl Names {
    /// The names of a config.
    pub fn new(config: &StorageConfig) -> Self {
        Self {
            topics_dir: Some(config.topics_dir.clone()).filter(|dir| !dir.trim().is_empty()),
            directory_delimiter: config.directory_delimiter.clone(),
            file_delimiter: config.file_delimiter.clone(),
            offset_width: usize::try_from(config.offset_width).unwrap_or(0),
        }
    }

    /// The text of an object's name.
    pub fn text(
        &self,
        topic: &str,
        encoded_partition: &str,
        partition: i32,
        start_offset: i64,
        view: View,
        extension: &str,
    ) -> String {
        let (directory, file, width) = (&self.directory_delimiter, &self.file_delimiter, self.offset_width);
        let view = match view {
            View::Value => "",
            View::Key => ".keys",
            View::Headers => ".headers",
        };
        let mut name = String::with_capacity(128);
        if let Some(topics_dir) = &self.topics_dir {
            name.push_str(topics_dir);
            name.push_str(directory);
        }
        let _ = write!(
            name,
            "{topic}{directory}{encoded_partition}{directory}{topic}{file}{partition}{file}\
             {start_offset:0width$}{view}{extension}",
        ); // a String takes everything
        name
    }
}

/// The name as requests take it.
///
/// # Errors
/// A field's value made a name that cannot be sent: with an empty directory, `.` or `..`, or a control character.
pub fn path(text: &str) -> Result<Path> {
    let whole = !text.starts_with('/') && !text.ends_with('/'); // the parser would drop them
    match Path::parse(text) {
        Ok(path) if whole => Ok(path),
        _ => Err(Error::bad_record(format!(
            "the object name {text:?} has an empty directory, `.`, `..` or a control character"
        ))
        .hint("check the fields that make the directory")),
    }
}

#[cfg(test)]
mod tests {
    use api::config::{Config, RawConfig};

    use super::*;

    fn names(pairs: &[(&str, &str)]) -> Names {
        let base = [("format.class", "x"), ("storage.class", "x"), ("flush.size", "1")];
        let raw: RawConfig = base.into_iter().chain(pairs.iter().copied()).collect();
        Names::new(&StorageConfig::parse(&raw).unwrap())
    }

    fn check(pairs: &[(&str, &str)], view: View, expected: &str) {
        assert_eq!(names(pairs).text("orders", "partition=3", 3, 42, view, ".json"), expected);
    }

    #[test]
    fn names_are_those_of_the_java_twin() {
        check(&[], View::Value, "topics/orders/partition=3/orders+3+0000000042.json");
        check(&[("topics.dir", " ")], View::Value, "orders/partition=3/orders+3+0000000042.json");
        check(&[("topics.dir", "a/b")], View::Key, "a/b/orders/partition=3/orders+3+0000000042.keys.json");
        check(
            &[("directory.delim", "_"), ("file.delim", "-"), ("filename.offset.zero.pad.width", "0")],
            View::Headers,
            "topics_orders_partition=3_orders-3-42.headers.json",
        );
    }

    #[test]
    fn names_that_cannot_be_sent_are_refused() {
        assert!(path("topics/a b+%/ü.json").is_ok());
        for bad in ["a//b", "/a", "a/", "a/../b", "a/./b", "a\nb"] {
            assert!(path(bad).is_err(), "{bad}");
        }
    }
}
