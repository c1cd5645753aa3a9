//! The trust between Confluent's provider integration and a role in AWS.

use crate::terraform::folder::Folder;
use crate::terraform::policy::{self, At, Policy};
use crate::terraform::rule::Rule;
use crate::terraform::walk;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "confluent-account-principal",
        code: "SL1101",
        summary: "Confluent's organization taken for an AWS account",
        help: "trust the `iam_role_arn` of the provider integration; an organization's id is a UUID and has no `resource_id`",
        check: |tree, report| {
            for (file, _, value) in tree.folders.iter().flat_map(|folder| folder.attributes()) {
                for inner in walk::all(value) {
                    let Some(name) = walk::reference(inner) else { continue };
                    let is_organization = name.starts_with("data.confluent_organization.");
                    if is_organization && name.ends_with(".resource_id") {
                        report.at(file, inner, format!("{name} does not exist"));
                    }
                }
                for (text, span) in walk::texts(value) {
                    let of_organization = walk::references(value)
                        .iter()
                        .any(|name| name.starts_with("data.confluent_organization."));
                    if text.starts_with("arn:") && text.contains(":iam::") && of_organization {
                        report.at(file, &At(span), "an ARN is made of Confluent's organization id");
                    }
                }
            }
        },
    },
    Rule {
        id: "guessable-external-id",
        code: "SL1102",
        summary: "an external id that is not the provider integration's",
        help: "compare sts:ExternalId with the integration's `external_id`: Confluent sends that one, and nobody can guess it",
        check: |tree, report| {
            for policy in tree.folders.iter().filter(|folder| is_about_confluent(folder)).flat_map(policy::of)
            {
                for statement in &policy.statements {
                    for condition in
                        statement.conditions.iter().filter(|condition| condition.variable == "sts:ExternalId")
                    {
                        if !condition.values.iter().any(|value| value.contains("external_id")) {
                            let compared = condition.values.join(", ");
                            let message = format!("the external id is compared with {compared}");
                            report.at(policy.file, &At(statement.span.clone()), message);
                        }
                    }
                }
            }
        },
    },
    Rule {
        id: "integration-cycle",
        code: "SL1103",
        summary: "a provider integration that waits for its role",
        help: "build the role's ARN as a text, from account and name: the integration must come first, because the role trusts what it puts out",
        check: |tree, report| {
            for folder in &tree.folders {
                for item in folder.resources("confluent_provider_integration") {
                    for (key, value) in walk::attributes(&item.block.body) {
                        if key == "customer_role_arn" && leads_to_role(folder, value, 0) {
                            report.at(
                                item.file,
                                value,
                                format!("{} refers to an aws_iam_role", item.address()),
                            );
                        }
                    }
                }
            }
        },
    },
    Rule {
        id: "trust-without-tag-session",
        code: "SL1104",
        summary: "a trust policy for Confluent that does not allow sts:TagSession",
        help: "add a second statement that allows sts:TagSession to the same principal: Confluent tags its sessions and is refused without it",
        check: |tree, report| {
            for policy in tree.folders.iter().filter(|folder| is_about_confluent(folder)).flat_map(policy::of)
            {
                let has = |action: &str| policy.allowed_actions().any(|known| known == action);
                if trusts_confluent(&policy) && has("sts:AssumeRole") && !has("sts:TagSession") {
                    let message = format!("{} lets Confluent in without sts:TagSession", policy.owner);
                    report.at(policy.file, &At(policy.span.clone()), message);
                }
            }
        },
    },
    Rule {
        id: "s3-sink-actions",
        code: "SL1105",
        summary: "an S3 sink's policy that lacks what an upload in parts needs, or may delete",
        help: "allow s3:GetBucketLocation, s3:ListBucketMultipartUploads, s3:PutObject, s3:AbortMultipartUpload and s3:ListMultipartUploadParts, and no s3:DeleteObject: a sink never deletes",
        check: |tree, report| {
            for folder in
                tree.folders.iter().filter(|folder| folder.has_resource("confluent_provider_integration"))
            {
                let policies = policy::of(folder);
                let actions: Vec<&str> = policies.iter().flat_map(Policy::allowed_actions).collect();
                let missing: Vec<&str> =
                    SINK_ACTIONS.into_iter().filter(|action| !actions.contains(action)).collect();
                for policy in &policies {
                    let may = |action: &str| policy.allowed_actions().any(|known| known == action);
                    if may("s3:PutObject") && !missing.is_empty() {
                        let message =
                            format!("{} lets a sink write, but not {}", policy.owner, missing.join(", "));
                        report.at(policy.file, &At(policy.span.clone()), message);
                    }
                    if may("s3:DeleteObject") {
                        let message = format!("{} lets a sink delete objects", policy.owner);
                        report.at(policy.file, &At(policy.span.clone()), message);
                    }
                }
            }
        },
    },
    Rule {
        id: "computed-block-index",
        code: "SL1106",
        summary: "an index into a block that Confluent fills in",
        help: "write `one(confluent_network.this.aws[*].account)`: the block is empty while the provider is mocked, and for other clouds",
        check: |tree, report| {
            for (file, _, value) in tree.folders.iter().flat_map(|folder| folder.attributes()) {
                for inner in walk::all(value) {
                    let Some(name) = walk::reference(inner) else { continue };
                    if indexes_computed_block(&name) {
                        report.at(file, inner, format!("{name} fails when the block is empty"));
                    }
                }
            }
        },
    },
];

const SINK_ACTIONS: [&str; 5] = [
    "s3:GetBucketLocation",
    "s3:ListBucketMultipartUploads",
    "s3:PutObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
];

fn is_about_confluent(folder: &Folder) -> bool {
    folder.has_resource("confluent_provider_integration")
        || folder.attributes().any(|(_, _, value)| {
            walk::references(value)
                .iter()
                .any(|name| name.contains("provider_integration") || name.contains("confluent_"))
        })
}

fn trusts_confluent(policy: &Policy) -> bool {
    policy.statements.iter().any(|statement| {
        let by_id = statement.conditions.iter().any(|condition| condition.variable == "sts:ExternalId");
        let by_role = statement.principals.iter().any(|principal| principal.contains("iam_role_arn"));
        by_id || by_role
    })
}

fn leads_to_role(folder: &Folder, expression: &hcl_edit::expr::Expression, depth: usize) -> bool {
    walk::references(expression).iter().any(|name| {
        let local = name.strip_prefix("local.").map(|rest| rest.split(['.', '[']).next().unwrap_or(rest));
        let through_local = || {
            local
                .and_then(|local| folder.local(local))
                .is_some_and(|local| leads_to_role(folder, local, depth + 1))
        };
        name.starts_with("aws_iam_role.") || (depth < 8 && through_local())
    })
}

fn indexes_computed_block(name: &str) -> bool {
    let is_confluent = name.starts_with("confluent_") || name.starts_with("data.confluent_");
    let is_block = |segment: &str| {
        let Some(block) = segment.strip_suffix("[0]") else { return false };
        ["aws", "azure", "gcp"].iter().any(|cloud| block == *cloud || block.starts_with(&format!("{cloud}_")))
    };
    // The first two segments are type and name.
    is_confluent && name.split('.').skip(2).any(is_block)
}
