//! Users. There is one, who owns the first key: users are invited, not made.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::life::add;
use crate::cloud::{Cloud, USER};
use crate::exchange::Refusal;

pub(crate) struct Users;

static USERS: Shape = Shape {
    name: "user",
    path: "iam/v2/users",
    api_version: "iam/v2",
    kind: "User",
    id_prefix: "u",
    environment: None,
    created: 201,
    missing: 404,
    slow_delete: false,
};

impl Collection for Users {
    fn shape(&self) -> &'static Shape {
        &USERS
    }

    fn crn(&self, id: &str, _body: &Value) -> String {
        format!("{}/user={id}", Cloud::organization_crn())
    }

    fn create(&self, _cloud: &mut Cloud, _id: &str, _sent: &Value) -> Result<Draft, Refusal> {
        Err(Refusal::new(405, "users are invited, not created"))
    }

    fn keep(&self, _cloud: &Cloud, _id: &str, _body: &Value) -> Result<(), Refusal> {
        Err(Refusal::new(403, "the last user of an organization stays"))
    }
}

/// The one user.
pub(crate) fn furnish(cloud: &mut Cloud) {
    let body = json!({
        "email": "owner@fake.example", "full_name": "First User", "auth_type": "AUTH_TYPE_LOCAL",
    });
    add(&Users, cloud, USER, Draft { body, ready: None });
    if let Some(object) = cloud.objects.entry(USERS.name).or_default().get_mut(USER) {
        object.built_in = true;
    }
}
