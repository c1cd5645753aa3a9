//! The network load balancer between an endpoint service and a database.

use super::egress::has_endpoint_service;
use crate::terraform::folder::Folder;
use crate::terraform::rule::Rule;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "load-balancer-wiring",
        code: "SL1221",
        summary: "a load balancer behind an endpoint service that leads nowhere",
        help: "add a listener and a target group with `target_type = \"ip\"`: the default kind, instance, can hold no database",
        check: |tree, report| {
            for folder in tree.folders.iter().filter(|folder| has_endpoint_service(folder)) {
                let groups: Vec<_> = folder.resources("aws_lb_target_group").collect();
                for item in folder.resources("aws_lb") {
                    if groups.is_empty() || !folder.has_resource("aws_lb_listener") {
                        report.item(item, format!("{} has no listener or no target group", item.address()));
                    }
                }
                for item in groups.iter().filter(|item| item.text("target_type").as_deref() != Some("ip")) {
                    report.item(*item, format!("{} takes no addresses", item.address()));
                }
            }
        },
    },
    Rule {
        id: "stale-targets",
        code: "SL1222",
        summary: "a target group of addresses that nothing keeps up to date",
        help: "run `sluice aws refresh-targets` on a schedule and on RDS events, and alarm on UnHealthyHostCount: a database's address changes on failover and replacement",
        check: |tree, report| {
            for folder in tree.folders.iter().filter(|folder| has_endpoint_service(folder)) {
                let groups = folder.resources("aws_lb_target_group");
                let on_schedule = folder.has_resource("aws_scheduler_schedule")
                    || folder
                        .resources("aws_cloudwatch_event_rule")
                        .any(|item| item.attribute("schedule_expression").is_some());
                for item in groups.filter(|item| item.text("target_type").as_deref() == Some("ip")) {
                    if !on_schedule {
                        report.item(
                            item,
                            format!("nothing refreshes the targets of {} on a schedule", item.address()),
                        );
                    }
                }
            }
            let watched = tree.folders.iter().any(|folder| folder.says("UnHealthyHostCount"));
            for folder in tree.folders.iter().filter(|folder| has_endpoint_service(folder)) {
                let balancers = folder.resources("aws_lb").filter(|_| !watched);
                for item in balancers {
                    report.item(item, format!("no alarm looks at the targets of {}", item.address()));
                }
            }
        },
    },
    Rule {
        id: "load-balancer-enforcement",
        code: "SL1223",
        summary: "a load balancer that applies its security group to Private Link traffic",
        help: "set `enforce_security_group_inbound_rules_on_private_link_traffic = \"off\"`: the source addresses are Confluent's, which no rule here can name",
        check: |tree, report| {
            for folder in tree.folders.iter().filter(|folder| has_endpoint_service(folder)) {
                for item in
                    folder.resources("aws_lb").filter(|item| item.attribute("security_groups").is_some())
                {
                    let enforced = item.text("enforce_security_group_inbound_rules_on_private_link_traffic");
                    if enforced.as_deref() != Some("off") {
                        report.item(item, format!("{} drops what comes by Private Link", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "rds-proxy-for-cdc",
        code: "SL1224",
        summary: "RDS Proxy in front of a database whose changes are captured",
        help: "let the connector use the cluster's writer endpoint: RDS Proxy rejects replication connections",
        check: |tree, report| {
            for folder in &tree.folders {
                for item in folder.resources("aws_db_proxy").filter(|_| captures_changes(folder)) {
                    report.item(item, format!("{} cannot carry logical replication", item.address()));
                }
            }
            for connector in tree.connectors.iter().filter(|connector| super::cdc::is_cdc(&connector.class()))
            {
                for key in ["database.hostname", "database.server.name"] {
                    if connector.text(key).is_some_and(|host| host.contains(".proxy-")) {
                        report.key(connector, key, "the connector reads changes through RDS Proxy");
                    }
                }
            }
        },
    },
];

/// Whether the folder's database writes what logical replication needs.
pub(super) fn captures_changes(folder: &Folder) -> bool {
    folder.says("rds.logical_replication")
}
