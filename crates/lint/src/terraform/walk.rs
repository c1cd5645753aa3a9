//! Walking expressions: everything within one, what it refers to and which texts stand in it.

use std::ops::Range;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, FuncCall, ObjectKey, TraversalOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::{Directive, Element, Template};

/// Everything within an expression that is an expression, itself included, outermost first.
pub(crate) fn all(expression: &Expression) -> Vec<&Expression> {
    let mut found = Vec::new();
    collect(expression, &mut found);
    found
}

fn collect<'a>(expression: &'a Expression, found: &mut Vec<&'a Expression>) {
    found.push(expression);
    match expression {
        Expression::Null(_)
        | Expression::Bool(_)
        | Expression::Number(_)
        | Expression::String(_)
        | Expression::Variable(_) => {}
        Expression::Array(array) => array.iter().for_each(|item| collect(item, found)),
        Expression::Object(object) => {
            for (key, value) in object {
                if let ObjectKey::Expression(key) = key {
                    collect(key, found);
                }
                collect(value.expr(), found);
            }
        }
        Expression::StringTemplate(template) => collect_template(template, found),
        Expression::HeredocTemplate(heredoc) => collect_template(&heredoc.template, found),
        Expression::Parenthesis(inner) => collect(inner.inner(), found),
        Expression::Conditional(conditional) => {
            collect(&conditional.cond_expr, found);
            collect(&conditional.true_expr, found);
            collect(&conditional.false_expr, found);
        }
        Expression::FuncCall(call) => call.args.iter().for_each(|argument| collect(argument, found)),
        Expression::Traversal(traversal) => {
            collect(&traversal.expr, found);
            for operator in &traversal.operators {
                if let TraversalOperator::Index(index) = operator.value() {
                    collect(index, found);
                }
            }
        }
        Expression::UnaryOp(operation) => collect(&operation.expr, found),
        Expression::BinaryOp(operation) => {
            collect(&operation.lhs_expr, found);
            collect(&operation.rhs_expr, found);
        }
        Expression::ForExpr(for_expr) => {
            collect(&for_expr.intro.collection_expr, found);
            for_expr.key_expr.iter().for_each(|key| collect(key, found));
            collect(&for_expr.value_expr, found);
            for_expr.cond.iter().for_each(|cond| collect(&cond.expr, found));
        }
    }
}

fn collect_template<'a>(template: &'a Template, found: &mut Vec<&'a Expression>) {
    for element in template {
        match element {
            Element::Literal(_) => {}
            Element::Interpolation(interpolation) => collect(&interpolation.expr, found),
            Element::Directive(directive) => match &**directive {
                Directive::If(directive) => {
                    collect(&directive.if_expr.cond_expr, found);
                    collect_template(&directive.if_expr.template, found);
                    if let Some(otherwise) = &directive.else_expr {
                        collect_template(&otherwise.template, found);
                    }
                }
                Directive::For(directive) => {
                    collect(&directive.for_expr.collection_expr, found);
                    collect_template(&directive.for_expr.template, found);
                }
            },
        }
    }
}

/// What an expression refers to, as dotted names: `var.name`, `data.aws_iam_policy_document.this.json`. An index is
/// written `[0]` or `[*]`, any other `[]`.
pub(crate) fn references(expression: &Expression) -> Vec<String> {
    all(expression).into_iter().filter_map(reference).collect()
}

/// The dotted name of one traversal, when it begins with a name.
pub(crate) fn reference(expression: &Expression) -> Option<String> {
    let Expression::Traversal(traversal) = expression else { return None };
    let Expression::Variable(root) = &traversal.expr else { return None };
    let mut name = root.as_str().to_owned();
    for operator in &traversal.operators {
        match operator.value() {
            TraversalOperator::GetAttr(ident) => {
                name.push('.');
                name.push_str(ident.as_str());
            }
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => name.push_str("[*]"),
            TraversalOperator::LegacyIndex(index) => name.push_str(&format!("[{}]", index.value())),
            TraversalOperator::Index(Expression::Number(number)) => {
                name.push_str(&format!("[{}]", number.value()));
            }
            TraversalOperator::Index(_) => name.push_str("[]"),
        }
    }
    Some(name)
}

/// Calls of a function within an expression.
pub(crate) fn calls<'a>(expression: &'a Expression, function: &str) -> Vec<&'a FuncCall> {
    all(expression)
        .into_iter()
        .filter_map(|inner| match inner {
            Expression::FuncCall(call)
                if call.name.namespace.is_empty() && call.name.name.as_str() == function =>
            {
                Some(&**call)
            }
            _ => None,
        })
        .collect()
}

/// Every piece of literal text within, those between interpolations included.
pub(crate) fn texts(expression: &Expression) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    for inner in all(expression) {
        match inner {
            Expression::String(text) => found.push((text.as_str(), text.span().unwrap_or_default())),
            Expression::StringTemplate(template) => template_texts(template, &mut found),
            Expression::HeredocTemplate(heredoc) => template_texts(&heredoc.template, &mut found),
            _ => {}
        }
    }
    found
}

fn template_texts<'a>(template: &'a Template, found: &mut Vec<(&'a str, Range<usize>)>) {
    for element in template {
        match element {
            Element::Literal(text) => found.push((text.as_str(), text.span().unwrap_or_default())),
            Element::Interpolation(_) => {}
            Element::Directive(directive) => match &**directive {
                Directive::If(directive) => {
                    template_texts(&directive.if_expr.template, found);
                    if let Some(otherwise) = &directive.else_expr {
                        template_texts(&otherwise.template, found);
                    }
                }
                Directive::For(directive) => template_texts(&directive.for_expr.template, found),
            },
        }
    }
}

/// The value of every attribute below a body, nested blocks included, with the attribute's name.
pub(crate) fn attributes(body: &Body) -> Vec<(&str, &Expression)> {
    let mut found = Vec::new();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => found.push((attribute.key.as_str(), &attribute.value)),
            Structure::Block(block) => found.extend(attributes(&block.body)),
        }
    }
    found
}
