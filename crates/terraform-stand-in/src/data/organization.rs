//! The organization, its users and lists of ids.

use anyhow::{Context, Result};

use crate::cloud::Cloud;
use crate::json::{text, text_value};
use crate::resource::organization_crn;
use crate::value::Value;

/// `confluent_organization`
pub fn read(cloud: &Cloud, mut config: Value) -> Result<Value> {
    let crn = organization_crn(cloud)?;
    let (_, id) =
        crn.rsplit_once("organization=").with_context(|| format!("the CRN {crn:?} names no organization"))?;
    config.set("id", id);
    config.set("resource_name", crn.as_str());
    Ok(config)
}

/// `confluent_user`, by id, e-mail address or full name.
pub fn user(cloud: &Cloud, mut config: Value) -> Result<Value> {
    let users = cloud.control()?.all("/iam/v2/users?page_size=99")?;
    let by = ["id", "email", "full_name"];
    let wanted =
        by.iter().find(|name| !config.text(name).is_empty()).context("give id, email or full_name")?;
    let found = users.iter().find(|user| text(user, wanted) == config.text(wanted));
    let user = found.with_context(|| format!("no user has the {wanted} {:?}", config.text(wanted)))?;
    for name in ["id", "email", "full_name", "api_version", "kind"] {
        config.set(name, text_value(user, name));
    }
    Ok(config)
}

/// A list of all ids.
pub fn ids(cloud: &Cloud, mut config: Value, path: &str) -> Result<Value> {
    let all = cloud.control()?.all(&format!("{path}?page_size=99"))?;
    let ids: Vec<Value> = all.iter().map(|object| text_value(object, "id")).collect();
    config.set("id", "all");
    config.set("ids", ids);
    Ok(config)
}
