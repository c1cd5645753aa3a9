//! Aurora Serverless.

use hcl_edit::expr::Expression;

use super::load_balancer::captures_changes;
use crate::terraform::resolve::{self, Scope};
use crate::terraform::rule::Rule;

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "aurora-pause-with-cdc",
    code: "SL1421",
    summary: "a database that is to pause while its changes are captured",
    help: "set a minimum of 0.5 or more: the connector's connection keeps the database awake, so 0 saves nothing",
    check: |tree, report| {
        for folder in tree.folders.iter().filter(|folder| captures_changes(folder)) {
            for item in folder.resources("aws_rds_cluster") {
                for block in item.nested("serverlessv2_scaling_configuration") {
                    let Some(minimum) = block.body.get_attribute("min_capacity") else { continue };
                    let candidates =
                        resolve::candidates(folder, &minimum.value, &Scope::default(), 0).unwrap_or_default();
                    if candidates.iter().any(|value| is_zero(value)) {
                        report.at(
                            item.file,
                            minimum,
                            format!("{} may pause, but changes are captured", item.address()),
                        );
                    }
                }
            }
        }
    },
}];

fn is_zero(value: &Expression) -> bool {
    value.as_number().and_then(|number| number.as_f64()) == Some(0.0)
}
