//! What an expression can be, as far as the files say: variables by their defaults, locals, `each` and loops.

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::Block;

use super::folder::Folder;
use super::value;

/// Names that mean something within a resource or a loop, and the expressions they go through.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope<'a>(Vec<(String, Vec<&'a Expression>)>);

/// How deep a name may lead; a local that refers to itself ends here.
const DEPTH: usize = 12;

impl<'a> Scope<'a> {
    /// The scope of a block: its `for_each` gives `each.value`, or the iterator of a `dynamic` block.
    pub(crate) fn of(folder: &'a Folder, block: &'a Block) -> Self {
        let items =
            block.body.get_attribute("for_each").map(|each| items(folder, &each.value, &Self::default(), 0));
        Self(items.flatten().map(|items| ("each".to_owned(), items)).into_iter().collect())
    }

    pub(crate) fn with(&self, name: &str, items: Vec<&'a Expression>) -> Self {
        let mut scope = self.clone();
        scope.0.push((name.to_owned(), items));
        scope
    }

    pub(crate) fn get(&self, name: &str) -> Option<&[&'a Expression]> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, items)| items.as_slice())
    }
}

/// Every text that an expression can be; `None` when the files do not say.
pub(crate) fn texts<'a>(
    folder: &'a Folder,
    expression: &'a Expression,
    scope: &Scope<'a>,
) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for candidate in candidates(folder, expression, scope, 0)? {
        match candidate {
            Expression::Null(_) => {}
            other => found.push(value::literal(other)?),
        }
    }
    Some(found)
}

/// The expressions that an expression can stand for, references followed.
pub(crate) fn candidates<'a>(
    folder: &'a Folder,
    expression: &'a Expression,
    scope: &Scope<'a>,
    depth: usize,
) -> Option<Vec<&'a Expression>> {
    if depth > DEPTH {
        return None;
    }
    let follow = |expression: &'a Expression| candidates(folder, expression, scope, depth + 1);
    match expression {
        Expression::Parenthesis(inner) => follow(inner.inner()),
        Expression::Conditional(conditional) => {
            let mut both = follow(&conditional.true_expr)?;
            both.extend(follow(&conditional.false_expr)?);
            Some(both)
        }
        Expression::Variable(name) => {
            let mut found = Vec::new();
            for item in scope.get(name.as_str())? {
                found.extend(follow(item)?);
            }
            Some(found)
        }
        Expression::Traversal(traversal) => {
            let Expression::Variable(root) = &traversal.expr else { return None };
            let mut keys = Vec::new();
            for operator in &traversal.operators {
                match operator.value() {
                    TraversalOperator::GetAttr(name) => keys.push(name.as_str().to_owned()),
                    TraversalOperator::Index(key) => keys.push(value::literal(key)?),
                    _ => return None,
                }
            }
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let (start, rest): (Vec<&Expression>, &[&str]) = match (root.as_str(), &keys[..]) {
                ("var", [name, rest @ ..]) => (vec![folder.default(name)?], rest),
                ("local", [name, rest @ ..]) => (vec![folder.local(name)?], rest),
                (name, ["value", rest @ ..]) if scope.get(name).is_some() => {
                    (scope.get(name)?.to_vec(), rest)
                }
                (name, rest) => (scope.get(name)?.to_vec(), rest),
            };
            let mut found = start;
            for key in rest {
                let mut next = Vec::new();
                for candidate in found {
                    for candidate in follow(candidate)? {
                        next.push(value::member(candidate, key)?);
                    }
                }
                found = next;
            }
            let mut ends = Vec::new();
            for candidate in found {
                ends.extend(follow(candidate)?);
            }
            Some(ends)
        }
        other => Some(vec![other]),
    }
}

/// The values of a collection: members of an object, entries of a list, and what a loop makes of them.
pub(crate) fn items<'a>(
    folder: &'a Folder,
    expression: &'a Expression,
    scope: &Scope<'a>,
    depth: usize,
) -> Option<Vec<&'a Expression>> {
    if depth > DEPTH {
        return None;
    }
    let mut found = Vec::new();
    for candidate in candidates(folder, expression, scope, depth)? {
        match candidate {
            Expression::Array(array) => found.extend(array.iter()),
            Expression::Object(object) => found.extend(object.iter().map(|(_, value)| value.expr())),
            Expression::ForExpr(for_expr) => {
                let value_name = for_expr.intro.value_var.as_str();
                match &for_expr.value_expr {
                    Expression::Variable(name) if name.as_str() == value_name => {
                        found.extend(items(folder, &for_expr.intro.collection_expr, scope, depth + 1)?);
                    }
                    other => found.push(other),
                }
            }
            Expression::FuncCall(call) => {
                let name = call.name.name.as_str();
                if !["merge", "concat", "toset", "tolist", "tomap"].contains(&name) {
                    return None;
                }
                for argument in call.args.iter() {
                    found.extend(items(folder, argument, scope, depth + 1)?);
                }
            }
            _ => return None,
        }
    }
    Some(found)
}
