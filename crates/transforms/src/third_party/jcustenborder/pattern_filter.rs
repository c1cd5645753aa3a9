//! `PatternFilter`: drops records whose fields match a pattern.

use std::marker::PhantomData;

use api::config::{Config, Parsed, Validator};
use api::data::{Record, Value};
use api::{Error, Origin, Result, Transform};
use regex::Regex;

use super::class;
use crate::java_regex;
use crate::side::Side;

/// Keys of [`PatternFilter`].
#[derive(Debug, Clone, Config)]
pub struct PatternFilterConfig {
    /// Regular expression that must match a field's whole text.
    #[config(key = "pattern", importance = High, validator = Validator::With(check_pattern))]
    pub pattern: String,
    /// The fields; without any, no record is dropped.
    #[config(key = "fields", default = "", importance = High)]
    pub fields: Vec<String>,
}

fn check_pattern(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::String(pattern) => {
            java_regex::compile_whole(pattern).map(drop).map_err(|why| format!("Invalid regex: {why}"))
        }
        _ => Ok(()),
    }
}

/// Drops a record when one of the listed text fields matches.
#[derive(Debug)]
pub struct PatternFilter<S> {
    regex: Regex,
    fields: Vec<String>,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for PatternFilter<S> {
    const CLASS: &'static str = class!("PatternFilter", S);
    type Config = PatternFilterConfig;

    fn build(config: PatternFilterConfig) -> Result<Self> {
        let regex = java_regex::compile_whole(&config.pattern).map_err(Error::misconfigured)?;
        Ok(Self { regex, fields: config.fields, side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let value = &S::of(&mut record).value;
        let field = |name: &str| match value {
            // A null is no text, whatever its default.
            Value::Struct(row) => row.get_without_default(name),
            Value::Map(map) => map.get_str(name),
            _ => None,
        };
        let mut texts = self.fields.iter().filter_map(|name| field(name).and_then(Value::as_str));
        let matches = texts.any(|text| self.regex.is_match(text));
        Ok((!matches).then_some(record))
    }
}
