//! The fake cloud as the provider block configures it: where it is, and with which keys. Nothing else is ever
//! talked to: an address that is not loopback is refused before anything is sent.

mod api;
mod failure;
mod wait;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::bail;

pub use api::{Api, escaped, path};
pub use failure::Failure;
pub use wait::{Look, until};

use crate::value::Value;

/// Key and secret. It has no `Debug`, so that neither reaches a message.
#[derive(Clone, Default)]
pub struct Key {
    pub id: String,
    pub secret: String,
}

impl Key {
    fn is_set(&self) -> bool {
        !self.id.is_empty() && !self.secret.is_empty()
    }
}

/// A cluster that the provider block names, so that resources need not (the other mode: each resource names it).
#[derive(Clone, Default)]
pub struct Place {
    pub id: String,
    pub endpoint: String,
    pub key: Key,
}

impl Place {
    /// Whether the provider block has address and credentials, and states therefore do not.
    pub fn is_set(&self) -> bool {
        !self.endpoint.is_empty() && self.key.is_set()
    }
}

/// What the provider block says.
pub struct Cloud {
    endpoint: String,
    key: Key,
    /// The Kafka cluster of the provider block.
    pub kafka: Place,
    /// The Schema Registry of the provider block.
    pub registry: Place,
    catalog: String,
    agent: ureq::Agent,
    retries: u32,
    /// Set when Terraform is interrupted; waits end then.
    pub stopped: Arc<AtomicBool>,
}

/// Retries that the real provider does at least.
const RETRIES_MIN: u32 = 4;

impl Cloud {
    /// From the provider block; what it leaves out comes from the environment, as far as the real provider does that.
    pub fn new(config: &Value, stopped: Arc<AtomicBool>) -> Self {
        let given = |name: &str, variable: &str| match config.text(name) {
            "" if variable.is_empty() => String::new(),
            "" => std::env::var(variable).unwrap_or_default(),
            text => text.to_owned(),
        };
        let key = |id: &str, secret: &str| Key {
            id: given(id, &id.to_uppercase()),
            secret: given(secret, &secret.to_uppercase()),
        };
        let retries = match config.at("max_retries") {
            Value::Number(number) => {
                number.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
            }
            _ => 0,
        };
        Self {
            endpoint: given("endpoint", ""),
            key: Key {
                id: given("cloud_api_key", "CONFLUENT_CLOUD_API_KEY"),
                secret: given("cloud_api_secret", "CONFLUENT_CLOUD_API_SECRET"),
            },
            kafka: Place {
                id: given("kafka_id", "KAFKA_ID"),
                endpoint: given("kafka_rest_endpoint", "KAFKA_REST_ENDPOINT"),
                key: key("kafka_api_key", "kafka_api_secret"),
            },
            registry: Place {
                id: given("schema_registry_id", "SCHEMA_REGISTRY_ID"),
                endpoint: given("schema_registry_rest_endpoint", "SCHEMA_REGISTRY_REST_ENDPOINT"),
                key: key("schema_registry_api_key", "schema_registry_api_secret"),
            },
            catalog: given("catalog_rest_endpoint", "CATALOG_REST_ENDPOINT"),
            agent: api::agent(),
            retries: retries.max(RETRIES_MIN),
            stopped,
        }
    }

    /// The control plane and Connect.
    ///
    /// # Errors
    /// When `endpoint` or the key is missing: there is no cloud to fall back to.
    pub fn control(&self) -> anyhow::Result<Api<'_>> {
        if self.endpoint.is_empty() {
            bail!(
                "the provider block has no `endpoint`: this provider stands in for Confluent's and sends to a fake cloud on loopback only, for example endpoint = \"http://127.0.0.1:8080\""
            );
        }
        if !self.key.is_set() {
            bail!("the provider block has no `cloud_api_key` and `cloud_api_secret`");
        }
        Ok(self.api(&self.endpoint, &self.key))
    }

    /// Any address with any key: a cluster's REST endpoint.
    pub fn at(&self, endpoint: &str, key: &Key) -> Api<'_> {
        self.api(endpoint, key)
    }

    /// Kafka REST of the cluster that a resource names, or the provider block.
    pub fn kafka_of(&self, resource: &Value) -> anyhow::Result<(String, Api<'_>)> {
        let (place, api) = self.cluster(resource, &self.kafka, "kafka_cluster", "rest_endpoint", "kafka")?;
        Ok((place, api))
    }

    /// Schema Registry that a resource names, or the provider block.
    pub fn registry_of(&self, resource: &Value) -> anyhow::Result<(String, Api<'_>)> {
        self.cluster(resource, &self.registry, "schema_registry_cluster", "rest_endpoint", "schema_registry")
    }

    /// Stream Catalog, which lies at the registry's address unless the provider block says otherwise.
    pub fn catalog_of(&self, resource: &Value) -> anyhow::Result<(String, Api<'_>)> {
        let (id, api) = self.registry_of(resource)?;
        match self.catalog.as_str() {
            "" => Ok((id, api)),
            catalog => Ok((id, api.moved(catalog))),
        }
    }

    fn cluster(
        &self,
        resource: &Value,
        place: &Place,
        block: &str,
        endpoint: &str,
        prefix: &str,
    ) -> anyhow::Result<(String, Api<'_>)> {
        let first =
            |own: &str, general: &str| if general.is_empty() { own.to_owned() } else { general.to_owned() };
        let id = first(resource.text(&format!("{block}.0.id")), &place.id);
        let address = first(resource.text(endpoint), &place.endpoint);
        let key = Key {
            id: first(resource.text("credentials.0.key"), &place.key.id),
            secret: first(resource.text("credentials.0.secret"), &place.key.secret),
        };
        for (what, text, at) in [
            ("the cluster's id", &id, format!("{block} {{ id }} or the provider's {prefix}_id")),
            ("the address", &address, format!("{endpoint} or the provider's {prefix}_rest_endpoint")),
            ("the key", &key.id, format!("credentials {{ key }} or the provider's {prefix}_api_key")),
            (
                "the secret",
                &key.secret,
                format!("credentials {{ secret }} or the provider's {prefix}_api_secret"),
            ),
        ] {
            if text.is_empty() {
                bail!("{what} is missing: set {at}");
            }
        }
        Ok((id, self.api(&address, &key)))
    }

    fn api(&self, base: &str, key: &Key) -> Api<'_> {
        Api::new(&self.agent, self.retries, base, key.clone())
    }

    /// Whether Terraform wants this provider to end its waits.
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}
