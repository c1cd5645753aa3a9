//! What can go wrong at the border between a connector and the runtime, and what to do about it.

use std::fmt;

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What the runtime does about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Try the same again, later. Only what is named so is retried.
    Retry,
    /// One record is at fault: `errors.tolerance` decides.
    BadRecord,
    /// The config is at fault; trying again will not help until it changes.
    Misconfigured,
    /// The task fails. Whatever is not classified is fatal, as in Kafka Connect.
    Fatal,
}

impl ErrorKind {
    /// The Java exception class that stands for this kind in traces and dead letters, which tools know.
    pub fn class_name(self) -> &'static str {
        match self {
            ErrorKind::Retry => "org.apache.kafka.connect.errors.RetriableException",
            ErrorKind::BadRecord => "org.apache.kafka.connect.errors.DataException",
            ErrorKind::Misconfigured => "org.apache.kafka.common.config.ConfigException",
            ErrorKind::Fatal => "org.apache.kafka.connect.errors.ConnectException",
        }
    }
}

/// An error with what happened, where, why, and what to do next. Texts begin in lower case and end without a full
/// stop, unless Kafka Connect has a text of its own. They never hold a secret (invariant 5): connectors put
/// references and names in, not values of PASSWORD keys.
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: ErrorKind,
    class: Option<&'static str>,
    message: String,
    context: Vec<(&'static str, String)>,
    hint: Option<String>,
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of a kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Box::new(Inner { kind, class: None, message, context: Vec::new(), hint: None, cause: None }))
    }

    /// Something that passes: a connection cut, a server that is busy.
    pub fn retry(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Retry, message)
    }

    /// A record that cannot be converted, transformed or written.
    pub fn bad_record(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadRecord, message)
    }

    /// A config that cannot work.
    pub fn misconfigured(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Misconfigured, message)
    }

    /// Anything else.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Fatal, message)
    }

    /// Adds where it happened: `.with("table", name)`.
    pub fn with(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.0.context.push((key, value.to_string()));
        self
    }

    /// Names the Java exception that Kafka Connect has here, where it is not the kind's: traces and dead letters show it.
    pub fn class(mut self, class: &'static str) -> Self {
        self.0.class = Some(class);
        self
    }

    /// Adds what the operator may do.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the error behind this one; its text is not repeated in the message.
    pub fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The Java exception class that stands for this error in traces and dead letters.
    pub fn class_name(&self) -> &'static str {
        self.0.class.unwrap_or_else(|| self.0.kind.class_name())
    }

    /// Whether the same may be tried again.
    pub fn is_retriable(&self) -> bool {
        self.0.kind == ErrorKind::Retry
    }

    /// What happened, without context and hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The hint.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The trace that status answers show: class and text, then the causes, one a line, in the form Java prints. A cause
    /// that is no [`Error`] has no class of Java's.
    pub fn trace(&self) -> String {
        let mut trace = format!("{}: {self}\n", self.class_name());
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let class =
                error.downcast_ref::<Error>().map_or(String::new(), |it| format!("{}: ", it.class_name()));
            trace.push_str(&format!("Caused by: {class}{error}\n"));
            cause = error.source();
        }
        trace
    }
}

/// Message, context and hint on one line; causes are left to [`Error::trace`].
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        for (index, (key, value)) in self.0.context.iter().enumerate() {
            write!(f, "{}{key} {value}", if index == 0 { " (" } else { ", " })?;
        }
        if !self.0.context.is_empty() {
            f.write_str(")")?;
        }
        match &self.0.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)?;
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_ref().map(|cause| cause.as_ref() as _)
    }
}

impl From<config::Report> for Error {
    fn from(report: config::Report) -> Self {
        Error::misconfigured(report.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_has_the_causes() {
        let error = Error::fatal("cannot read the table")
            .with("table", "orders")
            .hint("grant SELECT to the connector's user")
            .caused_by(std::io::Error::other("permission denied"));
        assert_eq!(
            error.trace(),
            "org.apache.kafka.connect.errors.ConnectException: cannot read the table (table orders); \
             grant SELECT to the connector's user\nCaused by: permission denied\n"
        );
        let outer =
            Error::retry("later").caused_by(Error::bad_record("no number").class("x.Y").caused_by("why"));
        assert_eq!(
            outer.trace(),
            "org.apache.kafka.connect.errors.RetriableException: later\nCaused by: x.Y: no number\nCaused by: why\n"
        );
    }
}
