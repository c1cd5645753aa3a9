//! Lists of an environment.

use anyhow::Result;
use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::json::{text, text_value};
use crate::resource::Collection;
use crate::resource::collection;
use crate::value::Value;

/// `confluent_kafka_clusters`
pub fn clusters(cloud: &Cloud, config: Value) -> Result<Value> {
    list(cloud, config, "confluent_kafka_cluster", "clusters", |_, _| true)
}

/// `confluent_gateways`, with its filter.
pub fn gateways(cloud: &Cloud, config: Value) -> Result<Value> {
    list(cloud, config, "confluent_gateway", "gateways", |config, gateway| {
        let paths = [
            ("gateway_type", "spec.config.kind"),
            ("id", "id"),
            ("region", "spec.config.region"),
            ("display_name", "spec.display_name"),
            ("phase", "status.phase"),
        ];
        paths.iter().all(|(name, path)| {
            let wanted = config.list(&format!("filter.0.{name}"));
            // A type is AwsEgressPrivateLink; its spec's kind says GatewaySpec behind that.
            let fits = |value: &Value| match value {
                Value::Text(wanted) => {
                    text(gateway, path) == wanted || text(gateway, path).starts_with(wanted.as_str())
                }
                _ => false,
            };
            wanted.is_empty() || wanted.iter().any(fits)
        })
    })
}

fn list(
    cloud: &Cloud,
    mut config: Value,
    of: &str,
    into: &str,
    is_wanted: impl Fn(&Value, &Json) -> bool,
) -> Result<Value> {
    let environment = config.text("environment.0.id").to_owned();
    let mut found = Vec::new();
    let kind: Option<&Collection> = collection(of);
    if let Some(kind) = kind {
        for answer in kind.list(&cloud.control()?, &environment)? {
            if is_wanted(&config, &answer) {
                let mut shown = Value::Map(Default::default());
                shown.set("id", text_value(&answer, "id"));
                (kind.show)(&answer, &mut shown)?;
                found.push(shown);
            }
        }
    }
    config.set("id", environment);
    config.set(into, found);
    Ok(config)
}
