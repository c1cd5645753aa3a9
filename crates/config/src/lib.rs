//! Configuration, declared once.
//!
//! A struct with `#[derive(Config)]` is the one declaration of a plugin's or the worker's keys. From it come parsing
//! into typed fields ([`Config::parse`]), Kafka's `ConfigDef` ([`ConfigDef`]) with its validation, error texts and
//! recommended values ([`Config::validate`]), a documentation table ([`ConfigDef::markdown`]) and redaction
//! ([`ConfigDef::redacted`]).
//!
//! Validation is pure and complete: every problem of a config is reported, by key, and nothing is read or opened.
//! Wording and parsing rules are those of Kafka's `ConfigDef`.
//!
//! This crate does no I/O: `${provider:path:key}` references are found and replaced here ([`placeholder`]), but
//! looked up elsewhere.

extern crate self as sluice_config;

mod catalog;
mod def;
mod docs;
mod field;
mod key;
mod parsed;
pub mod placeholder;
pub mod properties;
mod raw;
mod report;
mod secret;
mod validator;

pub use catalog::{Catalog, PluginDescription, PluginKind, SourcePromises, aliases};
pub use config_derive::Config;
pub use def::{ConfigDef, ConfigValue, ParsedConfig};
pub use field::{ClassName, FieldType};
pub use key::{ConfigKey, DefaultValue, Importance, Recommender, Type, Width};
pub use parsed::Parsed;
pub use raw::RawConfig;
pub use report::Report;
pub use secret::{HIDDEN, Secret};
pub use validator::Validator;

/// A typed config whose keys are declared by its fields; implemented by `#[derive(Config)]`.
///
/// On the struct: `#[config(group = "…")]` is the default group, `#[config(check = path)]` names a
/// `fn(&Self, &mut Report)` that checks fields against each other once each is right by itself.
///
/// On a field, `#[config(…)]` with: `key = "…"` (needed); `default = "text"` (without it, and unless the field is an
/// `Option`, the key is required); `importance = High|Medium|Low` (Medium); `group = "…"`; `width =
/// None|Short|Medium|Long`; `display = "…"` (the key); `validator = EXPR` (a [`Validator`]); `recommender = PATH` (a
/// [`Recommender`]); `dependents = ["key"]`. `#[config(flatten)]` takes in the keys of another config. A field's doc
/// comment is its documentation; a field without one does not compile.
pub trait Config: Sized + Send + 'static {
    /// Every key, in order.
    fn definition() -> &'static ConfigDef;

    /// Builds the struct of values that passed their own checks.
    ///
    /// # Errors
    /// What a field type refuses, by key.
    fn from_parsed(values: &ParsedConfig) -> Result<Self, Report>;

    /// Checks fields against each other.
    fn cross_check(&self, _report: &mut Report) {}

    /// Parses and checks everything.
    ///
    /// # Errors
    /// All problems, by key, in Kafka's words.
    fn parse(raw: &RawConfig) -> Result<Self, Report> {
        let values = Self::definition().parse(raw)?;
        let config = Self::from_parsed(&values)?;
        let mut report = Report::default();
        config.cross_check(&mut report);
        if report.is_empty() { Ok(config) } else { Err(report) }
    }

    /// The state of each key: value, recommended values, errors. Checks between fields run only when each field is
    /// right by itself.
    fn validate(raw: &RawConfig) -> Vec<ConfigValue> {
        let mut values = Self::definition().validate(raw);
        if values.iter().all(|value| value.errors.is_empty())
            && let Err(report) = Self::parse(raw)
        {
            report.add_to(&mut values);
        }
        values
    }
}
