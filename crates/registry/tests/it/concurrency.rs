//! Many clients at once.

use std::collections::BTreeSet;

use serde_json::json;

use crate::server::{Registry, avro, order};

#[test]
fn one_schema_registered_by_many_has_one_id() {
    let registry = Registry::start();
    for round in 0..20 {
        let ids: BTreeSet<i64> = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..8)
                .map(|client| {
                    let registry = &registry;
                    // half of them under a subject of their own
                    let subject = if client % 2 == 0 { "s".to_owned() } else { format!("s{client}") };
                    scope.spawn(move || registry.register(&subject, order(round)))
                })
                .collect();
            clients.into_iter().map(|client| client.join().unwrap()).collect()
        });
        assert_eq!(ids.len(), 1, "round {round}: {ids:?}");
    }
    assert_eq!(registry.get("/subjects/s/versions").ok().as_array().unwrap().len(), 20);
    // each was written once
    let keys: Vec<_> = registry.log.entries().into_iter().map(|entry| entry.key).collect();
    assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn different_schemas_at_once_have_different_ids_and_versions() {
    let registry = Registry::start();
    registry.put("/config", json!({"compatibility": "NONE"})).ok();
    let answers: Vec<_> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..16)
            .map(|client| {
                let registry = &registry;
                let schema = avro(&json!({"type": "fixed", "name": "F", "size": client}));
                scope.spawn(move || registry.post("/subjects/s/versions", schema).ok())
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let numbers = |member: &str| -> BTreeSet<i64> {
        answers.iter().map(|answer| answer[member].as_i64().unwrap()).collect()
    };
    assert_eq!(numbers("id"), (1..=16).collect());
    assert_eq!(numbers("version"), (1..=16).collect());
}
