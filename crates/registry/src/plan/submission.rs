//! A schema as a client sends it, and how it becomes one that can be compared and stored.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::config::Config;
use crate::format::{Checks, Parsed};
use crate::metadata::{Metadata, VERSION};
use crate::plan::resolve::resolve;
use crate::refusal::{Answer, Refusal};
use crate::rules::RuleSet;
use crate::schema::{Reference, Schema, SchemaType};
use crate::state::State;
use crate::subject::Subject;

/// How much of a schema's text is repeated in an error.
const TEXT_SHOWN_BYTES: usize = 2000;

/// The body of register, look-up and compatibility requests.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Submission {
    pub schema: Option<String>,
    pub schema_type: Option<String>,
    pub references: Option<Vec<SubmittedReference>>,
    pub metadata: Option<Metadata>,
    pub rule_set: Option<RuleSet>,
    pub id: Option<i32>,
    pub version: Option<i32>,
}

/// A reference as it is sent: members may be missing, which has a code of its own.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SubmittedReference {
    name: Option<String>,
    subject: Option<String>,
    version: Option<i32>,
}

/// A schema that was read.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub schema: Schema,
    pub parsed: Parsed,
}

impl Submission {
    /// Whether it is a Protobuf descriptor in base64 instead of a file's text.
    pub fn is_descriptor(&self) -> bool {
        let text = self.schema.as_deref().unwrap_or_default().trim();
        self.schema_type.as_deref() == Some("PROTOBUF") && !text.is_empty() && STANDARD.decode(text).is_ok()
    }

    /// Reads the schema: its text becomes canonical, `-1` in references a number, and what a client leaves out of
    /// metadata and rules comes from the latest version and the config.
    pub fn prepare(
        &self,
        state: &State,
        subject: &Subject,
        config: &Config,
        normalize: bool,
        checks: Checks,
    ) -> Answer<Prepared> {
        let latest = state.live(subject).next_back().map(|(_, entry)| entry.schema.as_ref());
        let mut references = self.references(state, subject)?;
        let text = self.schema.as_deref().unwrap_or_default();
        let (schema_type, text) = if text.trim().is_empty() {
            // Only metadata or rules change.
            let latest = latest.ok_or_else(|| Refusal::invalid_schema("Empty schema"))?;
            references.clone_from(&latest.references);
            (latest.schema_type, latest.text.as_str())
        } else {
            let name = self.schema_type.as_deref();
            let schema_type = SchemaType::named(name).ok_or_else(|| {
                Refusal::invalid_schema(format!("Invalid schema type {}", name.unwrap_or_default()))
            })?;
            (schema_type, text)
        };
        let normalize = normalize || config.normalize == Some(true);
        if normalize {
            references.sort();
            references.dedup();
        }
        let wrong = |reason: String| invalid(text, &references, schema_type, &reason);
        let resolved =
            resolve(state, subject, &references, false).map_err(|refusal| wrong(refusal.message))?;
        let parsed = Parsed::parse(schema_type, text, &resolved, checks).map_err(wrong)?;
        let text = if normalize { parsed.normalized() } else { parsed.canonical() };
        let (metadata, rule_set) = self.decorations(latest, config);
        let schema = Schema::new(schema_type, text, references, metadata, rule_set);
        Ok(Prepared { schema, parsed })
    }

    fn references(&self, state: &State, subject: &Subject) -> Answer<Vec<Reference>> {
        let mut references = Vec::new();
        for reference in self.references.iter().flatten() {
            let SubmittedReference { name: Some(name), subject: Some(target), version: Some(version) } =
                reference
            else {
                return Err(Refusal::invalid_schema(format!(
                    "Invalid reference: name, subject and version are all needed, not {reference:?}"
                )));
            };
            let version = match version {
                -1 => {
                    let target = Subject::parse_in(subject.context(), target);
                    let latest = state.live(&target).next_back();
                    let latest = latest.ok_or_else(|| {
                        Refusal::invalid_schema(format!("No schema reference found for subject \"{target}\""))
                    })?;
                    latest.0
                }
                version => *version,
            };
            references.push(Reference { name: name.clone(), subject: target.clone(), version });
        }
        Ok(references)
    }

    // Defaults of the config, then what was sent or else the latest version's, then overrides of the config.
    fn decorations(&self, latest: Option<&Schema>, config: &Config) -> (Option<Metadata>, Option<RuleSet>) {
        let inherited = || latest.and_then(|latest| Metadata::without(latest.metadata.as_ref(), VERSION));
        let metadata = self.metadata.clone().or_else(inherited);
        let metadata = Metadata::merged(config.default_metadata.clone(), metadata.as_ref());
        let metadata = Metadata::merged(metadata, config.override_metadata.as_ref());
        let rule_set = self.rule_set.clone().or_else(|| latest.and_then(|latest| latest.rule_set.clone()));
        let rule_set = RuleSet::merged(config.default_rule_set.clone(), rule_set.as_ref());
        let rule_set = RuleSet::merged(rule_set, config.override_rule_set.as_ref());
        (metadata, rule_set)
    }
}

fn invalid(text: &str, references: &[Reference], schema_type: SchemaType, reason: &str) -> Refusal {
    let mut end = text.len().min(TEXT_SHOWN_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let more = if end < text.len() { "…" } else { "" };
    let references: Vec<_> = references
        .iter()
        .map(|reference| format!("{}:{}:{}", reference.name, reference.subject, reference.version))
        .collect();
    Refusal::invalid_schema(format!(
        "Invalid schema {}{more} with refs [{}] of type {}, details: {reason}",
        &text[..end],
        references.join(", "),
        schema_type.name()
    ))
}
