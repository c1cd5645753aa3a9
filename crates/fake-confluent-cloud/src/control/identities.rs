//! Identity providers and their pools.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::life::{on_all, on_one, remove};
use crate::cloud::Cloud;
use crate::exchange::{Answer, Refusal, Request};
use crate::field::{at, required};

pub(crate) struct IdentityProviders;
/// Pools lie below their provider, so their path is put together by [`pools`].
pub(crate) struct IdentityPools;

static PROVIDERS: Shape = Shape {
    name: "identity_provider",
    path: "iam/v2/identity-providers",
    api_version: "iam/v2",
    kind: "IdentityProvider",
    id_prefix: "op",
    environment: None,
    created: 201,
    missing: 404,
    slow_delete: false,
};

static POOLS: Shape = Shape {
    name: "identity_pool",
    path: "iam/v2/identity-pools",
    api_version: "iam/v2",
    kind: "IdentityPool",
    id_prefix: "pool",
    environment: None,
    created: 201,
    missing: 404,
    slow_delete: false,
};

impl Collection for IdentityProviders {
    fn shape(&self) -> &'static Shape {
        &PROVIDERS
    }

    fn crn(&self, id: &str, _body: &Value) -> String {
        format!("{}/identity-provider={id}", Cloud::organization_crn())
    }

    fn create(&self, _cloud: &mut Cloud, _id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let mut body = json!({"state": "ENABLED", "keys": []});
        for key in ["display_name", "description", "issuer", "jwks_uri"] {
            body[key] = json!(required(sent, key)?);
        }
        Ok(Draft { body, ready: None })
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        copy(sent, body, &["display_name", "description"]);
        Ok(None)
    }

    fn keep(&self, cloud: &Cloud, id: &str, _body: &Value) -> Result<(), Refusal> {
        if cloud.all(POOLS.name).any(|(_, pool)| pool.body["provider"] == id) {
            return Err(Refusal::bad(format!(
                "identity provider {id} still has identity pools: delete them first"
            )));
        }
        Ok(())
    }
}

impl Collection for IdentityPools {
    fn shape(&self) -> &'static Shape {
        &POOLS
    }

    fn crn(&self, id: &str, body: &Value) -> String {
        let provider = body["provider"].as_str().unwrap_or_default();
        format!("{}/identity-provider={provider}/identity-pool={id}", Cloud::organization_crn())
    }

    fn create(&self, _cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal> {
        let mut body = json!({"principal": id, "state": "ENABLED", "provider": sent["provider"]});
        for key in ["display_name", "description", "identity_claim", "filter"] {
            body[key] = json!(required(sent, key)?);
        }
        Ok(Draft { body, ready: None })
    }

    fn update(&self, _cloud: &mut Cloud, sent: &Value, body: &mut Value) -> Result<Option<Value>, Refusal> {
        copy(sent, body, &["display_name", "description", "identity_claim", "filter"]);
        Ok(None)
    }

    fn forget(&self, cloud: &mut Cloud, id: &str) {
        let principal = format!("User:{id}");
        let bindings: Vec<String> = cloud
            .all("role_binding")
            .filter(|(_, object)| object.body["principal"] == principal)
            .map(|(id, _)| id.clone())
            .collect();
        for binding in bindings {
            remove(&super::role_bindings::RoleBindings, cloud, &binding);
        }
    }
}

fn copy(sent: &Value, body: &mut Value, keys: &[&str]) {
    for key in keys {
        if let Some(value) = at(sent, key) {
            body[*key] = value.clone();
        }
    }
}

/// Serves the pools of a provider, if that is what the path says.
pub(crate) fn pools(cloud: &mut Cloud, request: &Request) -> Option<Answer> {
    let (_, segments) = request.route();
    let ["iam", "v2", "identity-providers", provider, "identity-pools", rest @ ..] = segments.as_slice()
    else {
        return None;
    };
    if cloud.live(PROVIDERS.name, provider).is_none() {
        // A list has no 404 in its description.
        let status = if rest.is_empty() { 400 } else { 404 };
        return Some(Err(Refusal::new(status, format!("The IdentityProvider {provider} was not found."))));
    }
    // The provider is in the path only: it is put into the body and the filter that the shared code reads.
    let mut body = request.body.clone();
    if body.is_object() {
        body["provider"] = json!(provider);
    }
    let mut query = request.query.clone();
    query.push(("provider".to_owned(), (*provider).to_owned()));
    let inner = Request {
        method: request.method.clone(),
        path: request.path.clone(),
        segments: request.segments.clone(),
        query,
        body,
        body_error: None,
        credentials: None,
    };
    Some(match rest {
        [] => on_all(&IdentityPools, cloud, &inner),
        [id] => match cloud.live(POOLS.name, id) {
            Some(pool) if pool["provider"] != *provider => {
                Err(Refusal::new(404, format!("The IdentityPool {id} was not found.")))
            }
            _ => on_one(&IdentityPools, cloud, &inner, id),
        },
        _ => Err(super::not_found(request)),
    })
}
