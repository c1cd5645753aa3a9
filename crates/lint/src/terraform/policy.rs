//! IAM policies, in whichever of the three ways they are written: as a policy document data source, as an object
//! for `jsonencode`, or as JSON in a heredoc.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::Block;
use serde_json::Value;

use super::file::HclFile;
use super::folder::{Folder, nested};
use super::{value, walk};

/// A policy: a trust policy or a set of permissions.
#[derive(Debug)]
pub(crate) struct Policy<'a> {
    pub(crate) file: &'a HclFile,
    /// Type and name of the block in which it stands.
    pub(crate) owner: String,
    pub(crate) span: Range<usize>,
    pub(crate) statements: Vec<Statement>,
}

/// A statement. Texts keep their interpolations as written.
#[derive(Debug, Default)]
pub(crate) struct Statement {
    pub(crate) is_deny: bool,
    pub(crate) actions: Vec<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) principals: Vec<String>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) span: Range<usize>,
}

/// A condition: its key, and what it is compared with, texts and references alike.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) variable: String,
    pub(crate) values: Vec<String>,
}

/// A range is a place in a file.
pub(crate) struct At(pub(crate) Range<usize>);

impl Span for At {
    fn span(&self) -> Option<Range<usize>> {
        Some(self.0.clone())
    }
}

impl Policy<'_> {
    pub(crate) fn allowed_actions(&self) -> impl Iterator<Item = &str> {
        let allows = self.statements.iter().filter(|statement| !statement.is_deny);
        allows.flat_map(|statement| statement.actions.iter().map(String::as_str))
    }
}

/// All policies of a folder.
pub(crate) fn of(folder: &Folder) -> Vec<Policy<'_>> {
    let mut found = Vec::new();
    for file in &folder.files {
        for block in file.body.blocks() {
            let labels: Vec<_> = block.labels.iter().map(|label| label.as_str()).collect();
            let owner = labels.join(".");
            if block.has_ident("data") && labels.first() == Some(&"aws_iam_policy_document") {
                let statements = nested(&block.body, "statement");
                let statements = statements.into_iter().map(|block| from_block(file, block)).collect();
                let span = block.span().unwrap_or_default();
                found.push(Policy { file, owner, span, statements });
                continue;
            }
            for (_, attribute) in walk::attributes(&block.body) {
                for (span, statements) in within(file, attribute) {
                    found.push(Policy { file, owner: owner.clone(), span, statements });
                }
            }
        }
    }
    found
}

fn from_block(file: &HclFile, block: &Block) -> Statement {
    let attribute = |key: &str| block.body.get_attribute(key).map(|attribute| &attribute.value);
    let strings = |key: &str| attribute(key).map(|list| value::strings(file, list)).unwrap_or_default();
    let conditions = nested(&block.body, "condition").into_iter().map(|condition| {
        let get = |key: &str| condition.body.get_attribute(key).map(|attribute| &attribute.value);
        Condition {
            variable: get("variable").and_then(|text| value::pattern(file, text)).unwrap_or_default(),
            values: get("values").map(|list| compared(file, list)).unwrap_or_default(),
        }
    });
    let principals = nested(&block.body, "principals")
        .into_iter()
        .filter_map(|block| block.body.get_attribute("identifiers"))
        .flat_map(|list| compared(file, &list.value));
    Statement {
        is_deny: attribute("effect").and_then(value::literal).as_deref() == Some("Deny"),
        actions: strings("actions"),
        resources: strings("resources"),
        principals: principals.collect(),
        conditions: conditions.collect(),
        span: block.span().unwrap_or_default(),
    }
}

// Objects with a `Statement` within an expression, and texts that are such JSON.
fn within(file: &HclFile, expression: &Expression) -> Vec<(Range<usize>, Vec<Statement>)> {
    let mut found = Vec::new();
    for inner in walk::all(expression) {
        let span = inner.span().unwrap_or_default();
        match inner {
            Expression::Object(_) => {
                let Some(list) = value::member(inner, "Statement") else { continue };
                let objects =
                    walk::all(list).into_iter().filter(|inner| value::member(inner, "Effect").is_some());
                found.push((span, objects.map(|object| from_object(file, object)).collect()));
            }
            Expression::HeredocTemplate(_) | Expression::StringTemplate(_) | Expression::String(_) => {
                let text = value::pattern(file, inner).unwrap_or_default();
                if text.contains("\"Statement\"")
                    && let Ok(json) = serde_json::from_str::<Value>(&text)
                {
                    let list = match &json["Statement"] {
                        Value::Array(list) => list.clone(),
                        one => vec![one.clone()],
                    };
                    found.push((
                        span.clone(),
                        list.iter().map(|item| from_json(item, span.clone())).collect(),
                    ));
                }
            }
            _ => {}
        }
    }
    found
}

fn from_object(file: &HclFile, object: &Expression) -> Statement {
    let get = |key: &str| value::member(object, key);
    let list = |key: &str| get(key).map(|list| value::strings(file, list)).unwrap_or_default();
    let mut conditions = Vec::new();
    for (_, operator) in get("Condition").into_iter().flat_map(value::members) {
        for (variable, compared_with) in value::members(operator) {
            conditions.push(Condition { variable, values: compared(file, compared_with) });
        }
    }
    Statement {
        is_deny: get("Effect").and_then(value::literal).as_deref() == Some("Deny"),
        actions: list("Action"),
        resources: list("Resource"),
        principals: get("Principal").map(|principal| compared(file, principal)).unwrap_or_default(),
        conditions,
        span: object.span().unwrap_or_default(),
    }
}

fn from_json(item: &Value, span: Range<usize>) -> Statement {
    let mut conditions = Vec::new();
    for operator in item["Condition"].as_object().into_iter().flat_map(|map| map.values()) {
        for (variable, values) in operator.as_object().into_iter().flatten() {
            conditions.push(Condition { variable: variable.clone(), values: leaves(values) });
        }
    }
    Statement {
        is_deny: item["Effect"] == "Deny",
        actions: leaves(&item["Action"]),
        resources: leaves(&item["Resource"]),
        principals: leaves(&item["Principal"]),
        conditions,
        span,
    }
}

fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(leaves).collect(),
        Value::Object(map) => map.values().flat_map(leaves).collect(),
        _ => Vec::new(),
    }
}

fn compared(file: &HclFile, list: &Expression) -> Vec<String> {
    let mut values = value::strings(file, list);
    values.extend(walk::references(list));
    values
}
