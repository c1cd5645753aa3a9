//! The expressions of `Filter` and `ContentBasedRouter`: what published examples need of Groovy and JavaScript.
//!
//! An expression is read when the config is ([`super::expression_parser`]), and anything that is not of the subset is
//! refused there; evaluating it looks at the record only.

use std::borrow::Cow;
use std::cmp::Ordering;

use api::data::{Header, Headers, Record, Schema, Value};
use api::{Error, Result};
use regex::Regex;

use crate::third_party::comparison::{Numeric, Sign, compare, numeric};

/// Whose rules hold where the languages differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Groovy,
    JavaScript,
}

/// The names that an expression may begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binding {
    Key,
    Value,
    KeySchema,
    ValueSchema,
    Topic,
    Header,
}

#[derive(Debug, Clone)]
pub(super) enum Expression {
    Null,
    Boolean(bool),
    Number(Numeric),
    Text(String),
    Binding(Binding),
    /// A field, entry or property; with `safe`, null of null.
    Member {
        of: Box<Expression>,
        name: String,
        safe: bool,
    },
    StartsWith(Box<Expression>, Box<Expression>),
    EndsWith(Box<Expression>, Box<Expression>),
    Contains(Box<Expression>, Box<Expression>),
    Matches(Box<Expression>, Regex),
    Not(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Compare(Sign, Box<Expression>, Box<Expression>),
    In(Box<Expression>, Vec<Expression>),
    Plus(Box<Expression>, Box<Expression>),
    Choice(Box<Expression>, Box<Expression>, Box<Expression>),
}

/// What an expression is worth for a record.
#[derive(Debug, Clone)]
pub(super) enum Item<'a> {
    Null,
    Boolean(bool),
    Number(Numeric),
    Text(Cow<'a, str>),
    /// A row, map, list or bytes.
    Other(&'a Value),
    Schema(&'a Schema),
    Headers(&'a Headers),
    Header(&'a Header),
}

impl Item<'_> {
    pub fn type_name(&self) -> &'static str {
        match self {
            Item::Null => "null",
            Item::Boolean(_) => "boolean",
            Item::Number(_) => "number",
            Item::Text(_) => "string",
            Item::Other(value) => value.type_name(),
            Item::Schema(_) => "schema",
            Item::Headers(_) => "headers",
            Item::Header(_) => "header",
        }
    }
}

fn item(value: &Value) -> Item<'_> {
    match value {
        Value::Null => Item::Null,
        Value::Boolean(value) => Item::Boolean(*value),
        Value::String(text) => Item::Text(Cow::Borrowed(text)),
        other => numeric(other).map_or(Item::Other(other), Item::Number),
    }
}

/// A record and the language's rules.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub record: &'a Record,
    pub language: Language,
}

#[cold]
fn wrong(text: String) -> Error {
    Error::bad_record(text)
}

impl<'a> Scope<'a> {
    pub fn evaluate(&self, expression: &'a Expression) -> Result<Item<'a>> {
        Ok(match expression {
            Expression::Null => Item::Null,
            Expression::Boolean(value) => Item::Boolean(*value),
            Expression::Number(number) => Item::Number(number.clone()),
            Expression::Text(text) => Item::Text(Cow::Borrowed(text)),
            Expression::Binding(binding) => self.binding(*binding),
            Expression::Member { of, name, safe } => member(self.evaluate(of)?, name, *safe)?,
            Expression::StartsWith(text, part) => {
                Item::Boolean(self.text(text, "startsWith")?.starts_with(&*self.text(part, "startsWith")?))
            }
            Expression::EndsWith(text, part) => {
                Item::Boolean(self.text(text, "endsWith")?.ends_with(&*self.text(part, "endsWith")?))
            }
            Expression::Contains(text, part) => {
                Item::Boolean(self.text(text, "contains")?.contains(&*self.text(part, "contains")?))
            }
            Expression::Matches(text, regex) => Item::Boolean(regex.is_match(&self.text(text, "matches")?)),
            Expression::Not(inner) => Item::Boolean(!self.truth(inner)?),
            Expression::And(left, right) => Item::Boolean(self.truth(left)? && self.truth(right)?),
            Expression::Or(left, right) => Item::Boolean(self.truth(left)? || self.truth(right)?),
            Expression::Compare(sign, left, right) => {
                Item::Boolean(self.compared(*sign, &self.evaluate(left)?, &self.evaluate(right)?)?)
            }
            Expression::In(item, list) => {
                let item = self.evaluate(item)?;
                for candidate in list {
                    if self.compared(Sign::Equal, &item, &self.evaluate(candidate)?)? {
                        return Ok(Item::Boolean(true));
                    }
                }
                Item::Boolean(false)
            }
            Expression::Plus(left, right) => joined(&self.evaluate(left)?, &self.evaluate(right)?)?,
            Expression::Choice(condition, yes, no) => {
                self.evaluate(if self.truth(condition)? { yes } else { no })?
            }
        })
    }

    fn binding(&self, binding: Binding) -> Item<'a> {
        let schema = |schema: &'a Option<api::data::SchemaRef>| match schema {
            Some(schema) => Item::Schema(schema),
            None => Item::Null,
        };
        match binding {
            Binding::Key => item(&self.record.key.value),
            Binding::Value => item(&self.record.value.value),
            Binding::KeySchema => schema(&self.record.key.schema),
            Binding::ValueSchema => schema(&self.record.value.schema),
            Binding::Topic => Item::Text(Cow::Borrowed(&self.record.topic)),
            Binding::Header => Item::Headers(&self.record.headers),
        }
    }

    fn text(&self, expression: &'a Expression, method: &str) -> Result<Cow<'a, str>> {
        match self.evaluate(expression)? {
            Item::Text(text) => Ok(text),
            other => {
                Err(wrong(format!("the expression's {method} needs a string, found {}", other.type_name())))
            }
        }
    }

    // Null counts as false in both languages.
    fn truth(&self, expression: &'a Expression) -> Result<bool> {
        match self.evaluate(expression)? {
            Item::Boolean(value) => Ok(value),
            Item::Null => Ok(false),
            other => Err(wrong(format!(
                "the expression needs a boolean at a !, && or || or before a ?, found {}",
                other.type_name()
            ))),
        }
    }

    fn compared(&self, sign: Sign, left: &Item<'_>, right: &Item<'_>) -> Result<bool> {
        let order = match (left, right) {
            (Item::Null, Item::Null) => Some(Ordering::Equal),
            (Item::Number(left), Item::Number(right)) => match compare(left, right) {
                Some(order) => Some(order),
                // Not a number is neither equal, less nor greater.
                None => return Ok(sign == Sign::NotEqual),
            },
            (Item::Text(left), Item::Text(right)) => Some(left.encode_utf16().cmp(right.encode_utf16())),
            (Item::Boolean(left), Item::Boolean(right)) => Some(left.cmp(right)),
            (Item::Other(left), Item::Other(right)) if sign.is_equality() => {
                return Ok((left == right) == (sign == Sign::Equal));
            }
            (Item::Null, _) | (_, Item::Null) => None,
            // JavaScript would convert one to the type of the other.
            _ if sign.is_equality() && self.language == Language::Groovy => None,
            _ => {
                return Err(wrong(format!(
                    "the expression cannot compare {} with {}",
                    left.type_name(),
                    right.type_name()
                )));
            }
        };
        match order {
            Some(order) => Ok(sign.holds(order)),
            None if sign.is_equality() => Ok(sign == Sign::NotEqual),
            None => Err(wrong(format!(
                "the expression cannot order {} and {}",
                left.type_name(),
                right.type_name()
            ))),
        }
    }
}

fn member<'a>(of: Item<'a>, name: &str, safe: bool) -> Result<Item<'a>> {
    Ok(match of {
        Item::Null if safe => Item::Null,
        Item::Null => {
            return Err(
                wrong(format!("the expression asks null for {name}")).hint("`?.` answers null of null")
            );
        }
        Item::Other(Value::Struct(row)) => match row.get(name) {
            Some(value) => item(value),
            None => return Err(wrong(format!("{name} is not a valid field name"))),
        },
        Item::Other(Value::Map(map)) => map.get_str(name).map_or(Item::Null, item),
        Item::Headers(headers) => {
            headers.iter().rev().find(|header| *header.key == *name).map_or(Item::Null, Item::Header)
        }
        Item::Header(header) => match (name, &header.value.schema) {
            ("value", _) => item(&header.value.value),
            ("schema", Some(schema)) => Item::Schema(schema),
            ("schema", None) => Item::Null,
            _ => return Err(wrong(format!("a header has value and schema, but no {name}"))),
        },
        Item::Schema(schema) => match name {
            "name" => schema.name().map_or(Item::Null, |name| Item::Text(Cow::Borrowed(name))),
            "version" => schema.version().map_or(Item::Null, |n| Item::Number(Numeric::Integer(n.into()))),
            _ => return Err(wrong(format!("a schema has name and version here, but no {name}"))),
        },
        other => return Err(wrong(format!("the expression asks {} for {name}", other.type_name()))),
    })
}

fn joined(left: &Item<'_>, right: &Item<'_>) -> Result<Item<'static>> {
    if !matches!(left, Item::Text(_)) && !matches!(right, Item::Text(_)) {
        return Err(wrong(format!(
            "the expression's + joins strings only, found {} and {}",
            left.type_name(),
            right.type_name()
        )));
    }
    let mut out = String::new();
    for item in [left, right] {
        match item {
            Item::Null => out.push_str("null"),
            Item::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Item::Number(Numeric::Integer(n)) => out.push_str(&n.to_string()),
            Item::Number(Numeric::Decimal(n)) => out.push_str(&n.to_string()),
            Item::Text(text) => out.push_str(text),
            other => {
                return Err(wrong(format!(
                    "the expression's + cannot join {} to a string",
                    other.type_name()
                )));
            }
        }
    }
    Ok(Item::Text(Cow::Owned(out)))
}
