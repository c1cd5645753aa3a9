//! Who may do what: service accounts, role bindings, identity providers and pools.

use anyhow::{Context, Result};
use serde_json::{Value as Json, json};

use super::{Collection, Failed, Resource};
use crate::cloud::{Cloud, path};
use crate::json::{element, text, text_value};
use crate::value::Value;

/// `confluent_service_account`
pub static SERVICE_ACCOUNT: Collection = Collection {
    name: "the service account",
    path: "/iam/v2/service-accounts",
    in_environment: false,
    ready: &[],
    pending: &[],
    slow_delete: false,
    create: |state| json!({"display_name": state.text("display_name"), "description": state.text("description")}),
    change: |prior, state| changed(prior, state, &["display_name", "description"]),
    show: |answer, state| {
        for name in ["api_version", "kind", "display_name", "description"] {
            state.set(name, text_value(answer, name));
        }
        Ok(())
    },
};

/// `confluent_role_binding`. Its one argument that can change, `disable_wait_for_ready`, is not sent.
pub static ROLE_BINDING: Collection = Collection {
    name: "the role binding",
    path: "/iam/v2/role-bindings",
    in_environment: false,
    ready: &[],
    pending: &[],
    slow_delete: false,
    create: |state| {
        json!({
            "principal": state.text("principal"), "role_name": state.text("role_name"),
            "crn_pattern": state.text("crn_pattern"),
        })
    },
    change: |_, _| None,
    show: |answer, state| {
        for name in ["principal", "role_name", "crn_pattern"] {
            state.set(name, text_value(answer, name));
        }
        Ok(())
    },
};

const PROVIDER_NAMES: [&str; 4] = ["display_name", "description", "issuer", "jwks_uri"];

/// `confluent_identity_provider`
pub static PROVIDER: Collection = Collection {
    name: "the identity provider",
    path: "/iam/v2/identity-providers",
    in_environment: false,
    ready: &[],
    pending: &[],
    slow_delete: false,
    create: |state| {
        let mut body: Json =
            PROVIDER_NAMES.iter().map(|name| ((*name).to_owned(), json!(state.text(name)))).collect();
        if !state.text("identity_claim").is_empty() {
            body["identity_claim"] = json!(state.text("identity_claim"));
        }
        body
    },
    change: |prior, state| {
        changed(prior, state, &["display_name", "description", "issuer", "jwks_uri", "identity_claim"])
    },
    show: |answer, state| {
        for name in PROVIDER_NAMES.iter().chain(&["identity_claim"]) {
            state.set(name, text_value(answer, name));
        }
        Ok(())
    },
};

/// The names whose values differ; none when all are the same.
fn changed(prior: &Value, state: &Value, names: &[&str]) -> Option<Json> {
    let differ = names.iter().filter(|name| prior.at(name) != state.at(name));
    let body: serde_json::Map<_, _> =
        differ.map(|name| ((*name).to_owned(), json!(state.text(name)))).collect();
    (!body.is_empty()).then_some(Json::Object(body))
}

/// `confluent_identity_pool`, which lies below its provider.
pub struct Pool;

const POOL_NAMES: [&str; 4] = ["display_name", "description", "identity_claim", "filter"];

impl Pool {
    fn pools(state: &Value) -> String {
        path(&["iam", "v2", "identity-providers", state.text("identity_provider.0.id"), "identity-pools"])
    }

    fn show(answer: &Json, state: &mut Value) {
        state.set("id", text_value(answer, "id"));
        for name in POOL_NAMES {
            state.set(name, text_value(answer, name));
        }
    }
}

impl Resource for Pool {
    fn create(&self, cloud: &Cloud, mut state: Value) -> Result<Value, Failed> {
        let body: Json =
            POOL_NAMES.iter().map(|name| ((*name).to_owned(), json!(state.text(name)))).collect();
        let made = cloud.control()?.post(&Self::pools(&state), &body)?;
        Self::show(&made, &mut state);
        Ok(state)
    }

    fn read(&self, cloud: &Cloud, mut state: Value) -> Result<Option<Value>> {
        match cloud.control()?.get(&format!("{}/{}", Self::pools(&state), state.text("id"))) {
            Ok(answer) => {
                Self::show(&answer, &mut state);
                Ok(Some(state))
            }
            Err(failure) if failure.is_gone() => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    fn update(&self, cloud: &Cloud, prior: &Value, mut state: Value) -> Result<Value, Failed> {
        if let Some(body) = changed(prior, &state, &POOL_NAMES) {
            let one = format!("{}/{}", Self::pools(&state), state.text("id"));
            let answer = cloud.control()?.patch(&one, &body)?;
            Self::show(&answer, &mut state);
        }
        Ok(state)
    }

    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()> {
        cloud.control()?.delete(&format!("{}/{}", Self::pools(state), state.text("id")))?;
        Ok(())
    }

    fn import(&self, _cloud: &Cloud, id: &str) -> Result<Value> {
        let (provider, pool) =
            id.split_once('/').with_context(|| format!("the id {id:?} is not PROVIDER/POOL"))?;
        let mut state = Value::Map(Default::default());
        state.set("identity_provider", element([("id", Value::from(provider))]));
        state.set("id", pool);
        Ok(state)
    }
}

/// The organization's CRN, cut out of that of any environment: the real provider knows no other way.
pub fn organization_crn(cloud: &Cloud) -> Result<String> {
    let environments = cloud.control()?.all("/org/v2/environments?page_size=99")?;
    let environment =
        environments.first().context("the organization has no environment to learn its id from")?;
    let crn = text(environment, "metadata.resource_name");
    let end = crn
        .find("/environment=")
        .with_context(|| format!("the environment's CRN {crn:?} names no environment"))?;
    Ok(crn[..end].to_owned())
}
