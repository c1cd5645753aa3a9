//! The keys of both connectors.

use api::config::{Config, Parsed, Validator};

/// Keys of the source.
#[derive(Debug, Clone, Config)]
pub struct FileSourceConfig {
    /// File to read; lines that are added later are read too. Without it, the standard input is read.
    #[config(key = "file", importance = High)]
    pub file: Option<String>,
    /// Topic that receives the lines.
    #[config(key = "topic", importance = High, validator = TOPIC)]
    pub topic: String,
    /// Most lines of one poll.
    #[config(key = "batch.size", default = "2000", importance = Low, validator = Validator::at_least(1.0))]
    pub batch_size: i32,
}

/// Keys of the sink; `topics` is the framework's.
#[derive(Debug, Clone, Config)]
pub struct FileSinkConfig {
    /// File to append to; it is created when it is missing. Without it, lines go to the standard output.
    #[config(key = "file", importance = High)]
    pub file: Option<String>,
}

const TOPIC: Validator = Validator::All(&[Validator::NonEmpty, Validator::With(check_topic)]);
const TOPIC_CHARS_MAX: usize = 249;

// Kafka's rule, with its client's words; a topic that breaks it fails the task at its first record.
fn check_topic(value: &Parsed) -> Result<(), String> {
    let Parsed::String(topic) = value else { return Ok(()) };
    let legal = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-');
    match topic.as_str() {
        "." | ".." => Err("Topic name cannot be \".\" or \"..\"".to_owned()),
        topic if topic.len() > TOPIC_CHARS_MAX => Err(format!(
            "Topic name is illegal, it can't be longer than {TOPIC_CHARS_MAX} characters but has {}",
            topic.chars().count()
        )),
        topic if !topic.chars().all(legal) => Err(
            "Topic name is illegal, it contains a character other than ASCII alphanumerics, '.', '_' and '-'"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_have_kafkas_names() {
        let problems = |topic: &str| TOPIC.problems(Some(&Parsed::String(topic.to_owned())));
        for topic in ["a", "A.b_c-9", "...", &"x".repeat(249)] {
            assert!(problems(topic).is_empty(), "{topic}");
        }
        for topic in ["", ".", "..", "bad topic/\u{1}", "ä", &"x".repeat(250)] {
            assert_eq!(problems(topic).len(), 1, "{topic}");
        }
    }
}
