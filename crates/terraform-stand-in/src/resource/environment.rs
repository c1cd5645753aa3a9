//! Environments.

use serde_json::json;

use super::Collection;
use crate::json::{element, text, text_value};
use crate::value::Value;

/// `confluent_environment`
pub static ENVIRONMENT: Collection = Collection {
    name: "the environment",
    path: "/org/v2/environments",
    in_environment: false,
    ready: &[],
    pending: &[],
    slow_delete: false,
    create: |state| {
        let mut body = json!({"display_name": state.text("display_name")});
        let package = state.text("stream_governance.0.package");
        if !package.is_empty() {
            body["stream_governance_config"] = json!({"package": package});
        }
        body
    },
    change: |prior, state| {
        let mut body = json!({});
        if prior.at("display_name") != state.at("display_name") {
            body["display_name"] = json!(state.text("display_name"));
        }
        let package = state.text("stream_governance.0.package");
        if package != prior.text("stream_governance.0.package") {
            body["stream_governance_config"] = json!({"package": package});
        }
        Some(body)
    },
    show: |answer, state| {
        state.set("display_name", text_value(answer, "display_name"));
        state.set("resource_name", text_value(answer, "metadata.resource_name"));
        state.set(
            "stream_governance",
            match text(answer, "stream_governance_config.package") {
                "" => Value::List(Vec::new()),
                package => element([("package", Value::from(package))]),
            },
        );
        Ok(())
    },
};
