//! Topics and names: `ChangeTopicCase`, `LowerCaseTopic`, `SchemaNameToTopic`, `TopicNameToField`.

use std::marker::PhantomData;

use api::config::Config;
use api::data::{Datum, Kind, Record, Schema, SchemaRef, Topic, Value};
use api::{Error, Origin, Result, Transform};

use super::base::{Input, side_name, take, unsupported_value};
use super::change_case::ChangeCaseConfig;
use super::class;
use crate::filter::NoConfig;
use crate::schema_cache::SchemaCache;
use crate::side::Side;
use crate::third_party::rows::{datum, field, fields_of, same_with};

/// Writes the topic in another case.
#[derive(Debug)]
pub struct ChangeTopicCase(ChangeCaseConfig);

impl Transform for ChangeTopicCase {
    const CLASS: &'static str = class!("ChangeTopicCase");
    type Config = ChangeCaseConfig;

    fn build(config: ChangeCaseConfig) -> Result<Self> {
        Ok(Self(config))
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        record.topic = Topic::from(self.0.from.convert(self.0.to, &record.topic));
        Ok(Some(record))
    }
}

/// Writes the topic in lower case.
#[derive(Debug)]
pub struct LowerCaseTopic;

impl Transform for LowerCaseTopic {
    const CLASS: &'static str = class!("LowerCaseTopic");
    type Config = NoConfig;

    fn build(_config: NoConfig) -> Result<Self> {
        Ok(Self)
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        record.topic = Topic::from(record.topic.to_lowercase());
        Ok(Some(record))
    }
}

/// Names the topic by the schema.
#[derive(Debug)]
pub struct SchemaNameToTopic<S>(PhantomData<fn(S)>);

impl<S: Side> Transform for SchemaNameToTopic<S> {
    const CLASS: &'static str = class!("SchemaNameToTopic", S);
    type Config = NoConfig;

    fn build(_config: NoConfig) -> Result<Self> {
        Ok(Self(PhantomData))
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let name = S::of(&mut record).schema.as_deref().and_then(Schema::name);
        match name.filter(|name| !name.is_empty()) {
            Some(name) => record.topic = Topic::from(name),
            None => {
                return Err(Error::bad_record(format!(
                    "the {} has no schema with a name, so there is no topic",
                    side_name::<S>()
                )));
            }
        }
        Ok(Some(record))
    }
}

/// Keys of [`TopicNameToField`].
#[derive(Debug, Clone, Config)]
pub struct TopicNameToFieldConfig {
    /// The field that gets the topic.
    #[config(key = "field", importance = High)]
    pub field: String,
}

/// Appends the topic as a field.
#[derive(Debug)]
pub struct TopicNameToField<S> {
    field: String,
    schemas: SchemaCache<SchemaRef>,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for TopicNameToField<S> {
    const CLASS: &'static str = class!("TopicNameToField", S);
    type Config = TopicNameToFieldConfig;

    fn build(config: TopicNameToFieldConfig) -> Result<Self> {
        Ok(Self { field: config.field, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let topic = Value::string(&*record.topic);
        let part = S::of(&mut record);
        *part = match take(part, side_name::<S>())? {
            Input::Nothing => Datum::NULL,
            Input::Other(other) => return Err(unsupported_value(&other)),
            Input::Map(mut map) => {
                map.insert(Value::string(self.field.as_str()), topic);
                Datum::schemaless(Value::Map(map))
            }
            Input::Row(row) => {
                let name = &self.field;
                let schema = self.schemas.get(row.schema(), |schema| {
                    let topic = Schema::builder(Kind::String).doc("Topic name").build();
                    let mut fields = fields_of(schema).to_vec();
                    fields.push(field(name, topic));
                    same_with(schema, fields, "topic name insertion")
                })?;
                let mut values = row.into_parts().1;
                values.push(topic);
                datum(schema, values)?
            }
        };
        Ok(Some(record))
    }
}
