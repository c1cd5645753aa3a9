//! Reads that Terraform puts off until apply, so that everything behind them looks new.

use hcl_edit::Span;
use hcl_edit::structure::{Attribute, Block};

use super::declaration::each;
use crate::terraform::rule::Rule;
use crate::terraform::walk;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "data-depends-on",
        code: "SL1021",
        summary: "depends_on in a data block",
        help: "remove it and take an argument through a local that reads the resource: with depends_on, any change of that resource puts off the read and replaces what hangs on it, such as the Schema Registry's key, schemas and subject configs",
        check: |tree, report| {
            each(tree, "data", |item| {
                if let Some(attribute) = item.block.body.get_attribute("depends_on") {
                    report.at(item.file, attribute, format!("{} has depends_on", item.address()));
                }
            });
        },
    },
    Rule {
        id: "deferred-lookup",
        code: "SL1022",
        summary: "a lookup of Confluent's Schema Registry or gateway that names the cluster or network directly",
        help: "route the id through a local: `locals { sr_environment_id = confluent_kafka_cluster.this.environment[0].id }`; named directly, a resize of the cluster puts off the read and replaces every schema",
        check: |tree, report| {
            each(tree, "data", |item| {
                let changing = match item.label(0) {
                    "confluent_schema_registry_cluster" => "confluent_kafka_cluster.",
                    "confluent_gateway" => "confluent_network.",
                    _ => return,
                };
                for attribute in
                    attributes(item.block).into_iter().filter(|attribute| !attribute.has_key("depends_on"))
                {
                    let named = walk::references(&attribute.value);
                    if let Some(name) = named.iter().find(|name| name.starts_with(changing)) {
                        let message =
                            format!("{} is read again whenever {name} has a change to come", item.address());
                        report.at(item.file, attribute, message);
                    }
                }
            });
        },
    },
];

fn attributes(block: &Block) -> Vec<&Attribute> {
    let mut found: Vec<&Attribute> = block.body.attributes().collect();
    found.extend(block.body.blocks().flat_map(attributes));
    found.sort_by_key(|attribute| attribute.span().map(|span| span.start));
    found
}
