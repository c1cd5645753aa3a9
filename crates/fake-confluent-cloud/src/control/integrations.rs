//! Provider integrations: how connectors take a role in a customer's AWS account.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::networks::ACCOUNT;
use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::{required, text};

pub(crate) struct Integrations;

static SHAPE: Shape = Shape {
    name: "provider_integration",
    path: "pim/v1/integrations",
    api_version: "pim/v1",
    kind: "Integration",
    id_prefix: "cspi",
    environment: Some("environment"),
    created: 201,
    missing: 404,
    slow_delete: false,
};

/// Integrations of an organization at most.
const QUOTA: usize = 100;
/// Characters of a name at most.
const NAME_MAX: usize = 60;

impl Collection for Integrations {
    fn shape(&self) -> &'static Shape {
        &SHAPE
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        let environment = SHAPE.environment_of(body).unwrap_or_default();
        format!("{}/provider-integration={id}", Cloud::environment_crn(environment))
    }

    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let name = required(sent, "display_name")?;
        if name.chars().count() > NAME_MAX {
            return Err(Refusal::bad(format!("display_name has more than {NAME_MAX} characters")));
        }
        let provider = required(sent, "provider")?.to_uppercase();
        super::networks::aws_only(&provider)?;
        let role = required(sent, "config.customer_iam_role_arn")?;
        if !role.starts_with("arn:aws") || !role.contains(":role/") {
            return Err(Refusal::bad(format!(
                "config.customer_iam_role_arn is not the ARN of a role: {role}"
            )));
        }
        let environment = SHAPE.environment_of(sent);
        let same = |it: &Value| {
            SHAPE.environment_of(it) == environment
                && text(it, "config.customer_iam_role_arn") == Some(role.as_str())
        };
        if let Some((other, _)) = cloud.all(SHAPE.name).find(|(_, it)| same(&it.body)) {
            return Err(Refusal::conflict(format!(
                "integration {other} of this environment has the same role"
            )));
        }
        if cloud.all(SHAPE.name).count() >= QUOTA {
            return Err(Refusal::new(
                402,
                format!("an organization has {QUOTA} provider integrations at most"),
            ));
        }
        let config = json!({
            "kind": "AwsIntegrationConfig", "customer_iam_role_arn": role,
            "iam_role_arn": format!("arn:aws:iam::{ACCOUNT}:role/{id}"), "external_id": cloud.ids.uuid(),
        });
        let body = json!({
            "display_name": name, "provider": provider, "config": config, "usages": [],
            "environment": sent["environment"],
        });
        Ok(Draft { body, ready: None })
    }

    fn keep(&self, _cloud: &Cloud, id: &str, body: &Value) -> Result<(), Refusal> {
        match body["usages"].as_array().and_then(|usages| usages.first()) {
            Some(usage) => {
                Err(Refusal::bad(format!("integration {id} is used by {usage}: delete that first")))
            }
            None => Ok(()),
        }
    }
}
