//! Whatever is done, the log gives the state back: as it is, and compacted.

use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_registry::Options;

use crate::restart::seen;
use crate::server::{Registry, avro, order};

#[derive(Debug, Clone)]
enum Operation {
    Register { subject: usize, schema: usize, force: bool },
    Import { subject: usize, schema: usize, id: i32, version: i32 },
    Use { subject: usize, target: usize, version: i32 },
    DeleteVersion { subject: usize, version: i32, permanent: bool },
    DeleteSubject { subject: usize, permanent: bool },
    Config { subject: usize, update: usize },
    DeleteConfig { subject: usize },
    Mode { subject: usize, mode: usize, force: bool },
    DeleteMode { subject: usize },
    DeleteContext,
}

const SUBJECTS: [&str; 5] = ["a", "b", ":.c:a", ":.c:b", ":.d:x"];
const SCOPES: [&str; 7] = ["", "a", "b", ":.c:", ":.c:a", ":.c:b", ":.__GLOBAL:"];
const MODES: [&str; 4] = ["READWRITE", "READONLY", "IMPORT", "READWRITE"];

fn operation() -> impl Strategy<Value = Operation> {
    let subject = 0..SUBJECTS.len();
    let scope = 0..SCOPES.len();
    prop_oneof![
        6 => (subject.clone(), 0..5usize, any::<bool>())
            .prop_map(|(subject, schema, force)| Operation::Register { subject, schema, force }),
        2 => (subject.clone(), 0..5usize, 1..6i32, 0..4i32)
            .prop_map(|(subject, schema, id, version)| Operation::Import { subject, schema, id, version }),
        2 => (subject.clone(), subject.clone(), -1..4i32)
            .prop_map(|(subject, target, version)| Operation::Use { subject, target, version }),
        5 => (subject.clone(), 1..5i32, any::<bool>())
            .prop_map(|(subject, version, permanent)| Operation::DeleteVersion { subject, version, permanent }),
        3 => (subject, any::<bool>()).prop_map(|(subject, permanent)| Operation::DeleteSubject { subject, permanent }),
        2 => (scope.clone(), 0..4usize).prop_map(|(subject, update)| Operation::Config { subject, update }),
        1 => scope.clone().prop_map(|subject| Operation::DeleteConfig { subject }),
        2 => (scope.clone(), 0..MODES.len(), any::<bool>())
            .prop_map(|(subject, mode, force)| Operation::Mode { subject, mode, force }),
        1 => scope.prop_map(|subject| Operation::DeleteMode { subject }),
        1 => Just(Operation::DeleteContext),
    ]
}

fn schema(number: usize) -> Value {
    match number {
        3 => avro(&json!("string")),
        4 => json!({"schemaType": "JSON", "schema": "{\"type\":\"string\"}"}),
        number => order(number),
    }
}

fn perform(registry: &Registry, operation: &Operation) -> u16 {
    let versions = |subject: usize| format!("/subjects/{}/versions", SUBJECTS[subject]);
    let scoped = |kind: &str, subject: usize| match SCOPES[subject] {
        "" => format!("/{kind}"),
        name => format!("/{kind}/{name}"),
    };
    let answer = match operation.clone() {
        Operation::Register { subject, schema: number, force } => {
            registry.post(&format!("{}?force={force}", versions(subject)), schema(number))
        }
        Operation::Import { subject, schema: number, id, version } => {
            let mut body = schema(number);
            body["id"] = json!(id);
            body["version"] = json!(version);
            registry.post(&versions(subject), body)
        }
        Operation::Use { subject, target, version } => {
            let mut body = avro(&json!({"type": "array", "items": "int"}));
            body["references"] = json!([{"name": "x", "subject": SUBJECTS[target], "version": version}]);
            registry.post(&format!("{}?force=true", versions(subject)), body)
        }
        Operation::DeleteVersion { subject, version, permanent } => {
            registry.delete(&format!("{}/{version}?permanent={permanent}", versions(subject)))
        }
        Operation::DeleteSubject { subject, permanent } => {
            registry.delete(&format!("/subjects/{}?permanent={permanent}", SUBJECTS[subject]))
        }
        Operation::Config { subject, update } => {
            let updates = [
                json!({"compatibility": "NONE"}),
                json!({"compatibility": null, "normalize": true}),
                json!({"defaultMetadata": {"properties": {"a": "b"}}}),
                json!({"alias": null, "compatibility": "FULL_TRANSITIVE"}),
            ];
            registry.put(&scoped("config", subject), updates[update].clone())
        }
        Operation::DeleteConfig { subject } => registry.delete(&scoped("config", subject)),
        Operation::Mode { subject, mode, force } => {
            registry.put(&format!("{}?force={force}", scoped("mode", subject)), json!({"mode": MODES[mode]}))
        }
        Operation::DeleteMode { subject } => registry.delete(&scoped("mode", subject)),
        Operation::DeleteContext => registry.delete("/contexts/.d"),
    };
    assert!(answer.status < 500, "{operation:?}: {} {}", answer.status, answer.text);
    answer.status
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_log_gives_the_state_back(operations in prop::collection::vec(operation(), 1..60)) {
        let registry = Registry::start();
        for operation in &operations {
            let before = registry.log.entries().len();
            let status = perform(&registry, operation);
            // What is refused writes nothing.
            prop_assert!(status < 400 || registry.log.entries().len() == before, "{operation:?}");
        }
        let before = seen(&registry);
        let replayed = Registry::start_on(Options::default(), registry.log.clone());
        prop_assert_eq!(&seen(&replayed), &before);
        let compacted = Registry::start_on(Options::default(), registry.log.compacted());
        prop_assert_eq!(&seen(&compacted), &before);
    }
}
