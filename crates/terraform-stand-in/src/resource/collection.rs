//! Objects of the control plane that are all handled alike: POST, GET until a phase is reached, PATCH, DELETE.

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use super::{Failed, Resource};
use crate::cloud::{Api, Cloud, Look, until};
use crate::json::text;
use crate::value::Value;

/// One kind of object.
pub struct Collection {
    /// What it is called in messages.
    pub name: &'static str,
    /// Its path, such as `/networking/v1/networks`.
    pub path: &'static str,
    /// Lies in an environment, which reads and deletes name in their query, and import ids before a slash.
    pub in_environment: bool,
    /// Phases in which it is ready; none when a create is not waited for.
    pub ready: &'static [&'static str],
    /// Phases in which it becomes ready; any other is a failure.
    pub pending: &'static [&'static str],
    /// A delete is waited for.
    pub slow_delete: bool,
    /// Body of a create.
    pub create: fn(&Value) -> Json,
    /// Body of a change from one state to another; none when there is nothing to send.
    pub change: fn(&Value, &Value) -> Option<Json>,
    /// Puts an answer into a state.
    pub show: fn(&Json, &mut Value) -> Result<()>,
}

/// The change of objects whose name alone can be changed: the environment goes along, as the API wants it.
pub fn rename(prior: &Value, state: &Value) -> Option<Json> {
    (prior.at("display_name") != state.at("display_name")).then(|| {
        json!({"spec": {
            "display_name": state.text("display_name"), "environment": {"id": state.text("environment.0.id")},
        }})
    })
}

impl Collection {
    /// Address of one object, as reads and deletes use it.
    pub fn one(&self, environment: &str, id: &str) -> String {
        if self.in_environment {
            format!("{}/{id}?environment={environment}", self.path)
        } else {
            format!("{}/{id}", self.path)
        }
    }

    /// All objects, as a data source lists them.
    pub fn list(&self, api: &Api, environment: &str) -> Result<Vec<Json>> {
        let scope = if self.in_environment { format!("environment={environment}&") } else { String::new() };
        Ok(api.all(&format!("{}?{scope}page_size=99", self.path))?)
    }

    fn of(&self, state: &Value) -> String {
        self.one(state.text("environment.0.id"), state.text("id"))
    }

    /// Reads until a phase of `ready` is reached.
    pub fn wait_until_ready(&self, cloud: &Cloud, api: &Api, one: &str) -> Result<Json> {
        until(cloud, self.name, || {
            let answer = api.get(one)?;
            let phase = text(&answer, "status.phase").to_owned();
            if self.ready.is_empty() || self.ready.contains(&phase.as_str()) {
                return Ok(Look::Done(answer));
            }
            if !self.pending.contains(&phase.as_str()) {
                let said = text(&answer, "status.error_message");
                bail!("{} is {phase}, expected {}. {said}", self.name, self.ready.join(" or "));
            }
            Ok(Look::Pending(phase))
        })
    }

    /// Waits until a read says that it is gone.
    pub fn wait_until_gone(&self, cloud: &Cloud, api: &Api, one: &str) -> Result<()> {
        until(cloud, &format!("the deletion of {}", self.name), || match api.get(one) {
            Ok(_) => Ok(Look::Pending("there".to_owned())),
            Err(failure) if failure.is_gone() => Ok(Look::Done(())),
            Err(failure) => Err(failure.into()),
        })
    }
}

impl Resource for Collection {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let api = cloud.control()?;
        let made = api.post(self.path, &(self.create)(&state))?;
        let id = text(&made, "id").to_owned();
        state.set("id", id.as_str());
        let ready = self
            .wait_until_ready(cloud, &api, &self.of(&state))
            .with_context(|| format!("{} {id} was made but is not ready", self.name))
            .and_then(|answer| (self.show)(&answer, &mut state));
        match ready {
            Ok(()) => Ok(state),
            Err(error) => Err(Failed { state: Some(state), error }),
        }
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        match cloud.control()?.get(&self.of(&state)) {
            Ok(answer) => {
                (self.show)(&answer, &mut state)?;
                Ok(Some(state))
            }
            Err(failure) if failure.is_gone() => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    fn update(&self, cloud: &Cloud, prior: &Value, mut state: Value) -> Result<Value, Failed> {
        let api = cloud.control()?;
        if let Some(body) = (self.change)(prior, &state) {
            api.patch(&format!("{}/{}", self.path, state.text("id")), &body)?;
        }
        let answer = api.get(&self.of(&state))?;
        (self.show)(&answer, &mut state)?;
        Ok(state)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        let api = cloud.control()?;
        let one = self.of(state);
        api.delete(&one)?;
        if self.slow_delete { self.wait_until_gone(cloud, &api, &one) } else { Ok(()) }
    }

    fn import(&self, _cloud: &Cloud, id: &str) -> Result<Value> {
        let mut state = Value::Map(Default::default());
        if self.in_environment {
            let (environment, own) =
                id.split_once('/').with_context(|| format!("the id {id:?} is not ENVIRONMENT/ID"))?;
            state.set("environment", crate::json::element([("id", Value::from(environment))]));
            state.set("id", own);
        } else {
            state.set("id", id);
        }
        Ok(state)
    }
}
