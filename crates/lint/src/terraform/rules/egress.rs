//! The way from Confluent-hosted connectors to services in AWS.

use hcl_edit::structure::Block;

use crate::terraform::folder::{Folder, Item};
use crate::terraform::rule::Rule;
use crate::terraform::{value, walk};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "rds-management-endpoint",
        code: "SL1211",
        summary: "an endpoint to com.amazonaws.<region>.rds",
        help: "that service is the management API of RDS; reach a database through an endpoint service of your own in front of a load balancer",
        check: |tree, report| {
            for folder in &tree.folders {
                for file in folder.all_files() {
                    // What a condition or a message names is not used.
                    for (key, attribute) in walk::attributes(&file.body) {
                        if ["condition", "error_message", "description"].contains(&key) {
                            continue;
                        }
                        for inner in walk::all(attribute) {
                            let text = value::pattern(file, inner).unwrap_or_default();
                            if text.starts_with("com.amazonaws.") && text.ends_with(".rds") {
                                report.at(file, inner, format!("{text} is not the database"));
                            }
                        }
                    }
                }
            }
        },
    },
    Rule {
        id: "endpoint-service-principals",
        code: "SL1212",
        summary: "an endpoint service that nobody may attach to",
        help: "set `allowed_principals` to the gateway's `principal_arn`, which data.confluent_gateway puts out",
        check: |tree, report| {
            for folder in &tree.folders {
                let elsewhere = folder.has_resource("aws_vpc_endpoint_service_allowed_principal");
                for item in folder.resources("aws_vpc_endpoint_service") {
                    let list = item.attribute("allowed_principals");
                    let is_empty =
                        list.is_none_or(|list| list.as_array().is_some_and(|list| list.is_empty()));
                    if is_empty && !elsewhere {
                        report.item(item, format!("{} allows no principal", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "egress-without-dns",
        code: "SL1213",
        summary: "an egress access point without a DNS record, or with the name of one instance",
        help: "add `confluent_dns_record` with the cluster's writer endpoint as domain: without it connectors resolve the database's own name and never enter the endpoint, and an instance's name does not follow a failover",
        check: |tree, report| {
            for folder in &tree.folders {
                let points = folder.resources("confluent_access_point");
                for item in points.filter(|item| egress(*item).is_some()) {
                    if !folder.has_resource("confluent_dns_record") {
                        report.item(item, format!("{} has no confluent_dns_record", item.address()));
                    }
                }
                for item in folder.resources("confluent_dns_record") {
                    let Some(domain) = item.attribute("domain") else { continue };
                    for name in walk::references(domain) {
                        let one_instance = name.starts_with("aws_rds_cluster_instance.")
                            || name.starts_with("aws_db_instance.");
                        if one_instance || name.ends_with(".reader_endpoint") {
                            report.at(item.file, domain, format!("the domain is {name}, not the writer"));
                        }
                    }
                }
            }
        },
    },
    Rule {
        id: "egress-availability",
        code: "SL1214",
        summary: "an egress path that breaks with one zone, or that nobody accepts",
        help: "set `enable_high_availability` and cross-zone load balancing, and accept connections that wait for acceptance with `aws_vpc_endpoint_connection_accepter`",
        check: |tree, report| {
            for folder in &tree.folders {
                for item in folder.resources("confluent_access_point") {
                    let Some(endpoint) = egress(item) else { continue };
                    if endpoint.body.get_attribute("enable_high_availability").is_none() {
                        report.item(
                            item,
                            format!("{} does not set `enable_high_availability`", item.address()),
                        );
                    }
                }
                let services: Vec<_> = folder.resources("aws_vpc_endpoint_service").collect();
                let accepter = folder.has_resource("aws_vpc_endpoint_connection_accepter");
                for item in services.iter().filter(|item| item.flag("acceptance_required") == Some(true)) {
                    if !accepter {
                        report.item(*item, format!("nobody accepts connections to {}", item.address()));
                    }
                }
                for item in folder.resources("aws_lb").filter(|_| !services.is_empty()) {
                    let crosses = item.attribute("enable_cross_zone_load_balancing");
                    if crosses.is_none_or(|value| value.as_bool() == Some(false)) {
                        report.item(item, format!("{} does not balance across zones", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "gateway-endpoint-scope",
        code: "SL1215",
        summary: "a gateway endpoint of the VPC meant for Confluent-hosted connectors",
        help: "use an egress access point to com.amazonaws.<region>.s3 (or dynamodb) with a DNS record; a gateway endpoint serves only this VPC's own route tables, so keep it in a module for in-VPC clients",
        check: |tree, report| {
            for folder in &tree.folders {
                let hosted = ["confluent_access_point", "confluent_connector", "confluent_gateway"];
                if !hosted.iter().any(|kind| folder.has_resource(kind)) {
                    continue;
                }
                for item in folder.resources("aws_vpc_endpoint") {
                    let kind = item.text("vpc_endpoint_type");
                    let is_gateway = kind.as_deref().is_none_or(|kind| kind == "Gateway");
                    let service = item.attribute("service_name").map(walk::texts).unwrap_or_default();
                    let is_store =
                        service.iter().any(|(text, _)| text.ends_with("s3") || text.ends_with("dynamodb"));
                    if is_gateway && is_store {
                        report.item(item, format!("{} does nothing for hosted connectors", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "private-link-attachment",
        code: "SL1216",
        summary: "a Private Link attachment",
        help: "use an ingress gateway with an access point, which has replaced attachments; keep an existing one by an exception that says so",
        check: |tree, report| {
            for folder in &tree.folders {
                for kind in
                    ["confluent_private_link_attachment", "confluent_private_link_attachment_connection"]
                {
                    for item in folder.resources(kind) {
                        report.item(item, format!("{} is of the superseded kind", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "topic-before-dns",
        code: "SL1217",
        summary: "topics that do not wait for the names they are reached by",
        help: "add `depends_on` the DNS records, or keep topics in a stack that is applied after the network",
        check: |tree, report| {
            for folder in &tree.folders {
                let records: Vec<_> = folder.resources("aws_route53_record").collect();
                let private = folder.has_resource("confluent_private_link_access");
                for item in folder.resources("confluent_kafka_topic") {
                    let waits = item.attribute("depends_on").is_some_and(|list| {
                        walk::references(list)
                            .iter()
                            .any(|name| name.contains("route53") || name.contains("module."))
                    });
                    if private && !records.is_empty() && !waits {
                        report.item(item, format!("{} does not wait for the DNS records", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "one-time-probe",
        code: "SL1218",
        summary: "a check that runs once, on whichever machine applies",
        help: "use `check` blocks for what Terraform can see and a scheduled probe for what it cannot; a provisioner runs when the resource is made and never again",
        check: |tree, report| {
            for folder in &tree.folders {
                for item in folder.resources("null_resource") {
                    report.item(item, format!("{} does something once", item.address()));
                }
                for item in folder.blocks("resource").filter(|item| item.label(0) != "null_resource") {
                    for block in item.block.body.get_blocks("provisioner") {
                        report.at(item.file, block, format!("{} has a provisioner", item.address()));
                    }
                }
            }
        },
    },
];

fn egress(item: Item<'_>) -> Option<&Block> {
    item.nested("aws_egress_private_link_endpoint").first().copied()
}

/// Whether a load balancer of the folder stands behind an endpoint service.
pub(super) fn has_endpoint_service(folder: &Folder) -> bool {
    folder.has_resource("aws_vpc_endpoint_service")
}
