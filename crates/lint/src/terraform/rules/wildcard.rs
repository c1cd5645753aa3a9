//! Permissions for everything, everywhere or everyone.

use crate::terraform::policy::{self, At};
use crate::terraform::rule::Rule;

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "wildcard-permission",
    code: "SL1121",
    summary: "an IAM statement that allows any action, any resource or any principal without saying why",
    help: "name what is needed; where AWS offers no narrower form, say why in a comment on the statement",
    check: |tree, report| {
        for policy in tree.folders.iter().flat_map(policy::of) {
            for statement in policy.statements.iter().filter(|statement| !statement.is_deny) {
                let at = At(statement.span.clone());
                let mut what = Vec::new();
                if let Some(action) = statement.actions.iter().find(|action| action.contains('*')) {
                    what.push(format!("action {action:?}"));
                }
                if statement.resources.iter().any(|resource| is_everything(resource)) {
                    what.push("any resource".to_owned());
                }
                if statement.principals.iter().any(|principal| principal == "*") {
                    what.push("any principal".to_owned());
                }
                if !what.is_empty() && !policy.file.has_reason(&at) {
                    let message =
                        format!("{} allows {} without a stated reason", policy.owner, what.join(" and "));
                    report.at(policy.file, &at, message);
                }
            }
        }
    },
}];

// `*`, and an ARN that names nothing but the service.
fn is_everything(resource: &str) -> bool {
    let name = resource.splitn(6, ':').nth(5);
    resource == "*" || (resource.starts_with("arn:") && name == Some("*"))
}
