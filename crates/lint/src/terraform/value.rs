//! Reading expressions: what stands in them literally.

use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::template::Element;

use super::file::HclFile;
use super::walk;

/// The text of a string or heredoc without interpolations.
pub(crate) fn literal(expression: &Expression) -> Option<String> {
    match expression {
        Expression::String(text) => Some(text.as_str().to_owned()),
        Expression::Parenthesis(inner) => literal(inner.inner()),
        Expression::StringTemplate(template) => elements_literal(template.iter()),
        Expression::HeredocTemplate(heredoc) => elements_literal(heredoc.template.iter()),
        _ => None,
    }
}

fn elements_literal<'a>(elements: impl Iterator<Item = &'a Element>) -> Option<String> {
    elements
        .map(|element| match element {
            Element::Literal(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

/// The text of a string, with each interpolation as it is written: `${...}`.
pub(crate) fn pattern(file: &HclFile, expression: &Expression) -> Option<String> {
    let elements: Vec<&Element> = match expression {
        Expression::StringTemplate(template) => template.iter().collect(),
        Expression::HeredocTemplate(heredoc) => heredoc.template.iter().collect(),
        Expression::Parenthesis(inner) => return pattern(file, inner.inner()),
        _ => return literal(expression),
    };
    let mut text = String::new();
    for element in elements {
        match element {
            Element::Literal(literal) => text.push_str(literal.as_str()),
            Element::Interpolation(interpolation) => {
                text.push_str("${");
                text.push_str(file.source(&interpolation.expr));
                text.push('}');
            }
            Element::Directive(_) => text.push_str("%{...}"),
        }
    }
    Some(text)
}

/// A member of an object, by key.
pub(crate) fn member<'a>(expression: &'a Expression, key: &str) -> Option<&'a Expression> {
    members(expression).find(|(name, _)| name == key).map(|(_, value)| value)
}

/// The members of an object whose keys stand literally.
pub(crate) fn members(expression: &Expression) -> impl Iterator<Item = (String, &Expression)> {
    let object = match expression {
        Expression::Parenthesis(inner) => inner.inner().as_object(),
        other => other.as_object(),
    };
    object
        .into_iter()
        .flat_map(|object| object.iter())
        .filter_map(|(key, value)| Some((key_text(key)?, value.expr())))
}

pub(crate) fn key_text(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(ident) => Some(ident.as_str().to_owned()),
        ObjectKey::Expression(expression) => match expression {
            Expression::Variable(name) => Some(name.as_str().to_owned()),
            other => literal(other),
        },
    }
}

/// Every whole string within, in full: a template with its interpolations as written.
pub(crate) fn strings(file: &HclFile, expression: &Expression) -> Vec<String> {
    walk::all(expression).into_iter().filter_map(|inner| pattern(file, inner)).collect()
}
