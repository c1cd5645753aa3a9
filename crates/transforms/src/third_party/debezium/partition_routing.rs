//! `PartitionRouting`: the partition from fields of the change event.

use api::config::{Config, Parsed, Validator};
use api::data::{Record, Struct, Value};
use api::{Error, Origin, Result, Transform};

use super::envelope::{self, AFTER, BEFORE};
use super::java_hash::hash_code;
use super::murmur_hash::murmur;

/// Keys of [`PartitionRouting`].
#[derive(Debug, Clone, Config)]
pub struct PartitionRoutingConfig {
    /// Paths of fields in the change event, with points between names. A path that begins with `change` begins in the row
    /// after the change, or before it for deletes.
    #[config(key = "partition.payload.fields", importance = High, validator = Validator::With(no_empty_items))]
    pub fields: Vec<String>,
    /// The number of the topic's partitions.
    #[config(key = "partition.topic.num", importance = High, validator = Validator::at_least(1.0))]
    pub partitions: i32,
    /// How fields are hashed: `java` or `murmur`; any unknown name means `java`.
    #[config(key = "partition.hash.function", default = "java", importance = Low)]
    pub hash: String,
}

fn no_empty_items(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::List(items) if items.is_empty() || items.iter().any(String::is_empty) => {
            Err("a path is empty".to_owned())
        }
        _ => Ok(()),
    }
}

/// Chooses the partition by the hash of fields.
#[derive(Debug)]
pub struct PartitionRouting {
    paths: Vec<Vec<String>>,
    partitions: i32,
    hash: fn(&Value) -> Option<i32>,
}

impl Transform for PartitionRouting {
    const CLASS: &'static str = "io.debezium.transforms.partitions.PartitionRouting";
    type Config = PartitionRoutingConfig;

    fn build(config: PartitionRoutingConfig) -> Result<Self> {
        let split = |path: &String| path.split('.').map(|step| step.trim().to_owned()).collect();
        let murmurs = config.hash.trim().eq_ignore_ascii_case("murmur");
        Ok(Self {
            paths: config.fields.iter().map(split).collect(),
            partitions: config.partitions.max(1),
            hash: if murmurs { murmur } else { hash_code },
        })
    }

    fn apply(&mut self, mut record: Record, origin: &Origin) -> Result<Option<Record>> {
        let Some(event) = envelope::of(&record.value)? else {
            return Ok(Some(record));
        };
        let operation = envelope::operation(event);
        if matches!(operation, "t" | "m") {
            return Ok(Some(record));
        }
        if *origin != Origin::Source {
            return Err(Error::bad_record("PartitionRouting is for source connectors")
                .hint("a sink's record has its partition already"));
        }
        let change = if operation == "d" { BEFORE } else { AFTER };
        let mut sum = 0_i32;
        let mut any = false;
        for path in &self.paths {
            let Some(value) = find(event, path, change) else { continue };
            let Some(hash) = (self.hash)(value) else {
                return Err(Error::bad_record(format!(
                    "partition.payload.fields: {} is {}, which has no hash",
                    path.join("."),
                    value.type_name()
                )));
            };
            sum = sum.wrapping_add(hash);
            any = true;
        }
        if any {
            let positive = sum & i32::MAX;
            record.partition = Some(if positive == i32::MAX { 0 } else { positive % self.partitions });
        }
        Ok(Some(record))
    }
}

fn find<'a>(event: &'a Struct, path: &[String], change: &str) -> Option<&'a Value> {
    let (last, before) = path.split_last()?;
    let mut row = event;
    for step in before {
        let name = if step == "change" { change } else { step };
        row = row.get(name)?.as_struct()?;
    }
    row.get(last).filter(|value| !value.is_null())
}
