//! `ReplaceField`: leaves fields out, or renames them.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use api::config::{Config, Parsed, Validator};
use api::data::{Datum, Field, Map, Record, Schema, SchemaRef, Text, Value, shared_name};
use api::{Origin, Result, Transform};

use crate::error::{require_map, require_struct};
use crate::schema_cache::{SchemaCache, row, struct_like, values_of};
use crate::side::Side;

/// Keys of [`ReplaceField`].
#[derive(Debug, Clone, Config)]
pub struct ReplaceFieldConfig {
    /// Fields to exclude. This takes precedence over the fields to include.
    #[config(key = "exclude", default = "")]
    pub exclude: Vec<String>,
    /// Fields to include. If specified, only these fields will be used.
    #[config(key = "include", default = "")]
    pub include: Vec<String>,
    /// Field rename mappings: a list of colon-delimited pairs, e.g. `foo:bar,abc:xyz`.
    #[config(key = "renames", default = "", validator = Validator::With(check_renames))]
    pub renames: Vec<String>,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true, the
    /// default value is used, otherwise null is used.
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
    exclude: Vec<String>,
    include: Vec<String>,
    renames: BTreeMap<String, Text>,
    replace_null: bool,
    schemas: SchemaCache<Selection>,
    side: PhantomData<fn(S)>,
}

#[derive(Debug)]
struct Selection {
    schema: SchemaRef,
    positions: Vec<usize>,
}

const PURPOSE: &str = "field replacement";

// More new names than this are not looked for one by one.
const COMPARED_MAX: usize = 16;

impl<S> ReplaceField<S> {
    fn keeps(&self, name: &str) -> bool {
        let is = |known: &String| known == name;
        !self.exclude.iter().any(is) && (self.include.is_empty() || self.include.iter().any(is))
    }

    fn renamed<'a>(&'a self, name: &'a str) -> &'a str {
        self.renames.get(name).map_or(name, |new| new)
    }

    fn select_entries(&self, map: Map) -> Map {
        let mut entries = map.into_entries();
        entries.retain(|(name, _)| name.as_str().is_none_or(|name| self.keeps(name)));
        if self.renames.is_empty() {
            return Map::from_distinct(entries);
        }
        for (name, _) in &mut entries {
            if let Some(new) = name.as_str().and_then(|name| self.renames.get(name)) {
                *name = Value::String(new.clone());
            }
        }
        // Two fields may have got one name: the later wins. Only a new name can be there twice.
        let is_twice =
            |new: &Text| entries.iter().filter(|(name, _)| name.as_str() == Some(new)).nth(1).is_some();
        match self.renames.len() > COMPARED_MAX || self.renames.values().any(is_twice) {
            true => Map::from_entries(entries),
            false => Map::from_distinct(entries),
        }
    }

    fn select(&self, schema: &Schema) -> Result<Selection> {
        let all = schema.fields().map_or(&[][..], |fields| fields);
        let positions: Vec<usize> =
            (0..all.len()).filter(|position| self.keeps(&all[*position].name)).collect();
        let fields = positions.iter().map(|position| {
            let field = &all[*position];
            Field { name: self.renamed(&field.name).into(), schema: field.schema.clone() }
        });
        let schema = struct_like(schema, fields.collect())?.build();
        Ok(Selection { schema, positions })
    }
}

impl<S: Side> Transform for ReplaceField<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.ReplaceField$Key"
    } else {
        "org.apache.kafka.connect.transforms.ReplaceField$Value"
    };
    type Config = ReplaceFieldConfig;

    fn build(config: ReplaceFieldConfig) -> Result<Self> {
        let renames = config.renames.iter().filter_map(|rename| pair(rename));
        Ok(Self {
            renames: renames.map(|(from, to)| (from.to_owned(), shared_name(to))).collect(),
            exclude: config.exclude,
            include: config.include,
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
            datum.value = Value::Map(self.select_entries(require_map(value, PURPOSE)?));
            return Ok(Some(record));
        }
        let value = require_struct(value, PURPOSE)?;
        let mut schemas = std::mem::replace(&mut self.schemas, SchemaCache::new());
        let selection = schemas.get(value.schema(), |schema| self.select(schema));
        let replaced = selection.map(|selection| {
            let mut values = values_of(value, self.replace_null);
            let kept = selection.positions.iter().map(|position| std::mem::take(&mut values[*position]));
            let kept = kept.collect();
            Datum::new(selection.schema.clone(), row(&selection.schema, kept))
        });
        self.schemas = schemas;
        *datum = replaced?;
        Ok(Some(record))
    }
}
