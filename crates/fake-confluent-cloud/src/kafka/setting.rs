//! Settings of topics: names, defaults, what may be changed, which values are good.

use crate::exchange::Refusal;

/// One setting.
pub(crate) struct Setting {
    pub name: &'static str,
    pub default: &'static str,
    pub check: Check,
    /// Whether a client may set it in Confluent Cloud.
    pub editable: bool,
}

/// Which values are good.
pub(crate) enum Check {
    /// A whole number of at least this.
    Number(i64),
    Bool,
    OneOf(&'static [&'static str]),
    /// Comma-separated values of these.
    ListOf(&'static [&'static str]),
    Any,
}

const fn editable(name: &'static str, default: &'static str, check: Check) -> Setting {
    Setting { name, default, check, editable: true }
}

const fn fixed(name: &'static str, default: &'static str) -> Setting {
    Setting { name, default, check: Check::Any, editable: false }
}

const STRATEGIES: &[&str] = &[
    "io.confluent.kafka.serializers.subject.TopicNameStrategy",
    "io.confluent.kafka.serializers.subject.RecordNameStrategy",
    "io.confluent.kafka.serializers.subject.TopicRecordNameStrategy",
];

/// All that are shown, in alphabetical order.
pub(crate) const SETTINGS: &[Setting] = &[
    editable("cleanup.policy", "delete", Check::ListOf(&["delete", "compact"])),
    fixed("compression.type", "producer"),
    editable("confluent.key.schema.validation", "false", Check::Bool),
    editable("confluent.key.subject.name.strategy", STRATEGIES[0], Check::OneOf(STRATEGIES)),
    editable("confluent.value.schema.validation", "false", Check::Bool),
    editable("confluent.value.subject.name.strategy", STRATEGIES[0], Check::OneOf(STRATEGIES)),
    editable("delete.retention.ms", "86400000", Check::Number(0)),
    fixed("file.delete.delay.ms", "60000"),
    fixed("flush.messages", "9223372036854775807"),
    fixed("flush.ms", "9223372036854775807"),
    fixed("index.interval.bytes", "4096"),
    editable("max.compaction.lag.ms", "9223372036854775807", Check::Number(1)),
    editable("max.message.bytes", "2097164", Check::Number(0)),
    editable("message.timestamp.after.max.ms", "9223372036854775807", Check::Number(0)),
    editable("message.timestamp.before.max.ms", "9223372036854775807", Check::Number(0)),
    editable("message.timestamp.difference.max.ms", "9223372036854775807", Check::Number(0)),
    editable("message.timestamp.type", "CreateTime", Check::OneOf(&["CreateTime", "LogAppendTime"])),
    fixed("min.cleanable.dirty.ratio", "0.5"),
    editable("min.compaction.lag.ms", "0", Check::Number(0)),
    editable("min.insync.replicas", "2", Check::Number(1)),
    fixed("num.partitions", "6"),
    fixed("preallocate", "false"),
    editable("retention.bytes", "-1", Check::Number(-1)),
    editable("retention.ms", "604800000", Check::Number(-1)),
    editable("segment.bytes", "104857600", Check::Number(14)),
    fixed("segment.index.bytes", "10485760"),
    fixed("segment.jitter.ms", "0"),
    editable("segment.ms", "604800000", Check::Number(1)),
    fixed("unclean.leader.election.enable", "false"),
];

pub(crate) fn find(name: &str) -> Result<&'static Setting, Refusal> {
    SETTINGS
        .iter()
        .find(|setting| setting.name == name)
        .ok_or_else(|| Refusal::coded(40002, format!("Unknown topic config name: {name}")))
}

/// Checks a setting that a client wants.
pub(crate) fn check(name: &str, value: &str) -> Result<(), Refusal> {
    let setting = find(name)?;
    if !setting.editable {
        return Err(Refusal::coded(
            40002,
            format!("Altering topic config '{name}' is disallowed in Confluent Cloud"),
        ));
    }
    if good(&setting.check, value) {
        return Ok(());
    }
    Err(Refusal::coded(40002, format!("Invalid value {value} for configuration {name}")))
}

fn good(check: &Check, value: &str) -> bool {
    match check {
        Check::Number(least) => value.parse::<i64>().is_ok_and(|number| number >= *least),
        Check::Bool => matches!(value, "true" | "false"),
        Check::OneOf(values) => values.contains(&value),
        Check::ListOf(values) => value.split(',').all(|part| values.contains(&part.trim())),
        Check::Any => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_checked_by_name_and_value() {
        for (name, value, passes) in [
            ("retention.ms", "-1", true),
            ("retention.ms", "a week", false),
            ("retention.msec", "1", false),
            ("cleanup.policy", "compact,delete", true),
            ("cleanup.policy", "compacted", false),
            ("compression.type", "zstd", false),
        ] {
            assert_eq!(check(name, value).is_ok(), passes, "{name}={value}");
        }
    }

    #[test]
    fn defaults_pass_their_own_checks() {
        for setting in SETTINGS {
            assert!(good(&setting.check, setting.default), "{}", setting.name);
        }
        assert!(SETTINGS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
