//! Topic configuration: Kafka's keys, their defaults, and what this broker makes of each.
//!
//! A key is either honoured, or without meaning on a single node (and then accepted in any valid
//! form), or refused unless it has its default. Nothing is accepted and then ignored in silence.

use std::collections::BTreeMap;

/// Type numbers of `DescribeConfigs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// true or false
    Boolean = 1,
    /// text
    String = 2,
    /// 32 bits
    Int = 3,
    /// 64 bits
    Long = 5,
    /// a fraction
    Double = 6,
    /// comma-separated words
    List = 7,
}

enum Rule {
    /// A whole number from a least value on.
    Number(i64),
    /// A number from 0 to 1.
    Ratio,
    Flag,
    /// One or more of these words, separated by commas.
    Words(&'static [&'static str]),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Only the default, because of this.
    Only(&'static str),
}

/// A configuration key of a topic.
pub struct Key {
    /// Kafka's name.
    pub name: &'static str,
    /// Kafka's type.
    pub kind: Kind,
    /// Value when the topic has none of its own.
    pub default: &'static str,
    rule: Rule,
    /// What it does here.
    pub doc: &'static str,
}

const fn key(name: &'static str, kind: Kind, default: &'static str, rule: Rule, doc: &'static str) -> Key {
    Key { name, kind, default, rule, doc }
}

const NO_FLUSH: &str = "flushing is set for the whole dev broker (its fsync option), not per topic";

/// Every key that a topic can have.
pub const KEYS: &[Key] = &[
    key(
        "cleanup.policy",
        Kind::List,
        "delete",
        Rule::Words(&["delete", "compact"]),
        "delete old segments, keep the last value per key, or both",
    ),
    key(
        "compression.type",
        Kind::String,
        "producer",
        Rule::Only("batches are kept as the producer sent them"),
        "codec of stored batches",
    ),
    key(
        "delete.retention.ms",
        Kind::Long,
        "86400000",
        Rule::Number(0),
        "how long compaction keeps tombstones and markers",
    ),
    key(
        "file.delete.delay.ms",
        Kind::Long,
        "60000",
        Rule::Only("files are removed at once; open readers keep theirs"),
        "delay before files are removed",
    ),
    key("flush.messages", Kind::Long, "9223372036854775807", Rule::Only(NO_FLUSH), "records between flushes"),
    key("flush.ms", Kind::Long, "9223372036854775807", Rule::Only(NO_FLUSH), "time between flushes"),
    key(
        "follower.replication.throttled.replicas",
        Kind::List,
        "",
        Rule::Only("there are no followers"),
        "throttled followers",
    ),
    key(
        "index.interval.bytes",
        Kind::Int,
        "32768",
        Rule::Number(0),
        "bytes between entries of the sparse index",
    ),
    key(
        "leader.replication.throttled.replicas",
        Kind::List,
        "",
        Rule::Only("there are no followers"),
        "throttled leaders",
    ),
    key(
        "max.compaction.lag.ms",
        Kind::Long,
        "9223372036854775807",
        Rule::Number(1),
        "age at which a record is compacted however clean the log is",
    ),
    key("max.message.bytes", Kind::Int, "1048588", Rule::Number(0), "largest batch that is accepted"),
    key(
        "message.timestamp.after.max.ms",
        Kind::Long,
        "3600000",
        Rule::Number(0),
        "how far in the future a record's time may lie",
    ),
    key(
        "message.timestamp.before.max.ms",
        Kind::Long,
        "9223372036854775807",
        Rule::Number(0),
        "how far in the past a record's time may lie",
    ),
    key(
        "message.timestamp.type",
        Kind::String,
        "CreateTime",
        Rule::Word(&["CreateTime", "LogAppendTime"]),
        "whose time a record carries",
    ),
    key(
        "min.cleanable.dirty.ratio",
        Kind::Double,
        "0.5",
        Rule::Ratio,
        "share of uncompacted bytes that starts a compaction",
    ),
    key(
        "min.compaction.lag.ms",
        Kind::Long,
        "0",
        Rule::Number(0),
        "age below which a record is not compacted",
    ),
    key(
        "min.insync.replicas",
        Kind::Int,
        "1",
        Rule::Number(1),
        "acks=all is refused above 1, for there is one replica",
    ),
    key(
        "preallocate",
        Kind::Boolean,
        "false",
        Rule::Only("files grow as they are written"),
        "create files in full size",
    ),
    key(
        "retention.bytes",
        Kind::Long,
        "-1",
        Rule::Number(-1),
        "bytes of a partition above which old segments go",
    ),
    key("retention.ms", Kind::Long, "604800000", Rule::Number(-1), "age at which old segments go"),
    key("segment.bytes", Kind::Int, "67108864", Rule::Number(14), "size at which a new segment starts"),
    key(
        "segment.index.bytes",
        Kind::Int,
        "10485760",
        Rule::Number(4),
        "largest index of a segment; a full index starts a new segment",
    ),
    key(
        "segment.jitter.ms",
        Kind::Long,
        "0",
        Rule::Only("segments of one node need not be spread"),
        "random part of segment.ms",
    ),
    key("segment.ms", Kind::Long, "604800000", Rule::Number(1), "age at which a new segment starts"),
    key(
        "unclean.leader.election.enable",
        Kind::Boolean,
        "false",
        Rule::Flag,
        "without meaning on one node: there is no election",
    ),
];

/// The key of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.name == name)
}

impl Key {
    fn check(&self, value: &str) -> Result<(), String> {
        let wrong =
            |what: &str| Err(format!("Invalid value {value} for configuration {}: {what}", self.name));
        match &self.rule {
            Rule::Number(least) => match value.trim().parse::<i64>() {
                Ok(n) if n < *least => wrong(&format!("Value must be at least {least}")),
                Ok(n) if self.kind == Kind::Int && n > i64::from(i32::MAX) => {
                    wrong("Not a number of type INT")
                }
                Ok(_) => Ok(()),
                Err(_) => wrong(&format!(
                    "Not a number of type {}",
                    if self.kind == Kind::Int { "INT" } else { "LONG" }
                )),
            },
            Rule::Ratio => match value.trim().parse::<f64>() {
                Ok(n) if (0.0..=1.0).contains(&n) => Ok(()),
                Ok(_) => wrong("Value must be between 0 and 1"),
                Err(_) => wrong("Not a number of type DOUBLE"),
            },
            Rule::Flag if matches!(value, "true" | "false") => Ok(()),
            Rule::Flag => wrong("Expected value to be either true or false"),
            Rule::Words(known) => {
                let words: Vec<_> = value.split(',').map(str::trim).collect();
                match words.iter().find(|w| !known.contains(w)) {
                    Some(_) => wrong(&format!("String must be one of: {}", known.join(", "))),
                    None => Ok(()),
                }
            }
            Rule::Word(known) if known.contains(&value) => Ok(()),
            Rule::Word(known) => wrong(&format!("String must be one of: {}", known.join(", "))),
            Rule::Only(_) if value == self.default => Ok(()),
            Rule::Only(why) => wrong(&format!("the dev broker accepts only '{}': {why}", self.default)),
        }
    }
}

/// The configuration of a topic: what was set, and every value in effect.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicConfig {
    /// What was set for this topic.
    pub overrides: BTreeMap<String, String>,
    /// `cleanup.policy` has `delete`.
    pub delete: bool,
    /// `cleanup.policy` has `compact`.
    pub compact: bool,
    /// `retention.ms`; `None` is for ever.
    pub retention_ms: Option<i64>,
    /// `retention.bytes`; `None` is no limit.
    pub retention_bytes: Option<u64>,
    /// `segment.bytes`
    pub segment_bytes: u64,
    /// `segment.ms`
    pub segment_ms: i64,
    /// `index.interval.bytes`
    pub index_interval_bytes: u64,
    /// How many entries `segment.index.bytes` has room for, at eight bytes each as in Kafka.
    pub index_entries_max: usize,
    /// `max.message.bytes`
    pub message_bytes_max: usize,
    /// `message.timestamp.type` is `LogAppendTime`.
    pub log_append_time: bool,
    /// `message.timestamp.before.max.ms`
    pub before_max_ms: i64,
    /// `message.timestamp.after.max.ms`
    pub after_max_ms: i64,
    /// `delete.retention.ms`
    pub delete_retention_ms: i64,
    /// `min.compaction.lag.ms`
    pub compaction_lag_min_ms: i64,
    /// `max.compaction.lag.ms`
    pub compaction_lag_max_ms: i64,
    /// `min.cleanable.dirty.ratio`
    pub dirty_ratio_min: f64,
    /// `min.insync.replicas`
    pub insync_replicas_min: i64,
}

impl TopicConfig {
    /// Checks the values that were set and works out all others; the error is for the client.
    pub fn new(overrides: BTreeMap<String, String>) -> Result<Self, String> {
        for (name, value) in &overrides {
            let key = find(name).ok_or_else(|| format!("Unknown topic config name: {name}"))?;
            key.check(value)?;
        }
        let text = |name: &str| -> &str {
            let default = find(name).map_or("", |k| k.default);
            overrides.get(name).map_or(default, String::as_str).trim()
        };
        let number = |name: &str| text(name).parse::<i64>().unwrap_or_default();
        let unsigned = |name: &str| u64::try_from(number(name)).ok();
        let lag = (number("min.compaction.lag.ms"), number("max.compaction.lag.ms"));
        if lag.0 > lag.1 {
            return Err(format!(
                "conflict topic config setting min.compaction.lag.ms ({}) > max.compaction.lag.ms ({})",
                lag.0, lag.1
            ));
        }
        let policy: Vec<&str> = text("cleanup.policy").split(',').map(str::trim).collect();
        Ok(Self {
            delete: policy.contains(&"delete"),
            compact: policy.contains(&"compact"),
            retention_ms: Some(number("retention.ms")).filter(|ms| *ms >= 0),
            retention_bytes: unsigned("retention.bytes"),
            segment_bytes: unsigned("segment.bytes").unwrap_or(u64::MAX),
            segment_ms: number("segment.ms"),
            index_interval_bytes: unsigned("index.interval.bytes").unwrap_or(0),
            index_entries_max: usize::try_from(number("segment.index.bytes") / 8)
                .unwrap_or(usize::MAX)
                .max(1),
            message_bytes_max: usize::try_from(number("max.message.bytes")).unwrap_or(0),
            log_append_time: text("message.timestamp.type") == "LogAppendTime",
            before_max_ms: number("message.timestamp.before.max.ms"),
            after_max_ms: number("message.timestamp.after.max.ms"),
            delete_retention_ms: number("delete.retention.ms"),
            compaction_lag_min_ms: lag.0,
            compaction_lag_max_ms: lag.1,
            dirty_ratio_min: text("min.cleanable.dirty.ratio").parse().unwrap_or(0.5),
            insync_replicas_min: number("min.insync.replicas"),
            overrides,
        })
    }

    /// The value in effect and whether it was set for this topic.
    #[must_use]
    pub fn value(&self, key: &Key) -> (String, bool) {
        match self.overrides.get(key.name) {
            Some(value) => (value.clone(), true),
            None => (key.default.to_owned(), false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, value: &str) -> Result<TopicConfig, String> {
        TopicConfig::new([(name.to_owned(), value.to_owned())].into())
    }

    #[test]
    fn every_default_is_valid() {
        for key in KEYS {
            key.check(key.default).unwrap();
        }
        let config = TopicConfig::new(BTreeMap::new()).unwrap();
        assert!(config.delete && !config.compact);
        assert_eq!(config.retention_ms, Some(604_800_000));
        assert_eq!(config.retention_bytes, None);
    }

    #[test]
    fn wrong_values_are_named() {
        for (name, value, part) in [
            ("retention.ms", "soon", "Not a number of type LONG"),
            ("retention.ms", "-2", "at least -1"),
            ("max.message.bytes", "3000000000", "type INT"),
            ("cleanup.policy", "shred", "delete, compact"),
            ("cleanup.policy", "", "delete, compact"),
            ("min.cleanable.dirty.ratio", "1.5", "between 0 and 1"),
            ("compression.type", "gzip", "only 'producer'"),
            ("no.such.key", "1", "Unknown topic config name: no.such.key"),
        ] {
            let error = one(name, value).unwrap_err();
            assert!(error.contains(part), "{name}={value}: {error}");
        }
        assert!(one("cleanup.policy", "compact, delete").unwrap().compact);
        assert_eq!(one("retention.ms", "-1").unwrap().retention_ms, None);
    }
}
