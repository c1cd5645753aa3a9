//! Schema Registries of an environment.

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use super::one_named;
use crate::cloud::Cloud;
use crate::json::{at, reference, text, text_value};
use crate::value::Value;

const PATH: &str = "/srcm/v3/clusters";

/// `confluent_schema_registry_cluster`: by id, by name, or the only one.
pub fn cluster(cloud: &Cloud, mut config: Value) -> Result<Value> {
    let environment = config.text("environment.0.id").to_owned();
    let api = cloud.control()?;
    let id = if !config.text("id").is_empty() {
        config.text("id").to_owned()
    } else {
        let all = all(cloud, &environment)?;
        let found = match config.text("display_name") {
            "" if all.len() > 1 => bail!("the environment {environment} has {} Schema Registries: give the id", all.len()),
            "" => all.into_iter().next().with_context(|| {
                format!("the environment {environment} has no Schema Registry: it comes with the first Kafka cluster")
            })?,
            name => one_named(all, "the Schema Registry", name)?,
        };
        text(&found, "id").to_owned()
    };
    let answer = api.get(&format!("{PATH}/{id}?environment={environment}"))?;
    show(&answer, &mut config);
    Ok(config)
}

/// `confluent_schema_registry_clusters`
pub fn clusters(cloud: &Cloud, mut config: Value) -> Result<Value> {
    let environment = config.text("environment.0.id").to_owned();
    let shown = all(cloud, &environment)?.into_iter().map(|answer| {
        let mut shown = Value::Map(Default::default());
        show(&answer, &mut shown);
        shown
    });
    let shown: Vec<Value> = shown.collect();
    config.set("id", environment);
    config.set("clusters", shown);
    Ok(config)
}

fn all(cloud: &Cloud, environment: &str) -> Result<Vec<Json>> {
    Ok(cloud.control()?.all(&format!("{PATH}?environment={environment}&page_size=99"))?)
}

fn show(answer: &Json, into: &mut Value) {
    for name in ["id", "api_version", "kind"] {
        into.set(name, text_value(answer, name));
    }
    for (name, path) in [
        ("catalog_endpoint", "spec.catalog_http_endpoint"),
        ("cloud", "spec.cloud"),
        ("display_name", "spec.display_name"),
        ("package", "spec.package"),
        ("private_rest_endpoint", "spec.private_http_endpoint"),
        ("region", "spec.region"),
        ("resource_name", "metadata.resource_name"),
        ("rest_endpoint", "spec.http_endpoint"),
    ] {
        into.set(name, text_value(answer, path));
    }
    into.set("environment", reference(answer, "spec.environment.id"));
    into.set(
        "private_regional_rest_endpoints",
        match at(answer, "spec.private_networking_config.regional_endpoints") {
            Json::Null => Value::Map(Default::default()),
            endpoints => Value::from(endpoints),
        },
    );
}
