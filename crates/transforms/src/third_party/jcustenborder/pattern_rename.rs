//! `PatternRename`: names of fields, rewritten by a pattern.

use std::marker::PhantomData;

use api::config::{Config, Report};
use api::data::{Datum, Map, Record, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};
use regex::Regex;

use super::base::{Input, side_name, take, unsupported_value};
use super::{class, pattern_flags};
use crate::java_regex::replace_all;
use crate::replacement::Replacement;
use crate::schema_cache::SchemaCache;
use crate::side::Side;
use crate::third_party::rows::{datum, field, fields_of, unversioned_with};

/// Keys of [`PatternRename`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct PatternRenameConfig {
    /// Regular expression that is searched for in names of fields.
    #[config(key = "field.pattern", importance = High)]
    pub pattern: String,
    /// Flags of the expression: CASE_INSENSITIVE, MULTILINE, DOTALL, COMMENTS, LITERAL, UNICODE_CASE.
    #[config(key = "field.pattern.flags", default = "CASE_INSENSITIVE", importance = Low)]
    pub flags: Vec<String>,
    /// What takes the place of each match, with groups as `$1` or `${name}`.
    #[config(key = "field.replacement", importance = High)]
    pub replacement: String,
}

fn check(config: &PatternRenameConfig, report: &mut Report) {
    match pattern_flags::compile(&config.pattern, &config.flags) {
        Err(why) => report.invalid("field.pattern", Some(&config.pattern), &format!("Invalid regex: {why}")),
        Ok(regex) => {
            if let Err(why) = Replacement::parse(&config.replacement, &regex) {
                report.invalid("field.replacement", Some(&config.replacement), &why);
            }
        }
    }
}

/// Renames fields.
#[derive(Debug)]
pub struct PatternRename<S> {
    regex: Regex,
    replacement: Replacement,
    schemas: SchemaCache<SchemaRef>,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for PatternRename<S> {
    const CLASS: &'static str = class!("PatternRename", S);
    type Config = PatternRenameConfig;

    fn build(config: PatternRenameConfig) -> Result<Self> {
        let regex = pattern_flags::compile(&config.pattern, &config.flags).map_err(Error::misconfigured)?;
        let replacement = Replacement::parse(&config.replacement, &regex).map_err(Error::misconfigured)?;
        Ok(Self { regex, replacement, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        let (regex, replacement) = (&self.regex, &self.replacement);
        *part = match take(part, side_name::<S>())? {
            Input::Nothing => Datum::NULL,
            Input::Other(other) => return Err(unsupported_value(&other)),
            Input::Map(map) => {
                let mut entries = map.into_entries();
                for (key, _) in &mut entries {
                    if let Some(name) = key.as_str() {
                        *key = Value::string(replace_all(regex, replacement, name));
                    }
                }
                Datum::schemaless(Value::Map(Map::from_entries(entries)))
            }
            Input::Row(row) => {
                let schema = self.schemas.get(row.schema(), |schema| {
                    let renamed = |old: &api::data::Field| {
                        field(&replace_all(regex, replacement, &old.name), old.schema.clone())
                    };
                    unversioned_with(
                        schema,
                        fields_of(schema).iter().map(renamed).collect(),
                        "renaming fields",
                    )
                })?;
                let (_, values) = row.into_parts();
                datum(schema, values)?
            }
        };
        Ok(Some(record))
    }
}
