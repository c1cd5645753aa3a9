//! `ReplaceField`: leaves fields out, or renames them, nested ones too.

use std::marker::PhantomData;

use api::config::{Config, Parsed, Validator};
use api::data::{Datum, Record, Value};
use api::{Origin, Result, Transform};

use super::nested_selection::{Rules, Selection};
use crate::error::{require_map, require_struct};
use crate::schema_cache::SchemaCache;
use crate::side::Side;

/// Keys of [`ReplaceField`].
#[derive(Debug, Clone, Config)]
pub struct ReplaceFieldConfig {
    /// Paths of fields to leave out. They win over the fields to include.
    #[config(key = "exclude", default = "")]
    pub exclude: Vec<String>,
    /// Paths of fields to keep; empty for all. The way to a nested field is kept too.
    #[config(key = "include", default = "")]
    pub include: Vec<String>,
    /// A list of `path:name`: the field at the path gets the name, where it is.
    #[config(key = "renames", default = "", validator = Validator::With(check_renames))]
    pub renames: Vec<String>,
    /// Whether to replace fields that have a default value and that are null to the default value.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

fn check_renames(value: &Parsed) -> std::result::Result<(), String> {
    let Parsed::List(renames) = value else {
        return Ok(());
    };
    match renames.iter().find(|rename| pair(rename).is_none()) {
        Some(rename) => Err(format!("Invalid rename mapping: {rename}")),
        None => Ok(()),
    }
}

fn pair(rename: &str) -> Option<(&str, &str)> {
    rename.split_once(':').filter(|(from, to)| !from.is_empty() && !to.is_empty() && !to.contains(':'))
}

/// Keeps, leaves out and renames fields. Null stays null.
#[derive(Debug)]
pub struct ReplaceField<S> {
    rules: Rules,
    replace_null: bool,
    schemas: SchemaCache<Selection>,
    side: PhantomData<fn(S)>,
}

const PURPOSE: &str = "field replacement";

impl<S: Side> Transform for ReplaceField<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "io.confluent.connect.transforms.ReplaceField$Key"
    } else {
        "io.confluent.connect.transforms.ReplaceField$Value"
    };
    type Config = ReplaceFieldConfig;

    fn build(config: ReplaceFieldConfig) -> Result<Self> {
        let renames = config.renames.iter().filter_map(|rename| pair(rename));
        let renames = renames.map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
        Ok(Self {
            rules: Rules { exclude: config.exclude, include: config.include, renames },
            replace_null: config.replace_null_with_default,
            schemas: SchemaCache::new(),
            side: PhantomData,
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        if datum.value.is_null() {
            return Ok(Some(record));
        }
        let value = std::mem::take(&mut datum.value);
        if datum.schema.is_none() {
            let map = require_map(value, PURPOSE)?;
            datum.value = Value::Map(self.rules.apply_to_map(map, "", 0)?);
            return Ok(Some(record));
        }
        let row = require_struct(value, PURPOSE)?;
        let rules = &self.rules;
        let selection = self.schemas.get(row.schema(), |schema| rules.select(schema))?;
        *datum = Datum::new(selection.schema.clone(), rules.apply(selection, row, self.replace_null)?);
        Ok(Some(record))
    }
}
