//! API keys, service accounts and role bindings of Confluent Cloud.

use hcl_edit::expr::Expression;

use crate::terraform::folder::{Folder, Item, nested};
use crate::terraform::rule::Rule;
use crate::terraform::tree::Tree;
use crate::terraform::{value, walk};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "organization-key",
        code: "SL1131",
        summary: "an API key that belongs to no resource",
        help: "add `managed_resource`; without it the key is one for the whole organization, which no Kafka client accepts",
        check: |tree, report| {
            resources(tree, "confluent_api_key", |item| {
                if !item.has_nested("managed_resource") {
                    report.item(item, format!("{} is a key for the organization", item.address()));
                }
            });
        },
    },
    Rule {
        id: "api-key-wait",
        code: "SL1132",
        summary: "an API key that Terraform waits for",
        help: "set `disable_wait_for_ready = true`: a wait that fails prints the new key's secret in the log, leaves the key out of the state, and the next apply makes another",
        check: |tree, report| {
            resources(tree, "confluent_api_key", |item| {
                if item.flag("disable_wait_for_ready") != Some(true) {
                    report.item(
                        item,
                        format!("{} does not set `disable_wait_for_ready = true`", item.address()),
                    );
                }
            });
        },
    },
    Rule {
        id: "role-binding-wait",
        code: "SL1133",
        summary: "a role binding that leaves open whether Terraform waits for it",
        help: "set `disable_wait_for_ready`: without it every binding sleeps 90 seconds; with true, whoever needs the right must wait for it otherwise",
        check: |tree, report| {
            resources(tree, "confluent_role_binding", |item| {
                if item.attribute("disable_wait_for_ready").is_none() {
                    report.item(item, format!("{} does not set `disable_wait_for_ready`", item.address()));
                }
            });
        },
    },
    Rule {
        id: "service-account-name",
        code: "SL1134",
        summary: "a service account's name that can pass 64 characters",
        help: "cut it with substr() and a short hash, as the module label does, or check its length in a precondition or validation; Confluent refuses a longer one only at apply",
        check: |tree, report| {
            for folder in &tree.folders {
                for item in folder.resources("confluent_service_account") {
                    let Some(name) = item.attribute("display_name") else { continue };
                    match value::literal(name) {
                        Some(text) if text.chars().count() > 64 => {
                            report.at(item.file, name, format!("{text:?} has more than 64 characters"));
                        }
                        None if !is_bounded(folder, item, name) => {
                            let message =
                                format!("nothing keeps the name of {} within 64 characters", item.address());
                            report.at(item.file, name, message);
                        }
                        _ => {}
                    }
                }
            }
        },
    },
    Rule {
        id: "credentials-in-state",
        code: "SL1135",
        summary: "a credentials block in a resource of Confluent Cloud",
        help: "configure the Kafka or Schema Registry credentials of a provider (alias) instead: what stands in a resource stands in the state",
        check: |tree, report| {
            for item in tree.folders.iter().flat_map(|folder| folder.blocks("resource")) {
                if !item.label(0).starts_with("confluent_") {
                    continue;
                }
                for block in nested(&item.block.body, "credentials") {
                    report.at(
                        item.file,
                        block,
                        format!("{} keeps its credentials in the state", item.address()),
                    );
                }
            }
        },
    },
];

// A name that is cut, checked, or handed in whole by a caller who cuts it.
fn is_bounded(folder: &Folder, item: Item, name: &Expression) -> bool {
    let handed_in = !matches!(name, Expression::StringTemplate(_));
    let checked = item.nested("lifecycle").iter().any(|lifecycle| {
        walk::attributes(&lifecycle.body).iter().any(|(_, value)| !walk::calls(value, "length").is_empty())
    });
    checked
        || cuts(folder, name, 0)
        || (handed_in && !leads_to_template(folder, name, 0))
        || validates_length(folder, name)
}

fn locals<'a>(folder: &'a Folder, name: &Expression) -> Vec<&'a Expression> {
    let names = walk::references(name);
    let local = |name: &String| Some(name.strip_prefix("local.")?.split(['.', '[']).next()?.to_owned());
    names.iter().filter_map(local).filter_map(|name| folder.local(&name)).collect()
}

fn cuts(folder: &Folder, name: &Expression, depth: usize) -> bool {
    let here = !walk::calls(name, "substr").is_empty();
    here || (depth < 4 && locals(folder, name).into_iter().any(|local| cuts(folder, local, depth + 1)))
}

fn leads_to_template(folder: &Folder, name: &Expression, depth: usize) -> bool {
    let here = walk::all(name).iter().any(|inner| matches!(inner, Expression::StringTemplate(_)));
    here || (depth < 4
        && locals(folder, name).into_iter().any(|local| leads_to_template(folder, local, depth + 1)))
}

// Every variable in the name has its length checked.
fn validates_length(folder: &Folder, name: &Expression) -> bool {
    let names = walk::references(name);
    let mut variables = names.iter().filter_map(|name| name.strip_prefix("var.")).peekable();
    let checked = |name: &str| {
        let name = name.split(['.', '[']).next().unwrap_or(name);
        folder.blocks("variable").filter(|item| item.label(0) == name).any(|item| {
            let blocks = item.nested("validation");
            blocks.iter().any(|block| {
                let condition = block.body.get_attribute("condition").map(|attribute| &attribute.value);
                condition.is_some_and(|condition| {
                    !walk::calls(condition, "length").is_empty()
                        || !walk::calls(condition, "regex").is_empty()
                })
            })
        })
    };
    variables.peek().is_some() && variables.all(checked)
}

fn resources<'a>(tree: &'a Tree, kind: &'a str, check: impl FnMut(Item<'a>)) {
    tree.folders.iter().flat_map(|folder| folder.resources(kind)).for_each(check);
}
