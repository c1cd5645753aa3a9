//! Which fields stay, by paths with points, and what they are called then.

use std::collections::HashMap;

use api::data::{Field, Kind, Map, Schema, SchemaRef, Struct, Value};
use api::{Error, Result};

use crate::third_party::rows::{field, fields_of, like_with, row, same_with};

/// Paths to leave out, to keep, and to rename.
#[derive(Debug)]
pub(super) struct Rules {
    pub exclude: Vec<String>,
    pub include: Vec<String>,
    pub renames: HashMap<String, String>,
}

/// What becomes of a struct's fields.
#[derive(Debug)]
pub(super) struct Selection {
    pub schema: SchemaRef,
    kept: Vec<Kept>,
}

#[derive(Debug)]
struct Kept {
    position: usize,
    path: String,
    /// What becomes of what is in it; `None`: it stays as it is.
    inner: Option<Inner>,
}

#[derive(Debug)]
enum Inner {
    Row(Selection),
    Map,
}

// Nothing that a record holds is nested deeper.
const DEPTH_MAX: usize = 200;
const PURPOSE: &str = "field replacement";

fn below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent).is_some_and(|rest| rest.starts_with('.'))
}

impl Rules {
    fn keeps(&self, path: &str) -> bool {
        if self.exclude.iter().any(|excluded| excluded == path) {
            return false;
        }
        self.include.is_empty()
            || self
                .include
                .iter()
                .any(|included| included == path || below(included, path) || below(path, included))
    }

    fn reach_into(&self, path: &str) -> bool {
        let mut all = self.exclude.iter().chain(&self.include).chain(self.renames.keys());
        all.any(|rule| below(rule, path))
    }

    fn name<'a>(&'a self, path: &str, name: &'a str) -> &'a str {
        self.renames.get(path).map_or(name, String::as_str)
    }

    /// What becomes of a struct of this schema.
    pub fn select(&self, schema: &Schema) -> Result<Selection> {
        self.select_at(schema, "", 0)
    }

    fn select_at(&self, schema: &Schema, prefix: &str, depth: usize) -> Result<Selection> {
        if depth > DEPTH_MAX {
            return Err(too_deep());
        }
        let mut fields: Vec<Field> = Vec::new();
        let mut kept = Vec::new();
        for (position, old) in fields_of(schema).iter().enumerate() {
            let path = joined(prefix, &old.name);
            if !self.keeps(&path) {
                continue;
            }
            let inner = match old.schema.kind() {
                Kind::Struct(_) if self.reach_into(&path) => {
                    Some(Inner::Row(self.select_at(&old.schema, &path, depth + 1)?))
                }
                Kind::Map(..) if self.reach_into(&path) => Some(Inner::Map),
                _ => None,
            };
            let schema = match &inner {
                Some(Inner::Row(selection)) => selection.schema.clone(),
                _ => old.schema.clone(),
            };
            fields.push(field(self.name(&path, &old.name), schema));
            kept.push(Kept { position, path, inner });
        }
        let schema = match depth {
            0 => like_with(schema, fields, PURPOSE)?,
            _ => same_with(schema, fields, PURPOSE)?,
        };
        Ok(Selection { schema, kept })
    }

    /// The row that is left.
    pub fn apply(&self, selection: &Selection, old: Struct, replace_null: bool) -> Result<Value> {
        let mut values = crate::schema_cache::values_of(old, replace_null);
        let mut chosen = Vec::with_capacity(selection.kept.len());
        for kept in &selection.kept {
            let value = values.get_mut(kept.position).map(std::mem::take).unwrap_or_default();
            chosen.push(match (&kept.inner, value) {
                (Some(Inner::Row(selection)), Value::Struct(row)) => {
                    self.apply(selection, row, replace_null)?
                }
                (Some(Inner::Map), Value::Map(map)) => Value::Map(self.apply_to_map(map, &kept.path, 1)?),
                (_, value) => value,
            });
        }
        row(&selection.schema, chosen)
    }

    /// What is left of a map. Keys that are no text stay.
    pub fn apply_to_map(&self, map: Map, prefix: &str, depth: usize) -> Result<Map> {
        if depth > DEPTH_MAX {
            return Err(too_deep());
        }
        let mut left = Vec::with_capacity(map.len());
        for (key, value) in map.into_entries() {
            let Some(name) = key.as_str() else {
                left.push((key, value));
                continue;
            };
            let path = joined(prefix, name);
            if !self.keeps(&path) {
                continue;
            }
            let new = self.name(&path, name);
            let key = if new == name { key.clone() } else { Value::string(new) };
            let value = match value {
                Value::Map(inner) if self.reach_into(&path) => {
                    Value::Map(self.apply_to_map(inner, &path, depth + 1)?)
                }
                value => value,
            };
            left.push((key, value));
        }
        Ok(Map::from_entries(left))
    }
}

#[cold]
fn too_deep() -> Error {
    Error::bad_record(format!("the record is nested deeper than {DEPTH_MAX} levels"))
}

fn joined(prefix: &str, name: &str) -> String {
    match prefix.is_empty() {
        true => name.to_owned(),
        false => format!("{prefix}.{name}"),
    }
}
