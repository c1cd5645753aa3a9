//! Alarms that can fire, and somebody who hears them.

use crate::terraform::rule::Rule;
use crate::terraform::walk;
use hcl_edit::expr::Expression;

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "alarm-number",
        code: "SL1411",
        summary: "a number of an alarm written as text",
        help: "write numbers as numbers; only connector settings are texts",
        check: |tree, report| {
            for item in tree.folders.iter().flat_map(|folder| folder.resources("aws_cloudwatch_metric_alarm"))
            {
                for key in ["period", "threshold", "evaluation_periods", "datapoints_to_alarm"] {
                    if let Some(text @ Expression::String(_)) = item.attribute(key) {
                        report.at(item.file, text, format!("{key} of {} is a text", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "alarm-missing-data",
        code: "SL1412",
        summary: "an alarm that does not say what missing data means",
        help: "set `treat_missing_data`; for what reports regularly, `breaching`: silence is the failure",
        check: |tree, report| {
            for item in tree.folders.iter().flat_map(|folder| folder.resources("aws_cloudwatch_metric_alarm"))
            {
                if item.attribute("treat_missing_data").is_none() {
                    report.item(item, format!("{} does not set `treat_missing_data`", item.address()));
                }
            }
        },
    },
    Rule {
        id: "unheard-topic",
        code: "SL1413",
        summary: "an SNS topic that nobody hears, or that CloudWatch may not publish to",
        help: "add a subscription and a policy that lets cloudwatch.amazonaws.com publish; with encryption use a key of your own that this principal may use, alias/aws/sns cannot be shared",
        check: |tree, report| {
            for folder in &tree.folders {
                for item in folder.resources("aws_sns_topic") {
                    if !folder.has_resource("aws_sns_topic_subscription") {
                        report.item(item, format!("{} has no subscription", item.address()));
                    }
                    let has_policy =
                        item.attribute("policy").is_some() || folder.has_resource("aws_sns_topic_policy");
                    if !has_policy {
                        report.item(item, format!("{} has no policy for CloudWatch", item.address()));
                    }
                    if item.text("kms_master_key_id").as_deref() == Some("alias/aws/sns") {
                        report
                            .item(item, format!("{} uses a key that CloudWatch cannot use", item.address()));
                    }
                }
            }
        },
    },
    Rule {
        id: "log-group-for-managed",
        code: "SL1414",
        summary: "a log group for managed connectors, into which nothing writes",
        help: "read their logs with `confluent connect logs` or from the log-event topic; CloudWatch has the logs of self-managed workers only",
        check: |tree, report| {
            for item in tree.folders.iter().flat_map(|folder| folder.resources("aws_cloudwatch_log_group")) {
                let texts = item.attribute("name").map(walk::texts).unwrap_or_default();
                let name =
                    texts.iter().map(|(text, _)| text.to_ascii_lowercase()).collect::<Vec<_>>().join(" ");
                if name.contains("confluent") || name.contains("lcc-") || name.contains("managed-connector") {
                    report.item(item, format!("{} is for connectors that log elsewhere", item.address()));
                }
            }
        },
    },
];
