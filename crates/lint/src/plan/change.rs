//! One resource's part of a plan.

use std::fmt;

use serde_json::Value;

/// What Terraform would do to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Read a data source.
    Read,
    /// Make it.
    Create,
    /// Change it in place.
    Update,
    /// Delete it and make another, in whichever order.
    Replace,
    /// Delete it.
    Delete,
    /// Drop it from the state and leave it as it is.
    Forget,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::NoOp => "no change",
            Action::Read => "read",
            Action::Create => "create",
            Action::Update => "change",
            Action::Replace => "replace",
            Action::Delete => "destroy",
            Action::Forget => "forget",
        })
    }
}

/// What is planned for a resource, with its values in plain text.
#[derive(Clone, PartialEq)]
pub struct Change {
    /// Address with module and index.
    pub address: String,
    /// Address before a `moved` block took effect.
    pub previous_address: Option<String>,
    /// Type, such as `confluent_kafka_topic`.
    pub r#type: String,
    /// Whether it is a data source.
    pub is_data: bool,
    /// Id of an object that was replaced in an earlier apply and is still to be deleted.
    pub deposed: Option<String>,
    /// What would be done.
    pub action: Action,
    /// Terraform's word for why, such as `replace_because_tainted`.
    pub reason: Option<String>,
    /// Whether an `import` block brings it in.
    pub is_import: bool,
    /// Values now.
    pub before: Value,
    /// Values afterwards, as far as they are known.
    pub after: Value,
    /// `true` where the value is known only after apply.
    pub after_unknown: Value,
    /// `true` where the value now is sensitive.
    pub before_sensitive: Value,
    /// `true` where the value afterwards is sensitive.
    pub after_sensitive: Value,
    /// Attributes because of which it is replaced.
    pub replace_paths: Vec<String>,
}

// Invariant 5: the values are not among what is printed.
impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("address", &self.address)
            .field("action", &self.action)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl Change {
    /// Whether the object that is there now would be gone.
    pub fn destroys(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Replace)
    }

    /// The address, and for a deposed object its id, as `--allow-destroy` takes it.
    pub fn name(&self) -> String {
        match &self.deposed {
            Some(id) => format!("{} (deposed {id})", self.address),
            None => self.address.clone(),
        }
    }
}

/// How many resources of each kind of action; data sources are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Made.
    pub create: usize,
    /// Changed in place.
    pub update: usize,
    /// Deleted and made anew.
    pub replace: usize,
    /// Deleted.
    pub delete: usize,
    /// Dropped from the state.
    pub forget: usize,
    /// Brought into the state, whatever else is done to them.
    pub import: usize,
    /// Left as they are.
    pub unchanged: usize,
}

impl Counts {
    /// Counts changes.
    pub fn of(changes: &[Change]) -> Self {
        let mut counts = Self::default();
        for change in changes.iter().filter(|change| !change.is_data) {
            match change.action {
                Action::Create => counts.create += 1,
                Action::Update => counts.update += 1,
                Action::Replace => counts.replace += 1,
                Action::Delete => counts.delete += 1,
                Action::Forget => counts.forget += 1,
                Action::NoOp | Action::Read => counts.unchanged += 1,
            }
            counts.import += usize::from(change.is_import);
        }
        counts
    }

    /// Whether nothing would be done.
    pub fn is_empty(&self) -> bool {
        self.create + self.update + self.replace + self.delete + self.forget + self.import == 0
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.delete, "to destroy"),
            (self.replace, "to replace"),
            (self.forget, "to forget"),
            (self.update, "to change"),
            (self.create, "to create"),
            (self.import, "to import"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        match parts.is_empty() {
            true => f.write_str("no changes"),
            false => f.write_str(&parts.join(", ")),
        }
    }
}
