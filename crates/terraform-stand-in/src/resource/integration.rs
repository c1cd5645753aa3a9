//! Provider integrations: how connectors get an AWS role. Every change, the name's included, makes a new one with a
//! new external id.

use serde_json::json;

use super::Collection;
use crate::json::{at, element, reference, text_value};

/// `confluent_provider_integration`
pub static INTEGRATION: Collection = Collection {
    name: "the provider integration",
    path: "/pim/v1/integrations",
    in_environment: true,
    ready: &[],
    pending: &[],
    slow_delete: false,
    create: |state| {
        json!({
            "display_name": state.text("display_name"), "provider": "aws",
            "environment": {"id": state.text("environment.0.id")},
            "config": {
                "kind": "AwsIntegrationConfig", "customer_iam_role_arn": state.text("aws.0.customer_role_arn"),
            },
        })
    },
    change: |_, _| None,
    show: |answer, state| {
        state.set("display_name", text_value(answer, "display_name"));
        state.set("environment", reference(answer, "environment.id"));
        state.set("usages", at(answer, "usages"));
        state.set(
            "aws",
            element([
                ("customer_role_arn", text_value(answer, "config.customer_iam_role_arn")),
                ("iam_role_arn", text_value(answer, "config.iam_role_arn")),
                ("external_id", text_value(answer, "config.external_id")),
            ]),
        );
        Ok(())
    },
};
