//! The path to a field: one name, or names of nested fields.

use api::Error;
use api::config::config_enum;
use api::data::{Field, Map, Schema, SchemaRef, Struct, Value};

use crate::error::not_a_map;

config_enum! {
    /// How a path is written.
    pub enum FieldSyntax {
        /// The text is one field's name.
        V1 = "V1",
        /// Dots separate names of nested fields; a name with dots stands in backticks.
        V2 = "V2",
    }
}

/// The names on the way to a field; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldPath {
    /// The path as it was written.
    pub text: String,
    steps: Vec<String>,
}

impl FieldPath {
    pub fn parse(text: &str, syntax: FieldSyntax) -> Result<Self, String> {
        let steps = match syntax {
            FieldSyntax::V1 => vec![text.to_owned()],
            FieldSyntax::V2 => split(text)?,
        };
        Ok(Self { text: text.to_owned(), steps })
    }

    /// The field that the path leads to; `None` when there is none of the name.
    ///
    /// # Errors
    /// Something on the way is no row.
    pub fn field<'a>(&self, schema: &'a Schema) -> Result<Option<&'a Field>, Error> {
        let mut found: Option<&Field> = None;
        for step in &self.steps {
            let schema = found.map_or(schema, |field| &field.schema);
            let fields = schema.fields().ok_or_else(no_fields)?;
            let Some(position) = fields.position(step) else { return Ok(None) };
            found = Some(&fields[position]);
        }
        Ok(found)
    }

    /// The value at the path in a row, and the schema of its field; null where something on the way is null.
    pub fn value_in_row<'a>(&self, row: &'a Struct) -> Option<(&'a SchemaRef, &'a Value)> {
        let (last, before) = self.steps.split_last()?;
        let mut row = row;
        for step in before {
            row = row.get(step)?.as_struct()?;
        }
        let fields = row.schema().fields()?;
        let position = fields.position(last)?;
        Some((&fields[position].schema, &row.values()[position]))
    }

    /// The value at the path in a map; `None` where something on the way is missing or null.
    ///
    /// # Errors
    /// Something on the way is no map.
    pub fn value_in_map<'a>(&self, map: &'a Map) -> Result<Option<&'a Value>, Error> {
        let Some((last, before)) = self.steps.split_last() else { return Ok(None) };
        let mut map = map;
        for step in before {
            map = match map.get_str(step) {
                None | Some(Value::Null) => return Ok(None),
                Some(Value::Map(inner)) => inner,
                Some(other) => return Err(not_a_map(other, "nested field access")),
            };
        }
        Ok(map.get_str(last))
    }
}

#[cold]
fn no_fields() -> Error {
    Error::bad_record("Cannot look up fields on non-struct type")
}

// Splits at dots. A step that begins with a backtick ends at one before a dot or the end; with a backslash before it, such
// a backtick belongs to the name.
fn split(path: &str) -> Result<Vec<String>, String> {
    let mut steps = Vec::new();
    let mut rest = path;
    loop {
        let (step, after) = match rest.strip_prefix('`') {
            Some(quoted) => quoted_step(quoted).ok_or_else(|| {
                let at = path.len() - rest.len();
                format!(
                    "Incomplete backtick pair in path: [{path}], consider adding a backslash before backtick at \
                     position {at} to escape it"
                )
            })?,
            None => {
                let end = rest.find('.').unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        steps.push(step);
        match after.strip_prefix('.') {
            Some(next) => rest = next,
            None => return Ok(steps),
        }
    }
}

fn quoted_step(quoted: &str) -> Option<(String, &str)> {
    let mut step = String::new();
    let mut rest = quoted;
    loop {
        let (before, after) = rest.split_once('`')?;
        step.push_str(before);
        let ends = after.is_empty() || after.starts_with('.');
        match (ends, step.ends_with('\\')) {
            (true, false) => return Some((step, after)),
            (true, true) => {
                step.pop();
            }
            (false, _) => {}
        }
        step.push('`');
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, steps: &[&str]) {
        assert_eq!(FieldPath::parse(path, FieldSyntax::V2).unwrap().steps, steps, "{path}");
    }

    #[test]
    fn paths_of_the_second_syntax() {
        check("a", &["a"]);
        check("a.b.c", &["a", "b", "c"]);
        check("a.", &["a", ""]);
        check("`a.b`.c", &["a.b", "c"]);
        check("a.`b.c`", &["a", "b.c"]);
        check(r"`a\`.b`.c", &["a`.b", "c"]);
        check("a`b.c", &["a`b", "c"]);
        check("`a`b`", &["a`b"]);
        check(r"`a\`b`", &[r"a\`b"]);
        check(r"`a\``", &[r"a\`"]);
        check("``", &[""]);
        check("`a`.", &["a", ""]);
        assert!(FieldPath::parse(r"`a\`", FieldSyntax::V2).is_err());
        assert!(FieldPath::parse("a.`b", FieldSyntax::V2).unwrap_err().contains("Incomplete backtick pair"));
        assert_eq!(FieldPath::parse("a.b", FieldSyntax::V1).unwrap().steps, ["a.b"]);
    }
}
