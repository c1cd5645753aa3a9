//! The part of JSON Path that conditions of records need: names, indexes, `*`, and filters `[?(…)]`.
//!
//! `$.a.b`, `$['a']`, `$.list[0]`, `$.list[*].a`, `$[?(@.a == 'x')]`. Deep scans (`..`), slices, unions and functions are
//! refused when the config is read.

use api::data::Value;

use super::condition::{Condition, parse_condition};
use crate::third_party::scanner::{Number, Scanner, SyntaxError};

/// A path into a value.
#[derive(Debug, Clone)]
pub(super) struct JsonPath(Vec<Step>);

#[derive(Debug, Clone)]
enum Step {
    Name(String),
    /// From the end when negative.
    Index(i64),
    All,
    Filter(Condition),
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found<'a> {
    /// To these values; none when a filter or `*` chose none.
    Values(Vec<&'a Value>),
    /// A field on the way is missing or null.
    Nothing,
}

impl JsonPath {
    /// Reads a path that begins with `$`.
    ///
    /// # Errors
    /// What is not served, with its column.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut scanner = Scanner::new(text)?;
        scanner.expect("$")?;
        let path = Self::steps(&mut scanner)?;
        match scanner.at_end() {
            true => Ok(path),
            false => Err(scanner.unexpected("a step of the path or the end")),
        }
    }

    /// The steps after `$` or `@`.
    pub fn steps(scanner: &mut Scanner<'_>) -> Result<Self, SyntaxError> {
        let mut steps = Vec::new();
        loop {
            // No blank may stand before a step: in a condition it ends the path.
            let rest = scanner.rest();
            if rest.starts_with("..") {
                return Err(scanner.error("deep scans (..) are not supported"));
            }
            // `$.[?(…)]` is seen in the field.
            if rest.starts_with('[') || rest.starts_with(".[") {
                scanner.eat(".");
                scanner.expect("[")?;
                steps.push(bracket(scanner)?);
            } else if rest.starts_with('.') {
                scanner.expect(".")?;
                if scanner.eat("*") {
                    steps.push(Step::All);
                    continue;
                }
                let name = plain_name(scanner).ok_or_else(|| scanner.unexpected("a name"))?;
                if scanner.rest().starts_with('(') {
                    return Err(scanner.error(format!("the function {name} is not supported")));
                }
                steps.push(Step::Name(name));
            } else {
                return Ok(Self(steps));
            }
        }
    }

    /// Follows the path from a value. `root` is what `$` means inside filters.
    pub fn find<'a>(&self, start: &'a Value, root: &'a Value) -> Found<'a> {
        let mut values = vec![start];
        let mut definite = true;
        for step in &self.0 {
            match step {
                Step::Name(name) => {
                    values = values.into_iter().filter_map(|value| member(value, name)).collect()
                }
                Step::Index(index) => {
                    values = values.into_iter().filter_map(|value| element(value, *index)).collect();
                }
                Step::All => {
                    definite = false;
                    values = values.into_iter().flat_map(children).collect();
                }
                Step::Filter(condition) => {
                    definite = false;
                    let candidates = values.into_iter().flat_map(candidates);
                    values = candidates.filter(|value| condition.holds(value, root)).collect();
                }
            }
            if definite && values.first().is_none_or(|value| value.is_null()) {
                return Found::Nothing;
            }
        }
        // A path without steps leads to the start, which may be null.
        match definite && values.first().is_none_or(|value| value.is_null()) {
            true => Found::Nothing,
            false => Found::Values(values),
        }
    }

    /// The one value of a path without filters and `*`, nulls included; `None` when it leads nowhere.
    pub fn value<'a>(&self, start: &'a Value) -> Option<&'a Value> {
        let mut value = start;
        for step in &self.0 {
            value = match step {
                Step::Name(name) => member(value, name)?,
                Step::Index(index) => element(value, *index)?,
                Step::All | Step::Filter(_) => return None,
            };
        }
        Some(value)
    }

    /// Whether it leads to one place.
    pub fn is_definite(&self) -> bool {
        self.0.iter().all(|step| matches!(step, Step::Name(_) | Step::Index(_)))
    }
}

fn plain_name(scanner: &mut Scanner<'_>) -> Option<String> {
    let rest = scanner.rest();
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@');
    let end = rest.find(|c: char| !part(c)).unwrap_or(rest.len());
    let name = rest[..end].to_owned();
    (end > 0 && scanner.eat(&name)).then_some(name)
}

// The bracket is open.
fn bracket(scanner: &mut Scanner<'_>) -> Result<Step, SyntaxError> {
    let step = if scanner.eat("?") {
        scanner.expect("(")?;
        let condition = parse_condition(scanner)?;
        scanner.expect(")")?;
        Step::Filter(condition)
    } else if scanner.eat("*") {
        Step::All
    } else if let Some(name) = scanner.quoted()? {
        Step::Name(name)
    } else {
        match scanner.number()? {
            Some(Number::Integer(index)) => Step::Index(index),
            _ => return Err(scanner.unexpected("a name in quotes, an index, * or ?(")),
        }
    };
    if scanner.eat(",") || scanner.eat(":") {
        return Err(scanner.error("unions and slices are not supported"));
    }
    scanner.expect("]")?;
    Ok(step)
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Struct(row) => row.get(name),
        Value::Map(map) => map.get_str(name),
        _ => None,
    }
}

fn element(value: &Value, index: i64) -> Option<&Value> {
    let Value::Array(items) = value else { return None };
    let index = if index < 0 { i64::try_from(items.len()).ok()? + index } else { index };
    items.get(usize::try_from(index).ok()?)
}

fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Map(map) => map.iter().map(|(_, value)| value).collect(),
        Value::Struct(row) => row.values().iter().collect(),
        _ => Vec::new(),
    }
}

// A filter asks each element of a list, but an object itself.
fn candidates(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Map(_) | Value::Struct(_) => vec![value],
        _ => Vec::new(),
    }
}
