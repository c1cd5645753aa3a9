//! `HasHeaderKey`, `RecordIsTombstone` and `TopicNameMatches`.

use api::config::{Config, Report, Validator};
use api::data::Record;
use api::{Error, Predicate, Result};
use regex::Regex;

use crate::filter::NoConfig;
use crate::java_regex;

/// Keys of [`HasHeaderKey`].
#[derive(Debug, Clone, Config)]
pub struct NameConfig {
    /// The header name.
    #[config(key = "name", validator = Validator::NonEmpty)]
    pub name: String,
}

/// Chooses records with at least one header of a name.
#[derive(Debug)]
pub struct HasHeaderKey(String);

impl Predicate for HasHeaderKey {
    const CLASS: &'static str = "org.apache.kafka.connect.transforms.predicates.HasHeaderKey";
    type Config = NameConfig;

    fn build(config: NameConfig) -> Result<Self> {
        Ok(Self(config.name))
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        Ok(record.headers.iter().any(|header| *header.key == *self.0))
    }
}

/// Chooses records without a value.
#[derive(Debug)]
pub struct RecordIsTombstone;

impl Predicate for RecordIsTombstone {
    const CLASS: &'static str = "org.apache.kafka.connect.transforms.predicates.RecordIsTombstone";
    type Config = NoConfig;

    fn build(_config: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        Ok(record.value.value.is_null())
    }
}

/// Keys of [`TopicNameMatches`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct PatternConfig {
    /// A regular expression for matching against the whole name of a record's topic.
    #[config(key = "pattern", validator = Validator::NonEmpty)]
    pub pattern: String,
}

fn check(config: &PatternConfig, report: &mut Report) {
    if let Err(why) = java_regex::compile_whole(&config.pattern) {
        report.invalid("pattern", Some(&config.pattern), &format!("Invalid regex: {why}"));
    }
}

/// Chooses records whose topic's whole name matches.
#[derive(Debug)]
pub struct TopicNameMatches(Regex);

impl Predicate for TopicNameMatches {
    const CLASS: &'static str = "org.apache.kafka.connect.transforms.predicates.TopicNameMatches";
    type Config = PatternConfig;

    fn build(config: PatternConfig) -> Result<Self> {
        java_regex::compile_whole(&config.pattern).map(Self).map_err(Error::misconfigured)
    }

    fn test(&mut self, record: &Record) -> Result<bool> {
        Ok(self.0.is_match(&record.topic))
    }
}
