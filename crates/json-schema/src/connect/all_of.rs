//! Schemas that say several things of one value: `allOf`, and `oneOf` or `anyOf` beside a type.
//!
//! As Confluent's converter has it: when there are properties, the value is one struct of all of them, those of the
//! branches of `allOf` (through references, and in each other) and the schema's own. Otherwise it is what a branch says.
//!
//! Where it differs: a branch without a type of its own says nothing of the type; Java guesses one from its keywords, so
//! that `{"type":"string","anyOf":[{"maxLength":5},{"pattern":"a"}]}` is one of two texts there, and a text here.

use std::collections::HashSet;

use data::Schema;
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::to::{Found, Reader, required, says_type};
use super::{Error, MAX_DEPTH};
use crate::resolve::{Base, enter};

/// A property of an object.
pub(super) struct Property<'a> {
    pub value: &'a Value,
    /// Where references in it start.
    pub base: Base<'a>,
    pub is_required: bool,
}

/// By name; of a name that comes again the first keeps its place and gets what the last says.
pub(super) type Properties<'a> = IndexMap<&'a str, Property<'a>>;

impl<'a> Reader<'a> {
    /// `combinations` are the keywords and branches of this schema.
    pub(super) fn all_of(
        &mut self,
        value: &'a Value,
        members: &'a Map<String, Value>,
        combinations: &[(&str, &'a [Value])],
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<Found, Error> {
        if let ([("allOf", [branch])], false) = (combinations, says_type(members)) {
            return Ok(self.schema(branch, base, path, depth + 1)?.map_or(Found::Null, Found::Other));
        }
        let mut properties = Properties::new();
        self.collect(value, base, &mut properties, &mut HashSet::new(), depth)?;
        if !properties.is_empty() {
            let row = Schema::builder(self.row(properties, false, path, depth)?);
            return Ok(Found::Other(if may_be_null(members) { row.optional() } else { row }));
        }
        // What combines types says more than a type. A branch may only narrow, and say nothing of the type.
        let mut why = None;
        for (key, branches) in combinations.iter().rev() {
            let found = match *key {
                "allOf" => self.first(branches, base, path, depth),
                key => self.one_of(key, branches, base, path, depth),
            };
            match found {
                Err(error @ Error::Schema { .. }) => why = Some(error),
                found => return found,
            }
        }
        match (says_type(members), why) {
            (false, Some(error)) => Err(error),
            _ => self.own(members, base, path, depth),
        }
    }

    /// Of branches that must all hold: one that combines types itself, else the first that says a type.
    fn first(
        &mut self,
        branches: &'a [Value],
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<Found, Error> {
        let combines =
            |branch: &&Value| ["oneOf", "anyOf", "allOf"].iter().any(|key| branch.get(key).is_some());
        let combined = branches.iter().rev().filter(combines);
        for branch in combined.chain(branches.iter().filter(|branch| !combines(branch))) {
            match self.schema(branch, base, path, depth + 1) {
                Ok(found) => return Ok(found.map_or(Found::Null, Found::Other)),
                Err(Error::Schema { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::schema(path, "no branch of allOf says the type"))
    }

    /// Adds the properties of a schema and of all that must hold with it. A schema that was seen adds nothing.
    fn collect(
        &mut self,
        value: &'a Value,
        base: &Base<'a>,
        properties: &mut Properties<'a>,
        seen: &mut HashSet<*const Value>,
        depth: usize,
    ) -> Result<(), Error> {
        if depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        let Value::Object(members) = value else { return Ok(()) };
        if !seen.insert(std::ptr::from_ref(value)) {
            return Ok(());
        }
        self.count()?;
        let base = &enter(value, base);
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            return match self.documents.find(reference, base) {
                Some((target, base)) => self.collect(target, &base, properties, seen, depth + 1),
                // Who reads the branch says so.
                None => Ok(()),
            };
        }
        for branch in members.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.collect(branch, base, properties, seen, depth + 1)?;
        }
        let own = members.get("properties").and_then(Value::as_object);
        let required = required(members);
        for (name, value) in own.into_iter().flatten() {
            let is_required = required.contains(name.as_str());
            properties.insert(name, Property { value, base: base.clone(), is_required });
        }
        Ok(())
    }
}

fn may_be_null(members: &Map<String, Value>) -> bool {
    let kinds = members.get("type").and_then(Value::as_array);
    kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"))
}
