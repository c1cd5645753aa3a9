//! `outbox.EventRouter`: the rows of an outbox table as events of their own.

use api::config::{Config, Report, Validator, config_enum};
use api::data::{
    Datum, Field, Header, Kind, Record, Schema, SchemaRef, SchemaType, Struct, Text, Topic, Value,
};
use api::{Error, Origin, Result, Transform};

use super::adjust_name::NameAdjustment;
use super::envelope::{self, AFTER, TIMESTAMP};
use super::outbox_schema::{EmptyArrayBehavior, NullBehavior, expand, inference, value_name};
use super::placement::{AdditionalField, Place, parse_all};
use crate::java_regex::Rewrite;
use crate::schema_cache::SchemaCache;
use crate::third_party::infer::Inference;
use crate::third_party::known_schemas::KnownSchemas;
use crate::third_party::rows::{datum, field, named};
use crate::third_party::told::Told;

config_enum! {
    /// What an update of the outbox table does.
    pub enum InvalidOperation {
        /// The record is dropped; a warning is logged.
        Warn = "warn",
        /// The record is dropped; an error is logged.
        Error = "error",
        /// The task fails.
        Fatal = "fatal",
    }
}

config_enum! {
    /// What a column does that additional placement names and the table lacks.
    pub enum MissingField {
        /// The record fails.
        Error = "error",
        /// Nothing is placed.
        Ignore = "ignore",
    }
}

/// Keys of [`EventRouter`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct EventRouterConfig {
    /// What to do about updates of the table, which an outbox must not have: `warn` and `error` drop the record, `fatal`
    /// fails the task.
    #[config(key = "table.op.invalid.behavior", default = "warn")]
    pub invalid_operation: InvalidOperation,
    /// Column with the event's id, which becomes the header `id`.
    #[config(key = "table.field.event.id", default = "id", importance = Low)]
    pub id: String,
    /// Column with the event's key.
    #[config(key = "table.field.event.key", default = "aggregateid", importance = Low)]
    pub key: String,
    /// Column with the event's type. It is not used for routing; place it with `table.fields.additional.placement`.
    #[config(key = "table.field.event.type", default = "type", importance = Low)]
    #[expect(dead_code)] // a key of the original, which does not use it either
    pub event_type: String,
    /// Column with the event's timestamp, an INT64 of Debezium's Timestamp, MicroTimestamp or NanoTimestamp. Without it, or
    /// when it is null, the time of the change event is used.
    #[config(key = "table.field.event.timestamp")]
    pub timestamp: Option<String>,
    /// Column with the event's payload.
    #[config(key = "table.field.event.payload", default = "payload", importance = Low)]
    pub payload: String,
    /// INT32 column with the version of the value's schema.
    #[config(key = "table.field.event.schema.version", importance = Low)]
    pub schema_version: Option<String>,
    /// Columns to place elsewhere: a list of `column:header`, `column:envelope` or `column:partition`, each with an
    /// `:alias` if it shall have another name.
    #[config(key = "table.fields.additional.placement", default = "", importance = High)]
    pub placement: Vec<String>,
    /// What to do about a column of `table.fields.additional.placement` that the table lacks.
    #[config(key = "table.field.additional.missing", default = "error")]
    pub missing: MissingField,
    /// Text column that decides the topic.
    #[config(key = "route.by.field", default = "aggregatetype", importance = High)]
    pub route_by: String,
    /// Regular expression for the column's text.
    #[config(key = "route.topic.regex", default = "(?<routedByValue>.*)", importance = Low)]
    pub topic_regex: String,
    /// The topic, with groups of `route.topic.regex`.
    #[config(key = "route.topic.replacement", default = "outbox.event.${routedByValue}", importance = High)]
    pub topic_replacement: String,
    /// Whether an empty or null payload makes a tombstone.
    #[config(key = "route.tombstone.on.empty.payload", default = "false", importance = High)]
    pub tombstone_on_empty: bool,
    /// Whether a payload of JSON text becomes a row.
    #[config(key = "table.expand.json.payload", default = "false")]
    pub expand_json: bool,
    /// What becomes of nulls in expanded JSON.
    #[config(key = "table.json.payload.null.behavior", default = "ignore")]
    pub json_null: NullBehavior,
    /// What becomes of empty arrays in expanded JSON.
    #[config(key = "table.json.payload.empty.array.behavior", default = "ignore")]
    pub json_empty_array: EmptyArrayBehavior,
    /// How names of fields in expanded JSON are changed to what Avro accepts.
    #[config(key = "field.name.adjustment.mode", default = "none", importance = Low, validator = Validator::OneOfIgnoringCase(NameAdjustment::CHOICES))]
    pub field_names: NameAdjustment,
}

fn check(config: &EventRouterConfig, report: &mut Report) {
    if let Err(why) = parse_all(&config.placement) {
        report.invalid("table.fields.additional.placement", Some(&config.placement.join(",")), &why);
    }
    Rewrite::check(
        report,
        ("route.topic.regex", &config.topic_regex),
        ("route.topic.replacement", &config.topic_replacement),
    );
}

/// Makes an event of each row that is inserted into an outbox table. See the reference page.
#[derive(Debug)]
pub struct EventRouter {
    config: EventRouterConfig,
    placement: Vec<AdditionalField>,
    topic: Rewrite,
    inference: Option<Inference>,
    payloads: KnownSchemas,
    told: Told,
    /// By the row's schema: the schema of the value, by payload's schema, routed type and version.
    schemas: SchemaCache<Vec<(ValueKey, SchemaRef)>>,
}

#[derive(Debug, Clone, PartialEq)]
struct ValueKey {
    payload: SchemaRef,
    routed: String,
    version: Option<i32>,
}

// So many schemas of values are remembered for a table.
const SCHEMAS_MAX: usize = 64;
const PAYLOAD: &str = "payload";
const PLACEMENT: &str = "table.fields.additional.placement";

impl Transform for EventRouter {
    const CLASS: &'static str = "io.debezium.transforms.outbox.EventRouter";
    type Config = EventRouterConfig;

    fn build(config: EventRouterConfig) -> Result<Self> {
        let inferred = inference(config.json_null, config.json_empty_array, config.field_names);
        Ok(Self {
            placement: parse_all(&config.placement).map_err(Error::misconfigured)?,
            topic: Rewrite::parse(&config.topic_regex, &config.topic_replacement)?,
            inference: config.expand_json.then_some(inferred),
            payloads: KnownSchemas::of_places(1),
            told: Told::default(),
            schemas: SchemaCache::new(),
            config,
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        if record.value.value.is_null() {
            return Ok(None);
        }
        let Some(event) = envelope::of(&record.value)? else {
            return Ok(Some(record));
        };
        match envelope::operation(event) {
            "d" => return Ok(None),
            "u" => return self.updated(&record).map(|()| None),
            _ => {}
        }
        let Some(row) = envelope::nested(event, AFTER) else {
            return Err(Error::bad_record(
                "the change event of the outbox table has no row after the change",
            )
            .with("topic", &record.topic));
        };
        let timestamp = self.timestamp(event, row)?;
        let routed = self.text(row, "route.by.field", &self.config.route_by)?;
        let id = self.column(row, "table.field.event.id", &self.config.id)?;
        let key = self.key(row)?;
        let payload = self.payload(row, &record.topic)?;
        let mut partition = None;
        let mut headers = vec![Header { key: Text::from_static("id"), value: id }];
        let mut enveloped = Vec::new();
        for place in &self.placement {
            let Some(value) = self.placed(row, place)? else { continue };
            match place.place {
                Place::Header => headers.push(Header { key: Text::from(place.alias.as_str()), value }),
                Place::Envelope => enveloped.push((place.alias.as_str(), value)),
                Place::Partition => partition = self.partition(row, place)?,
            }
        }
        let wants_envelope = self.placement.iter().any(|place| place.place == Place::Envelope);
        let value = if self.config.tombstone_on_empty && is_empty(&payload.value) {
            Datum::NULL
        } else if wants_envelope {
            let version = self.version(row)?;
            enveloped_value(&mut self.schemas, row.schema(), &routed, version, payload, enveloped)?
        } else {
            payload
        };
        record.topic = Topic::from(self.topic.apply(&routed).unwrap_or(routed));
        record.partition = partition;
        record.key = key;
        record.value = value;
        record.timestamp = timestamp;
        record.headers.append(&mut headers);
        Ok(Some(record))
    }
}

// Java's text of a value is blank only for texts.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

impl EventRouter {
    fn updated(&self, record: &Record) -> Result<()> {
        let topic = &record.topic;
        match self.config.invalid_operation {
            InvalidOperation::Warn | InvalidOperation::Error if !self.told.first(topic) => {
                tracing::debug!(%topic, "an update of the outbox table is ignored");
            }
            InvalidOperation::Warn => tracing::warn!(%topic, "updates of the outbox table are ignored"),
            InvalidOperation::Error => tracing::error!(%topic, "updates of the outbox table are ignored"),
            InvalidOperation::Fatal => {
                return Err(Error::fatal("unexpected update of the outbox table").with("topic", topic).hint(
                    "an outbox has inserts and deletes only; table.op.invalid.behavior=warn drops others",
                ));
            }
        }
        Ok(())
    }

    fn column(&self, row: &Struct, key: &'static str, name: &str) -> Result<Datum> {
        match named(row, name) {
            Some((schema, value)) => {
                let mut value = value.clone();
                crate::schema_cache::replace_by_default(schema, &mut value);
                Ok(Datum::new(schema.clone(), value))
            }
            None => Err(missing(key, name)),
        }
    }

    fn text(&self, row: &Struct, key: &'static str, name: &str) -> Result<String> {
        match self.typed(row, key, name, SchemaType::String)? {
            Value::String(text) => Ok(text.to_string()),
            other => {
                Err(Error::bad_record(format!("{key} needs a text, but {name} is {}", other.type_name())))
            }
        }
    }

    // The value of a column that must be of this type; a null stays one, whatever its default.
    fn typed<'a>(
        &self,
        row: &'a Struct,
        key: &'static str,
        name: &str,
        wanted: SchemaType,
    ) -> Result<&'a Value> {
        let Some((schema, value)) = named(row, name) else { return Err(missing(key, name)) };
        match schema.schema_type() {
            found if found == wanted => Ok(value),
            found => Err(Error::bad_record(format!(
                "{key} needs a field of type {}, but {name} is {}",
                wanted.name().to_ascii_uppercase(),
                found.name()
            ))),
        }
    }

    fn key(&self, row: &Struct) -> Result<Datum> {
        match self.config.key.as_str() {
            "" => Ok(Datum::NULL),
            name => self.column(row, "table.field.event.key", name),
        }
    }

    fn payload(&mut self, row: &Struct, topic: &str) -> Result<Datum> {
        let payload = self.column(row, "table.field.event.payload", &self.config.payload)?;
        let Some(inference) = self.inference.filter(|_| !payload.value.is_null()) else {
            return Ok(payload);
        };
        match expand(inference, &mut self.payloads, &self.config.payload, &payload.value) {
            Ok(expanded) => Ok(expanded),
            Err(why) => {
                if self.told.first(&format!("payload {topic}")) {
                    tracing::warn!(%topic, %why, "an outbox event's payload is not expanded; others may not be either");
                }
                Ok(payload)
            }
        }
    }

    fn timestamp(&self, event: &Struct, row: &Struct) -> Result<Option<i64>> {
        let of_event = || event.get(TIMESTAMP).and_then(Value::as_i64);
        let Some(name) = self.config.timestamp.as_deref().filter(|name| !name.is_empty()) else {
            return Ok(of_event());
        };
        let key = "table.field.event.timestamp";
        let value = self.typed(row, key, name, SchemaType::Int64)?;
        let unsupported = |what: &str| {
            Error::bad_record(format!("Unsupported field type {what} for event timestamp"))
                .with("key", key)
                .with("field", name)
        };
        let Value::Int64(time) = *value else { return Ok(of_event()) };
        match named(row, name).and_then(|(schema, _)| schema.name()) {
            Some("io.debezium.time.Timestamp") => Ok(Some(time)),
            Some("io.debezium.time.MicroTimestamp") => Ok(Some(time / 1000)),
            Some("io.debezium.time.NanoTimestamp") => Ok(Some(time / 1_000_000)),
            Some(other) => Err(unsupported(other)),
            None => Err(unsupported("INT64 (without logical schema name)")),
        }
    }

    fn placed(&self, row: &Struct, place: &AdditionalField) -> Result<Option<Datum>> {
        match named(row, &place.field) {
            None if self.config.missing == MissingField::Ignore => Ok(None),
            _ => self.column(row, PLACEMENT, &place.field).map(Some),
        }
    }

    fn partition(&self, row: &Struct, place: &AdditionalField) -> Result<Option<i32>> {
        match self.typed(row, PLACEMENT, &place.field, SchemaType::Int32)? {
            Value::Int32(partition) if *partition >= 0 => Ok(Some(*partition)),
            Value::Int32(partition) => Err(Error::bad_record(format!(
                "{PLACEMENT}: the partition in {} is {partition}",
                place.field
            ))),
            _ => Ok(None),
        }
    }

    fn version(&self, row: &Struct) -> Result<Option<i32>> {
        let Some(name) = self.config.schema_version.as_deref().filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        match self.typed(row, "table.field.event.schema.version", name, SchemaType::Int32)? {
            Value::Int32(version) => Ok(Some(*version)),
            _ => Ok(None),
        }
    }
}

#[cold]
fn missing(key: &str, name: &str) -> Error {
    Error::bad_record(format!("Unable to find field {name} of {key} in event"))
        .hint("name a column of the outbox table")
}

fn enveloped_value(
    schemas: &mut SchemaCache<Vec<(ValueKey, SchemaRef)>>,
    row: &SchemaRef,
    routed: &str,
    version: Option<i32>,
    payload: Datum,
    added: Vec<(&str, Datum)>,
) -> Result<Datum> {
    let payload_schema = payload.schema.unwrap_or_else(|| Schema::optional(Kind::String));
    let key = ValueKey { payload: payload_schema.clone(), routed: routed.to_owned(), version };
    let known = schemas.get(row, |_| Ok::<_, Error>(Vec::new()))?;
    let schema = match known.iter().find(|(known, _)| *known == key) {
        Some((_, schema)) => schema.clone(),
        None => {
            let mut fields: Vec<Field> = vec![field(PAYLOAD, payload_schema)];
            for (alias, value) in &added {
                let schema = value.schema.clone().unwrap_or_else(|| Schema::optional(Kind::String));
                fields.push(field(alias, schema));
            }
            let bare = Schema::required(Kind::Struct(Default::default()));
            let schema = crate::third_party::rows::like_with(&bare, fields, "outbox envelope")?;
            let mut builder = schema.to_builder();
            if let Some(name) = value_name(row, routed) {
                builder = builder.name(&name);
            }
            if let Some(version) = version {
                builder = builder.version(version);
            }
            let schema = builder.build();
            if known.len() >= SCHEMAS_MAX {
                known.clear();
            }
            known.push((key, schema.clone()));
            schema
        }
    };
    let values = std::iter::once(payload.value).chain(added.into_iter().map(|(_, value)| value.value));
    datum(&schema, values.collect())
}
