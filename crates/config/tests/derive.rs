//! What `#[derive(Config)]` gives, seen from outside.

use std::time::Duration;

use config::{Config, ConfigValue, DefaultValue, RawConfig, Report, Secret, Type, Validator, config_enum};

use sluice_config as config;

config_enum! {
    /// How to read.
    pub enum Mode {
        /// Everything.
        Bulk = "bulk",
        /// New rows.
        Incrementing = "incrementing",
    }
}

/// A test config.
#[derive(Debug, Config)]
#[config(group = "Main", check = check)]
struct Sample {
    /// Where to connect.
    #[config(key = "url", importance = High, width = Long)]
    url: String,
    /// How many.
    #[config(key = "tasks.max", default = "1", validator = Validator::at_least(1.0))]
    tasks: i32,
    /// How.
    #[config(key = "mode", default = "bulk", dependents = ["column"])]
    mode: Mode,
    /// Which column.
    #[config(key = "column")]
    column: Option<String>,
    /// The password.
    #[config(key = "password")]
    password: Option<Secret>,
    /// How long.
    #[config(key = "wait.ms", default = "500", group = "Other")]
    wait: Duration,
}

fn check(sample: &Sample, report: &mut Report) {
    if sample.mode == Mode::Incrementing && sample.column.is_none() {
        report.add("column", "a column is needed in mode incrementing");
    }
}

fn errors(raw: &RawConfig) -> Vec<String> {
    Sample::validate(raw).into_iter().flat_map(|value: ConfigValue| value.errors).collect()
}

#[test]
fn a_good_config_is_typed() {
    let raw: RawConfig =
        [("url", " u "), ("mode", "INCREMENTING"), ("column", "id"), ("password", "x")].into_iter().collect();
    let sample = Sample::parse(&raw).unwrap();
    assert_eq!((sample.url.as_str(), sample.tasks, sample.mode), ("u", 1, Mode::Incrementing));
    assert_eq!(sample.wait, Duration::from_millis(500));
    assert_eq!(sample.password.unwrap().expose(), "x");
}

#[test]
fn all_errors_come_at_once_in_kafkas_words() {
    let raw: RawConfig = [("tasks.max", "x"), ("mode", "other"), ("wait.ms", "-1")].into_iter().collect();
    assert_eq!(
        errors(&raw),
        [
            "Missing required configuration \"url\" which has no default value.",
            "Invalid value x for configuration tasks.max: Not a number of type INT",
            "Invalid value null for configuration tasks.max: Value must be non-null",
            "Invalid value other for configuration mode: String must be one of (case insensitive): bulk, incrementing",
        ]
    );
    let raw: RawConfig = [("url", "u"), ("wait.ms", "-1")].into_iter().collect();
    assert_eq!(errors(&raw), ["Invalid value -1 for configuration wait.ms: Value must be at least 0"]);
}

#[test]
fn fields_are_checked_against_each_other() {
    let raw: RawConfig = [("url", "u"), ("mode", "incrementing")].into_iter().collect();
    assert_eq!(errors(&raw), ["a column is needed in mode incrementing"]);
    assert_eq!(Sample::parse(&raw).unwrap_err().of("column").len(), 1);
}

#[test]
fn the_definition_is_kafkas() {
    let definition = Sample::definition();
    let url = definition.key("url").unwrap();
    assert!(url.is_required());
    assert_eq!(
        (url.value_type, url.order_in_group, url.documentation.as_str()),
        (Type::String, 1, "Where to connect.")
    );
    assert_eq!(definition.key("column").unwrap().default, DefaultValue::Null);
    assert_eq!(definition.key("wait.ms").unwrap().order_in_group, 1);
    assert_eq!(definition.groups(), ["Main", "Other"]);
    assert!(definition.markdown().contains("| `tasks.max` | INT | `1` | MEDIUM | How many. (at least 1) |"));
}

#[test]
fn invariant_5_a_secret_is_shown_nowhere() {
    let raw: RawConfig = [("url", "u"), ("password", "canary"), ("tasks.max", "x")].into_iter().collect();
    let shown = format!(
        "{:?} {:?} {:?}",
        Sample::validate(&raw),
        Sample::definition().redacted(&raw).get("password"),
        raw
    );
    assert!(!shown.contains("canary"), "{shown}");
    let reference = RawConfig::new().with("password", "${env:P}");
    assert_eq!(Sample::definition().redacted(&reference).get("password"), Some("${env:P}"));
}
