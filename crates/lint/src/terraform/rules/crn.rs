//! Confluent Resource Names.

use hcl_edit::expr::Expression;

use crate::terraform::rule::Rule;
use crate::terraform::{value, walk};

/// What a CRN is made of.
const SEGMENTS: [&str; 21] = [
    "organization",
    "environment",
    "cloud-cluster",
    "kafka",
    "topic",
    "group",
    "transactional-id",
    "cluster-link",
    "connector",
    "custom-connector-plugin",
    "schema-registry",
    "subject",
    "kek",
    "ksql",
    "flink-region",
    "compute-pool",
    "statement",
    "provider-integration",
    "service-account",
    "identity-provider",
    "identity-pool",
];

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "crn-pattern",
    code: "SL1151",
    summary: "a CRN that grants nothing: a variable written as text, an unknown part, or a star within a name",
    help: "interpolate (`topic=${var.prefix}`), use the parts that Confluent documents, and put `*` at the end only; a wrong CRN is accepted and matches nothing",
    check: |tree, report| {
        for file in tree.folders.iter().flat_map(|folder| &folder.files) {
            for (key, attribute) in walk::attributes(&file.body) {
                let candidates = match key {
                    "crn_pattern" => branches(attribute),
                    _ => walk::all(attribute),
                };
                for inner in candidates {
                    let pattern = value::pattern(file, inner);
                    let Some(pattern) = pattern.filter(|pattern| key == "crn_pattern" || is_crn(pattern))
                    else {
                        continue;
                    };
                    if let Some(why) = problem(&pattern) {
                        report.at(file, inner, format!("{pattern:?}: {why}"));
                    }
                }
            }
        }
    },
}];

// What a choice can come to.
fn branches(expression: &Expression) -> Vec<&Expression> {
    match expression {
        Expression::Parenthesis(inner) => branches(inner.inner()),
        Expression::Conditional(choice) => {
            let mut both = branches(&choice.true_expr);
            both.extend(branches(&choice.false_expr));
            both
        }
        other => vec![other],
    }
}

fn is_crn(pattern: &str) -> bool {
    let named = ["/kafka=", "/topic=", "/group=", "/subject=", "/connector=", "/transactional-id="];
    pattern.starts_with("crn://")
        || (pattern.starts_with("${") && named.iter().any(|name| pattern.contains(name)))
}

fn problem(pattern: &str) -> Option<String> {
    let (mut after_kafka, mut rest) = (false, pattern.strip_prefix("crn://").unwrap_or(pattern));
    loop {
        let (segment, more) = split_segment(rest);
        if let Some((name, value)) = segment.split_once('=')
            && !name.contains("${")
        {
            for word in ["var.", "local.", "module.", "each.", "data."] {
                if value.starts_with(word) {
                    return Some(format!("{value:?} is text; write `${{{}}}`", value.trim_end_matches('*')));
                }
            }
            if !SEGMENTS.contains(&name) {
                return Some(format!("a CRN has no part {name:?}"));
            }
            let literal = outside_interpolations(value);
            if literal.trim_end_matches('*').contains('*') || literal.ends_with("**") {
                return Some(format!("{value:?} has a star before its end"));
            }
            if name == "connector" && after_kafka {
                return Some("a connector's CRN has no part /kafka=".to_owned());
            }
            after_kafka |= name == "kafka";
        }
        match more {
            Some(more) => rest = more,
            None => return None,
        }
    }
}

// Up to the next slash that is not within an interpolation.
fn split_segment(text: &str) -> (&str, Option<&str>) {
    let mut depth = 0usize;
    for (index, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => return (&text[..index], Some(&text[index + 1..])),
            _ => {}
        }
    }
    (text, None)
}

fn outside_interpolations(text: &str) -> String {
    let mut depth = 0usize;
    text.chars()
        .filter(|c| {
            let outside = depth == 0;
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            outside && *c != '{'
        })
        .collect()
}
