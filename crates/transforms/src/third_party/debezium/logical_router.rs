//! `ByLogicalTableRouter` and its new name `ToLogicalTopicRouter`: several physical tables as one topic.

use api::config::{Config, Report, Validator};
use api::data::{Datum, Field, Record, SchemaRef, Struct, Topic, Value};
use api::{Error, Origin, Result, Transform};

use super::adjust_name::NameAdjustment;
use super::envelope::{self, AFTER, BEFORE};
use crate::error::require_struct;
use crate::java_regex::{KnownTopics, Rewrite};
use crate::schema_cache::SchemaCache;
use crate::third_party::rows::{datum, field, fields_of, required_string, same_with};

/// Keys of both routers that are the same.
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct RoutingConfig {
    /// Regular expression that must match the whole topic; other topics pass.
    #[config(key = "topic.regex", importance = Low, validator = Validator::NonEmpty)]
    pub topic_regex: String,
    /// The new topic, with groups as `$1` or `${name}`.
    #[config(key = "topic.replacement", importance = Low, validator = Validator::NonEmpty)]
    pub topic_replacement: String,
    /// Whether to add a field with the old topic to the key, so that keys of several tables differ.
    #[config(key = "key.enforce.uniqueness", default = "true", importance = Low)]
    pub enforce_uniqueness: bool,
    /// Regular expression that takes the key's added field out of the old topic; it must match the whole topic, else the
    /// topic itself is used.
    #[config(key = "key.field.regex", importance = Low)]
    pub key_regex: Option<String>,
    /// The text of the key's added field, with groups of `key.field.regex`.
    #[config(key = "key.field.replacement", importance = Low)]
    pub key_replacement: Option<String>,
    /// How names of schemas are changed to what Avro accepts.
    #[config(key = "schema.name.adjustment.mode", default = "none", importance = Low)]
    pub adjustment: NameAdjustment,
}

impl RoutingConfig {
    fn key_rewrite(&self) -> Option<(&str, &str)> {
        let regex = self.key_regex.as_deref().filter(|regex| !regex.is_empty())?;
        Some((regex, self.key_replacement.as_deref().unwrap_or_default()))
    }
}

fn check(config: &RoutingConfig, report: &mut Report) {
    Rewrite::check(
        report,
        ("topic.regex", &config.topic_regex),
        ("topic.replacement", &config.topic_replacement),
    );
    if let Some((regex, replacement)) = config.key_rewrite() {
        if replacement.is_empty() {
            report.add(
                "key.field.replacement",
                "key.field.replacement must be non-empty if key.field.regex is set",
            );
        }
        Rewrite::check(report, ("key.field.regex", regex), ("key.field.replacement", replacement));
    }
}

/// Keys of [`ByLogicalTableRouter`].
#[derive(Debug, Clone, Config)]
pub struct ByLogicalTableRouterConfig {
    /// The routing.
    #[config(flatten)]
    pub routing: RoutingConfig,
    /// The field that is added to the key.
    #[config(key = "key.field.name", default = "__dbz__physicalTableIdentifier", importance = Low)]
    pub key_field: String,
    /// How many topics are remembered.
    #[config(key = "logical.table.cache.size", default = "16", importance = Low, validator = Validator::at_least(1.0))]
    pub cache_size: i32,
}

/// Keys of [`ToLogicalTopicRouter`].
#[derive(Debug, Clone, Config)]
pub struct ToLogicalTopicRouterConfig {
    /// The routing.
    #[config(flatten)]
    pub routing: RoutingConfig,
    /// The field that is added to the key.
    #[config(key = "key.field.name", default = "__dbz__sourceIdentifier", importance = Low)]
    pub key_field: String,
    /// How many topics are remembered.
    #[config(key = "logical.destination.cache.size", default = "16", importance = Low, validator = Validator::at_least(1.0))]
    pub cache_size: i32,
}

/// Sends the change events of several tables to one topic and tells their keys apart.
#[derive(Debug)]
pub struct ByLogicalTableRouter(Router);

/// The same under its new name, with other defaults.
#[derive(Debug)]
pub struct ToLogicalTopicRouter(Router);

impl Transform for ByLogicalTableRouter {
    const CLASS: &'static str = "io.debezium.transforms.ByLogicalTableRouter";
    type Config = ByLogicalTableRouterConfig;

    fn build(config: ByLogicalTableRouterConfig) -> Result<Self> {
        Router::new(config.routing, config.key_field, config.cache_size).map(Self)
    }

    fn apply(&mut self, record: Record, _origin: &Origin) -> Result<Option<Record>> {
        self.0.apply(record).map(Some)
    }
}

impl Transform for ToLogicalTopicRouter {
    const CLASS: &'static str = "io.debezium.transforms.ToLogicalTopicRouter";
    type Config = ToLogicalTopicRouterConfig;

    fn build(config: ToLogicalTopicRouterConfig) -> Result<Self> {
        Router::new(config.routing, config.key_field, config.cache_size).map(Self)
    }

    fn apply(&mut self, record: Record, _origin: &Origin) -> Result<Option<Record>> {
        self.0.apply(record).map(Some)
    }
}

#[derive(Debug)]
struct Router {
    topic: Rewrite,
    key: Option<Rewrite>,
    key_field: Option<String>,
    adjustment: NameAdjustment,
    routes: KnownTopics<Option<Route>>,
    /// New schemas by the old one and the new topic: the same schema may go to two topics.
    keys: SchemaCache<ByTopic>,
    events: SchemaCache<ByTopic>,
    topics_max: usize,
}

type ByTopic = Vec<(Topic, SchemaRef)>;

/// Where a topic's records go, and what tells their keys apart.
#[derive(Debug, Clone)]
struct Route {
    topic: Topic,
    identifier: Value,
}

const PURPOSE: &str = "Updating schema";

impl Router {
    fn new(config: RoutingConfig, key_field: String, cache_size: i32) -> Result<Self> {
        let key = match config.key_rewrite() {
            Some((regex, replacement)) => Some(Rewrite::parse(regex, replacement)?),
            None => None,
        };
        Ok(Self {
            topic: Rewrite::parse(&config.topic_regex, &config.topic_replacement)?,
            key,
            key_field: config.enforce_uniqueness.then_some(key_field),
            adjustment: config.adjustment,
            routes: KnownTopics::new(),
            keys: SchemaCache::new(),
            events: SchemaCache::new(),
            topics_max: usize::try_from(cache_size).unwrap_or(1).max(1),
        })
    }

    fn apply(&mut self, mut record: Record) -> Result<Record> {
        let (rewrite, key) = (&self.topic, &self.key);
        let route = self.routes.get(&record.topic, |old| {
            let new = rewrite.apply(old).filter(|new| !new.is_empty())?;
            let identifier = key.as_ref().and_then(|key| key.apply(old)).unwrap_or_else(|| old.to_string());
            Some(Route { topic: Topic::from(new), identifier: Value::string(identifier) })
        });
        let Some(route) = route else {
            return Ok(record);
        };
        record.key = match std::mem::take(&mut record.key) {
            Datum { value: Value::Null, .. } => Datum::NULL,
            Datum { value, .. } => {
                let key =
                    require_struct(value, PURPOSE).map_err(|error| error.with("topic", &record.topic))?;
                self.key(key, route.clone())?
            }
        };
        if envelope::of(&record.value)?.is_some()
            && let Value::Struct(event) = std::mem::take(&mut record.value.value)
        {
            record.value = self.event(event, &route.topic)?;
        }
        record.topic = route.topic;
        Ok(record)
    }

    fn key(&mut self, key: Struct, route: Route) -> Result<Datum> {
        let (key_field, adjustment) = (&self.key_field, self.adjustment);
        let schema =
            of_topic(&mut self.keys, key.schema(), &route.topic, self.topics_max, |schema, topic| {
                let mut fields: Vec<Field> = fields_of(schema).to_vec();
                if let Some(name) = key_field {
                    fields.push(field(name, required_string()));
                }
                renamed(schema, fields, &adjustment.schema_name(&format!("{topic}.Key")))
            })?;
        let (_, mut values) = key.into_parts();
        if self.key_field.is_some() {
            values.push(route.identifier);
        }
        datum(&schema, values)
    }

    fn event(&mut self, event: Struct, topic: &Topic) -> Result<Datum> {
        let adjustment = self.adjustment;
        let schema = of_topic(&mut self.events, event.schema(), topic, self.topics_max, |schema, topic| {
            let value_name = adjustment.schema_name(&format!("{topic}.Value"));
            let mut fields: Vec<Field> = fields_of(schema).to_vec();
            for field in fields.iter_mut().filter(|field| is_row(&field.name)) {
                if let Some(inner) = field.schema.fields() {
                    field.schema = renamed(&field.schema, inner.to_vec(), &value_name)?;
                }
            }
            renamed(schema, fields, &adjustment.schema_name(&format!("{topic}.Envelope")))
        })?;
        let (_, mut values) = event.into_parts();
        for (field, value) in fields_of(&schema).iter().zip(&mut values) {
            if is_row(&field.name)
                && let Value::Struct(row) = value
            {
                let (_, inner) = std::mem::replace(row, empty(&schema)?).into_parts();
                *value = crate::third_party::rows::row(&field.schema, inner)?;
            }
        }
        datum(&schema, values)
    }
}

fn is_row(name: &str) -> bool {
    name == BEFORE || name == AFTER
}

// A row to stand in for one that is taken apart.
fn empty(schema: &SchemaRef) -> Result<Struct> {
    let nulls = vec![Value::Null; fields_of(schema).len()];
    Struct::new(schema.clone(), nulls).ok_or_else(|| Error::bad_record("the value's schema is no struct"))
}

fn renamed(schema: &SchemaRef, fields: Vec<Field>, name: &str) -> Result<SchemaRef> {
    Ok(same_with(schema, fields, PURPOSE)?.to_builder().name(name).build())
}

fn of_topic(
    cache: &mut SchemaCache<ByTopic>,
    schema: &SchemaRef,
    topic: &Topic,
    topics_max: usize,
    make: impl FnOnce(&SchemaRef, &Topic) -> Result<SchemaRef>,
) -> Result<SchemaRef> {
    let known = cache.get(schema, |_| Ok::<_, Error>(Vec::new()))?;
    if let Some((_, found)) = known.iter().find(|(known, _)| known == topic) {
        return Ok(found.clone());
    }
    let made = make(schema, topic)?;
    if known.len() >= topics_max {
        known.clear();
    }
    known.push((topic.clone(), made.clone()));
    Ok(made)
}
