//! `ConcatFields`: several fields as one text.

use std::marker::PhantomData;

use api::config::{Config, Validator};
use api::data::{Datum, Kind, Record, Schema, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};

use super::class;
use crate::required_list::NOT_EMPTY;
use crate::schema_cache::{SchemaCache, values_of};
use crate::side::Side;
use crate::third_party::rows::{datum, field, fields_of, like_with, optional_string};

/// Keys of [`ConcatFields`].
#[derive(Debug, Clone, Config)]
pub struct ConcatFieldsConfig {
    /// The fields whose texts are joined.
    #[config(key = "field.names", importance = High, validator = NOT_EMPTY)]
    pub fields: Vec<String>,
    /// The field that gets the joined text.
    #[config(key = "output.field.name", importance = High, validator = Validator::NonEmpty)]
    pub output: String,
    /// Text between the texts.
    #[config(key = "delimiter", default = "", importance = High)]
    pub delimiter: String,
    /// Text in place of a field that is missing or null.
    #[config(key = "field.replace.missing", default = "", importance = High)]
    pub missing: String,
}

/// Joins fields.
#[derive(Debug)]
pub struct ConcatFields<S> {
    config: ConcatFieldsConfig,
    schemas: SchemaCache<SchemaRef>,
    side: PhantomData<fn(S)>,
}

impl<S> ConcatFields<S> {
    fn joined<'a>(&self, get: impl Fn(&str) -> Option<&'a Value>) -> Value {
        let mut out = String::new();
        for (index, name) in self.config.fields.iter().enumerate() {
            if index > 0 {
                out.push_str(&self.config.delimiter);
            }
            match get(name) {
                None | Some(Value::Null) => out.push_str(&self.config.missing),
                Some(Value::String(text)) => out.push_str(text),
                Some(other) => out.push_str(&literal::java::to_string(other)),
            }
        }
        Value::string(out)
    }
}

impl<S: Side> Transform for ConcatFields<S> {
    const CLASS: &'static str = class!("ConcatFields", S);
    type Config = ConcatFieldsConfig;

    fn build(config: ConcatFieldsConfig) -> Result<Self> {
        Ok(Self { config, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        match std::mem::take(&mut part.value) {
            Value::Map(mut map) => {
                let joined = self.joined(|name| map.get_str(name));
                map.insert(Value::string(self.config.output.as_str()), joined);
                part.value = Value::Map(map);
            }
            Value::Struct(row) => {
                let joined = self.joined(|name| row.get(name));
                let name = &self.config.output;
                let schema = self.schemas.get(row.schema(), |schema| {
                    let mut fields = fields_of(schema).to_vec();
                    fields.push(field(name, optional_string()));
                    // The original loses the schema's name, version and documentation.
                    like_with(&Schema::required(Kind::Struct(Default::default())), fields, "joining fields")
                })?;
                let mut values = values_of(row, true);
                values.push(joined);
                let joined: Datum = datum(schema, values)?;
                *part = joined;
            }
            other => {
                let part = if S::IS_KEY { "key" } else { "value" };
                return Err(Error::bad_record(format!(
                    "field.names: the {part} must be a struct or a map, found: {}",
                    other.type_name()
                )));
            }
        }
        Ok(Some(record))
    }
}
