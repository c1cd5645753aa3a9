//! Why a request is refused: Confluent's codes and words.

use crate::subject::Subject;

/// A refused request. The HTTP status is the first three digits of the code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (error code {code})")]
pub struct Refusal {
    /// Three digits (a plain HTTP status) or five.
    pub code: u32,
    /// What is wrong.
    pub message: String,
}

/// What an operation gives.
pub type Answer<T> = Result<T, Refusal>;

impl Refusal {
    pub(crate) fn new(code: u32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        let status = if self.code > 999 { self.code / 100 } else { self.code };
        u16::try_from(status).unwrap_or(500)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "HTTP 404 Not Found")
    }

    pub(crate) fn no_subject(subject: &Subject) -> Self {
        Self::new(40401, format!("Subject '{subject}' not found."))
    }

    pub(crate) fn no_version(version: impl std::fmt::Display) -> Self {
        Self::new(40402, format!("Version {version} not found."))
    }

    pub(crate) fn no_schema(which: impl std::fmt::Display) -> Self {
        Self::new(40403, format!("Schema {which} not found"))
    }

    pub(crate) fn subject_deleted(subject: &Subject) -> Self {
        Self::new(
            40404,
            format!("Subject '{subject}' was soft deleted. Set permanent=true to delete permanently"),
        )
    }

    pub(crate) fn subject_not_deleted(subject: &Subject) -> Self {
        let message = format!("Subject '{subject}' was not deleted first before being permanently deleted");
        Self::new(40405, message)
    }

    pub(crate) fn version_deleted(subject: &Subject, version: i32) -> Self {
        let message = format!(
            "Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently"
        );
        Self::new(40406, message)
    }

    pub(crate) fn version_not_deleted(subject: &Subject, version: i32) -> Self {
        let message = format!(
            "Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
        );
        Self::new(40407, message)
    }

    pub(crate) fn no_subject_level(subject: &Subject) -> Self {
        let message = format!("Subject '{subject}' does not have subject-level compatibility configured");
        Self::new(40408, message)
    }

    pub(crate) fn no_subject_mode(subject: &Subject) -> Self {
        Self::new(40409, format!("Subject '{subject}' does not have subject-level mode configured"))
    }

    pub(crate) fn incompatible(subject: &Subject, details: &[String]) -> Self {
        let details = details.join(", ");
        let message = format!(
            "Schema being registered is incompatible with an earlier schema for subject \"{subject}\", \
             details: [{details}]"
        );
        Self::new(40901, message)
    }

    pub(crate) fn invalid_schema(reason: impl Into<String>) -> Self {
        Self::new(42201, reason)
    }

    pub(crate) fn invalid_version(version: &str) -> Self {
        let message = format!(
            "The specified version '{version}' is not a valid version id. Allowed values are between \
             [1, 2^31-1] and the string \"latest\""
        );
        Self::new(42202, message)
    }

    pub(crate) fn invalid_level() -> Self {
        let message = "Invalid compatibility level. Valid values are none, backward, forward, full, \
                       backward_transitive, forward_transitive, and full_transitive";
        Self::new(42203, message)
    }

    pub(crate) fn not_permitted(reason: impl Into<String>) -> Self {
        Self::new(42205, reason)
    }

    pub(crate) fn read_only(subject: &Subject) -> Self {
        Self::not_permitted(match subject.is_global() {
            true => "The registry is in read-only mode".to_owned(),
            false => format!("Subject {subject} is in read-only mode"),
        })
    }

    pub(crate) fn referenced(subject: &Subject, version: i32) -> Self {
        let message = format!(
            "One or more references exist to the schema \
             {{magic=1,keytype=SCHEMA,subject={subject},version={version}}}."
        );
        Self::new(42206, message)
    }

    pub(crate) fn invalid_subject(subject: &str) -> Self {
        Self::new(42208, format!("The specified subject '{subject}' is not a valid subject."))
    }

    pub(crate) fn invalid_rules(reason: impl Into<String>) -> Self {
        Self::new(42210, reason)
    }
}
