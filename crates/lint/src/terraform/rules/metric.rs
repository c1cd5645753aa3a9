//! Metrics that alarms and dashboards name: AWS's own, or those that Sluice publishes.

use std::collections::BTreeSet;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body};
use metrics::cloudwatch;

use crate::aws_metric;
use crate::terraform::folder::{Folder, Item, nested};
use crate::terraform::policy::At;
use crate::terraform::resolve::{self, Scope};
use crate::terraform::rule::Rule;
use crate::terraform::tree::Tree;
use crate::terraform::{value, walk};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "unknown-metric",
        code: "SL1401",
        summary: "a metric that nobody publishes",
        help: "use a metric of AWS with its own dimensions, or one of the namespace Sluice; write names where they can be read: literally, or in a local or a variable's default",
        check: |tree, report| {
            each_metric(tree, |used| {
                if let Some(why) = problem(&used) {
                    report.at(used.item.file, &used.at, why);
                }
            });
        },
    },
    Rule {
        id: "unpublished-metric",
        code: "SL1402",
        summary: "an alarm or a graph of a metric that is not published yet",
        help: "put it behind a variable that is off (`count = var.... ? 1 : 0`): it would stay without data for ever",
        check: |tree, report| {
            each_metric(tree, |used| {
                let names = used.names.iter().flatten();
                let waiting: Vec<_> = names
                    .filter(|name| cloudwatch::find(name).is_some_and(|metric| !metric.published))
                    .collect();
                if used.is_ours() && !waiting.is_empty() && !used.is_optional {
                    let names: Vec<_> = waiting.iter().map(|name| name.as_str()).collect();
                    report.at(used.item.file, &used.at, format!("{} is not published yet", names.join(", ")));
                }
            });
        },
    },
];

/// A metric as an alarm or a graph names it. What the files do not say is `None`.
struct Used<'a> {
    item: Item<'a>,
    at: At,
    namespaces: Option<Vec<String>>,
    names: Option<Vec<String>>,
    dimensions: Option<BTreeSet<String>>,
    is_optional: bool,
}

impl Used<'_> {
    fn is_ours(&self) -> bool {
        self.namespaces.iter().flatten().any(|name| name == cloudwatch::NAMESPACE)
    }
}

fn problem(used: &Used) -> Option<String> {
    let Some(namespaces) = &used.namespaces else {
        return Some("the namespace of this metric cannot be read from the files".to_owned());
    };
    let Some(names) = &used.names else {
        return Some("the name of this metric cannot be read from the files".to_owned());
    };
    for namespace in namespaces {
        for name in names {
            if let Some(why) = wrong(namespace, name, used.dimensions.as_ref()) {
                return Some(why);
            }
        }
    }
    None
}

fn wrong(namespace: &str, name: &str, dimensions: Option<&BTreeSet<String>>) -> Option<String> {
    if namespace == cloudwatch::NAMESPACE {
        let Some(metric) = cloudwatch::find(name) else {
            return Some(format!("Sluice publishes no metric {name:?}"));
        };
        let known: BTreeSet<String> = metric.dimensions.iter().map(|name| (*name).to_owned()).collect();
        let differs = dimensions.is_some_and(|used| *used != known);
        return differs
            .then(|| format!("{name} has exactly the dimensions {}", metric.dimensions.join(", ")));
    }
    let Some(known) = aws_metric::find(namespace) else {
        return Some(format!("nothing of ours publishes into the namespace {namespace:?}"));
    };
    if !known.metrics.contains(&name) {
        return Some(format!("{namespace} has no metric {name:?} that we know"));
    }
    let unknown = dimensions?.iter().find(|name| !known.dimensions.contains(&name.as_str()))?;
    Some(format!("metrics of {namespace} have no dimension {unknown:?}"))
}

fn each_metric<'a>(tree: &'a Tree, mut check: impl FnMut(Used<'a>)) {
    for folder in &tree.folders {
        for item in folder.resources("aws_cloudwatch_metric_alarm") {
            let scope = Scope::of(folder, item.block);
            let is_optional = is_optional(folder, item.block);
            let mut bodies = vec![&item.block.body];
            bodies.extend(
                item.nested("metric_query")
                    .into_iter()
                    .flat_map(|query| nested(&query.body, "metric"))
                    .map(|metric| &metric.body),
            );
            for body in bodies.into_iter().filter(|body| body.has_attribute("metric_name")) {
                check(of_alarm(item, body, &scope, is_optional));
            }
        }
        for item in folder.resources("aws_cloudwatch_dashboard") {
            let Some(body) = item.attribute("dashboard_body") else { continue };
            let optional = is_optional(folder, item.block);
            let mut search = Search { folder, rows: Vec::new() };
            search.look(body, &Way { is_optional: optional, ..Way::default() });
            for row in search.rows {
                check(of_graph(item, &row));
            }
        }
    }
}

fn of_alarm<'a>(item: Item<'a>, body: &'a Body, scope: &Scope<'a>, is_optional: bool) -> Used<'a> {
    let get = |key: &str| body.get_attribute(key).map(|attribute| &attribute.value);
    let texts = |key: &str| resolve::texts(item.folder, get(key)?, scope);
    let dimensions = match get("dimensions") {
        None => Some(BTreeSet::new()),
        Some(dimensions) => keys(item.folder, dimensions, scope),
    };
    let at = At(get("metric_name").and_then(Span::span).unwrap_or_default());
    Used { item, at, namespaces: texts("namespace"), names: texts("metric_name"), dimensions, is_optional }
}

// The keys of a map of dimensions, when every form it can have has the same ones.
fn keys<'a>(folder: &'a Folder, expression: &'a Expression, scope: &Scope<'a>) -> Option<BTreeSet<String>> {
    let mut found: Option<BTreeSet<String>> = None;
    for candidate in resolve::candidates(folder, expression, scope, 0)? {
        let keys: BTreeSet<String> =
            candidate.as_object()?.iter().map(|(key, _)| value::key_text(key)).collect::<Option<_>>()?;
        if found.as_ref().is_some_and(|known| *known != keys) {
            return None;
        }
        found = Some(keys);
    }
    found
}

/// A row `["Namespace", "Name", "Dimension", "value", ...]` of a graph.
struct Row<'a> {
    entries: &'a Expression,
    scope: Scope<'a>,
    /// Whether a variable decides if it is drawn.
    is_optional: bool,
}

/// Finds the rows of all widgets of a dashboard.
struct Search<'a> {
    folder: &'a Folder,
    rows: Vec<Row<'a>>,
}

/// What is known on the way down.
#[derive(Clone, Default)]
struct Way<'a> {
    scope: Scope<'a>,
    is_optional: bool,
    within_metrics: bool,
    depth: usize,
}

impl<'a> Search<'a> {
    fn look(&mut self, expression: &'a Expression, way: &Way<'a>) {
        if way.depth > 32 {
            return; // a local that refers to itself
        }
        let deeper = Way { depth: way.depth + 1, ..way.clone() };
        match expression {
            Expression::Array(array) if way.within_metrics && is_row(array.get(0)) => self.rows.push(Row {
                entries: expression,
                scope: way.scope.clone(),
                is_optional: way.is_optional,
            }),
            Expression::Array(array) => array.iter().for_each(|item| self.look(item, &deeper)),
            Expression::Parenthesis(inner) => self.look(inner.inner(), &deeper),
            Expression::FuncCall(call) => call.args.iter().for_each(|argument| self.look(argument, &deeper)),
            Expression::Conditional(choice) => {
                let is_optional = way.is_optional || depends_on_variable(self.folder, &choice.cond_expr, 0);
                let deeper = Way { is_optional, ..deeper };
                self.look(&choice.true_expr, &deeper);
                self.look(&choice.false_expr, &deeper);
            }
            Expression::ForExpr(each) => {
                let collection = &each.intro.collection_expr;
                let decided = |cond: &Expression| depends_on_variable(self.folder, cond, 0);
                let is_optional = way.is_optional
                    || each.cond.as_ref().is_some_and(|cond| decided(&cond.expr))
                    || decides(self.folder, collection, 0);
                let items = resolve::items(self.folder, collection, &way.scope, 0);
                let scope = match items {
                    Some(items) => way.scope.with(each.intro.value_var.as_str(), items),
                    None => way.scope.clone(),
                };
                self.look(&each.value_expr, &Way { is_optional, scope, ..deeper });
            }
            Expression::Object(object) => {
                for (key, member) in object {
                    let within_metrics = value::key_text(key).as_deref() == Some("metrics");
                    self.look(member.expr(), &Way { within_metrics, ..deeper.clone() });
                }
            }
            // The items of a loop.
            Expression::Variable(name) => {
                for item in way.scope.get(name.as_str()).unwrap_or_default().to_vec() {
                    self.look(item, &deeper);
                }
            }
            Expression::Traversal(_) => {
                if let Some(local) = local_of(self.folder, expression) {
                    self.look(local, &deeper);
                }
            }
            _ => {}
        }
    }
}

// Rows begin with a text; what begins with a list holds rows, and what begins with an object computes with others.
fn is_row(first: Option<&Expression>) -> bool {
    !matches!(
        first,
        None | Some(
            Expression::Array(_)
                | Expression::Object(_)
                | Expression::ForExpr(_)
                | Expression::Conditional(_)
                | Expression::FuncCall(_)
        )
    )
}

fn local_of<'a>(folder: &'a Folder, expression: &Expression) -> Option<&'a Expression> {
    let name = walk::reference(expression)?;
    folder.local(name.strip_prefix("local.")?.split(['.', '[']).next()?)
}

fn of_graph<'a>(item: Item<'a>, row: &Row<'a>) -> Used<'a> {
    let entries: Vec<&Expression> =
        row.entries.as_array().map(|array| array.iter().collect()).unwrap_or_default();
    let texts = |index: usize| resolve::texts(item.folder, entries.get(index)?, &row.scope);
    let mut dimensions = Some(BTreeSet::new());
    // Name and value in turn; the last entry may be an object with options.
    for pair in entries.get(2..).unwrap_or_default().chunks(2).filter(|pair| pair.len() == 2) {
        match (resolve::texts(item.folder, pair[0], &row.scope), &mut dimensions) {
            (Some(names), Some(dimensions)) => dimensions.extend(names),
            _ => dimensions = None,
        }
    }
    let at = At(row.entries.span().unwrap_or_default());
    Used { item, at, namespaces: texts(0), names: texts(1), dimensions, is_optional: row.is_optional }
}

// Whether a variable decides if the resource is made at all.
fn is_optional(folder: &Folder, block: &Block) -> bool {
    ["count", "for_each"]
        .iter()
        .filter_map(|key| block.body.get_attribute(key))
        .any(|attribute| decides(folder, &attribute.value, 0))
}

// A condition in it depends on a variable.
fn decides(folder: &Folder, expression: &Expression, depth: usize) -> bool {
    walk::all(expression).into_iter().any(|inner| match inner {
        Expression::Conditional(choice) => depends_on_variable(folder, &choice.cond_expr, 0),
        Expression::ForExpr(each) => {
            each.cond.as_ref().is_some_and(|cond| depends_on_variable(folder, &cond.expr, 0))
        }
        Expression::Traversal(_) if depth < 8 => {
            local_of(folder, inner).is_some_and(|local| decides(folder, local, depth + 1))
        }
        _ => false,
    })
}

fn depends_on_variable(folder: &Folder, condition: &Expression, depth: usize) -> bool {
    walk::all(condition).into_iter().any(|inner| {
        let is_variable = walk::reference(inner).is_some_and(|name| name.starts_with("var."));
        let through_local =
            || local_of(folder, inner).is_some_and(|local| depends_on_variable(folder, local, depth + 1));
        is_variable || (depth < 8 && through_local())
    })
}
