//! `InsertField`: where a record came from, as fields of it.

use std::marker::PhantomData;
use std::sync::Arc;

use api::config::{Config, Report};
use api::data::{Datum, Field, Kind, Logical, Record, Schema, SchemaRef, Text, Topic, Value, shared_name};
use api::{Error, Origin, Result, Transform};

use crate::error::{require_map, require_struct};
use crate::schema_cache::{SchemaCache, row, struct_like, values_of};
use crate::side::Side;

/// Keys of [`InsertField`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct InsertFieldConfig {
    /// Field name for Kafka topic. Suffix with `!` to make this a required field, or `?` to keep it optional (the
    /// default).
    #[config(key = "topic.field")]
    pub topic: Option<String>,
    /// Field name for Kafka partition. Suffix with `!` to make this a required field, or `?` to keep it optional (the
    /// default).
    #[config(key = "partition.field")]
    pub partition: Option<String>,
    /// Field name for Kafka offset - only applicable to sink connectors. Suffix with `!` to make this a required field,
    /// or `?` to keep it optional (the default).
    #[config(key = "offset.field")]
    pub offset: Option<String>,
    /// Field name for record timestamp. Suffix with `!` to make this a required field, or `?` to keep it optional (the
    /// default).
    #[config(key = "timestamp.field")]
    pub timestamp: Option<String>,
    /// Field name for static data field. Suffix with `!` to make this a required field, or `?` to keep it optional (the
    /// default).
    #[config(key = "static.field")]
    pub static_field: Option<String>,
    /// Static field value, if field name configured.
    #[config(key = "static.value")]
    pub static_value: Option<String>,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true, the
    /// default value is used, otherwise null is used.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

fn check(config: &InsertFieldConfig, report: &mut Report) {
    if config.sources().is_empty() {
        report.add("topic.field", "No field insertion configured");
    }
    if config.static_field.is_some() && config.static_value.is_none() {
        report.invalid("static.value", None, "No value specified for static field");
    }
}

#[derive(Debug, Clone)]
enum Source {
    Topic,
    Partition,
    Offset,
    Timestamp,
    Static(Text),
}

#[derive(Debug)]
struct Insertion {
    name: Text,
    optional: bool,
    source: Source,
}

impl InsertFieldConfig {
    // In the order in which the fields are appended.
    fn sources(&self) -> Vec<Insertion> {
        let fixed = Source::Static(shared_name(self.static_value.as_deref().unwrap_or_default()));
        let all = [
            (&self.topic, Source::Topic),
            (&self.partition, Source::Partition),
            (&self.offset, Source::Offset),
            (&self.timestamp, Source::Timestamp),
            (&self.static_field, fixed),
        ];
        all.into_iter().filter_map(|(spec, source)| Some(Insertion::new(spec.as_deref()?, source))).collect()
    }
}

impl Insertion {
    fn new(spec: &str, source: Source) -> Self {
        let (name, optional) = match (spec.strip_suffix('!'), spec.strip_suffix('?')) {
            (Some(name), _) => (name, false),
            (None, Some(name)) => (name, true),
            (None, None) => (spec, true),
        };
        Self { name: shared_name(name), optional, source }
    }

    fn field(&self) -> Field {
        let builder = match self.source {
            Source::Topic | Source::Static(_) => Schema::builder(Kind::String),
            Source::Partition => Schema::builder(Kind::Int32),
            Source::Offset => Schema::builder(Kind::Int64),
            Source::Timestamp => Schema::logical_builder(Logical::Timestamp),
        };
        Field { name: Arc::from(&*self.name), schema: builder.set_optional(self.optional).build() }
    }

    fn value(&self, facts: &Facts, origin: &Origin) -> Result<Value> {
        Ok(match (&self.source, origin) {
            (Source::Topic, _) => Value::String(facts.topic.clone()),
            (Source::Partition, _) => facts.partition.map_or(Value::Null, Value::Int32),
            (Source::Offset, Origin::Sink { offset }) => Value::Int64(*offset),
            (Source::Offset, Origin::Source) => {
                return Err(Error::bad_record(format!(
                    "Only SinkRecord supported for [{PURPOSE}], found: org.apache.kafka.connect.source.SourceRecord"
                ))
                .hint("remove offset.field: a record of a source has no offset yet"));
            }
            (Source::Timestamp, _) => facts.timestamp.map_or(Value::Null, Value::Timestamp),
            (Source::Static(text), _) => Value::String(text.clone()),
        })
    }
}

// What of a record is inserted.
struct Facts {
    topic: Text,
    partition: Option<i32>,
    timestamp: Option<i64>,
}

/// Appends topic, partition, offset, timestamp and a fixed text, in this order. Null stays null.
#[derive(Debug)]
pub struct InsertField<S> {
    insertions: Vec<Insertion>,
    /// The last topic, and its text.
    topic: Option<(Topic, Text)>,
    replace_null: bool,
    schemas: SchemaCache<SchemaRef>,
    side: PhantomData<fn(S)>,
}

const PURPOSE: &str = "field insertion";

impl<S> InsertField<S> {
    // The records of a batch share their topic, so its text is made once.
    fn topic(&mut self, topic: &Topic) -> Text {
        match &self.topic {
            Some((known, text)) if Arc::ptr_eq(known, topic) => text.clone(),
            _ => {
                let text = shared_name(topic);
                self.topic = Some((topic.clone(), text.clone()));
                text
            }
        }
    }
}

impl<S: Side> Transform for InsertField<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.InsertField$Key"
    } else {
        "org.apache.kafka.connect.transforms.InsertField$Value"
    };
    type Config = InsertFieldConfig;

    fn build(config: InsertFieldConfig) -> Result<Self> {
        Ok(Self {
            insertions: config.sources(),
            topic: None,
            replace_null: config.replace_null_with_default,
            schemas: SchemaCache::new(),
            side: PhantomData,
        })
    }

    fn apply(&mut self, mut record: Record, origin: &Origin) -> Result<Option<Record>> {
        let facts = Facts {
            topic: self.topic(&record.topic),
            partition: record.partition,
            timestamp: record.timestamp,
        };
        let datum = S::of(&mut record);
        if datum.value.is_null() {
            return Ok(Some(record));
        }
        let value = std::mem::take(&mut datum.value);
        if datum.schema.is_none() {
            let mut map = require_map(value, PURPOSE)?;
            map.reserve(self.insertions.len());
            for insertion in &self.insertions {
                let value = match insertion.value(&facts, origin)? {
                    // Without a schema it is a plain number.
                    Value::Timestamp(ms) => Value::Int64(ms),
                    // What is not known is not inserted.
                    Value::Null => continue,
                    value => value,
                };
                map.insert(Value::String(insertion.name.clone()), value);
            }
            datum.value = Value::Map(map);
            return Ok(Some(record));
        }
        let value = require_struct(value, PURPOSE)?;
        let insertions = &self.insertions;
        let schema = self.schemas.get(value.schema(), |schema| {
            let mut fields = schema.fields().map_or_else(Vec::new, |fields| fields.to_vec());
            fields.extend(insertions.iter().map(Insertion::field));
            Ok::<_, Error>(struct_like(schema, fields)?.build())
        })?;
        let mut values = values_of(value, self.replace_null);
        values.reserve_exact(insertions.len());
        for insertion in insertions {
            values.push(insertion.value(&facts, origin)?);
        }
        *datum = Datum::new(schema.clone(), row(schema, values));
        Ok(Some(record))
    }
}
