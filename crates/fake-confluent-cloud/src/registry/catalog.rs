//! Tags: definitions, and what they are bound to.

use serde_json::{Value, json};

use super::{Registry, not_found};
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::{merge, text};

pub(crate) fn route(registry: &mut Registry, request: &Request, rest: &[&str]) -> Answer {
    let method = request.method.as_str();
    match (method, rest) {
        ("GET", ["types", "tagdefs"]) => {
            let prefix = request.query("prefix").unwrap_or_default();
            let tags = registry.tags.iter().filter(|(name, _)| name.starts_with(prefix));
            Ok(Reply::ok(tags.map(|(_, tag)| tag.clone()).collect()))
        }
        ("POST" | "PUT", ["types", "tagdefs"]) => define(registry, &request.body, method == "POST"),
        ("GET", ["types", "tagdefs", name]) => match registry.tags.get(*name) {
            Some(tag) => Ok(Reply::ok(tag.clone())),
            None => Err(no_tag(name)),
        },
        ("DELETE", ["types", "tagdefs", name]) => delete(registry, name),
        ("POST" | "PUT", ["entity", "tags"]) => bind(registry, &request.body, method == "POST"),
        ("GET", ["entity", "type", kind, "name", name, "tags"]) => {
            let theirs = registry.tag_bindings.iter().filter(|((k, n, _), _)| k == kind && n == name);
            Ok(Reply::ok(theirs.map(|(_, binding)| binding.clone()).collect()))
        }
        ("DELETE", ["entity", "type", kind, "name", name, "tags", tag]) => {
            let key = ((*kind).to_owned(), (*name).to_owned(), (*tag).to_owned());
            match registry.tag_bindings.remove(&key) {
                Some(_) => Ok(Reply::empty(204)),
                None => Err(Refusal::bad(format!("{name} has no tag {tag}"))),
            }
        }
        _ => Err(not_found()),
    }
}

fn no_tag(name: &str) -> Refusal {
    Refusal::coded(40401, format!("Tag definition with name {name} not found"))
}

fn list(sent: &Value) -> Result<&Vec<Value>, Refusal> {
    sent.as_array().ok_or_else(|| Refusal::bad("the body must be a list"))
}

fn define(registry: &mut Registry, sent: &Value, new: bool) -> Answer {
    let mut shown = Vec::new();
    for tag in list(sent)? {
        let name = text(tag, "name").ok_or_else(|| Refusal::bad("a tag has no name"))?;
        let known = registry.tags.get(name);
        match (new, known) {
            (true, Some(_)) => return Err(Refusal::bad(format!("tag {name} exists already"))),
            (false, None) => return Err(Refusal::bad(format!("tag {name} does not exist"))),
            _ => {}
        }
        let version = known.and_then(|tag| tag["version"].as_u64()).unwrap_or(0) + 1;
        let mut kept = known.cloned().unwrap_or_else(|| {
            json!({"category": "CLASSIFICATION", "name": name, "typeVersion": "1.0", "entityTypes": ["cf_entity"]})
        });
        merge(&mut kept, tag);
        kept["version"] = json!(version);
        registry.tags.insert(name.to_owned(), kept.clone());
        shown.push(kept);
    }
    Ok(Reply::ok(json!(shown)))
}

fn delete(registry: &mut Registry, name: &str) -> Answer {
    if registry.tag_bindings.keys().any(|(_, _, tag)| tag == name) {
        return Err(Refusal::bad(format!("tag {name} is in use")));
    }
    match registry.tags.remove(name) {
        Some(_) => Ok(Reply::empty(204)),
        None => Err(Refusal::bad(format!("tag {name} does not exist"))),
    }
}

fn bind(registry: &mut Registry, sent: &Value, new: bool) -> Answer {
    let mut shown = Vec::new();
    for binding in list(sent)? {
        let part = |key: &str| text(binding, key).ok_or_else(|| Refusal::bad(format!("a tag has no {key}")));
        let (kind, name, tag) = (part("entityType")?, part("entityName")?, part("typeName")?);
        if !registry.tags.contains_key(tag) {
            return Err(no_tag(tag));
        }
        let key = (kind.to_owned(), name.to_owned(), tag.to_owned());
        if new && registry.tag_bindings.contains_key(&key) {
            return Err(Refusal::bad(format!("{name} has the tag {tag} already")));
        }
        registry.tag_bindings.insert(key, binding.clone());
        shown.push(binding.clone());
    }
    Ok(Reply::ok(json!(shown)))
}
