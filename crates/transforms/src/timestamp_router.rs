//! `TimestampRouter`: another topic, by the record's timestamp.

use api::config::{Config, Parsed, Validator};
use api::data::{Record, Topic};
use api::{Error, Origin, Result, Transform};

use crate::date_format::DateFormat;

/// Keys of [`TimestampRouter`].
#[derive(Debug, Clone, Config)]
pub struct TimestampRouterConfig {
    /// Format string which can contain `${topic}` and `${timestamp}` as placeholders for the topic and timestamp,
    /// respectively.
    #[config(key = "topic.format", default = "${topic}-${timestamp}", importance = High)]
    pub topic_format: String,
    /// Format string for the timestamp, in UTC, with the letters of `java.text.SimpleDateFormat`, and text in single quotes.
    #[config(key = "timestamp.format", default = "yyyyMMdd", importance = High, validator = Validator::With(check_format))]
    pub timestamp_format: String,
}

fn check_format(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::String(pattern) => DateFormat::parse(pattern).map(drop),
        _ => Ok(()),
    }
}

/// Names the topic by the topic and the timestamp.
#[derive(Debug)]
pub struct TimestampRouter {
    topic_format: String,
    timestamp_format: DateFormat,
}

impl Transform for TimestampRouter {
    const CLASS: &'static str = "org.apache.kafka.connect.transforms.TimestampRouter";
    type Config = TimestampRouterConfig;

    fn build(config: TimestampRouterConfig) -> Result<Self> {
        let timestamp_format = DateFormat::parse(&config.timestamp_format).map_err(Error::misconfigured)?;
        Ok(Self { topic_format: config.topic_format, timestamp_format })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let Some(timestamp) = record.timestamp else {
            return Err(Error::bad_record("Timestamp missing on record").with("topic", &record.topic));
        };
        let timestamp = self.timestamp_format.format(timestamp);
        let routed = self.topic_format.replace("${topic}", &record.topic).replace("${timestamp}", &timestamp);
        record.topic = Topic::from(routed);
        Ok(Some(record))
    }
}
