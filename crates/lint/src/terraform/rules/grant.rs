//! What connectors and teams are allowed in Confluent Cloud.

use hcl_edit::expr::Expression;

use crate::terraform::policy::At;
use crate::terraform::resolve::{self, Scope};
use crate::terraform::rule::{Report, Rule};
use crate::terraform::tree::Tree;
use crate::terraform::{value, walk};

/// Roles of Confluent Cloud.
pub(crate) const ROLES: [&str; 20] = [
    "AccountAdmin",
    "Assigner",
    "BillingAdmin",
    "CloudClusterAdmin",
    "ConnectManager",
    "DataDiscovery",
    "DataSteward",
    "DeveloperManage",
    "DeveloperRead",
    "DeveloperWrite",
    "EnvironmentAdmin",
    "FlinkAdmin",
    "FlinkDeveloper",
    "KsqlAdmin",
    "MetricsViewer",
    "NetworkAdmin",
    "Operator",
    "OrganizationAdmin",
    "ResourceKeyAdmin",
    "ResourceOwner",
];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "connect-topic-grant",
        code: "SL1111",
        summary: "a connector's identity that owns topics, or is granted topics by the prefix connect-",
        help: "grant DeveloperRead, DeveloperWrite or DeveloperManage on the data topics and on dlq-lcc*: a managed connector's internal topics are not in your cluster, and ResourceOwner could pass rights on",
        check: |tree, report| {
            for folder in &tree.folders {
                for (file, _, attribute) in folder.attributes() {
                    for (text, span) in walk::texts(attribute) {
                        if text.contains("topic=connect-*") || text.contains("topic=connect*") {
                            report.at(file, &At(span), "rights on topics by the prefix connect-");
                        }
                    }
                    for object in walk::all(attribute) {
                        let members: Vec<_> = value::members(object).map(|(_, value)| value).collect();
                        if owns_topics(&members) {
                            report.at(file, object, "ResourceOwner of topics");
                        }
                    }
                }
                for item in folder.resources("confluent_role_binding") {
                    let members: Vec<_> =
                        item.block.body.attributes().map(|attribute| &attribute.value).collect();
                    if owns_topics(&members) {
                        report.item(item, format!("{} gives ResourceOwner of topics", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "incomplete-connector-grants",
        code: "SL1112",
        summary: "a managed connector's identity that lacks its consumer group, its subjects or the cluster",
        help: "beside topics grant the group connect-lcc-*, the subjects (`SR/subject=...`) and, with ACLs, DESCRIBE of the cluster; a connector without one of them is created and then fails",
        check: incomplete_grants,
    },
    Rule {
        id: "rbac-on-basic",
        code: "SL1113",
        summary: "role bindings for topics or connectors of a Basic cluster",
        help: "use ACLs, or a Standard, Enterprise, Dedicated or Freight cluster: Basic clusters know no roles below the cluster",
        check: rbac_on_basic,
    },
    Rule {
        id: "role-name",
        code: "SL1114",
        summary: "a role that Confluent Cloud does not have",
        help: "use one of AccountAdmin, Assigner, BillingAdmin, CloudClusterAdmin, ConnectManager, DataDiscovery, DataSteward, DeveloperManage, DeveloperRead, DeveloperWrite, EnvironmentAdmin, FlinkAdmin, FlinkDeveloper, KsqlAdmin, MetricsViewer, NetworkAdmin, Operator, OrganizationAdmin, ResourceKeyAdmin, ResourceOwner; neither validate nor plan would notice",
        check: role_names,
    },
];

fn owns_topics(members: &[&Expression]) -> bool {
    let is_owner = members.iter().any(|value| value::literal(value).as_deref() == Some("ResourceOwner"));
    is_owner && members.iter().any(|value| walk::texts(value).iter().any(|(text, _)| text.contains("topic=")))
}

fn incomplete_grants(tree: &Tree, report: &mut Report) {
    for folder in &tree.folders {
        let by_role = folder.has_resource("confluent_role_binding") && folder.says("dlq-lcc");
        let by_acl = folder.has_resource("confluent_kafka_acl") && folder.says("dlq-lcc");
        let needs: Vec<(&str, &str)> = match (by_role, by_acl) {
            (true, _) => vec![("group=connect-lcc", "its consumer group"), ("subject=", "subjects")],
            (false, true) => {
                vec![("connect-lcc", "its consumer group"), ("DESCRIBE", "DESCRIBE of the cluster")]
            }
            (false, false) => continue,
        };
        let missing: Vec<&str> =
            needs.iter().filter(|(text, _)| !folder.says(text)).map(|(_, what)| *what).collect();
        let kind = if by_role { "confluent_role_binding" } else { "confluent_kafka_acl" };
        if let Some(item) = folder.resources(kind).next()
            && !missing.is_empty()
        {
            report.item(item, format!("the identity of connectors is not granted {}", missing.join(" and ")));
        }
    }
}

fn rbac_on_basic(tree: &Tree, report: &mut Report) {
    for folder in &tree.folders {
        let has_basic = folder
            .resources("confluent_kafka_cluster")
            .any(|item| item.block.body.get_blocks("basic").next().is_some())
            || folder.blocks("module").any(|call| {
                let kind = call.attribute("cluster").and_then(|cluster| value::member(cluster, "type"));
                let kind = kind.and_then(|kind| resolve::texts(folder, kind, &Scope::default()));
                kind.is_some_and(|kinds| kinds.iter().any(|kind| kind == "basic"))
            });
        if !has_basic {
            continue;
        }
        for item in folder.resources("confluent_role_binding") {
            let pattern = item.attribute("crn_pattern").map(walk::texts).unwrap_or_default();
            let fine = |text: &str| {
                ["topic=", "group=", "connector=", "transactional-id="].iter().any(|key| text.contains(key))
            };
            if pattern.iter().any(|(text, _)| fine(text)) {
                report.item(item, format!("{} is for a part of a Basic cluster", item.address()));
            }
        }
        for call in folder.blocks("module") {
            let path = call.module_path().unwrap_or_default();
            if path.ends_with("service-accounts") || path.ends_with("kafka-connect-cluster/managed") {
                report.item(call, format!("{} binds roles, but the cluster is Basic", call.address()));
            }
        }
    }
}

fn role_names(tree: &Tree, report: &mut Report) {
    for folder in &tree.folders {
        for item in folder.resources("confluent_role_binding") {
            let scope = Scope::of(folder, item.block);
            let Some(role) = item.attribute("role_name") else { continue };
            for name in resolve::texts(folder, role, &scope).unwrap_or_default() {
                if !ROLES.contains(&name.as_str()) {
                    report.at(item.file, role, format!("there is no role {name:?}"));
                }
            }
        }
        // Roles that are handed to modules, come from variable files, or stand in a table of grants.
        let binds = folder.has_resource("confluent_role_binding");
        for file in folder.all_files() {
            for (_, attribute) in walk::attributes(&file.body) {
                for inner in walk::all(attribute) {
                    for named in named_roles(inner, binds) {
                        let name = value::literal(named).unwrap_or_default();
                        if looks_like_role(&name) && !ROLES.contains(&name.as_str()) {
                            report.at(file, named, format!("there is no role {name:?}"));
                        }
                    }
                }
            }
        }
    }
}

// What an object calls a role, and what a loop over roles goes through.
fn named_roles(expression: &Expression, binds: bool) -> Vec<&Expression> {
    let is_role = |key: &str| key == "role_name" || key == "roles" || (binds && key == "role");
    let mut found: Vec<&Expression> = value::members(expression)
        .filter(|(key, _)| is_role(key))
        .flat_map(|(_, value)| walk::all(value))
        .collect();
    if let Expression::ForExpr(each) = expression
        && is_role(each.intro.value_var.as_str())
    {
        found.extend(walk::all(&each.intro.collection_expr));
    }
    found
}

// Confluent's roles are words in camel case; roles of AWS have other forms.
fn looks_like_role(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
        && name.chars().any(|c| c.is_ascii_lowercase())
}
