//! `confluent_connector` in Terraform.

use crate::terraform::rule::Rule;
use crate::terraform::{value, walk};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "connector-without-config",
        code: "SL1311",
        summary: "a confluent_connector without config_nonsensitive",
        help: "add `config_nonsensitive` with at least `name` and `connector.class`; the provider requires it",
        check: |tree, report| {
            for item in tree.folders.iter().flat_map(|folder| folder.resources("confluent_connector")) {
                if item.attribute("config_nonsensitive").is_none() {
                    report.item(item, format!("{} has no config_nonsensitive", item.address()));
                }
            }
        },
    },
    Rule {
        id: "connector-incomplete",
        code: "SL1312",
        summary: "a confluent_connector without its cluster, its environment, its name or its class",
        help: "add the blocks `environment` and `kafka_cluster`, and `name` and `connector.class` in config_nonsensitive; neither validate nor plan notices all of them",
        check: |tree, report| {
            for item in tree.folders.iter().flat_map(|folder| folder.resources("confluent_connector")) {
                for block in ["environment", "kafka_cluster"] {
                    if !item.has_nested(block) {
                        report.item(item, format!("{} has no block {block}", item.address()));
                    }
                }
                // An object that stands here in full can be judged; a reference cannot.
                let Some(config) = item.attribute("config_nonsensitive") else { continue };
                if config.as_object().is_none() {
                    continue;
                }
                for key in ["name", "connector.class"] {
                    if value::member(config, key).is_none() {
                        report.at(item.file, config, format!("{} has no {key:?}", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "whole-secret-as-password",
        code: "SL1313",
        summary: "a secret's whole JSON document used as the password",
        help: "decode it and take one member: `jsondecode(...secret_string)[\"password\"]`",
        check: |tree, report| {
            for folder in &tree.folders {
                for (file, key, attribute) in folder.attributes() {
                    let own = [(key.to_owned(), attribute)];
                    let members = walk::all(attribute).into_iter().flat_map(value::members);
                    for (key, value) in own.into_iter().chain(members) {
                        let is_whole =
                            walk::reference(value).is_some_and(|name| name.ends_with(".secret_string"));
                        if is_whole && crate::secret_name::is_secret(&key) {
                            report.at(file, value, format!("{key} gets the whole document"));
                        }
                    }
                }
            }
        },
    },
];
