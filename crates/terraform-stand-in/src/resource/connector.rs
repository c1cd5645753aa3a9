//! Managed connectors. Their state is what Connect tells, less what it adds by itself; secrets come back masked, so
//! the state keeps those of the configuration.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde_json::{Value as Json, json};

use super::connector_config::{connectors, merged, name, one, show, validate};
use super::offsets;
use super::{Failed, Resource};
use crate::cloud::{Api, Cloud, Look, until};
use crate::json::{at, element, text};
use crate::value::Value;

/// `confluent_connector`
pub struct Connector;

/// The connector in the list of all: only there it has an id.
fn find(api: &Api, state: &Value, name: &str) -> Result<Option<Json>> {
    match api.get(&format!("{}?expand=info,status,id", connectors(state))) {
        Ok(all) => Ok(all.get(name).cloned()),
        Err(failure) if failure.is_gone() => Ok(None),
        Err(failure) => Err(failure.into()),
    }
}

fn wait_for(
    cloud: &Cloud,
    api: &Api,
    state: &Value,
    name: &str,
    wanted: &str,
    pending: &[&str],
) -> Result<()> {
    until(cloud, &format!("the connector {name}"), || {
        let status = api.get(&one(state, name, "/status"))?;
        let seen = text(&status, "connector.state");
        if seen == wanted {
            return Ok(Look::Done(()));
        }
        if !pending.contains(&seen) {
            let trace = text(&status, "connector.trace");
            bail!("the connector {name} is {seen}, expected {wanted}. {trace}");
        }
        Ok(Look::Pending(seen.to_owned()))
    })
}

/// The pause or resume that `status` asks for.
fn change_status(cloud: &Cloud, api: &Api, prior: &Value, state: &Value, name: &str) -> Result<()> {
    let (action, wanted) = match (prior.text("status"), state.text("status")) {
        (old, new) if old == new => return Ok(()),
        ("RUNNING", "PAUSED") => ("/pause", "PAUSED"),
        ("PAUSED", "RUNNING") => ("/resume", "RUNNING"),
        (old, new) => bail!(
            "status cannot go from {old} to {new}: only RUNNING to PAUSED and back. A failed connector is healed by a change of its config"
        ),
    };
    api.put_empty(&one(state, name, action))?;
    wait_for(cloud, api, state, name, wanted, &[prior.text("status")])
}

fn change(cloud: &Cloud, api: &Api, prior: &Value, state: &Value, name: &str) -> Result<()> {
    change_status(cloud, api, prior, state, name)?;
    if merged(prior) != merged(state) {
        api.put(&one(state, name, "/config"), &json!(merged(state)))?;
    }
    if !offsets::are_same(prior, state) {
        api.post(&one(state, name, "/offsets/request"), &offsets::request(state))?;
        until(cloud, &format!("the new offsets of the connector {name}"), || {
            let status = api.get(&one(state, name, "/offsets/request/status"))?;
            match text(&status, "status.phase") {
                "APPLIED" => Ok(Look::Done(())),
                "PENDING" => Ok(Look::Pending("PENDING".to_owned())),
                phase => bail!("the change of the offsets is {phase}. {}", text(&status, "status.message")),
            }
        })?;
    }
    Ok(())
}

impl Resource for Connector {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let api = cloud.control()?;
        let name = name(&state)?;
        let config = merged(&state);
        validate(&api, &state, &config)?;
        let mut body = json!({"name": name, "config": config});
        if !state.list("offsets").is_empty() {
            body["offsets"] = offsets::list(&state);
        }
        api.post(&connectors(&state), &body)?;
        let made = find(&api, &state, &name)?
            .with_context(|| format!("the connector {name} was made but is not listed"))?;
        state.set("id", text(&made["id"], "id"));
        if *state.at("config_sensitive") == Value::Null {
            state.set("config_sensitive", BTreeMap::new());
        }
        // From here on it exists: a failure leaves it in the state, as tainted.
        let ready =
            wait_for(cloud, &api, &state, &name, "RUNNING", &["PROVISIONING", "DEGRADED"]).and_then(|()| {
                find(&api, &state, &name)?.with_context(|| format!("the connector {name} is gone"))
            });
        match ready {
            Ok(found) => {
                show(&found, &mut state);
                Ok(state)
            }
            Err(error) => {
                if let Ok(Some(found)) = find(&api, &state, &name) {
                    show(&found, &mut state);
                }
                Err(Failed { state: Some(state), error })
            }
        }
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        let name = name(&state)?;
        let found = find(&cloud.control()?, &state, &name)?;
        Ok(found.map(|found| {
            show(&found, &mut state);
            state
        }))
    }

    fn update(&self, cloud: &Cloud, prior: &Value, mut state: Value) -> Result<Value, Failed> {
        let api = cloud.control()?;
        let (old, new) = (name(prior)?, name(&state)?);
        if old != new {
            // The name goes back into the state, or the next plan would look for a connector that does not exist.
            let mut config = state.at("config_nonsensitive").clone();
            config.set("name", old.as_str());
            state.set("config_nonsensitive", config);
            let error = anyhow::anyhow!(
                "the connector {old} cannot be renamed to {new}: \"name\" never changes. A new name is a new connector"
            );
            return Err(Failed { state: Some(state), error });
        }
        // As with the real provider, a failed change leaves the planned values in the state.
        if let Err(error) = change(cloud, &api, prior, &state, &new) {
            return Err(Failed { state: Some(state), error });
        }
        if let Some(found) = find(&api, &state, &new)? {
            show(&found, &mut state);
        }
        Ok(state)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        let answer = cloud.control()?.delete(&one(state, &name(state)?, ""))?;
        match at(&answer, "error") {
            Json::Null => Ok(()),
            error => bail!("Connect answered the deletion with the error {error}"),
        }
    }

    fn import(&self, _cloud: &Cloud, id: &str) -> Result<Value> {
        let mut parts = id.splitn(3, '/');
        let (Some(environment), Some(cluster), Some(name)) = (parts.next(), parts.next(), parts.next())
        else {
            bail!("the id {id:?} is not ENVIRONMENT/CLUSTER/NAME");
        };
        let mut state = Value::Map(Default::default());
        state.set("environment", element([("id", Value::from(environment))]));
        state.set("kafka_cluster", element([("id", Value::from(cluster))]));
        state.set("config_nonsensitive", BTreeMap::from([("name".to_owned(), Value::from(name))]));
        state.set("config_sensitive", BTreeMap::new());
        Ok(state)
    }
}
