//! Buckets.

use crate::terraform::rule::Rule;

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "replication-without-versioning",
    code: "SL1431",
    summary: "replication of a bucket that is not versioned first, or that passes over encrypted objects",
    help: "let the replication depend on `aws_s3_bucket_versioning`, and with a replica key set `source_selection_criteria`: without it S3 skips what KMS has encrypted",
    check: |tree, report| {
        for folder in &tree.folders {
            for item in folder.resources("aws_s3_bucket_replication_configuration") {
                if !folder.has_resource("aws_s3_bucket_versioning") {
                    report.item(item, format!("{} has no versioned bucket beside it", item.address()));
                }
                for rule in item.nested("rule") {
                    let has_key = crate::terraform::walk::attributes(&rule.body)
                        .iter()
                        .any(|(key, _)| *key == "replica_kms_key_id");
                    let selects =
                        !crate::terraform::folder::nested(&rule.body, "source_selection_criteria").is_empty();
                    if has_key && !selects {
                        report.at(
                            item.file,
                            rule,
                            format!("{} passes over encrypted objects", item.address()),
                        );
                    }
                }
            }
        }
    },
}];
