//! GET /subjects and GET /schemas.

use serde_json::{Value, json};

use crate::server::{Registry, order};

fn some() -> Registry {
    let registry = Registry::start();
    for (subject, numbers) in [("b", 0..1), ("a", 0..2), (":.c:a", 0..1)] {
        numbers.for_each(|number| {
            registry.register(subject, order(number));
        });
    }
    registry
}

#[test]
fn subjects_are_sorted() {
    let registry = some();
    assert_eq!(registry.get("/subjects").ok(), json!([":.c:a", "a", "b"]));
    assert_eq!(registry.get("/subjects?subjectPrefix=a").ok(), json!(["a"]));
    assert_eq!(registry.get("/subjects?subjectPrefix=:*:a").ok(), json!([":.c:a", "a"]));
    assert_eq!(registry.get("/subjects?subjectPrefix=:*:").ok(), json!([":.c:a", "a", "b"]));
    assert_eq!(registry.get("/subjects?subjectPrefix=:.c:").ok(), json!([":.c:a"]));
    assert_eq!(registry.get("/subjects?offset=1&limit=1").ok(), json!(["a"]));
    registry.get("/subjects?limit=x").refused(404);
}

#[test]
fn deleted_subjects_if_asked_for() {
    let registry = some();
    registry.delete("/subjects/b").ok();
    assert_eq!(registry.get("/subjects").ok(), json!([":.c:a", "a"]));
    assert_eq!(registry.get("/subjects?deleted=true").ok(), json!([":.c:a", "a", "b"]));
    assert_eq!(registry.get("/subjects?deletedOnly=true").ok(), json!(["b"]));
}

#[test]
fn schemas_are_listed_with_everything() {
    let registry = some();
    let list = |query: &str| -> Vec<(Value, Value)> {
        let list = registry.get(&format!("/schemas{query}")).ok();
        let list = list.as_array().unwrap().clone();
        list.into_iter().map(|shown| (shown["subject"].clone(), shown["version"].clone())).collect()
    };
    let of = |subject: &str, version: i32| (json!(subject), json!(version));
    let all = [of("a", 1), of("a", 2), of("b", 1), of(":.c:a", 1)];
    assert_eq!(list(""), all);
    assert_eq!(list("?latestOnly=true"), [of("a", 2), of("b", 1), of(":.c:a", 1)]);
    assert_eq!(list("?subjectPrefix=a"), [of("a", 1), of("a", 2)]);
    assert_eq!(list("?offset=1&limit=2"), all[1..3]);
    registry.delete("/subjects/a/versions/2").ok();
    assert_eq!(list("?latestOnly=true&subjectPrefix=a"), [of("a", 1)]);
    assert_eq!(list("?deleted=true"), all);
    let shown = registry.get("/schemas?subjectPrefix=b").ok()[0].clone();
    assert_eq!(shown, registry.get("/subjects/b/versions/1").ok());
}
