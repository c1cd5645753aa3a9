//! Kafka's access control lists, and principals.

use hcl_edit::expr::Expression;

use crate::terraform::folder::{Folder, Item};
use crate::terraform::resolve::{self, Scope};
use crate::terraform::rule::Rule;
use crate::terraform::value;

/// What each argument of an ACL may be.
const ALLOWED: [(&str, &[&str]); 4] = [
    ("resource_type", &["TOPIC", "GROUP", "CLUSTER", "TRANSACTIONAL_ID", "DELEGATION_TOKEN"]),
    ("pattern_type", &["LITERAL", "PREFIXED"]),
    (
        "operation",
        &[
            "ALL",
            "READ",
            "WRITE",
            "CREATE",
            "DELETE",
            "ALTER",
            "DESCRIBE",
            "CLUSTER_ACTION",
            "DESCRIBE_CONFIGS",
            "ALTER_CONFIGS",
            "IDEMPOTENT_WRITE",
        ],
    ),
    ("permission", &["ALLOW", "DENY"]),
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "acl-value",
        code: "SL1141",
        summary: "an ACL with a type, pattern, operation or permission that Kafka does not have",
        help: "the service would refuse it at apply, or keep it as a rule that never holds; the resource of a CLUSTER entry is called kafka-cluster",
        check: |tree, report| {
            for folder in &tree.folders {
                for item in folder.resources("confluent_kafka_acl") {
                    let texts = |key: &str| texts(folder, item, key);
                    for (key, allowed) in ALLOWED {
                        let Some((expression, found)) = texts(key) else { continue };
                        for text in found.iter().filter(|text| !allowed.contains(&text.as_str())) {
                            let message = format!("{key} {text:?} is none of {}", allowed.join(", "));
                            report.at(item.file, expression, message);
                        }
                    }
                    let is_cluster = item.text("resource_type").as_deref() == Some("CLUSTER");
                    if let Some((expression, found)) = texts("resource_name")
                        && is_cluster
                    {
                        for text in found.iter().filter(|text| *text != "kafka-cluster") {
                            report.at(item.file, expression, format!("the cluster is called {text:?}"));
                        }
                    }
                }
            }
        },
    },
    Rule {
        id: "principal",
        code: "SL1142",
        summary: "a principal that does not begin with User:",
        help: "write `User:${confluent_service_account.this.id}`; a bare id is accepted and matches nobody",
        check: |tree, report| {
            for folder in &tree.folders {
                for kind in ["confluent_kafka_acl", "confluent_role_binding"] {
                    for item in folder.resources(kind) {
                        let Some(principal) = item.attribute("principal") else { continue };
                        for text in spelled(folder, item, principal) {
                            if is_wrong(&text) {
                                report.at(item.file, principal, format!("the principal {text:?} is no user"));
                            }
                        }
                    }
                }
            }
        },
    },
];

fn texts<'a>(folder: &'a Folder, item: Item<'a>, key: &str) -> Option<(&'a Expression, Vec<String>)> {
    let expression = item.attribute(key)?;
    let scope = Scope::of(folder, item.block);
    Some((expression, resolve::texts(folder, expression, &scope)?))
}

// What the principal can be, interpolations as written; a reference to another module's value is left alone.
fn spelled<'a>(folder: &'a Folder, item: Item<'a>, principal: &'a Expression) -> Vec<String> {
    let scope = Scope::of(folder, item.block);
    let candidates = resolve::candidates(folder, principal, &scope, 0).unwrap_or_else(|| vec![principal]);
    candidates
        .into_iter()
        .filter_map(|candidate| match candidate {
            Expression::Traversal(_) => {
                let name = crate::terraform::walk::reference(candidate)?;
                name.starts_with("confluent_service_account.").then(|| format!("${{{name}}}"))
            }
            other => value::pattern(item.file, other),
        })
        .collect()
}

fn is_wrong(text: &str) -> bool {
    let begins_with_id = ["sa-", "u-", "pool-", "${"].iter().any(|start| text.starts_with(start));
    !text.starts_with("User:") && (begins_with_id || !text.starts_with("group-"))
}
