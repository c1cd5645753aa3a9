//! Who asks: keys and what they are for.

use crate::cloud::Cloud;
use crate::exchange::{Api, Refusal, Request};
use crate::field::text;

/// Checks the credentials of a request and gives the id of the resource to which the key belongs (`cloud`, `lkc-…` or
/// `lsrc-…`).
pub(crate) fn check(cloud: &mut Cloud, api: Api, request: &Request) -> Result<String, Refusal> {
    let refusal = || match api {
        Api::Kafka => Refusal::coded(40101, "Authentication failed"),
        _ => Refusal::new(401, "Unauthorized"),
    };
    let (key, secret) = request.credentials.as_ref().ok_or_else(refusal)?;
    if cloud.secrets.get(key) != Some(secret) {
        return Err(refusal());
    }
    let resource = cloud
        .live("api_key", key)
        .and_then(|body| text(body, "spec.resource.id"))
        .ok_or_else(refusal)?
        .to_owned();
    match api {
        // The words matter: clients tell a wrong key from an object that is gone by them.
        Api::Control if resource != "cloud" => {
            let message = "invalid API key: make sure you're using a Cloud API Key and not a Cluster API Key";
            return Err(Refusal::new(403, message));
        }
        Api::Connect if resource != "cloud" => return Err(refusal()),
        Api::Kafka if request.segments.get(3) != Some(&resource) => return Err(refusal()),
        Api::Registry if !resource.starts_with("lsrc-") => return Err(refusal()),
        _ => {}
    }
    // A new key works only after a while.
    if let Some(uses) = cloud.key_pending.get_mut(key).filter(|uses| **uses > 0) {
        *uses -= 1;
        return Err(refusal());
    }
    Ok(resource)
}
