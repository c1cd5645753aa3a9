//! ACLs, by Kafka REST. An ACL has no id: all of its seven fields are its identity.

use anyhow::{Context, Result, bail};
use serde_json::{Map, json};

use super::imported::kafka_state;
use super::{Failed, Resource};
use crate::cloud::{Cloud, escaped, path};
use crate::json::{at, text};
use crate::value::Value;

/// `confluent_kafka_acl`
pub struct Acl;

/// In the order of the import id.
const FIELDS: [&str; 7] =
    ["resource_type", "resource_name", "pattern_type", "principal", "host", "operation", "permission"];

fn acls(cluster: &str) -> String {
    path(&["kafka", "v3", "clusters", cluster, "acls"])
}

fn filtered(cluster: &str, state: &Value) -> String {
    let filters: Vec<String> =
        FIELDS.iter().map(|field| format!("{field}={}", escaped(state.text(field)))).collect();
    format!("{}?{}", acls(cluster), filters.join("&"))
}

impl Resource for Acl {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let (cluster, api) = cloud.kafka_of(&state)?;
        let body: Map<_, _> =
            FIELDS.iter().map(|field| ((*field).to_owned(), json!(state.text(field)))).collect();
        api.post(&acls(&cluster), &body.into())?;
        let fields = FIELDS.map(|field| state.text(field).to_owned());
        state.set("id", format!("{cluster}/{}", fields.join("#")));
        Ok(self.read(cloud, state)?.context("the ACL was made but is not listed")?)
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        let (cluster, api) = cloud.kafka_of(&state)?;
        let found = match api.get(&filtered(&cluster, &state)) {
            Ok(found) => found,
            Err(failure) if failure.is_not_found() => return Ok(None),
            Err(failure) => return Err(failure.into()),
        };
        match at(&found, "data").as_array().map_or(&[][..], Vec::as_slice) {
            [] => Ok(None),
            [acl] => {
                for field in FIELDS.iter().filter(|field| **field != "principal") {
                    state.set(field, text(acl, field));
                }
                Ok(Some(state))
            }
            several => bail!("the seven fields of the ACL match {} ACLs, expected one", several.len()),
        }
    }

    /// Only credentials can change, and those are of the state alone.
    fn update(&self, cloud: &Cloud, _prior: &Value, state: Value) -> Result<Value, Failed> {
        Ok(self.read(cloud, state)?.context("the ACL is gone")?)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        let (cluster, api) = cloud.kafka_of(state)?;
        api.delete(&filtered(&cluster, state))?;
        Ok(())
    }

    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value> {
        let fields: Option<(&str, Vec<&str>)> =
            id.split_once('/').map(|(cluster, acl)| (cluster, acl.split('#').collect()));
        let Some((cluster, fields)) = fields.filter(|(_, fields)| fields.len() == FIELDS.len()) else {
            bail!("the id {id:?} is not CLUSTER/{}", FIELDS.join("#"));
        };
        let mut state = kafka_state(cloud, cluster)?;
        for (name, value) in FIELDS.iter().zip(fields) {
            state.set(name, value);
        }
        state.set("id", id);
        Ok(state)
    }
}
