//! Who may come in.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};

use crate::terraform::file::HclFile;
use crate::terraform::rule::{Report, Rule};
use crate::terraform::{value, walk};

const WORLD: [&str; 2] = ["0.0.0.0/0", "::/0"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "world-open-ingress",
        code: "SL1201",
        summary: "ingress from the whole internet",
        help: "name the networks or security groups that need to come in",
        check: |tree, report| {
            for file in tree.folders.iter().flat_map(|folder| folder.all_files()) {
                look(file, &file.body, report);
            }
        },
    },
    Rule {
        id: "public-private-dns",
        code: "SL1202",
        summary: "an endpoint to Confluent's service with private DNS switched on",
        help: "set `private_dns_enabled = false`: Confluent's service has no private name, and the endpoint would not be made; a private zone does the naming",
        check: |tree, report| {
            for folder in &tree.folders {
                for item in folder.resources("aws_vpc_endpoint") {
                    let service = item.attribute("service_name").map(walk::references).unwrap_or_default();
                    let to_confluent =
                        service.iter().any(|name| name.contains("private_link_endpoint_service"));
                    if to_confluent && item.flag("private_dns_enabled") == Some(true) {
                        report.item(item, format!("{} has private DNS", item.address()));
                    }
                }
            }
        },
    },
];

// Egress and routes may lead anywhere; a condition names what it refuses.
fn look(file: &HclFile, body: &Body, report: &mut Report) {
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                attribute_is_open(file, attribute.key.as_str(), &attribute.value, report);
            }
            Structure::Block(block) if leaves(block) => {}
            Structure::Block(block) => look(file, &block.body, report),
        }
    }
}

fn leaves(block: &Block) -> bool {
    let label = block.labels.first().map_or("", |label| label.as_str());
    let is_egress_rule = block.body.get_attribute("type").and_then(|kind| value::literal(&kind.value));
    block.has_ident("egress")
        || block.has_ident("validation")
        || block.has_ident("route")
        || (block.has_ident("dynamic") && label == "egress")
        || label.contains("egress")
        || label.starts_with("aws_route")
        || label.starts_with("aws_network_acl")
        || (label == "aws_security_group_rule" && is_egress_rule.as_deref() == Some("egress"))
}

// A list of networks, an object that has one, or whatever holds such objects.
fn attribute_is_open(file: &HclFile, key: &str, value: &Expression, report: &mut Report) {
    let name = key.to_ascii_lowercase();
    if name.contains("egress") || name.contains("destination") {
        return;
    }
    if ["cidr", "ingress", "allowed_ip"].iter().any(|part| name.contains(part)) {
        for inner in walk::all(value) {
            if value::literal(inner).is_some_and(|text| WORLD.contains(&text.as_str())) {
                report.at(file, inner, format!("{key} lets the whole internet in"));
            }
        }
        return;
    }
    let mut same = |inner: &Expression| attribute_is_open(file, key, inner, report);
    match value {
        Expression::Array(list) => list.iter().for_each(same),
        Expression::FuncCall(call) => call.args.iter().for_each(same),
        Expression::Parenthesis(inner) => same(inner.inner()),
        Expression::Conditional(choice) => {
            same(&choice.true_expr);
            same(&choice.false_expr);
        }
        Expression::ForExpr(each) => {
            same(&each.intro.collection_expr);
            same(&each.value_expr);
        }
        Expression::Object(object) => {
            for (name, member) in object {
                let name = value::key_text(name).unwrap_or_default();
                attribute_is_open(file, &name, member.expr(), report);
            }
        }
        _ => {}
    }
}
