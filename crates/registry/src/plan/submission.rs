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
        let sent = self.references(state, subject)?;
        let (schema_type, text, references) = match (self.typed_text()?, latest) {
            (Some((schema_type, text)), _) => (schema_type, text, sent),
            // Only metadata or rules change.
            (None, Some(latest)) => (latest.schema_type, latest.text.as_str(), latest.references.clone()),
            (None, None) => return Err(Refusal::invalid_schema("Empty schema")),
        };
        let decorations = self.decorations(latest, config);
        read(state, subject, (schema_type, text), references, decorations, normalize, checks)
    }

    /// Reads the schema as it was sent: nothing is added, and what was once registered elsewhere or here can be read,
    /// whatever is asked of new schemas. Nothing without a text.
    pub fn as_sent(&self, state: &State, subject: &Subject, normalize: bool) -> Answer<Option<Prepared>> {
        let Some(typed_text) = self.typed_text()? else { return Ok(None) };
        let references = self.references(state, subject)?;
        let decorations = (self.metadata.clone(), self.rule_set.clone());
        read(state, subject, typed_text, references, decorations, normalize, Checks::Stored).map(Some)
    }

    /// What was sent, with what the latest version and the config add to it; nothing if they add nothing.
    pub fn decorated(&self, sent: Prepared, latest: &Schema, config: &Config) -> Option<Prepared> {
        let (metadata, rule_set) = self.decorations(Some(latest), config);
        let Prepared { schema, parsed } = sent;
        if schema.metadata == metadata && schema.rule_set == rule_set {
            return None;
        }
        let schema = Schema::new(schema.schema_type, schema.text, schema.references, metadata, rule_set);
        Some(Prepared { schema, parsed })
    }

    // Type and text, if there is a text.
    fn typed_text(&self) -> Answer<Option<(SchemaType, &str)>> {
        let text = self.schema.as_deref().unwrap_or_default();
        if text.trim().is_empty() {
            return Ok(None);
        }
        let name = self.schema_type.as_deref();
        let schema_type = SchemaType::named(name).ok_or_else(|| {
            Refusal::invalid_schema(format!("Invalid schema type {}", name.unwrap_or_default()))
        })?;
        Ok(Some((schema_type, text)))
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

fn read(
    state: &State,
    subject: &Subject,
    (schema_type, text): (SchemaType, &str),
    mut references: Vec<Reference>,
    (metadata, rule_set): (Option<Metadata>, Option<RuleSet>),
    normalize: bool,
    checks: Checks,
) -> Answer<Prepared> {
    if normalize {
        references.sort();
        references.dedup();
    }
    let wrong = |reason: String| invalid(text, &references, schema_type, &reason);
    let deleted = checks == Checks::Stored;
    let resolved = resolve(state, subject, &references, deleted).map_err(|refusal| wrong(refusal.message))?;
    let parsed = Parsed::parse(schema_type, text, &resolved, checks).map_err(wrong)?;
    let text = if normalize { parsed.normalized() } else { parsed.canonical() };
    let schema = Schema::new(schema_type, text, references, metadata, rule_set);
    Ok(Prepared { schema, parsed })
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
