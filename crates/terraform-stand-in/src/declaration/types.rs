//! Types of attributes: as written in a declaration, and as Terraform wants them, in JSON.

use anyhow::{Context, bail};
use serde_json::{Value as Json, json};

use crate::value::Value;

/// Type of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `string`
    Text,
    /// `number`
    Number,
    /// `bool`
    Bool,
    /// `list(…)`
    List(Box<Type>),
    /// `set(…)`
    Set(Box<Type>),
    /// `map(…)`
    Map(Box<Type>),
    /// `{a, b: number}`: names with their types, string when none is written.
    Object(Vec<(String, Type)>),
}

impl Type {
    /// Reads what a declaration writes.
    ///
    /// # Errors
    /// When it is none of the forms above.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let inside =
            |open: &str, close: char| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        if let Some(element) = inside("list(", ')') {
            return Ok(Self::List(Box::new(Self::parse(element)?)));
        }
        if let Some(element) = inside("set(", ')') {
            return Ok(Self::Set(Box::new(Self::parse(element)?)));
        }
        if let Some(element) = inside("map(", ')') {
            return Ok(Self::Map(Box::new(Self::parse(element)?)));
        }
        if let Some(fields) = inside("{", '}') {
            return Ok(Self::Object(fields_of(fields)?));
        }
        match text {
            "string" => Ok(Self::Text),
            "number" => Ok(Self::Number),
            "bool" => Ok(Self::Bool),
            _ => bail!("the type {text:?} is unknown"),
        }
    }

    /// A value as this type wants it: objects with every field, and text where the cloud has a number.
    #[must_use]
    pub fn complete(&self, value: &Value) -> Value {
        match (self, value) {
            (Self::Text, Value::Number(number)) => Value::Text(number.to_string()),
            (Self::Text, Value::Bool(yes)) => Value::Text(yes.to_string()),
            (Self::List(element) | Self::Set(element), Value::List(items)) => {
                Value::List(items.iter().map(|item| element.complete(item)).collect())
            }
            (Self::Map(element), Value::Map(map)) => {
                Value::Map(map.iter().map(|(key, value)| (key.clone(), element.complete(value))).collect())
            }
            (Self::Object(fields), Value::Map(_)) => {
                let field = |(name, of): &(String, Type)| (name.clone(), of.complete(value.at(name)));
                Value::Map(fields.iter().map(field).collect())
            }
            _ => value.clone(),
        }
    }

    /// Terraform's own notation.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Object(fields) => {
                let fields: serde_json::Map<_, _> =
                    fields.iter().map(|(name, field)| (name.clone(), field.to_json())).collect();
                json!(["object", fields])
            }
        }
    }
}

/// Splits at the commas that lie outside of braces.
fn fields_of(text: &str) -> anyhow::Result<Vec<(String, Type)>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let mut fields = Vec::new();
    let mut depth = 0;
    let mut start = 0;
    for (place, letter) in text.char_indices().chain([(text.len(), ',')]) {
        match letter {
            '{' | '(' => depth += 1,
            '}' | ')' => depth -= 1,
            ',' if depth == 0 => {
                fields.push(field(text[start..place].trim())?);
                start = place + 1;
            }
            _ => {}
        }
    }
    Ok(fields)
}

fn field(text: &str) -> anyhow::Result<(String, Type)> {
    let Some((name, written)) = text.split_once(": ") else { return Ok((text.to_owned(), Type::Text)) };
    let parsed = Type::parse(written).with_context(|| format!("field {name}"))?;
    Ok((name.to_owned(), parsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_may_lie_in_objects() {
        let parsed = Type::parse("list({a, b: list({c: number}), d: bool})").unwrap();
        assert_eq!(
            parsed.to_json(),
            json!(["list", ["object", {"a": "string", "b": ["list", ["object", {"c": "number"}]], "d": "bool"}]])
        );
        assert!(Type::parse("strin").is_err());
    }
}
