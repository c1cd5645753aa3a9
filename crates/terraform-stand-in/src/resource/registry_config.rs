//! Compatibility of a Schema Registry and of its subjects.

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use super::imported::registry_state;
use super::{Failed, Resource};
use crate::cloud::{Cloud, path};
use crate::json::{at, text};
use crate::value::Value;

/// `confluent_subject_config`, and `confluent_schema_registry_cluster_config`.
pub struct RegistryConfig {
    pub of_subject: bool,
}

/// Arguments by their names in the API: a change says `compatibility`, an answer `compatibilityLevel`.
const FIELDS: [(&str, &str, &str); 4] = [
    ("compatibility_level", "compatibility", "compatibilityLevel"),
    ("compatibility_group", "compatibilityGroup", "compatibilityGroup"),
    ("normalize", "normalize", "normalize"),
    ("alias", "alias", "alias"),
];

/// What is set of a state.
fn body(state: &Value) -> Json {
    let set = FIELDS.iter().filter(|(name, ..)| *state.at(name) != Value::Null && !state.at(name).is_zero());
    Json::Object(set.map(|(name, sent, _)| ((*sent).to_owned(), state.at(name).to_json())).collect())
}

impl RegistryConfig {
    fn path(&self, state: &Value) -> String {
        if self.of_subject { path(&["config", state.text("subject_name")]) } else { "/config".to_owned() }
    }

    fn put(&self, cloud: &Cloud, state: &Value, body: &Json) -> Result<String> {
        let (registry, api) = cloud.registry_of(state)?;
        if body.as_object().is_some_and(|fields| !fields.is_empty()) {
            api.put(&self.path(state), body)?;
        }
        Ok(registry)
    }
}

impl Resource for RegistryConfig {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let registry = self.put(cloud, &state, &body(&state))?;
        let id =
            if self.of_subject { format!("{registry}/{}", state.text("subject_name")) } else { registry };
        state.set("id", id);
        Ok(self.read(cloud, state)?.context("the subject has no config of its own")?)
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        let (_, api) = cloud.registry_of(&state)?;
        let query = if self.of_subject { "?defaultToGlobal=false" } else { "" };
        match api.get(&format!("{}{query}", self.path(&state))) {
            Ok(answer) => {
                for (name, _, shown) in FIELDS {
                    state.set(
                        name,
                        match name {
                            "normalize" => Value::from(*at(&answer, shown) == json!(true)),
                            _ => Value::from(text(&answer, shown)),
                        },
                    );
                }
                Ok(Some(state))
            }
            Err(failure) if failure.is_not_found() => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    fn update(&self, cloud: &Cloud, prior: &Value, state: Value) -> Result<Value, Failed> {
        let mut body = body(&state);
        if prior.at("normalize") != state.at("normalize") {
            body["normalize"] = state.at("normalize").to_json();
        }
        self.put(cloud, &state, &body)?;
        Ok(self.read(cloud, state)?.context("the subject has no config of its own")?)
    }

    /// The settings of the whole registry stay; those of a subject give way to them.
    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        if self.of_subject {
            cloud.registry_of(state)?.1.delete(&self.path(state))?;
        }
        Ok(())
    }

    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value> {
        import(cloud, id, self.of_subject)
    }
}

/// `REGISTRY/SUBJECT`, or `REGISTRY` for the settings of all subjects.
pub(super) fn import(cloud: &Cloud, id: &str, of_subject: bool) -> Result<Value> {
    let (registry, subject) = match (id.split_once('/'), of_subject) {
        (Some((registry, subject)), true) => (registry, Some(subject)),
        (None, false) => (id, None),
        (_, true) => bail!("the id {id:?} is not REGISTRY/SUBJECT"),
        (_, false) => bail!("the id {id:?} is not that of a registry"),
    };
    let mut state = registry_state(cloud, registry)?;
    if let Some(subject) = subject {
        state.set("subject_name", subject);
    }
    state.set("id", id);
    Ok(state)
}
