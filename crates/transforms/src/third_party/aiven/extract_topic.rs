//! `ExtractTopic`: the topic from the key or value.

use std::marker::PhantomData;

use api::config::Config;
use api::data::{Record, Topic, Value};
use api::{Error, Origin, Result, Transform};

use super::class;
use crate::side::Side;

/// Keys of [`ExtractTopic`].
#[derive(Debug, Clone, Config)]
pub struct ExtractTopicConfig {
    /// The field whose text is the topic. Without it, the whole key or value is.
    #[config(key = "field.name", importance = High)]
    pub field: Option<String>,
    /// Whether records whose field is missing or null keep their topic. If not, they fail.
    #[config(key = "skip.missing.or.null", default = "false", importance = Low)]
    pub skip_missing: bool,
}

/// Sends the record to the topic that a text, number or boolean names.
#[derive(Debug)]
pub struct ExtractTopic<S> {
    field: Option<String>,
    skip_missing: bool,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for ExtractTopic<S> {
    const CLASS: &'static str = class!("ExtractTopic", S);
    type Config = ExtractTopicConfig;

    fn build(config: ExtractTopicConfig) -> Result<Self> {
        let field = config.field.filter(|name| !name.is_empty());
        Ok(Self { field, skip_missing: config.skip_missing, side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = if S::IS_KEY { "key" } else { "value" };
        let (found, what) = match (&self.field, &S::of(&mut record).value) {
            (None, whole) => (Some(whole), format!("the {part}")),
            (Some(name), Value::Struct(row)) => (row.get(name), format!("field {name} of the {part}")),
            (Some(name), Value::Map(map)) => (map.get_str(name), format!("field {name} of the {part}")),
            (Some(_), other) => {
                return Err(Error::bad_record(format!(
                    "field.name: the {part} must be a struct or a map, found: {}",
                    other.type_name()
                )));
            }
        };
        let text = match found {
            None | Some(Value::Null) if self.skip_missing => return Ok(Some(record)),
            None => return Err(Error::bad_record(format!("field.name: {what} is missing"))),
            Some(Value::Null) => return Err(Error::bad_record(format!("field.name: {what} is null"))),
            Some(Value::String(text)) => text.to_string(),
            Some(
                value @ (Value::Boolean(_)
                | Value::Int8(_)
                | Value::Int16(_)
                | Value::Int32(_)
                | Value::Int64(_)
                | Value::Float32(_)
                | Value::Float64(_)),
            ) => literal::java::to_string(value),
            Some(other) => {
                return Err(Error::bad_record(format!(
                    "field.name: {what} must be a string, a number or a boolean, found: {}",
                    other.type_name()
                )));
            }
        };
        if text.is_empty() {
            if self.skip_missing {
                return Ok(Some(record));
            }
            return Err(Error::bad_record(format!("field.name: {what} is empty")));
        }
        record.topic = Topic::from(text);
        Ok(Some(record))
    }
}
