//! What keeps a slip from destroying data.

use crate::terraform::rule::Rule;
use crate::terraform::{value, walk};

/// Resources with a switch against deletion, and the switch.
const SWITCHES: [(&str, &str); 4] = [
    ("confluent_kafka_cluster", "deletion_protection"),
    ("aws_rds_cluster", "deletion_protection"),
    ("aws_db_instance", "deletion_protection"),
    ("aws_dynamodb_table", "deletion_protection_enabled"),
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "deletion-protection",
        code: "SL1441",
        summary: "a cluster, database or table that does not say whether it is protected against deletion, or is not in production",
        help: "set the switch on the resource, from a variable where environments differ, and leave it on in production",
        check: |tree, report| {
            for folder in &tree.folders {
                for (kind, switch) in SWITCHES {
                    for item in folder.resources(kind) {
                        if item.attribute(switch).is_none() {
                            report.item(item, format!("{} does not set `{switch}`", item.address()));
                        }
                    }
                }
                if !folder.is_production() {
                    continue;
                }
                for file in folder.all_files() {
                    for (key, attribute) in walk::attributes(&file.body) {
                        let own = [(key.to_owned(), attribute)];
                        let members = walk::all(attribute).into_iter().flat_map(value::members);
                        for (key, value) in own.into_iter().chain(members) {
                            if key.contains("deletion_protection") && value.as_bool() == Some(false) {
                                report.at(file, value, format!("{key} is off in production"));
                            }
                            if (key == "force_destroy" || key == "skip_final_snapshot")
                                && value.as_bool() == Some(true)
                            {
                                report.at(file, value, format!("{key} is on in production"));
                            }
                        }
                    }
                }
            }
        },
    },
    Rule {
        id: "prevent-destroy-off",
        code: "SL1442",
        summary: "prevent_destroy = false",
        help: "set it to true where data lives, or leave the line out: false says that somebody thought about it and decided against",
        check: |tree, report| {
            for item in tree.folders.iter().flat_map(|folder| folder.blocks("resource")) {
                for block in item.nested("lifecycle") {
                    let Some(attribute) = block.body.get_attribute("prevent_destroy") else { continue };
                    if attribute.value.as_bool() == Some(false) {
                        report.at(item.file, attribute, format!("{} may be destroyed", item.address()));
                    }
                }
            }
        },
    },
];
