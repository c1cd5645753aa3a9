//! Access control lists.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Kafka, Place, not_found};
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::text;

/// The parts of a binding, in the order of their names in [`FIELDS`].
pub(crate) type Acl = [String; 7];

const FIELDS: [&str; 7] =
    ["resource_type", "resource_name", "pattern_type", "principal", "host", "operation", "permission"];

const RESOURCES: &[&str] = &["TOPIC", "GROUP", "CLUSTER", "TRANSACTIONAL_ID", "DELEGATION_TOKEN"];
const OPERATIONS: &[&str] = &[
    "ALL",
    "READ",
    "WRITE",
    "CREATE",
    "DELETE",
    "ALTER",
    "DESCRIBE",
    "CLUSTER_ACTION",
    "DESCRIBE_CONFIGS",
    "ALTER_CONFIGS",
    "IDEMPOTENT_WRITE",
];

pub(crate) fn route(kafka: &mut Kafka, place: &Place, request: &Request, kind: &str) -> Answer {
    match (request.method.as_str(), kind) {
        ("POST", "acls") => {
            let acl = read(&request.body)?;
            add(kafka, acl);
            Ok(Reply::empty(201))
        }
        ("POST", "acls:batch") => {
            let entries =
                request.body["data"].as_array().ok_or_else(|| Refusal::bad("data must be a list"))?;
            let acls = entries.iter().map(read).collect::<Result<Vec<_>, _>>()?;
            acls.into_iter().for_each(|acl| add(kafka, acl));
            Ok(Reply::empty(201))
        }
        ("GET", "acls") => {
            let data =
                kafka.acls.iter().filter(|acl| matches(acl, request)).map(|acl| show(place, acl)).collect();
            Ok(Reply::ok(place.list("KafkaAclList", "acls", data)))
        }
        ("DELETE", "acls") => {
            // A delete without any filter would take all of them: the cloud demands the three enumerations.
            for filter in ["resource_type", "pattern_type", "operation", "permission"] {
                if request.query(filter).is_none() {
                    return Err(Refusal::bad(format!("{filter} is required to delete ACLs")));
                }
            }
            let (gone, kept): (Vec<Acl>, Vec<Acl>) =
                kafka.acls.drain(..).partition(|acl| matches(acl, request));
            kafka.acls = kept;
            let data: Vec<Value> = gone.iter().map(|acl| show(place, acl)).collect();
            Ok(Reply::ok(json!({"data": data})))
        }
        _ => Err(not_found()),
    }
}

fn add(kafka: &mut Kafka, acl: Acl) {
    // As in Kafka, the same binding once more is no error and no second entry.
    if !kafka.acls.contains(&acl) {
        kafka.acls.push(acl);
    }
}

fn read(sent: &Value) -> Result<Acl, Refusal> {
    let mut acl = Acl::default();
    for (field, value) in FIELDS.iter().zip(&mut acl) {
        *value = text(sent, field)
            .ok_or_else(|| Refusal::bad(format!("{field} must not be null or empty")))?
            .to_owned();
    }
    let [resource, name, pattern, principal, _, operation, permission] = &acl;
    one_of("resource_type", resource, RESOURCES)?;
    one_of("pattern_type", pattern, &["LITERAL", "PREFIXED"])?;
    one_of("operation", operation, OPERATIONS)?;
    one_of("permission", permission, &["ALLOW", "DENY"])?;
    if resource == "CLUSTER" && name != "kafka-cluster" {
        return Err(Refusal::coded(40002, "The only valid name for the CLUSTER resource is kafka-cluster"));
    }
    if !principal.starts_with("User:") || principal.len() == "User:".len() {
        return Err(Refusal::coded(40002, format!("principal must begin with User:, not {principal}")));
    }
    Ok(acl)
}

fn one_of(field: &str, value: &str, values: &[&str]) -> Result<(), Refusal> {
    match values.contains(&value) {
        true => Ok(()),
        false => Err(Refusal::bad(format!("{field} must be one of {values:?}, not {value}"))),
    }
}

/// Filters that are absent or ANY let everything pass; MATCH finds what would apply to the name.
fn matches(acl: &Acl, request: &Request) -> bool {
    FIELDS.iter().zip(acl).all(|(field, value)| match (*field, request.query(field)) {
        (_, None) | ("resource_type" | "pattern_type" | "operation" | "permission", Some("ANY")) => true,
        ("pattern_type", Some("MATCH")) => true,
        ("resource_name", Some(wanted)) if request.query("pattern_type") == Some("MATCH") => {
            value == wanted || value == "*" || acl[2] == "PREFIXED" && wanted.starts_with(value.as_str())
        }
        (_, Some(wanted)) => value == wanted,
    })
}

pub(crate) fn show(place: &Place, acl: &Acl) -> Value {
    let query: Vec<String> = FIELDS
        .iter()
        .zip(acl)
        .map(|(field, value)| format!("{field}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    let mut shown = json!({
        "kind": "KafkaAcl", "metadata": {"self": place.link(&format!("acls?{}", query.join("&")))},
        "cluster_id": place.cluster,
    });
    for (field, value) in FIELDS.iter().zip(acl) {
        shown[*field] = json!(value);
    }
    shown
}
