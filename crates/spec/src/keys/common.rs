//! Keys that every connector has.

use std::time::Duration;

use api::config::{self, Config, Parsed, Validator, config_enum};

use crate::version::check_requirement;

config_enum! {
    /// `errors.tolerance`.
    pub enum ToleranceText {
        /// A bad record fails the task.
        None = "none",
        /// A bad record is reported and left out.
        All = "all",
    }
}

// Kafka Connect has no limit. A sink makes as many task configs as it may, and each task a consumer with its threads:
// without one, a single request takes all memory of the worker.
const TASKS_MAX: f64 = 1000.0;
// Bytes. Kafka Connect has no limit, and cannot be asked for a connector whose name does not fit into a URL either:
// percent-encoded it may be three times as long, and servers take 8 KB.
const NAME_BYTES_MAX: usize = 2048;

/// What every connector may set, in Kafka's order.
#[derive(Debug, Clone, Config)]
#[config(group = "Common")]
pub struct CommonKeys {
    /// The connector's name, unique among the connectors of a worker or cluster.
    #[config(key = "name", importance = High, width = Medium, display = "Connector name",
        validator = Validator::With(check_name))]
    pub name: String,
    /// The connector's class: its full name, its simple name, or that without the word "Connector".
    #[config(key = "connector.class", importance = High, width = Long, display = "Connector class")]
    pub class: String,
    /// Which version of the connector to use: a version, which must be exactly that one, or a range such as
    /// `[1.0,2.0)`; the latest when unset.
    #[config(key = "connector.plugin.version", importance = Medium, width = Medium,
        display = "Connector version", validator = Validator::With(check_version))]
    pub version: Option<String>,
    /// The most tasks that the connector may run, at most 1000: each has Kafka clients of its own.
    #[config(key = "tasks.max", default = "1", importance = High, width = Short, display = "Tasks max",
        validator = Validator::between(1.0, TASKS_MAX))]
    pub tasks_max: i32,
    /// Whether a connector that makes more task configs than `tasks.max` fails; if not, it is a warning.
    #[config(key = "tasks.max.enforce", default = "true", importance = Low, width = Short,
        display = "Enforce tasks max")]
    pub tasks_max_enforce: bool,
    /// Converter of record keys. When it is set, only the connector's own `key.converter.*` keys apply to it;
    /// when it is not, the worker's converter is used with the worker's keys.
    #[config(key = "key.converter", importance = Low, width = Short, display = "Key converter class")]
    pub key_converter: Option<config::ClassName>,
    /// Which version of the key converter to use: a version or a range.
    #[config(key = "key.converter.plugin.version", importance = Low, width = Short,
        display = "Key converter version", validator = Validator::With(check_version))]
    pub key_converter_version: Option<String>,
    /// Converter of record values. When it is set, only the connector's own `value.converter.*` keys apply to it;
    /// when it is not, the worker's converter is used with the worker's keys.
    #[config(key = "value.converter", importance = Low, width = Short, display = "Value converter class")]
    pub value_converter: Option<config::ClassName>,
    /// Which version of the value converter to use: a version or a range.
    #[config(key = "value.converter.plugin.version", importance = Low, width = Short,
        display = "Value converter version", validator = Validator::With(check_version))]
    pub value_converter_version: Option<String>,
    /// Converter of header values; when unset, the worker's.
    #[config(key = "header.converter", importance = Low, width = Short, display = "Header converter class")]
    pub header_converter: Option<config::ClassName>,
    /// Which version of the header converter to use: a version or a range.
    #[config(key = "header.converter.plugin.version", importance = Low, width = Short,
        display = "Header converter version", validator = Validator::With(check_version))]
    pub header_converter_version: Option<String>,
    /// Aliases of the transforms, in the order they are applied. Each alias has its own keys `transforms.ALIAS.*`.
    #[config(key = "transforms", default = "", importance = Low, group = "Transforms", width = Long,
        display = "Transforms", validator = Validator::With(unique_aliases))]
    pub transforms: Vec<String>,
    /// Aliases of the predicates, which transforms may name. Each alias has its own keys `predicates.ALIAS.*`.
    #[config(key = "predicates", default = "", importance = Low, group = "Predicates", width = Long,
        display = "Predicates", validator = Validator::With(unique_aliases))]
    pub predicates: Vec<String>,
    /// What to do when a value from a config provider runs out: `restart` the connector, or `none`.
    #[config(key = "config.action.reload", default = "restart", importance = Low, width = Medium,
        display = "Reload Action", validator = Validator::OneOf(&["none", "restart"]))]
    pub reload: String,
    /// How long a failed operation that may be tried again is tried, in milliseconds: 0 is not at all, -1 is for ever.
    #[config(key = "errors.retry.timeout", default = "0", group = "Error Handling", width = Medium,
        display = "Retry Timeout for Errors", validator = Validator::at_least(-1.0))]
    pub retry_timeout_ms: i64,
    /// The longest pause between two tries, in milliseconds.
    #[config(key = "errors.retry.delay.max.ms", default = "60000", group = "Error Handling", width = Medium,
        display = "Maximum Delay Between Retries for Errors",
        validator = Validator::at_least(0.0))]
    pub retry_delay_max: Duration,
    /// What a bad record does: `none` fails the task, `all` leaves the record out and reports it.
    #[config(key = "errors.tolerance", default = "none", group = "Error Handling", width = Short,
        display = "Error Tolerance", validator = Validator::OneOf(ToleranceText::CHOICES))]
    pub tolerance: ToleranceText,
    /// Whether each error is logged, with the stage, the record's place and the cause.
    #[config(key = "errors.log.enable", default = "false", group = "Error Handling", width = Short,
        display = "Log Errors")]
    pub log: bool,
    /// Whether logged errors show the record's key, value and headers. They may hold personal data: leave it off
    /// where logs are kept.
    #[config(key = "errors.log.include.messages", default = "false", group = "Error Handling", width = Short,
        display = "Log Error Details")]
    pub log_messages: bool,
}

fn check_name(value: &Parsed) -> Result<(), String> {
    let Parsed::String(name) = value else { return Ok(()) };
    if name.is_empty() {
        return Err("String may not be empty".to_owned());
    }
    if name.len() > NAME_BYTES_MAX {
        return Err(format!(
            "String may not be longer than {NAME_BYTES_MAX} bytes but has {}: it would not fit into the URL by which \
             the connector is changed and deleted",
            name.len()
        ));
    }
    let codes: Vec<String> =
        name.chars().filter(|char| char.is_control()).map(|char| u32::from(char).to_string()).collect();
    match codes.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "String may not contain control sequences but had the following ASCII chars: {}",
            codes.join(", ")
        )),
    }
}

fn check_version(value: &Parsed) -> Result<(), String> {
    match value {
        Parsed::String(requirement) => check_requirement(requirement),
        _ => Ok(()),
    }
}

fn unique_aliases(value: &Parsed) -> Result<(), String> {
    let Parsed::List(aliases) = value else { return Ok(()) };
    match crate::keys::has_duplicates(aliases) {
        true => Err("Duplicate alias provided.".to_owned()),
        false => Ok(()),
    }
}
