//! `ExtractChangedRecordState`: the names of changed and unchanged fields as headers.

use api::config::Config;
use api::data::{Datum, Header, Kind, Record, Schema, SchemaRef, Text, Value};
use api::{Origin, Result, Transform};

use super::envelope::{self, AFTER, BEFORE};
use crate::third_party::rows::{fields_of, optional_string};

/// Keys of [`ExtractChangedRecordState`].
#[derive(Debug, Clone, Config)]
pub struct ExtractChangedRecordStateConfig {
    /// Header that gets the names of changed fields; none without it.
    #[config(key = "header.changed.name", importance = Low)]
    pub changed: Option<String>,
    /// Header that gets the names of unchanged fields; none without it.
    #[config(key = "header.unchanged.name", importance = Low)]
    pub unchanged: Option<String>,
}

/// Lists in headers which fields an update changed.
#[derive(Debug)]
pub struct ExtractChangedRecordState {
    changed: Option<(Text, SchemaRef)>,
    unchanged: Option<(Text, SchemaRef)>,
}

fn header(name: Option<String>) -> Option<(Text, SchemaRef)> {
    let name = name.filter(|name| !name.trim().is_empty())?;
    let schema = Schema::builder(Kind::Array(optional_string())).optional().name(&name).build();
    Some((Text::from(name), schema))
}

impl Transform for ExtractChangedRecordState {
    const CLASS: &'static str = "io.debezium.transforms.ExtractChangedRecordState";
    type Config = ExtractChangedRecordStateConfig;

    fn build(config: ExtractChangedRecordStateConfig) -> Result<Self> {
        Ok(Self { changed: header(config.changed), unchanged: header(config.unchanged) })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let Some(event) = envelope::of(&record.value)? else {
            return Ok(Some(record));
        };
        let (mut changed, mut unchanged) = (Vec::new(), Vec::new());
        if let (Some(after), Some(before)) = (envelope::nested(event, AFTER), envelope::nested(event, BEFORE))
        {
            for (field, value) in fields_of(after.schema()).iter().zip(after.values()) {
                let same = before.get_without_default(&field.name).is_some_and(|old| old == value);
                let list = if same { &mut unchanged } else { &mut changed };
                list.push(Value::string(&*field.name));
            }
        }
        for (header, names) in [(&self.changed, changed), (&self.unchanged, unchanged)] {
            if let Some((key, schema)) = header {
                let value = Datum::new(schema.clone(), Value::Array(names));
                record.headers.push(Header { key: key.clone(), value });
            }
        }
        Ok(Some(record))
    }
}
