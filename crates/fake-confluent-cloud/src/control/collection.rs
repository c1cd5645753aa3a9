//! What a kind of control-plane objects says about itself.

use serde_json::Value;

use crate::cloud::Cloud;
use crate::exchange::Refusal;
use crate::field::text;

/// What is fixed about a kind.
#[derive(Debug)]
pub(crate) struct Shape {
    /// Its name in the state and in the hooks: the Terraform resource's, without `confluent_`.
    pub name: &'static str,
    /// Its place, without slashes at the ends.
    pub path: &'static str,
    pub api_version: &'static str,
    pub kind: &'static str,
    /// What ids begin with, without the hyphen.
    pub id_prefix: &'static str,
    /// Where its environment is, for kinds that have one: such a kind is read with `?environment=`.
    pub environment: Option<&'static str>,
    /// Status of a successful create.
    pub created: u16,
    /// Status for an id that is not there. For some kinds the cloud does not say whether it exists: 403.
    pub missing: u16,
    /// Whether a deleted object stays for a while.
    pub slow_delete: bool,
}

impl Shape {
    /// The environment of an object.
    pub fn environment_of<'a>(&self, body: &'a Value) -> Option<&'a str> {
        text(body, &format!("{}.id", self.environment?))
    }
}

/// A new object as its kind makes it: the frame (`id`, `kind`, `api_version`, `metadata`) comes from here.
#[derive(Debug)]
pub(crate) struct Draft {
    pub body: Value,
    /// What is merged in when provisioning ends; `None` when it is ready at once.
    pub ready: Option<Value>,
}

/// A kind of objects.
pub(crate) trait Collection: Sync {
    fn shape(&self) -> &'static Shape;

    /// Its name as a resource.
    fn crn(&self, id: &str, body: &Value) -> String;

    /// Checks what was sent and makes an object of it.
    fn create(&self, cloud: &mut Cloud, id: &str, sent: &Value) -> Result<Draft, Refusal>;

    /// Checks a change and applies it; gives what becomes true only after a while.
    fn update(&self, _cloud: &mut Cloud, _sent: &Value, _body: &mut Value) -> Result<Option<Value>, Refusal> {
        Err(Refusal::new(405, format!("a {} cannot be changed", self.shape().kind)))
    }

    /// Adds to the answer of a create what no later answer has.
    fn shown_at_create(&self, _cloud: &Cloud, _id: &str, _body: &mut Value) {}

    /// Says why an object must stay.
    fn keep(&self, _cloud: &Cloud, _id: &str, _body: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    /// Takes along what cannot be without the object.
    fn forget(&self, _cloud: &mut Cloud, _id: &str) {}

    /// The new id.
    fn id(&self, cloud: &mut Cloud) -> String {
        cloud.ids.next(self.shape().id_prefix)
    }
}
