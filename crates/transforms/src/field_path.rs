//! The path to a field: one name, or names of nested fields.

use api::config::config_enum;
use api::data::{Field, Map, Schema, SchemaRef, Struct, Value};

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

    /// The field that the path leads to.
    pub fn field<'a>(&self, schema: &'a Schema) -> Option<&'a Field> {
        let (last, before) = self.steps.split_last()?;
        let mut fields = schema.fields()?;
        for step in before {
            fields = fields.get(fields.position(step)?)?.schema.fields()?;
        }
        fields.get(fields.position(last)?)
    }

    /// The value at the path in a row, and the schema of its field; null where something on the way is null.
    pub fn value_in_row<'a>(&self, row: &'a Struct) -> Option<(&'a SchemaRef, &'a Value)> {
        let (last, before) = self.steps.split_last()?;
        let mut row = row;
        for step in before {
            row = row.get_without_default(step)?.as_struct()?;
        }
        let fields = row.schema().fields()?;
        let position = fields.position(last)?;
        Some((&fields[position].schema, &row.values()[position]))
    }

    /// The value at the path in a map.
    pub fn value_in_map<'a>(&self, map: &'a Map) -> Option<&'a Value> {
        let (last, before) = self.steps.split_last()?;
        let mut map = map;
        for step in before {
            let Value::Map(inner) = map.get_str(step)? else {
                return None;
            };
            map = inner;
        }
        map.get_str(last)
    }
}

// Splits at dots. A step that begins with a backtick ends at one before a dot or the end; `\`` is a backtick in it.
fn split(path: &str) -> Result<Vec<String>, String> {
    let mut steps = Vec::new();
    let mut rest = path;
    loop {
        let (step, after) = match rest.strip_prefix('`') {
            Some(quoted) => quoted_step(quoted).ok_or_else(|| {
                format!("Incomplete backtick pair in path: [{path}], consider adding a backtick at the end")
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
    let mut characters = quoted.char_indices().peekable();
    while let Some((offset, character)) = characters.next() {
        match (character, characters.peek().map(|(_, next)| *next)) {
            ('\\', Some('`')) => {
                characters.next();
                step.push('`');
            }
            ('`', None | Some('.')) => return Some((step, &quoted[offset + 1..])),
            _ => step.push(character),
        }
    }
    None
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
        assert!(FieldPath::parse("a.`b", FieldSyntax::V2).unwrap_err().contains("Incomplete backtick pair"));
        assert_eq!(FieldPath::parse("a.b", FieldSyntax::V1).unwrap().steps, ["a.b"]);
    }
}
