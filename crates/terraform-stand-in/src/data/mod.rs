//! Data sources: what is looked up, and how it is found.

mod clusters;
mod of_cluster;
mod organization;
mod registry;

use anyhow::{Result, bail};
use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::json::text;
use crate::resource::{Collection, collection};
use crate::value::Value;

/// Reads a data source: the configuration, filled in.
///
/// # Errors
/// When nothing, or more than one thing, is found; when the data source is declared but not forwarded.
pub fn read(cloud: &Cloud, name: &str, config: Value) -> Result<Value> {
    match name.strip_prefix("confluent_").unwrap_or(name) {
        "organization" => organization::read(cloud, config),
        "user" => organization::user(cloud, config),
        "environments" => organization::ids(cloud, config, "/org/v2/environments"),
        "users" => organization::ids(cloud, config, "/iam/v2/users"),
        "kafka_clusters" => clusters::clusters(cloud, config),
        "gateways" => clusters::gateways(cloud, config),
        "kafka_topic" => of_cluster::topic(cloud, config),
        "schema_registry_cluster" => registry::cluster(cloud, config),
        "schema_registry_clusters" => registry::clusters(cloud, config),
        "schema" => of_cluster::schema(cloud, config),
        "subject_config"
        | "subject_mode"
        | "schema_registry_cluster_config"
        | "schema_registry_cluster_mode"
        | "tag" => of_cluster::by_resource(cloud, name, config),
        _ => match collection(name) {
            Some(collection) => of_collection(cloud, collection, config),
            None => bail!(
                "this stand-in declares {name} but does not look it up. It is good for validate, and for tests that mock it"
            ),
        },
    }
}

/// By id or by name.
fn of_collection(cloud: &Cloud, collection: &Collection, mut config: Value) -> Result<Value> {
    let api = cloud.control()?;
    let environment = config.text("environment.0.id").to_owned();
    let (id, name) = (config.text("id").to_owned(), config.text("display_name").to_owned());
    let answer = if id.is_empty() {
        let all = collection.list(&api, &environment)?;
        one_named(all, collection.name, &name)?
    } else {
        api.get(&collection.one(&environment, &id))?
    };
    config.set("id", text(&answer, "id"));
    (collection.show)(&answer, &mut config)?;
    Ok(config)
}

/// The only object of a name, wherever the name is.
fn one_named(all: Vec<Json>, what: &str, name: &str) -> Result<Json> {
    let is_named =
        |object: &Json| text(object, "display_name") == name || text(object, "spec.display_name") == name;
    let mut named: Vec<Json> = all.into_iter().filter(is_named).collect();
    match named.len() {
        1 => Ok(named.remove(0)),
        0 => bail!("{what} {name:?} was not found"),
        count => bail!("{count} objects are named {name:?}: give the id of {what}"),
    }
}
