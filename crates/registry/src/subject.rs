//! Subjects and their contexts.
//!
//! A context is a registry within the registry: own ids, own subjects. It is named in a subject's own text:
//! `:.context:name`. The default context, `.`, is not written.

use std::fmt;

use crate::refusal::{Answer, Refusal};

/// Name of the default context.
pub(crate) const DEFAULT: &str = ".";

/// The context whose config and mode stand behind those of all others. It has no subjects.
const GLOBAL: &str = ".__GLOBAL";

/// Names that clients may not use: they stand for something inside the original.
const RESERVED: [&str; 2] = ["__GLOBAL", "__EMPTY"];

/// A subject with its context. Config and mode of a whole context have a subject without a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    context: String,
    name: String,
}

impl Subject {
    /// Reads `name` or `:.context:name`. What has no leading dot between its colons is no context but a part of the
    /// name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self::parse_in(DEFAULT, text)
    }

    /// Reads a subject; a name without a context gets this one.
    #[must_use]
    pub fn parse_in(context: &str, text: &str) -> Self {
        match text.strip_prefix(':').filter(|rest| rest.starts_with('.')) {
            Some(rest) => {
                let (context, name) = rest.split_once(':').unwrap_or((rest, ""));
                Self { context: context.to_owned(), name: name.to_owned() }
            }
            None => Self { context: context.to_owned(), name: text.to_owned() },
        }
    }

    /// That of everything: the default context as a whole.
    pub(crate) fn global() -> Self {
        Self::of_context(DEFAULT)
    }

    /// That of a whole context.
    pub(crate) fn of_context(context: &str) -> Self {
        Self { context: context.to_owned(), name: String::new() }
    }

    /// The one behind all contexts.
    pub(crate) fn behind_all() -> Self {
        Self::of_context(GLOBAL)
    }

    /// This name in the same context.
    pub(crate) fn named(&self, name: &str) -> Self {
        Self { context: self.context.clone(), name: name.to_owned() }
    }

    /// Its context, with the leading dot.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.context
    }

    /// Its name without the context.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn in_default_context(&self) -> bool {
        self.context == DEFAULT
    }

    /// Whether it stands for a whole context.
    pub(crate) fn is_context(&self) -> bool {
        self.name.is_empty()
    }

    pub(crate) fn is_global(&self) -> bool {
        self.is_context() && self.in_default_context()
    }

    /// The same name elsewhere.
    pub(crate) fn moved_to(&self, context: &str) -> Self {
        Self { context: context.to_owned(), name: self.name.clone() }
    }

    /// Whether schemas can be registered under it.
    pub(crate) fn check(&self) -> Answer<()> {
        if self.is_context() || self.context == GLOBAL {
            return Err(Refusal::invalid_subject(&self.to_string()));
        }
        self.check_for_settings()
    }

    /// Whether it can have a config and a mode: whole contexts can.
    pub(crate) fn check_for_settings(&self) -> Answer<()> {
        let text = self.to_string();
        let control = text.chars().any(|letter| letter.is_control());
        let wildcard = text.starts_with(":*:");
        if control || wildcard || RESERVED.contains(&self.name.as_str()) {
            return Err(Refusal::invalid_subject(&text));
        }
        Ok(())
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.in_default_context() {
            true => f.write_str(&self.name),
            false => write!(f, ":{}:{}", self.context, self.name),
        }
    }
}

/// A context by any of the ways to write it: `.c`, `c`, `:.c:`.
pub(crate) fn context_named(text: &str) -> String {
    let bare = text.trim_matches(':');
    match bare.starts_with('.') {
        true => bare.to_owned(),
        false => format!(".{bare}"),
    }
}

/// Which subjects a `subjectPrefix` means: `:*:x` those that begin with x in every context, anything else is the
/// beginning of the whole text.
pub(crate) fn has_prefix(subject: &Subject, prefix: &str) -> bool {
    match prefix.strip_prefix(":*:") {
        Some(name) => subject.name.starts_with(name),
        None => subject.to_string().starts_with(prefix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, context: &str, name: &str, shown: &str) {
        let subject = Subject::parse(text);
        assert_eq!((subject.context(), subject.name()), (context, name));
        assert_eq!(subject.to_string(), shown);
    }

    #[test]
    fn a_context_is_read_from_the_subject() {
        check("orders-value", ".", "orders-value", "orders-value");
        check(":.prod:orders-value", ".prod", "orders-value", ":.prod:orders-value");
        check(":.prod:", ".prod", "", ":.prod:");
        check(":.prod", ".prod", "", ":.prod:");
        check(":.:orders", ".", "orders", "orders");
        check(":.a:b:c", ".a", "b:c", ":.a:b:c");
    }

    #[test]
    fn without_a_dot_it_is_no_context() {
        check(":prod:orders", ".", ":prod:orders", ":prod:orders");
        check("a:b", ".", "a:b", "a:b");
        check("", ".", "", "");
    }

    #[test]
    fn names_that_are_not_allowed() {
        for text in ["", ":.c:", "__GLOBAL", ":.c:__EMPTY", "a\nb", "a\u{7f}", ":*:", ":.__GLOBAL:s"] {
            assert_eq!(Subject::parse(text).check().unwrap_err().code, 42208, "{text:?}");
        }
        for text in ["a b", "a/b", "ü", ":.c:s"] {
            Subject::parse(text).check().unwrap();
        }
        Subject::parse(":.__GLOBAL:").check_for_settings().unwrap();
    }

    #[test]
    fn contexts_are_named_in_three_ways() {
        for text in [".c", "c", ":.c:"] {
            assert_eq!(context_named(text), ".c");
        }
        assert_eq!(context_named("."), ".");
    }
}
