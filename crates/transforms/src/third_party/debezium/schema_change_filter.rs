//! `SchemaChangeEventFilter`: drops schema changes of some types.

use api::config::{Config, Validator};
use api::data::{Record, Value};
use api::{Error, Origin, Result, Transform};

use crate::third_party::rows::named;

const TYPES: &[&str] = &["CREATE", "ALTER", "DROP", "TRUNCATE", "DATABASE"];

/// Keys of [`SchemaChangeEventFilter`].
#[derive(Debug, Clone, Config)]
pub struct SchemaChangeEventFilterConfig {
    /// Types of schema changes that are dropped.
    #[config(key = "schema.change.event.exclude.list", importance = Low, validator = Validator::ItemsOf(TYPES))]
    pub excluded: Vec<String>,
}

/// Drops schema changes of the listed types.
#[derive(Debug)]
pub struct SchemaChangeEventFilter(Vec<String>);

impl Transform for SchemaChangeEventFilter {
    const CLASS: &'static str = "io.debezium.transforms.SchemaChangeEventFilter";
    type Config = SchemaChangeEventFilterConfig;

    fn build(config: SchemaChangeEventFilterConfig) -> Result<Self> {
        Ok(Self(config.excluded))
    }

    fn apply(&mut self, record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let change = match (&record.value.schema, &record.value.value) {
            (Some(schema), Value::Struct(row))
                if schema.name().is_some_and(|name| name.ends_with("SchemaChangeValue")) =>
            {
                row
            }
            _ => return Ok(Some(record)),
        };
        // A change without a list is none; one of no table is of the database.
        let kind = match named(change, "tableChanges").map(|(_, value)| value) {
            Some(Value::Array(changes)) => match changes.first() {
                None => "DATABASE",
                Some(first) => {
                    first.as_struct().and_then(|first| first.get("type")).and_then(Value::as_str).ok_or_else(
                        || Error::bad_record("a schema change's first table change has no type"),
                    )?
                }
            },
            Some(Value::Null) | None => return Ok(None),
            Some(other) => {
                return Err(Error::bad_record(format!(
                    "a schema change's tableChanges is {}, not an array",
                    other.type_name()
                )));
            }
        };
        let drops = self.0.iter().any(|excluded| excluded == kind);
        Ok((!drops).then_some(record))
    }
}
