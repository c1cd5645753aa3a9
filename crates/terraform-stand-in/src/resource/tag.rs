//! Tags of Stream Catalog, and what they are bound to.

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use super::imported::registry_state;
use super::{Failed, Resource};
use crate::cloud::{Cloud, path};
use crate::json::{at, text};
use crate::value::Value;

/// `confluent_tag`
pub struct Tag;
/// `confluent_tag_binding`
pub struct TagBinding;

const DEFINITIONS: [&str; 4] = ["catalog", "v1", "types", "tagdefs"];
/// What a tag may be bound to: everything.
const ENTITY: &str = "cf_entity";

impl Tag {
    fn body(state: &Value) -> Json {
        json!([{
            "name": state.text("name"), "description": state.text("description"), "entityTypes": [ENTITY],
        }])
    }
}

impl Resource for Tag {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let (registry, api) = cloud.catalog_of(&state)?;
        let made = api.post(&path(&DEFINITIONS), &Self::body(&state))?;
        let problem = text(&made, "0.error.message");
        if !problem.is_empty() {
            return Err(anyhow::anyhow!("the catalog does not take the tag: {problem}").into());
        }
        state.set("id", format!("{registry}/{}", state.text("name")));
        Ok(self.read(cloud, state)?.context("the tag was made but is not there")?)
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        let (_, api) = cloud.catalog_of(&state)?;
        match api.get(&format!("{}{}", path(&DEFINITIONS), path(&[state.text("name")]))) {
            Ok(answer) => {
                state.set("description", text(&answer, "description"));
                state.set("version", at(&answer, "version"));
                state.set("entity_types", at(&answer, "entityTypes"));
                Ok(Some(state))
            }
            Err(failure) if failure.is_gone() => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    fn update(&self, cloud: &Cloud, prior: &Value, state: Value) -> Result<Value, Failed> {
        if prior.at("description") != state.at("description") {
            cloud.catalog_of(&state)?.1.put(&path(&DEFINITIONS), &Self::body(&state))?;
        }
        Ok(self.read(cloud, state)?.context("the tag is gone")?)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        let (_, api) = cloud.catalog_of(state)?;
        api.delete(&format!("{}{}", path(&DEFINITIONS), path(&[state.text("name")])))?;
        Ok(())
    }

    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value> {
        let (registry, name) =
            id.split_once('/').with_context(|| format!("the id {id:?} is not REGISTRY/TAG"))?;
        let mut state = registry_state(cloud, registry)?;
        state.set("name", name);
        state.set("id", id);
        Ok(state)
    }
}

impl TagBinding {
    fn tags(state: &Value) -> String {
        let (kind, name) = (state.text("entity_type"), state.text("entity_name"));
        path(&["catalog", "v1", "entity", "type", kind, "name", name, "tags"])
    }
}

impl Resource for TagBinding {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let (registry, api) = cloud.catalog_of(&state)?;
        let (tag, name, kind) =
            (state.text("tag_name"), state.text("entity_name"), state.text("entity_type"));
        let body = json!([{"typeName": tag, "entityName": name, "entityType": kind}]);
        api.post("/catalog/v1/entity/tags", &body)?;
        state.set("id", format!("{registry}/{tag}/{name}/{kind}"));
        Ok(self.read(cloud, state)?.context("the tag was bound but is not there")?)
    }

    fn read(&self, cloud: &Cloud, state: Value) -> Result<Option<Value>> {
        let (_, api) = cloud.catalog_of(&state)?;
        match api.get(&Self::tags(&state)) {
            Ok(answer) => {
                let bound = answer.as_array().map_or(&[][..], Vec::as_slice);
                let is_bound = bound.iter().any(|tag| text(tag, "typeName") == state.text("tag_name"));
                Ok(is_bound.then_some(state))
            }
            Err(failure) if failure.is_gone() => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    fn update(&self, cloud: &Cloud, _prior: &Value, state: Value) -> Result<Value, Failed> {
        Ok(self.read(cloud, state)?.context("the tag is not bound")?)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        let (_, api) = cloud.catalog_of(state)?;
        api.delete(&format!("{}{}", Self::tags(state), path(&[state.text("tag_name")])))?;
        Ok(())
    }

    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value> {
        let parts: Vec<&str> = id.split('/').collect();
        let [registry, tag, name, kind] = parts.as_slice() else {
            bail!("the id {id:?} is not REGISTRY/TAG/ENTITY-NAME/ENTITY-TYPE");
        };
        let mut state = registry_state(cloud, registry)?;
        for (argument, value) in [("tag_name", tag), ("entity_name", name), ("entity_type", kind)] {
            state.set(argument, *value);
        }
        state.set("id", id);
        Ok(state)
    }
}
