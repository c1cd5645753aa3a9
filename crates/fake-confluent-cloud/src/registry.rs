//! Schema Registry v1 and the tags of the catalog, one [`Registry`] for each environment.

mod avro;
mod catalog;
mod compatibility;
mod config;
mod schema;
mod schemas;
mod subjects;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::exchange::{Answer, Refusal, Reply, Request};
use schema::Schema;

/// What a registry holds.
#[derive(Debug)]
pub(crate) struct Registry {
    pub subjects: BTreeMap<String, Vec<Version>>,
    /// Settings of subjects, as they were put.
    pub configs: BTreeMap<String, Value>,
    /// Settings of the registry.
    pub config: Value,
    pub modes: BTreeMap<String, String>,
    pub mode: String,
    /// Tag definitions by name.
    pub tags: BTreeMap<String, Value>,
    /// Tags on entities: (entity type, entity name, tag) → binding.
    pub tag_bindings: BTreeMap<(String, String, String), Value>,
    next_id: u32,
}

/// A version of a subject.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub number: u32,
    pub id: u32,
    pub schema: Schema,
    /// Soft-deleted: hidden, but its number stays taken.
    pub deleted: bool,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            subjects: BTreeMap::new(),
            configs: BTreeMap::new(),
            config: json!({"compatibilityLevel": "BACKWARD"}),
            modes: BTreeMap::new(),
            mode: "READWRITE".to_owned(),
            tags: BTreeMap::new(),
            tag_bindings: BTreeMap::new(),
            next_id: 100_001,
        }
    }
}

/// Answers a request to the registry to which the caller's key belongs.
pub(crate) fn route(cloud: &mut Cloud, request: &Request, registry: &str) -> Answer {
    let Some(registry) = cloud.registries.get_mut(registry) else { return Err(not_found()) };
    let (method, segments) = request.route();
    match (method, segments.as_slice()) {
        (_, ["subjects", rest @ ..]) => subjects::route(registry, request, rest),
        (_, ["schemas", rest @ ..]) => schemas::route(registry, request, rest),
        ("POST", ["compatibility", "subjects", subject, "versions"]) => {
            compatibility::check(registry, request, subject, None)
        }
        ("POST", ["compatibility", "subjects", subject, "versions", version]) => {
            compatibility::check(registry, request, subject, Some(version))
        }
        (_, [kind @ ("config" | "mode"), rest @ ..]) => config::route(registry, request, kind, rest),
        ("GET", ["contexts"]) => Ok(Reply::ok(json!(["."]))),
        (_, ["catalog", "v1", rest @ ..]) => catalog::route(registry, request, rest),
        _ => Err(not_found()),
    }
}

fn not_found() -> Refusal {
    Refusal::new(404, "HTTP 404 Not Found")
}

fn subject_not_found(subject: &str) -> Refusal {
    Refusal::coded(40401, format!("Subject '{subject}' not found."))
}

impl Registry {
    /// Versions of a subject that are not deleted, oldest first.
    fn live(&self, subject: &str) -> impl DoubleEndedIterator<Item = &Version> {
        self.subjects.get(subject).into_iter().flatten().filter(|version| !version.deleted)
    }

    /// A version by number, or the `latest`; deleted ones only by number and where they were asked for.
    fn version(&self, subject: &str, number: &str, deleted: bool) -> Result<&Version, Refusal> {
        let versions = self.subjects.get(subject).ok_or_else(|| subject_not_found(subject))?;
        let found = match number {
            "latest" | "-1" => self.live(subject).next_back(),
            number => {
                let number: u32 = number.parse().map_err(|_| {
                    Refusal::coded(
                        42202,
                        format!("The specified version '{number}' is not a valid version id."),
                    )
                })?;
                versions.iter().find(|version| version.number == number && (deleted || !version.deleted))
            }
        };
        found.ok_or_else(|| Refusal::coded(40402, format!("Version {number} not found.")))
    }

    /// The schema behind a reference of another.
    fn referenced(&self, reference: &Value) -> Option<&Version> {
        let subject = reference["subject"].as_str()?;
        match reference["version"].as_i64()? {
            -1 => self.live(subject).next_back(),
            number => self.subjects.get(subject)?.iter().find(|version| i64::from(version.number) == number),
        }
    }

    /// Id of a schema: the same content has the same id in all subjects.
    fn id_of(&mut self, schema: &Schema) -> u32 {
        let known = self.subjects.values().flatten().find(|version| version.schema == *schema);
        known.map(|version| version.id).unwrap_or_else(|| {
            self.next_id += 1;
            self.next_id - 1
        })
    }

    fn level(&self, subject: &str) -> &str {
        let own = self.configs.get(subject).and_then(|config| config["compatibilityLevel"].as_str());
        own.or(self.config["compatibilityLevel"].as_str()).unwrap_or("BACKWARD")
    }

    /// Refuses a change of a subject that is read-only.
    fn check_writable(&self, subject: &str) -> Result<(), Refusal> {
        match self.modes.get(subject).unwrap_or(&self.mode).as_str() {
            "READONLY" | "READONLY_OVERRIDE" => {
                Err(Refusal::coded(42205, format!("Subject {subject} is in read-only mode")))
            }
            _ => Ok(()),
        }
    }
}

/// A version as it is shown.
pub(crate) fn show(subject: &str, version: &Version) -> Value {
    let mut shown = json!({"subject": subject, "version": version.number, "id": version.id});
    crate::field::merge(&mut shown, &version.schema.show());
    shown
}
