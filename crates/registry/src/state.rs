//! What the registry holds: made by applying records, and nothing else.

pub(crate) mod likeness;
mod scope;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use crate::config::Config;
use crate::level::Mode;
use crate::record::{Record, Version};
use crate::schema::Schema;
use crate::state::likeness::Kept;
use crate::subject::{DEFAULT, Subject};

/// Everything.
#[derive(Debug, Default)]
pub(crate) struct State {
    contexts: BTreeMap<String, Context>,
    configs: BTreeMap<Subject, Config>,
    modes: BTreeMap<Subject, Mode>,
}

// A context that is gone leaves its counter of ids; no answer depends on it.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.configs == other.configs && self.modes == other.modes && self.listed().eq(other.listed())
    }
}

/// One context.
#[derive(Debug, Default)]
pub(crate) struct Context {
    /// There is a record of it; otherwise it is listed while it has subjects.
    recorded: bool,
    /// Versions by subject's name and number, soft-deleted ones too.
    subjects: BTreeMap<String, BTreeMap<i32, Entry>>,
    ids: BTreeMap<i32, Identified>,
    /// Ids of each content: more than one only when clients brought them.
    by_guid: HashMap<Uuid, BTreeSet<i32>>,
    /// The highest id that was ever seen. It is the one thing that a compacted log may not give back: it takes ids of
    /// schemas that are gone for good.
    id_max: i32,
}

// What answers depend on; the ids that are gone are not.
impl PartialEq for Context {
    fn eq(&self, other: &Self) -> bool {
        self.recorded == other.recorded
            && self.subjects == other.subjects
            && self.ids == other.ids
            && self.by_guid == other.by_guid
    }
}

/// A version of a subject.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub id: i32,
    pub schema: Arc<Schema>,
    pub deleted: bool,
    /// When it was written, in milliseconds since the epoch.
    pub written_ms: i64,
    /// Its normalized text.
    pub normalized: Kept,
    /// Its normalized text with what it uses in it.
    pub inlined: Kept,
}

/// A schema by its id.
#[derive(Debug, PartialEq)]
pub(crate) struct Identified {
    pub schema: Arc<Schema>,
    /// Where it is: name of the subject, version.
    pub places: BTreeSet<(String, i32)>,
}

impl State {
    /// Applies a record. One that contradicts what is there is passed over, and the log says so.
    pub fn apply(&mut self, record: Record, written_ms: i64) {
        match record {
            Record::Schema { subject, version, value: None } => self.remove(&subject, version),
            Record::Schema { subject, version, value: Some(value) } => {
                self.insert(&subject, version, *value, written_ms);
            }
            Record::Config { subject, value: Some(config) } => {
                self.configs.insert(subject, *config);
            }
            Record::Config { subject, value: None } => {
                self.configs.remove(&subject);
            }
            Record::Mode { subject, value: Some(mode) } => {
                self.modes.insert(subject, mode);
            }
            Record::Mode { subject, value: None } => {
                self.modes.remove(&subject);
            }
            Record::DeleteSubject { subject, version } => {
                let versions = self
                    .contexts
                    .get_mut(subject.context())
                    .and_then(|context| context.subjects.get_mut(subject.name()));
                for (_, entry) in versions.into_iter().flat_map(|versions| versions.range_mut(..=version)) {
                    entry.deleted = true;
                }
            }
            Record::ClearSubject { subject } => self.clear(&subject),
            Record::Context { context, exists } => {
                self.contexts.entry(context).or_default().recorded = exists;
            }
            Record::Nothing => {}
        }
    }

    // That of a context clears its subjects, and that of all contexts everything.
    fn clear(&mut self, subject: &Subject) {
        let all = subject.is_global() || *subject == Subject::behind_all();
        let within = |other: &Subject| {
            other == subject || subject.is_context() && (all || other.context() == subject.context())
        };
        for subject in self.subjects().filter(within).collect::<Vec<_>>() {
            let deleted = self.versions(&subject).filter(|(_, entry)| entry.deleted);
            let deleted: Vec<i32> = deleted.map(|(version, _)| version).collect();
            deleted.into_iter().for_each(|version| self.remove(&subject, version));
        }
    }

    fn insert(&mut self, subject: &Subject, version: i32, value: Version, written_ms: i64) {
        if version < 1 || value.id < 0 || subject.check().is_err() {
            tracing::warn!(%subject, version, id = value.id, "a schema record is passed over: its key or id is invalid");
            return;
        }
        let guid = value.schema.guid();
        let context = self.contexts.entry(subject.context().to_owned()).or_default();
        let other = context.ids.get(&value.id).is_some_and(|known| known.schema.guid() != guid);
        if other {
            tracing::warn!(%subject, version, id = value.id, "a schema record is passed over: another schema has its id");
            return;
        }
        let schema = match context.ids.get(&value.id) {
            Some(known) => Arc::clone(&known.schema),
            None => Arc::new(value.schema),
        };
        self.remove(subject, version);
        let context = self.contexts.entry(subject.context().to_owned()).or_default();
        context.id_max = context.id_max.max(value.id);
        context.by_guid.entry(guid).or_default().insert(value.id);
        let identified = context
            .ids
            .entry(value.id)
            .or_insert_with(|| Identified { schema: Arc::clone(&schema), places: BTreeSet::new() });
        identified.places.insert((subject.name().to_owned(), version));
        let (normalized, inlined) = (Kept::default(), Kept::default());
        let entry = Entry { id: value.id, schema, deleted: value.deleted, written_ms, normalized, inlined };
        context.subjects.entry(subject.name().to_owned()).or_default().insert(version, entry);
    }

    fn remove(&mut self, subject: &Subject, version: i32) {
        let Some(context) = self.contexts.get_mut(subject.context()) else { return };
        let Some(versions) = context.subjects.get_mut(subject.name()) else { return };
        let removed = versions.remove(&version);
        if versions.is_empty() {
            context.subjects.remove(subject.name());
        }
        let Some(entry) = removed else { return };
        let Some(identified) = context.ids.get_mut(&entry.id) else { return };
        identified.places.remove(&(subject.name().to_owned(), version));
        if identified.places.is_empty() {
            context.ids.remove(&entry.id);
            let guid = entry.schema.guid();
            if let Some(ids) = context.by_guid.get_mut(&guid) {
                ids.remove(&entry.id);
                if ids.is_empty() {
                    context.by_guid.remove(&guid);
                }
            }
        }
    }

    // -- looking ---------------------------------------------------------------------------------------------------

    /// Names of all contexts, sorted. The default one is always there.
    pub fn contexts(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.listed().map(|(name, _)| name.as_str()).collect();
        if !names.contains(&DEFAULT) {
            names.push(DEFAULT);
        }
        names.sort_unstable();
        names
    }

    fn listed(&self) -> impl Iterator<Item = (&String, &Context)> {
        self.contexts.iter().filter(|(_, context)| context.is_listed())
    }

    /// A context that has something.
    pub fn context(&self, name: &str) -> Option<&Context> {
        self.contexts.get(name)
    }

    /// All subjects, soft-deleted ones too.
    pub fn subjects(&self) -> impl Iterator<Item = Subject> + '_ {
        self.contexts.iter().flat_map(|(context, held)| {
            held.subjects.keys().map(move |name| Subject::of_context(context).named(name))
        })
    }

    /// All versions of a subject, oldest first, soft-deleted ones too.
    pub fn versions(&self, subject: &Subject) -> impl DoubleEndedIterator<Item = (i32, &Entry)> {
        let versions =
            self.contexts.get(subject.context()).and_then(|context| context.subjects.get(subject.name()));
        versions.into_iter().flatten().map(|(version, entry)| (*version, entry))
    }

    /// Versions that are not deleted, oldest first.
    pub fn live(&self, subject: &Subject) -> impl DoubleEndedIterator<Item = (i32, &Entry)> {
        self.versions(subject).filter(|(_, entry)| !entry.deleted)
    }

    /// A version, soft-deleted or not.
    pub fn version(&self, subject: &Subject, version: i32) -> Option<&Entry> {
        self.contexts.get(subject.context())?.subjects.get(subject.name())?.get(&version)
    }

    /// Whether it has any version; soft-deleted ones count if asked for.
    pub fn has_subject(&self, subject: &Subject, deleted: bool) -> bool {
        self.versions(subject).any(|(_, entry)| deleted || !entry.deleted)
    }

    /// Who uses a version of a subject: subject, version and entry.
    pub fn users(&self, target: &Subject, version: i32) -> Vec<(Subject, i32, &Entry)> {
        let mut users = Vec::new();
        for subject in self.subjects() {
            for (number, entry) in self.versions(&subject) {
                let uses = entry.schema.references.iter().any(|reference| {
                    reference.version == version
                        && Subject::parse_in(subject.context(), &reference.subject) == *target
                });
                if uses {
                    users.push((subject.clone(), number, entry));
                }
            }
        }
        users
    }

    /// The config that was set for exactly this subject.
    pub fn own_config(&self, subject: &Subject) -> Option<&Config> {
        self.configs.get(subject)
    }

    /// The mode that was set for exactly this subject.
    pub fn own_mode(&self, subject: &Subject) -> Option<Mode> {
        self.modes.get(subject).copied()
    }

    /// Subjects that have a mode.
    pub fn subjects_with_mode(&self) -> impl Iterator<Item = &Subject> {
        self.modes.keys()
    }
}

impl Context {
    /// Whether it is there: a context that is gone leaves its counter of ids.
    pub fn is_listed(&self) -> bool {
        self.recorded || !self.subjects.is_empty()
    }

    /// Whether there is a record of it.
    pub fn is_recorded(&self) -> bool {
        self.recorded
    }

    /// Whether it has no subjects, not even soft-deleted ones.
    pub fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    /// A schema by its id.
    pub fn identified(&self, id: i32) -> Option<&Identified> {
        self.ids.get(&id)
    }

    /// The ids of a content, lowest first.
    pub fn ids_of(&self, guid: Uuid) -> impl Iterator<Item = i32> {
        self.by_guid.get(&guid).into_iter().flatten().copied()
    }

    /// The highest id so far; 0 before the first.
    pub fn id_max(&self) -> i32 {
        self.id_max
    }
}
