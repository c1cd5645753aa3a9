//! `ExtractTopicFromSchemaName`: the topic from the name of the value's schema.

use std::collections::HashMap;

use api::config::{Config, Report};
use api::data::{Record, Schema, Topic};
use api::{Error, Origin, Result, Transform};
use regex::Regex;

use super::class;
use crate::java_regex;

/// Keys of [`ExtractTopicFromSchemaName`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct ExtractTopicFromSchemaNameConfig {
    /// A list of `schema name:topic`.
    #[config(key = "schema.name.topic-map", default = "")]
    pub map: Vec<String>,
    /// Regular expression with one group, which is the topic where it is found in the schema's name.
    #[config(key = "schema.name.regex")]
    pub regex: Option<String>,
}

fn pair(item: &str) -> Option<(&str, &str)> {
    item.split_once(':').filter(|(name, topic)| !name.is_empty() && !topic.is_empty())
}

fn compile(pattern: &str) -> std::result::Result<Regex, String> {
    let regex = java_regex::compile(pattern).map_err(|why| format!("Invalid regex: {why}"))?;
    match regex.captures_len() {
        2 => Ok(regex),
        groups => Err(format!("the expression must have one group, but has {}", groups - 1)),
    }
}

fn check(config: &ExtractTopicFromSchemaNameConfig, report: &mut Report) {
    if !config.map.is_empty() && config.regex.as_ref().is_some_and(|regex| !regex.is_empty()) {
        report.add(
            "schema.name.regex",
            "schema.name.topic-map and schema.name.regex should not be defined together.",
        );
    }
    if let Some(item) = config.map.iter().find(|item| pair(item).is_none()) {
        let why = format!("{item} is not of the form schema:topic");
        report.invalid("schema.name.topic-map", Some(&config.map.join(",")), &why);
    }
    if let Some(pattern) = config.regex.as_deref()
        && let Err(why) = compile(pattern)
    {
        report.invalid("schema.name.regex", Some(pattern), &why);
    }
}

/// Sends the record to the topic that its schema's name says: by the map, by the expression, or itself.
#[derive(Debug)]
pub struct ExtractTopicFromSchemaName {
    map: HashMap<String, String>,
    regex: Option<Regex>,
}

impl Transform for ExtractTopicFromSchemaName {
    const CLASS: &'static str = class!("ExtractTopicFromSchemaName$Value");
    type Config = ExtractTopicFromSchemaNameConfig;

    fn build(config: ExtractTopicFromSchemaNameConfig) -> Result<Self> {
        let regex = match config.regex.as_deref().filter(|pattern| !pattern.is_empty()) {
            Some(pattern) => Some(compile(pattern).map_err(Error::misconfigured)?),
            None => None,
        };
        let pairs = config.map.iter().filter_map(|item| pair(item));
        Ok(Self { map: pairs.map(|(name, topic)| (name.to_owned(), topic.to_owned())).collect(), regex })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let Some(name) = record.value.schema.as_deref().and_then(Schema::name) else {
            return Err(Error::bad_record("the value has no schema with a name, so there is no topic"));
        };
        let topic = match self.map.get(name) {
            Some(topic) => topic.as_str(),
            None => {
                let captures = self.regex.as_ref().and_then(|regex| regex.captures(name));
                let found = captures.and_then(|captures| captures.get(1)).map(|found| found.as_str());
                found.filter(|found| !found.is_empty()).unwrap_or(name)
            }
        };
        record.topic = Topic::from(topic);
        Ok(Some(record))
    }
}
