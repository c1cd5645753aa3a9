//! What all kinds of control-plane objects do alike: be made, read, changed, deleted.

use serde_json::{Value, json};

use super::collection::{Collection, Draft, Shape};
use super::list;
use crate::cloud::Cloud;
use crate::exchange::{Answer, Refusal, Reply, Request};
use crate::field::set;
use crate::ids::now;
use crate::object::{Life, Object};

/// GET and POST on the whole collection.
pub(crate) fn on_all(collection: &dyn Collection, cloud: &mut Cloud, request: &Request) -> Answer {
    match request.method.as_str() {
        "GET" => list::list(collection.shape(), cloud, request),
        "POST" => create(collection, cloud, &request.body),
        _ => Err(super::not_allowed(request)),
    }
}

/// GET, PATCH and DELETE on one object.
pub(crate) fn on_one(collection: &dyn Collection, cloud: &mut Cloud, request: &Request, id: &str) -> Answer {
    let shape = collection.shape();
    let environment = match request.method.as_str() {
        "PATCH" => shape.environment_of(&request.body),
        _ => request.query("environment"),
    };
    if let Some(path) = shape.environment {
        let Some(environment) = environment else {
            return Err(Refusal::bad(format!("environment is required (query, or {path}.id in a change)")));
        };
        let theirs = cloud.present(shape.name, id).and_then(|body| shape.environment_of(body));
        if theirs != Some(environment) {
            return Err(missing(shape, id));
        }
    }
    match request.method.as_str() {
        "GET" => read(shape, cloud, id),
        "PATCH" => update(collection, cloud, id, &request.body),
        "DELETE" => delete(collection, cloud, id),
        _ => Err(super::not_allowed(request)),
    }
}

fn missing(shape: &Shape, id: &str) -> Refusal {
    let message = match shape.missing {
        403 => "Forbidden Access".to_owned(),
        _ => format!("The {} {id} was not found.", shape.kind),
    };
    Refusal::new(shape.missing, message)
}

fn create(collection: &dyn Collection, cloud: &mut Cloud, sent: &Value) -> Answer {
    let shape = collection.shape();
    if !sent.is_object() {
        return Err(Refusal::bad("the body must be a JSON object"));
    }
    if let Some(path) = shape.environment {
        let environment = crate::field::required(sent, &format!("{path}.id"))?;
        if cloud.live("environment", &environment).is_none() {
            return Err(Refusal::bad(format!("environment {environment} was not found")));
        }
    }
    let id = collection.id(cloud);
    let draft = collection.create(cloud, &id, sent)?;
    let mut body = add(collection, cloud, &id, draft);
    collection.shown_at_create(cloud, &id, &mut body);
    Ok(Reply::json(shape.created, body))
}

/// Puts a new object into the state and gives it as it is shown.
pub(crate) fn add(collection: &dyn Collection, cloud: &mut Cloud, id: &str, draft: Draft) -> Value {
    let shape = collection.shape();
    let crn = collection.crn(id, &draft.body);
    let environment = shape.environment_of(&draft.body).map(str::to_owned);
    let mut body = json!({"api_version": shape.api_version, "kind": shape.kind, "id": id});
    // Provider integrations have no metadata.
    if shape.api_version != "pim/v1" {
        body["metadata"] = super::metadata(&cloud.url, shape.path, id, environment.as_deref(), &crn);
    }
    crate::field::merge(&mut body, &draft.body);
    if let (Some(path), Some(environment)) = (shape.environment, &environment) {
        let parent = super::environments::Environments.shape();
        let reference = cloud.reference(parent, environment, &Cloud::environment_crn(environment));
        set(&mut body, path, reference);
    }
    let object = match draft.ready {
        Some(then) => Object::pending(body.clone(), cloud.options.pending_reads, then),
        None => Object::ready(body.clone()),
    };
    cloud.objects.entry(shape.name).or_default().insert(id.to_owned(), object);
    body
}

fn read(shape: &Shape, cloud: &mut Cloud, id: &str) -> Answer {
    let objects = cloud.objects.entry(shape.name).or_default();
    match objects.get_mut(id).map(Object::read) {
        Some(Some(body)) => Ok(Reply::ok(body.clone())),
        Some(None) => {
            objects.shift_remove(id);
            Err(missing(shape, id))
        }
        None => Err(missing(shape, id)),
    }
}

fn update(collection: &dyn Collection, cloud: &mut Cloud, id: &str, sent: &Value) -> Answer {
    let shape = collection.shape();
    let Some(body) = cloud.live(shape.name, id) else { return Err(missing(shape, id)) };
    let mut body = body.clone();
    let later = collection.update(cloud, sent, &mut body)?;
    if body.get("metadata").is_some() {
        set(&mut body, "metadata.updated_at", json!(now()));
    }
    let pending_reads = cloud.options.pending_reads;
    let objects = cloud.objects.entry(shape.name).or_default();
    let Some(object) = objects.get_mut(id) else { return Err(missing(shape, id)) };
    object.body = body.clone();
    if let Some(then) = later {
        object.await_reads(pending_reads, then);
    }
    Ok(Reply::ok(body))
}

fn delete(collection: &dyn Collection, cloud: &mut Cloud, id: &str) -> Answer {
    let shape = collection.shape();
    let Some(body) = cloud.live(shape.name, id).cloned() else { return Err(missing(shape, id)) };
    collection.keep(cloud, id, &body)?;
    remove(collection, cloud, id);
    // The cloud shows a role binding once more when it deletes it.
    Ok(if shape.name == "role_binding" { Reply::ok(body) } else { Reply::empty(204) })
}

/// Deletes without asking: at once, or after some reads where the cloud takes its time.
pub(crate) fn remove(collection: &dyn Collection, cloud: &mut Cloud, id: &str) {
    let shape = collection.shape();
    collection.forget(cloud, id);
    let reads_left = cloud.options.delete_reads;
    let objects = cloud.objects.entry(shape.name).or_default();
    if !shape.slow_delete || reads_left == 0 {
        objects.shift_remove(id);
        return;
    }
    let Some(object) = objects.get_mut(id) else { return };
    object.settle();
    object.life = Life::Deleting { reads_left };
    // Clusters have no phase for it: they look provisioned until they are gone.
    if shape.api_version == "networking/v1" {
        set(&mut object.body, "status.phase", json!("DEPROVISIONING"));
    }
}
