//! What is done with a resource: which requests a create, read, change or delete sends, and what of the answers
//! becomes state.

mod access_point;
mod acl;
mod api_key;
mod cluster;
mod cluster_body;
mod cluster_config;
mod collection;
mod connector;
mod connector_config;
mod dns;
mod environment;
mod gateway;
mod identity;
mod imported;
mod integration;
mod network;
mod offsets;
mod private_link;
mod registry_config;
mod registry_mode;
mod schema;
mod schema_body;
mod tag;
mod topic;

use anyhow::Result;

use crate::cloud::Cloud;
use crate::plan::Plan;
use crate::problem::Problem;
use crate::value::Value;

pub use collection::Collection;
pub use identity::organization_crn;

/// A change that failed, and the state that remains: after a failed create an object that exists but is not ready.
pub struct Failed {
    /// None: nothing was made, or it was not taken note of.
    pub state: Option<Value>,
    pub error: anyhow::Error,
}

impl<E: Into<anyhow::Error>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self { state: None, error: error.into() }
    }
}

/// A resource that is forwarded to the cloud. States are complete values of its declaration.
pub trait Resource: Sync {
    /// Makes the object and waits until it is ready. `state` is the plan, with null for what was unknown.
    fn create(&self, cloud: &Cloud, state: Value) -> Result<Value, Failed>;
    /// The state as it is now; none when the object is gone.
    fn read(&self, cloud: &Cloud, state: Value) -> Result<Option<Value>>;
    /// Changes the object from one state to another.
    fn update(&self, cloud: &Cloud, prior: &Value, state: Value) -> Result<Value, Failed>;
    /// Deletes the object and waits until it is gone.
    fn delete(&self, cloud: &Cloud, state: &Value) -> Result<()>;
    /// The state from which an import can read.
    fn import(&self, cloud: &Cloud, id: &str) -> Result<Value>;
    /// What of a plan the declaration cannot say.
    fn adjust(
        &self,
        _cloud: Option<&Cloud>,
        _config: &Value,
        _prior: &Value,
        _plan: &mut Plan,
    ) -> Result<(), Problem> {
        Ok(())
    }
}

/// The resource of a name; none when it is declared but not forwarded.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Resource> {
    Some(match name.strip_prefix("confluent_")? {
        "access_point" => &access_point::ACCESS_POINT,
        "api_key" => &api_key::ApiKey,
        "connector" => &connector::Connector,
        "dns_forwarder" => &dns::FORWARDER,
        "dns_record" => &dns::RECORD,
        "environment" => &environment::ENVIRONMENT,
        "gateway" => &gateway::GATEWAY,
        "identity_pool" => &identity::Pool,
        "identity_provider" => &identity::PROVIDER,
        "kafka_acl" => &acl::Acl,
        "kafka_cluster" => &cluster::Cluster,
        "kafka_cluster_config" => &cluster_config::ClusterConfig,
        "kafka_topic" => &topic::Topic,
        "network" => &network::Network,
        "private_link_access" => &private_link::ACCESS,
        "private_link_attachment" => &private_link::ATTACHMENT,
        "private_link_attachment_connection" => &private_link::CONNECTION,
        "provider_integration" => &integration::INTEGRATION,
        "role_binding" => &identity::ROLE_BINDING,
        "schema" => &schema::Schema,
        "schema_registry_cluster_config" => &registry_config::RegistryConfig { of_subject: false },
        "schema_registry_cluster_mode" => &registry_mode::RegistryMode { of_subject: false },
        "service_account" => &identity::SERVICE_ACCOUNT,
        "subject_config" => &registry_config::RegistryConfig { of_subject: true },
        "subject_mode" => &registry_mode::RegistryMode { of_subject: true },
        "tag" => &tag::Tag,
        "tag_binding" => &tag::TagBinding,
        _ => return None,
    })
}

/// Collections of the control plane, which data sources read too.
#[must_use]
pub fn collection(name: &str) -> Option<&'static Collection> {
    Some(match name.strip_prefix("confluent_")? {
        "access_point" => &access_point::ACCESS_POINT,
        "dns_record" => &dns::RECORD,
        "environment" => &environment::ENVIRONMENT,
        "gateway" => &gateway::GATEWAY,
        "identity_provider" => &identity::PROVIDER,
        "kafka_cluster" => &cluster::CLUSTER,
        "network" => &network::NETWORK,
        "private_link_access" => &private_link::ACCESS,
        "private_link_attachment" => &private_link::ATTACHMENT,
        "private_link_attachment_connection" => &private_link::CONNECTION,
        "provider_integration" => &integration::INTEGRATION,
        "role_binding" => &identity::ROLE_BINDING,
        "service_account" => &identity::SERVICE_ACCOUNT,
        _ => return None,
    })
}
