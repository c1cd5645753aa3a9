//! What belongs into which stack: the Kafka and Schema Registry APIs are reached only from inside the network.

use crate::terraform::folder::Folder;
use crate::terraform::rule::Rule;

/// Resources that are made through a cluster's own private endpoint.
const DATA_PLANE: [&str; 9] = [
    "confluent_kafka_topic",
    "confluent_kafka_acl",
    "confluent_kafka_cluster_config",
    "confluent_schema",
    "confluent_subject_config",
    "confluent_subject_mode",
    "confluent_schema_registry_cluster_config",
    "confluent_tag",
    "confluent_tag_binding",
];

/// What makes a network private.
const PRIVATE: [&str; 3] =
    ["confluent_private_link_access", "confluent_network", "confluent_private_link_attachment"];

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "data-plane-in-foundation",
    code: "SL1231",
    summary: "topics, ACLs or schemas in the stack that makes the private network",
    help: "move them to the stack that is applied from inside the VPC: a hosted runner cannot reach the private endpoint, and its first apply would fail half-way",
    check: |tree, report| {
        for root in tree.folders.iter().filter(|folder| is_root(folder)) {
            let modules = tree.with_modules(root);
            let has = |kind: &str| modules.iter().any(|folder| folder.has_resource(kind));
            let private = PRIVATE.iter().any(|kind| has(kind)) || root.has_component("foundation");
            if !private {
                continue;
            }
            for item in DATA_PLANE.iter().flat_map(|kind| root.resources(kind)) {
                report.item(item, format!("{} needs the private endpoint", item.address()));
            }
            for call in root.blocks("module") {
                let Some(module) = call.module_path().and_then(|path| tree.folder(&path)) else { continue };
                let called = tree.with_modules(module);
                let made =
                    DATA_PLANE.iter().find(|kind| called.iter().any(|folder| folder.has_resource(kind)));
                if let Some(kind) = made {
                    report.item(
                        call,
                        format!("{} makes {kind}, which needs the private endpoint", call.address()),
                    );
                }
            }
        }
    },
}];

fn is_root(folder: &Folder) -> bool {
    !folder.is_module() && !folder.has_component("examples")
}
