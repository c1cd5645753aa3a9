//! `PatternMapString`: a field's text, rewritten by a pattern.

use std::marker::PhantomData;

use api::config::{Config, Report};
use api::data::{Datum, Record, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};
use regex::Regex;

use super::base::{Input, no_field, side_name, take, unsupported_value};
use super::{class, pattern_flags};
use crate::java_regex::replace_all;
use crate::replacement::Replacement;
use crate::schema_cache::SchemaCache;
use crate::side::Side;
use crate::third_party::rows::{datum, field, fields_of, unversioned_with};

/// Keys of [`PatternMapString`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct PatternMapStringConfig {
    /// The field whose text is rewritten.
    #[config(key = "src.field.name", importance = High)]
    pub source: String,
    /// The field that gets the result; it may be the same.
    #[config(key = "dest.field.name", importance = High)]
    pub destination: String,
    /// Regular expression that is searched for in the text.
    #[config(key = "value.pattern", importance = High)]
    pub pattern: String,
    /// What takes the place of each match, with groups as `$1` or `${name}`.
    #[config(key = "value.replacement", importance = High)]
    pub replacement: String,
    /// Flags of the expression: CASE_INSENSITIVE, MULTILINE, DOTALL, COMMENTS, LITERAL, UNICODE_CASE.
    #[config(key = "value.pattern.flags", default = "CASE_INSENSITIVE", importance = Low)]
    pub flags: Vec<String>,
}

fn check(config: &PatternMapStringConfig, report: &mut Report) {
    match pattern_flags::compile(&config.pattern, &config.flags) {
        Err(why) => report.invalid("value.pattern", Some(&config.pattern), &format!("Invalid regex: {why}")),
        Ok(regex) => {
            if let Err(why) = Replacement::parse(&config.replacement, &regex) {
                report.invalid("value.replacement", Some(&config.replacement), &why);
            }
        }
    }
}

/// Rewrites a text, in place or into a new field behind it. What has no such field passes, unless it is a row whose field is to
/// be rewritten in place.
#[derive(Debug)]
pub struct PatternMapString<S> {
    config: PatternMapStringConfig,
    regex: Regex,
    replacement: Replacement,
    schemas: SchemaCache<(SchemaRef, Option<usize>)>,
    side: PhantomData<fn(S)>,
}

impl<S: Side> PatternMapString<S> {
    fn in_place(&self) -> bool {
        self.config.source == self.config.destination
    }

    fn rewritten(&self, value: Option<&Value>) -> Result<Value> {
        let name = &self.config.source;
        match value {
            Some(Value::String(text)) => Ok(Value::string(replace_all(&self.regex, &self.replacement, text))),
            Some(Value::Null) if self.in_place() => Ok(Value::Null),
            Some(Value::Null) => Err(Error::bad_record(format!("src.field.name: field {name} is null"))),
            Some(other) => Err(Error::bad_record(format!(
                "src.field.name: field {name} must be a string, found: {}",
                other.type_name()
            ))),
            None => Err(no_field("src.field.name", name, side_name::<S>())),
        }
    }
}

impl<S: Side> Transform for PatternMapString<S> {
    const CLASS: &'static str = class!("PatternMapString", S);
    type Config = PatternMapStringConfig;

    fn build(config: PatternMapStringConfig) -> Result<Self> {
        let regex = pattern_flags::compile(&config.pattern, &config.flags).map_err(Error::misconfigured)?;
        let replacement = Replacement::parse(&config.replacement, &regex).map_err(Error::misconfigured)?;
        Ok(Self { config, regex, replacement, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        if self.in_place()
            && let Value::Struct(row) = &mut part.value
        {
            let value = self.rewritten(row.get(&self.config.source))?;
            if let Some(position) = row.schema().fields().and_then(|it| it.position(&self.config.source)) {
                row.values_mut()[position] = value;
            }
            return Ok(Some(record));
        }
        *part = match take(part, side_name::<S>())? {
            Input::Nothing => Datum::NULL,
            Input::Other(other) => return Err(unsupported_value(&other)),
            Input::Map(mut map) => {
                if let Some(source) = map.get_str(&self.config.source) {
                    let value = self.rewritten(Some(source))?;
                    map.insert(Value::string(self.config.destination.as_str()), value);
                }
                Datum::schemaless(Value::Map(map))
            }
            Input::Row(row) => {
                let config = &self.config;
                let (schema, position) = self.schemas.get(row.schema(), |schema| {
                    let mut fields = fields_of(schema).to_vec();
                    let found = fields.iter().position(|field| *field.name == *config.source);
                    if let Some(position) = found {
                        let schema = fields[position].schema.clone();
                        fields.insert(position + 1, field(&config.destination, schema));
                    }
                    Ok::<_, Error>((unversioned_with(schema, fields, "mapping a string")?, found))
                })?;
                let (schema, position) = (schema.clone(), *position);
                let (_, mut values) = row.into_parts();
                if let Some(position) = position {
                    let value = self.rewritten(values.get(position))?;
                    values.insert(position + 1, value);
                }
                datum(&schema, values)?
            }
        };
        Ok(Some(record))
    }
}
