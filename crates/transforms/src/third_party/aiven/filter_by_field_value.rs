//! `FilterByFieldValue`: keeps records by a field.

use std::marker::PhantomData;

use api::config::{Config, Report};
use api::data::{Record, Value};
use api::{Error, Origin, Result, Transform};
use regex::Regex;

use super::class;
use crate::java_regex;
use crate::side::Side;

/// Keys of [`FilterByFieldValue`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct FilterByFieldValueConfig {
    /// The field; without it, the whole key or value is looked at, which must have no schema then.
    #[config(key = "field.name", default = "", importance = High)]
    pub field: String,
    /// The value that the field must have, type included: its type is found from the text as in headers, so that `1` is an
    /// INT8.
    #[config(key = "field.value", importance = High)]
    pub value: Option<String>,
    /// Regular expression that must be found in the field's text.
    #[config(key = "field.value.pattern", importance = High)]
    pub pattern: Option<String>,
    /// Whether the records that match are kept; if not, the others are.
    #[config(key = "field.value.matches", default = "true", importance = High)]
    pub matches: bool,
}

fn check(config: &FilterByFieldValueConfig, report: &mut Report) {
    if config.value.is_some() == config.pattern.is_some() {
        report.add(
            "field.value",
            "Either field.value or field.value.pattern have to be set to apply filter transform",
        );
    }
    if let Some(pattern) = config.pattern.as_deref()
        && let Err(why) = java_regex::compile(pattern)
    {
        report.invalid("field.value.pattern", Some(pattern), &format!("Invalid regex: {why}"));
    }
}

#[derive(Debug)]
enum Wanted {
    Value(Value),
    Pattern(Regex),
}

/// Keeps or drops records by a field's value.
#[derive(Debug)]
pub struct FilterByFieldValue<S> {
    field: String,
    wanted: Wanted,
    matches: bool,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for FilterByFieldValue<S> {
    const CLASS: &'static str = class!("FilterByFieldValue", S);
    type Config = FilterByFieldValueConfig;

    fn build(config: FilterByFieldValueConfig) -> Result<Self> {
        let wanted = match (&config.value, &config.pattern) {
            (Some(text), None) => Wanted::Value(literal::parse(text).value),
            (None, Some(pattern)) => {
                Wanted::Pattern(java_regex::compile(pattern).map_err(Error::misconfigured)?)
            }
            _ => {
                return Err(Error::misconfigured(
                    "field.value or field.value.pattern must be set, but not both",
                ));
            }
        };
        Ok(Self { field: config.field, wanted, matches: config.matches, side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        let side = if S::IS_KEY { "key" } else { "value" };
        if part.value.is_null() {
            return Ok(Some(record));
        }
        let name = &self.field;
        let found = match (&part.value, name.is_empty()) {
            (whole, true) if part.schema.is_none() => whole,
            (Value::Struct(row), false) => row
                .get(name)
                .ok_or_else(|| Error::bad_record(format!("field.name: the {side} has no field {name}")))?,
            (Value::Map(map), false) => map.get_str(name).unwrap_or(&Value::Null),
            (_, true) => {
                return Err(Error::bad_record(format!(
                    "field.name: the {side} has a schema, so that a field must be named"
                )));
            }
            (other, false) => {
                return Err(Error::bad_record(format!(
                    "field.name: the {side} must be a struct or a map, found: {}",
                    other.type_name()
                )));
            }
        };
        let matches = match (&self.wanted, found) {
            (Wanted::Value(_), Value::Null) => {
                return Err(Error::bad_record(format!(
                    "field.value: field {name} of the {side} is missing or null"
                )));
            }
            (Wanted::Value(wanted), found) => wanted == found,
            (Wanted::Pattern(_), Value::Null) => false,
            (Wanted::Pattern(regex), Value::String(text)) => regex.is_match(text),
            (Wanted::Pattern(regex), other) => regex.is_match(&literal::java::to_string(other)),
        };
        Ok((matches == self.matches).then_some(record))
    }
}
