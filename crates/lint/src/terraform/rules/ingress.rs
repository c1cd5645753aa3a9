//! Who may come in.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};

use crate::network;
use crate::terraform::file::HclFile;
use crate::terraform::folder::Folder;
use crate::terraform::resolve::{self, Scope};
use crate::terraform::rule::{Report, Rule};
use crate::terraform::{value, walk};

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "world-open-ingress",
        code: "SL1201",
        summary: "ingress from the whole internet, in whatever parts it is written, also where a local or a variable's default says so",
        help: "name the networks or security groups that need to come in",
        check: |tree, report| {
            for folder in &tree.folders {
                for file in folder.all_files() {
                    let context = Context { folder, file, scope: Scope::default() };
                    look(&context, &file.body, report);
                }
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

/// Where an attribute stands, and what names mean there.
struct Context<'a> {
    folder: &'a Folder,
    file: &'a HclFile,
    scope: Scope<'a>,
}

// Egress and routes may lead anywhere; a condition names what it refuses.
fn look<'a>(context: &Context<'a>, body: &'a Body, report: &mut Report) {
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                attribute_is_open(context, attribute.key.as_str(), &attribute.value, report);
            }
            Structure::Block(block) if leaves(block) => {}
            Structure::Block(block) => {
                let scope = match block.body.has_attribute("for_each") {
                    true => Scope::of(context.folder, block),
                    false => context.scope.clone(),
                };
                look(&Context { scope, ..*context }, &block.body, report);
            }
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
fn attribute_is_open<'a>(context: &Context<'a>, key: &str, value: &'a Expression, report: &mut Report) {
    let name = key.to_ascii_lowercase();
    if name.contains("egress") || name.contains("destination") {
        return;
    }
    if ["cidr", "ingress", "allowed_ip"].iter().any(|part| name.contains(part)) {
        let networks = networks(context, value);
        if network::is_internet(networks.iter().map(|(text, _)| text.as_str())) {
            // The one network that is open, where it stands here; a part is no place of its own.
            let open =
                networks.iter().find(|(text, here)| here.is_some() && network::is_internet([text.as_str()]));
            let node = open.and_then(|(_, here)| *here).unwrap_or(value);
            report.at(context.file, node, format!("{key} lets the whole internet in"));
        }
        return;
    }
    let mut same = |inner: &'a Expression| attribute_is_open(context, key, inner, report);
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
                attribute_is_open(context, &name, member.expr(), report);
            }
        }
        _ => {}
    }
}

// Texts that a value can hold, and where each stands when that is in the value itself.
fn networks<'a>(context: &Context<'a>, value: &'a Expression) -> Vec<(String, Option<&'a Expression>)> {
    let mut found = Vec::new();
    let mut seen: Vec<*const Expression> = Vec::new();
    let mut open = vec![(value, true)];
    while let Some((expression, is_here)) = open.pop() {
        // A name can lead to the same place by many ways, and back to itself.
        if seen.contains(&std::ptr::from_ref(expression)) {
            continue;
        }
        seen.push(expression);
        for inner in walk::all(expression) {
            match inner {
                Expression::Traversal(_) => {
                    let meant =
                        resolve::candidates(context.folder, inner, &context.scope, 0).unwrap_or_default();
                    open.extend(meant.into_iter().map(|candidate| (candidate, false)));
                }
                other => found.extend(value::literal(other).map(|text| (text, is_here.then_some(other)))),
            }
        }
    }
    found
}
