//! Mode of a Schema Registry and of its subjects.

use anyhow::{Context, Result};
use serde_json::json;

use super::{Failed, Resource, registry_config};
use crate::cloud::{Cloud, path};
use crate::json::text;
use crate::value::Value;

/// `confluent_subject_mode`, and `confluent_schema_registry_cluster_mode`.
pub struct RegistryMode {
    pub of_subject: bool,
}

impl RegistryMode {
    fn path(&self, state: &Value) -> String {
        if self.of_subject { path(&["mode", state.text("subject_name")]) } else { "/mode".to_owned() }
    }

    fn put(&self, cloud: &Cloud, state: &Value) -> Result<String> {
        let (registry, api) = cloud.registry_of(state)?;
        let mode = state.text("mode");
        if !mode.is_empty() {
            let is_forced = *state.at("force") == Value::Bool(true);
            api.put(&format!("{}?force={is_forced}", self.path(state)), &json!({ "mode": mode }))?;
        }
        Ok(registry)
    }
}

impl Resource for RegistryMode {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let registry = self.put(cloud, &state)?;
        let id =
            if self.of_subject { format!("{registry}/{}", state.text("subject_name")) } else { registry };
        state.set("id", id);
        Ok(self.read(cloud, state)?.context("the mode was set but is not there")?)
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        let (_, api) = cloud.registry_of(&state)?;
        let query = if self.of_subject { "?defaultToGlobal=true" } else { "" };
        match api.get(&format!("{}{query}", self.path(&state))) {
            Ok(answer) => {
                state.set("mode", text(&answer, "mode"));
                if *state.at("force") == Value::Null {
                    state.set("force", false);
                }
                Ok(Some(state))
            }
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    fn update(&self, cloud: &Cloud, prior: &Value, state: Value) -> Result<Value, Failed> {
        if prior.at("mode") != state.at("mode") {
            self.put(cloud, &state)?;
        }
        Ok(self.read(cloud, state)?.context("the subject is gone")?)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        if self.of_subject {
            cloud.registry_of(state)?.1.delete(&self.path(state))?;
        }
        Ok(())
    }

    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value> {
        registry_config::import(cloud, id, self.of_subject)
    }
}
