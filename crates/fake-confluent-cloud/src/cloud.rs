//! The state: everything the fake knows.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::connect::Connectors;
use crate::control::collection::Shape;
use crate::failures::Failures;
use crate::ids::{self, Ids};
use crate::kafka::Kafka;
use crate::log::Log;
use crate::object::Object;
use crate::options::Options;
use crate::registry::Registry;

/// Id of the one organization.
pub(crate) const ORGANIZATION: &str = "5f0c1d2e-0000-4000-8000-00000000fa4e";
/// The user to whom the first cloud key belongs.
pub(crate) const USER: &str = "u-fake00";

/// Everything, behind one lock.
#[derive(Debug)]
pub(crate) struct Cloud {
    pub options: Options,
    /// Base URL, without a slash at its end.
    pub url: String,
    pub ids: Ids,
    /// Control-plane objects by collection and id.
    pub objects: HashMap<&'static str, IndexMap<String, Object>>,
    /// Secrets by API key: kept apart from what is shown.
    pub secrets: HashMap<String, String>,
    /// Uses that are still refused, by API key.
    pub key_pending: HashMap<String, u32>,
    /// Topics, ACLs and settings by cluster.
    pub kafka: IndexMap<String, Kafka>,
    /// Subjects by Schema Registry cluster.
    pub registries: IndexMap<String, Registry>,
    /// Connectors by Kafka cluster.
    pub connectors: IndexMap<String, Connectors>,
    pub failures: Failures,
    pub log: Log,
}

impl Cloud {
    pub fn new(options: Options, url: String) -> Self {
        let mut cloud = Self {
            options,
            url,
            ids: Ids::default(),
            objects: HashMap::new(),
            secrets: HashMap::new(),
            key_pending: HashMap::new(),
            kafka: IndexMap::new(),
            registries: IndexMap::new(),
            connectors: IndexMap::new(),
            failures: Failures::default(),
            log: Log::default(),
        };
        cloud.furnish();
        cloud
    }

    /// Back to the start: one environment `default`, the first cloud key, nothing else, no failures, no log.
    pub fn reset(&mut self) {
        let ids = std::mem::take(&mut self.ids);
        let mut fresh = Self::new(self.options.clone(), std::mem::take(&mut self.url));
        fresh.ids = ids;
        fresh.objects.clear();
        fresh.furnish();
        *self = fresh;
    }

    fn furnish(&mut self) {
        let (key, secret) = (self.options.api_key.clone(), self.options.api_secret.clone());
        self.secrets.insert(key.clone(), secret);
        crate::control::furnish(self, &key);
    }

    /// The organization's name as a resource.
    pub fn organization_crn() -> String {
        format!("crn://confluent.cloud/organization={ORGANIZATION}")
    }

    /// An environment's name as a resource.
    pub fn environment_crn(environment: &str) -> String {
        format!("{}/environment={environment}", Self::organization_crn())
    }

    /// An object that is there, even if it is on its way out.
    pub fn present(&self, name: &str, id: &str) -> Option<&Value> {
        Some(&self.objects.get(name)?.get(id)?.body)
    }

    /// An object that is there and stays.
    pub fn live(&self, name: &str, id: &str) -> Option<&Value> {
        self.objects.get(name)?.get(id).filter(|object| !object.is_deleting()).map(|object| &object.body)
    }

    /// All objects of a collection that are there, with their ids.
    pub fn all(&self, name: &str) -> impl Iterator<Item = (&String, &Object)> {
        self.objects.get(name).into_iter().flatten()
    }

    /// A reference to an object, as answers show it.
    pub fn reference(&self, shape: &Shape, id: &str, crn: &str) -> Value {
        json!({
            "id": id,
            "related": format!("{}/{}/{id}", self.url, shape.path),
            "resource_name": crn,
            "api_version": shape.api_version,
            "kind": shape.kind,
        })
    }

    /// A trace id for an error body.
    pub fn trace(&mut self) -> String {
        ids::secret().bytes().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}
