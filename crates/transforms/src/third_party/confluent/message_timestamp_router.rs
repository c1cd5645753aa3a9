//! `MessageTimestampRouter`: another topic, by a timestamp in the value.

use api::config::{Config, Parsed, Validator};
use api::data::{Record, Topic, Value};
use api::{Error, Origin, Result, Transform};

use crate::date_format::DateFormat;
use crate::error::not_a_map;
use crate::required_list::NOT_EMPTY;

/// Keys of [`MessageTimestampRouter`].
#[derive(Debug, Clone, Config)]
pub struct MessageTimestampRouterConfig {
    /// The new topic, where `${topic}` and `${timestamp}` stand for the old one and the timestamp.
    #[config(key = "topic.format", default = "${topic}-${timestamp}", importance = High)]
    pub topic_format: String,
    /// How the timestamp is written, in UTC, as `java.text.SimpleDateFormat`.
    #[config(key = "topic.timestamp.format", importance = High, validator = Validator::With(check_pattern))]
    pub written: String,
    /// How the value's texts are read, as `java.text.SimpleDateFormat`; empty for milliseconds since the epoch.
    #[config(key = "message.timestamp.format", importance = High, validator = Validator::With(check_pattern))]
    pub read: String,
    /// Fields of the value; the first that is there is used.
    #[config(key = "message.timestamp.keys", importance = High, validator = NOT_EMPTY)]
    pub keys: Vec<String>,
}

fn check_pattern(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::String(pattern) => DateFormat::parse(pattern).map(drop),
        _ => Ok(()),
    }
}

/// Names the topic by the topic and a timestamp in the value, which must be a map.
#[derive(Debug)]
pub struct MessageTimestampRouter {
    topic_format: String,
    written: DateFormat,
    read: Option<DateFormat>,
    keys: Vec<String>,
}

impl Transform for MessageTimestampRouter {
    const CLASS: &'static str = "io.confluent.connect.transforms.MessageTimestampRouter";
    type Config = MessageTimestampRouterConfig;

    fn build(config: MessageTimestampRouterConfig) -> Result<Self> {
        let read = match config.read.as_str() {
            "" => None,
            pattern => Some(DateFormat::parse(pattern).map_err(Error::misconfigured)?),
        };
        let written = DateFormat::parse(&config.written).map_err(Error::misconfigured)?;
        Ok(Self { topic_format: config.topic_format, written, read, keys: config.keys })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let Value::Map(map) = &record.value.value else {
            return Err(not_a_map(&record.value.value, "message timestamp routing"));
        };
        let found = self
            .keys
            .iter()
            .find_map(|name| map.get_str(name).filter(|value| !value.is_null()).map(|value| (name, value)));
        let Some((name, value)) = found else {
            return Err(Error::bad_record(format!(
                "message.timestamp.keys: the value has none of {}",
                self.keys.join(", ")
            )));
        };
        let ms = match (value, &self.read) {
            (Value::Timestamp(ms), _) => Some(*ms),
            (Value::String(text), Some(read)) => read.read(text),
            (Value::String(text), None) => text.trim().parse().ok(),
            (other, None) => other.as_i64(),
            // As Java, which reads the number's text.
            (other, Some(read)) => other.as_i64().and_then(|number| read.read(&number.to_string())),
        };
        let Some(ms) = ms else {
            return Err(Error::bad_record(format!(
                "message.timestamp.format: field {name} is no timestamp of this format"
            )));
        };
        let timestamp = self.written.format(ms);
        let topic = self.topic_format.replace("${topic}", &record.topic).replace("${timestamp}", &timestamp);
        record.topic = Topic::from(topic);
        Ok(Some(record))
    }
}
