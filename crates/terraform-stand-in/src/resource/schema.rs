//! Schemas. A resource either follows the latest version of its subject, or with `recreate_on_update` stands for one
//! version for ever.

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use super::imported::registry_state;
use super::schema_body::{body, show};
use super::{Failed, Resource};
use crate::cloud::{Api, Cloud, escaped, path};
use crate::json::{at, text};
use crate::plan::Plan;
use crate::problem::{Place, Problem};
use crate::value::Value;

/// `confluent_schema`
pub struct Schema;

const LATEST: &str = "latest";
/// Arguments that make a new version.
const CONTENT: [&str; 4] = ["schema", "schema_reference", "ruleset", "metadata"];

fn is_fixed(state: &Value) -> bool {
    *state.at("recreate_on_update") == Value::Bool(true)
}

fn set_id(state: &mut Value, registry: &str) {
    let version = match state.at("schema_identifier") {
        Value::Number(id) if is_fixed(state) => id.to_string(),
        _ => LATEST.to_owned(),
    };
    let id = format!("{registry}/{}/{version}", state.text("subject_name"));
    state.set("id", id);
}

/// Whether the registry would take it as the next version.
fn check(api: &Api, state: &Value, prior: &Value) -> Result<()> {
    let versions = path(&["compatibility", "subjects", state.text("subject_name"), "versions"]);
    let answer = api.post(&format!("{versions}?verbose=true"), &body(state, prior))?;
    if at(&answer, "is_compatible").as_bool() == Some(true) {
        return Ok(());
    }
    let messages = at(&answer, "messages").as_array().map_or(&[][..], Vec::as_slice);
    let messages: Vec<&str> = messages.iter().filter_map(Json::as_str).collect();
    bail!(
        "the schema is not compatible with the versions of {} before it: {}",
        state.text("subject_name"),
        messages.join("; ")
    );
}

/// The version that a state stands for.
fn find(api: &Api, state: &Value) -> Result<Option<Json>> {
    let subject = state.text("subject_name");
    let wanted = state.text("id").rsplit('/').next().unwrap_or(LATEST);
    let wanted = if wanted == LATEST {
        match api.get(&path(&["subjects", subject, "versions", LATEST])) {
            Ok(latest) => at(&latest, "id").as_u64(),
            Err(failure) if failure.is_not_found() => return Ok(None),
            Err(failure) => return Err(failure.into()),
        }
    } else {
        wanted.parse().ok()
    };
    let all = api.get(&format!("/schemas?subjectPrefix={}", escaped(subject)))?;
    let all = all.as_array().map_or(&[][..], Vec::as_slice);
    let is_it = |schema: &&Json| text(schema, "subject") == subject && at(schema, "id").as_u64() == wanted;
    Ok(all.iter().find(is_it).cloned())
}

/// Whether the registry knows the planned text as the version that the state already has.
fn is_same_version(api: &Api, plan: &Plan, prior: &Value) -> Result<bool> {
    let subject = path(&["subjects", plan.state.text("subject_name")]);
    for is_normalized in [false, true] {
        match api.post(&format!("{subject}?normalize={is_normalized}"), &body(&plan.state, prior)) {
            Ok(found) if Value::from(at(&found, "id")) == *prior.at("schema_identifier") => return Ok(true),
            Ok(_) => {}
            Err(failure) if failure.is_not_found() => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    Ok(false)
}

impl Schema {
    fn register(&self, cloud: &Cloud, prior: &Value, mut state: Value) -> Result<Value> {
        let (registry, api) = cloud.registry_of(&state)?;
        check(&api, &state, prior)?;
        let versions = path(&["subjects", state.text("subject_name"), "versions"]);
        let registered = api.post(&versions, &body(&state, prior))?;
        state.set("schema_identifier", at(&registered, "id"));
        set_id(&mut state, &registry);
        self.read(cloud, state)?.context("the schema was registered but is not there")
    }
}

impl Resource for Schema {
    fn create(&self, cloud: &Cloud, state: Value) -> Result<Value, Failed> {
        Ok(self.register(cloud, &Value::Null, state)?)
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        let (registry, api) = cloud.registry_of(&state)?;
        let Some(found) = find(&api, &state)? else { return Ok(None) };
        let stands_for_one = !state.text("id").ends_with(LATEST);
        show(&found, &mut state);
        for (name, default) in [
            ("hard_delete", false),
            ("skip_validation_during_plan", false),
            ("recreate_on_update", stands_for_one),
        ] {
            if *state.at(name) == Value::Null {
                state.set(name, default);
            }
        }
        set_id(&mut state, &registry);
        Ok(Some(state))
    }

    fn update(&self, cloud: &Cloud, prior: &Value, mut state: Value) -> Result<Value, Failed> {
        let (registry, _) = cloud.registry_of(&state)?;
        set_id(&mut state, &registry);
        if CONTENT.iter().all(|name| prior.at(name) == state.at(name)) {
            return Ok(self.read(cloud, state)?.context("the schema is gone")?);
        }
        let changed = self.register(cloud, prior, state.clone());
        changed.map_err(|error| {
            state.set("schema", prior.at("schema").clone());
            Failed { state: Some(state), error }
        })
    }

    /// Soft, and with `hard_delete` for good.
    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        let (_, api) = cloud.registry_of(state)?;
        let version = state.at("version").to_json().to_string();
        let one = path(&["subjects", state.text("subject_name"), "versions", &version]);
        api.delete(&format!("{one}?permanent=false"))?;
        if *state.at("hard_delete") == Value::Bool(true) {
            api.delete(&format!("{one}?permanent=true"))?;
        }
        Ok(())
    }

    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value> {
        let parts: Vec<&str> = id.split('/').collect();
        let [registry, subject, version] = parts.as_slice() else {
            bail!("the id {id:?} is not REGISTRY/SUBJECT/latest or REGISTRY/SUBJECT/SCHEMA-ID");
        };
        let mut state = registry_state(cloud, registry)?;
        state.set("subject_name", *subject);
        state.set("recreate_on_update", *version != LATEST);
        state.set("id", id);
        Ok(state)
    }

    /// A changed text is checked by the registry, when its address is known: a plan from where it cannot be reached
    /// fails, unless `skip_validation_during_plan` is set.
    fn adjust(
        &self,
        cloud: Option<&Cloud>,
        _config: &Value,
        prior: &Value,
        plan: &mut Plan,
    ) -> Result<(), Problem> {
        let is_changed = prior.at("schema") != plan.state.at("schema");
        let needed = ["schema", "subject_name", "rest_endpoint", "schema_registry_cluster", "credentials"];
        let is_known = needed.iter().all(|name| plan.state.at(name).is_known())
            && ["schema_reference", "ruleset"].iter().all(|name| plan.state.at(name).is_known());
        let Some((_, api)) = cloud.and_then(|cloud| cloud.registry_of(&plan.state).ok()) else {
            return Ok(());
        };
        if !is_changed || !is_known {
            return Ok(());
        }
        let failed = |error: anyhow::Error| {
            let place = Place::default().name("schema");
            let subject = plan.state.text("subject_name");
            Problem::at(place, format!("the schema of {subject} cannot be planned"), format!("{error:#}"))
        };
        if *plan.state.at("skip_validation_during_plan") != Value::Bool(true) {
            check(&api, &plan.state, prior).map_err(failed)?;
        }
        if *prior == Value::Null {
            return Ok(());
        }
        if is_same_version(&api, plan, prior).map_err(failed)? {
            plan.state.set("schema", prior.at("schema").clone());
            return Ok(());
        }
        if is_fixed(&plan.state) {
            return Err(failed(anyhow::anyhow!(
                "recreate_on_update is true, so that this resource stands for one version: add another resource, or import it again with recreate_on_update = false"
            )));
        }
        Ok(())
    }
}
