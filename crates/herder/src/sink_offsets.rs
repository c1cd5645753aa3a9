//! Offsets of sinks: those that their consumer group has committed. Texts are Kafka Connect's.

use std::collections::BTreeMap;

use api::dynamic::SinkClass;
use api::{OffsetChange, Result as ApiResult};
use data::{OffsetMap, Offsets, Primitive, TopicPartition};
use kafka::GroupChange;
use secrets::Resolved;

use crate::offsets::refused;
use crate::{Altered, Error, Handle, Result, SinkGroup, View};

const TOPIC: &str = "kafka_topic";
const PARTITION: &str = "kafka_partition";
const OFFSET: &str = "kafka_offset";

/// A change of one partition: no offset forgets what is committed.
type Change = (TopicPartition, Option<i64>);

impl Handle {
    /// What the group of a sink has committed.
    pub(crate) async fn sink_offsets(&self, view: &View) -> Result<Vec<(OffsetMap, OffsetMap)>> {
        let resolved = self.resolved(view).await.map_err(|error| Error::Failed(error.to_string()))?;
        let group = self.sink_group(&resolved)?;
        let offsets = group.admin.group_offsets(&group.id).await;
        let offsets = offsets.map_err(|error| {
            let what = format!("Failed to retrieve consumer group offsets for sink connector {}", view.name);
            failed(&resolved, &what, &error)
        })?;
        Ok(offsets.into_iter().map(|(partition, offset)| shown(&partition, offset)).collect())
    }

    /// Alters what the group of a stopped sink has committed.
    pub(crate) async fn alter_sink_offsets(
        &self,
        view: &View,
        class: &dyn SinkClass,
        changes: &[OffsetChange],
    ) -> Result<Altered> {
        let changes = parse(changes)?;
        let resolved = self.resolved(view).await?;
        let group = self.sink_group(&resolved)?;
        let altered = class.alter_offsets(&resolved.config, &changes);
        let altered = altered.map_err(|error| refused(&resolved, &error))?;
        let forget: Vec<TopicPartition> = changes
            .iter()
            .filter(|(_, offset)| offset.is_none())
            .map(|(partition, _)| partition.clone())
            .collect();
        let set: Offsets =
            changes.into_iter().filter_map(|(partition, offset)| Some((partition, offset?))).collect();
        let not_altered = |error: kafka::Error| {
            let what = format!("Failed to alter consumer group offsets for connector {}", view.name);
            failed(&resolved, &what, &error)
        };
        if !set.is_empty() {
            let change = group.admin.alter_group_offsets(&group.id, &set).await.map_err(not_altered)?;
            done(view, "alter", change)?;
        }
        if !forget.is_empty() {
            let change = group.admin.delete_group_offsets(&group.id, &forget).await.map_err(not_altered)?;
            done(view, "alter", change)?;
        }
        Ok(Altered::by(altered))
    }

    /// Deletes the group of a stopped sink.
    pub(crate) async fn reset_sink_offsets(&self, view: &View, class: &dyn SinkClass) -> Result<Altered> {
        let resolved = self.resolved(view).await?;
        let group = self.sink_group(&resolved)?;
        let known = group.admin.group_offsets(&group.id).await.map_err(|error| {
            let what =
                format!("Failed to list offsets prior to resetting offsets for sink connector {}", view.name);
            failed(&resolved, &what, &error)
        })?;
        let changes: Vec<Change> = known.into_keys().map(|partition| (partition, None)).collect();
        let altered = class.alter_offsets(&resolved.config, &changes);
        let altered = altered.map_err(|error| refused(&resolved, &error))?;
        let change = group.admin.delete_group(&group.id).await.map_err(|error| {
            let what = format!("Failed to reset consumer group offsets for sink connector {}", view.name);
            failed(&resolved, &what, &error)
        })?;
        done(view, "reset", change)?;
        Ok(Altered::by(altered))
    }

    fn sink_group(&self, resolved: &Resolved) -> Result<SinkGroup> {
        let parts = self.parts();
        let group = || -> ApiResult<SinkGroup> {
            let spec = spec::build(&resolved.config, &*parts.registry, &parts.defaults, &parts.policy)?;
            parts.tasks.sink_group(&spec)
        };
        group().map_err(|error| Error::Failed(resolved.redactor.scrub(&error.to_string()).into_owned()))
    }
}

fn failed(resolved: &Resolved, what: &str, error: &kafka::Error) -> Error {
    Error::Failed(format!("{what}: {}", resolved.redactor.scrub(&error.to_string())))
}

fn done(view: &View, verb: &str, change: GroupChange) -> Result<()> {
    match change {
        GroupChange::Done => Ok(()),
        GroupChange::InUse => Err(Error::Failed(format!(
            "Failed to {verb} consumer group offsets for connector {} either because its tasks haven't stopped completely \
             yet or the connector was resumed before the request to {verb} its offsets could be successfully completed. \
             If the connector is in a stopped state, this operation can be safely retried. If it doesn't eventually \
             succeed, the Connect cluster may need to be restarted to get rid of the zombie sink tasks.",
            view.name
        ))),
    }
}

fn shown(partition: &TopicPartition, offset: i64) -> (OffsetMap, OffsetMap) {
    let map = OffsetMap::new()
        .with(PARTITION, i64::from(partition.partition))
        .with(TOPIC, partition.topic.to_string());
    (map, OffsetMap::new().with(OFFSET, offset))
}

/// Reads what an operator sent; a partition that is named twice has its last offset.
fn parse(changes: &[OffsetChange]) -> Result<Vec<Change>> {
    let parsed: std::result::Result<BTreeMap<_, _>, _> = changes.iter().map(parse_one).collect();
    Ok(parsed.map_err(Error::Refused)?.into_iter().collect())
}

fn parse_one((partition, offset): &OffsetChange) -> std::result::Result<Change, String> {
    let Some(partition) = partition else {
        return Err("The partition for a sink connector offset cannot be null or missing".to_owned());
    };
    let (Some(topic), Some(number)) = (partition.get(TOPIC), partition.get(PARTITION)) else {
        return Err(format!(
            "The partition for a sink connector offset must contain the keys '{TOPIC}' and '{PARTITION}'"
        ));
    };
    if *topic == Primitive::Null {
        return Err("Kafka topic names must be valid strings and may not be null".to_owned());
    }
    if *number == Primitive::Null {
        return Err("Kafka partitions must be valid numbers and may not be null".to_owned());
    }
    // As Java does it, by way of text: `"10"` is as good as `10`. Negative numbers are refused here; Java goes on and
    // answers 500.
    let number = text(number);
    let number: i32 = number.parse().ok().filter(|number| *number >= 0).ok_or_else(|| {
        format!(
            "Failed to parse the following Kafka partition value in the provided offsets: '{number}'. Partition values for \
             sink connectors need to be integers."
        )
    })?;
    let partition = TopicPartition::new(text(topic), number);
    let Some(offset) = offset else { return Ok((partition, None)) };
    let Some(offset) = offset.get(OFFSET) else {
        return Err(format!(
            "The offset for a sink connector should either be null or contain the key '{OFFSET}'"
        ));
    };
    let offset = text(offset);
    let offset: i64 = offset.parse().ok().filter(|offset| *offset >= 0).ok_or_else(|| {
        format!(
            "Failed to parse the following Kafka offset value in the provided offsets: '{offset}'. Offset values for sink \
             connectors need to be integers."
        )
    })?;
    Ok((partition, Some(offset)))
}

fn text(value: &Primitive) -> String {
    match value {
        Primitive::Null => "null".to_owned(),
        Primitive::Boolean(value) => value.to_string(),
        Primitive::Int(number) => number.to_string(),
        Primitive::Float(number) => format!("{number:?}"),
        Primitive::String(text) => text.to_string(),
        Primitive::Bytes(_) => "bytes".to_owned(), // not reached: JSON has none
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(topic: impl Into<Primitive>, number: impl Into<Primitive>) -> Option<OffsetMap> {
        Some(OffsetMap::new().with(TOPIC, topic).with(PARTITION, number))
    }

    fn offset(offset: impl Into<Primitive>) -> Option<OffsetMap> {
        Some(OffsetMap::new().with(OFFSET, offset))
    }

    #[test]
    fn numbers_may_be_quoted_and_the_last_word_counts() {
        let place = |number| TopicPartition::new("t", number);
        let changes =
            [(partition("t", 0), offset(5)), (partition("t", "1"), offset("7")), (partition("t", 0), None)];
        assert_eq!(parse(&changes).unwrap(), [(place(0), None), (place(1), Some(7))]);
    }

    #[test]
    fn what_is_no_partition_or_offset_is_refused_in_kafkas_words() {
        let check = |change: OffsetChange, expected: &str| match parse(&[change]) {
            Err(Error::Refused(text)) => assert!(text.contains(expected), "{text}"),
            other => panic!("{other:?}"),
        };
        check((None, None), "cannot be null or missing");
        check((Some(OffsetMap::new().with(TOPIC, "t")), None), "must contain the keys 'kafka_topic' and");
        check((partition(Primitive::Null, 0), None), "topic names must be valid strings");
        check((partition("t", Primitive::Null), None), "partitions must be valid numbers");
        check((partition("t", "x"), None), "offsets: 'x'. Partition values");
        check((partition("t", 1.5), None), "offsets: '1.5'. Partition values");
        check(
            (partition("t", 0), Some(OffsetMap::new())),
            "either be null or contain the key 'kafka_offset'",
        );
        check((partition("t", 0), offset(Primitive::Null)), "offsets: 'null'. Offset values");
        check((partition("t", 0), offset("1e3")), "offsets: '1e3'. Offset values");
        check((partition("t", -1), offset(0)), "offsets: '-1'. Partition values");
        check((partition("t", 0), offset(-1)), "offsets: '-1'. Offset values");
    }
}
