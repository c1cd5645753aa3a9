//! `ExtractTopic`: the topic from the key, the value or a header.

use std::marker::PhantomData;

use api::config::{Config, Report, config_enum};
use api::data::{Record, Topic, Value};
use api::{Error, Origin, Result, Transform};

use super::json_path::JsonPath;
use crate::side::Side;

config_enum! {
    /// How a field is named.
    pub enum FieldFormat {
        /// A name; with points, names of nested fields.
        Plain = "PLAIN",
        /// A JSON Path, beginning with `$`.
        JsonPath = "JSON_PATH",
    }
}

/// Keys of [`ExtractTopic`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct ExtractTopicConfig {
    /// The field whose text is the topic. Without it, the whole key or value is.
    #[config(key = "field", default = "")]
    pub field: String,
    /// How `field` is written: `PLAIN` for a name, where points lead into nested fields, or `JSON_PATH`.
    #[config(key = "field.format", default = "PLAIN")]
    pub format: FieldFormat,
    /// Whether records whose field is missing, null or empty keep their topic. If not, they fail.
    #[config(key = "skip.missing.or.null", default = "false")]
    pub skip_missing: bool,
}

fn check(config: &ExtractTopicConfig, report: &mut Report) {
    if let Err(why) = Selector::parse(config) {
        report.invalid("field", Some(&config.field), &why);
    }
}

#[derive(Debug)]
enum Selector {
    Whole,
    /// The name, and the names of nested fields that it may be.
    Name(String, Vec<String>),
    Path(JsonPath),
}

impl Selector {
    fn parse(config: &ExtractTopicConfig) -> std::result::Result<Self, String> {
        match config.format {
            _ if config.field.is_empty() => Ok(Self::Whole),
            FieldFormat::Plain => {
                Ok(Self::Name(config.field.clone(), config.field.split('.').map(str::to_owned).collect()))
            }
            FieldFormat::JsonPath => {
                let path = JsonPath::parse(&config.field).map_err(|error| error.to_string())?;
                match path.is_definite() {
                    true => Ok(Self::Path(path)),
                    false => Err("the path must lead to one field, without filters and *".to_owned()),
                }
            }
        }
    }

    fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match self {
            Self::Whole => Some(value),
            Self::Name(name, steps) => member(value, name)
                .or_else(|| steps.iter().try_fold(value, |value, step| member(value, step))),
            Self::Path(path) => path.value(value),
        }
    }
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Struct(row) => row.get(name),
        Value::Map(map) => map.get_str(name),
        _ => None,
    }
}

/// Sends the record to the topic that its key or value names.
#[derive(Debug)]
pub struct ExtractTopic<S> {
    selector: Selector,
    field: String,
    skip_missing: bool,
    side: PhantomData<fn(S)>,
}

// The topic of a text; `None` keeps the topic.
fn topic(found: Option<&Value>, skip_missing: bool, what: &str) -> Result<Option<Topic>> {
    match found {
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(Topic::from(&**text))),
        None | Some(Value::Null | Value::String(_)) if skip_missing => Ok(None),
        None => Err(Error::bad_record(format!("{what} is missing, so there is no topic"))),
        Some(Value::Null) => Err(Error::bad_record(format!("{what} is null, so there is no topic"))),
        Some(Value::String(_)) => Err(Error::bad_record(format!("{what} is empty, so there is no topic"))),
        Some(other) => Err(Error::bad_record(format!(
            "{what} must be a string to be a topic, found: {}",
            other.type_name()
        ))),
    }
}

impl<S: Side> Transform for ExtractTopic<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "io.confluent.connect.transforms.ExtractTopic$Key"
    } else {
        "io.confluent.connect.transforms.ExtractTopic$Value"
    };
    type Config = ExtractTopicConfig;

    fn build(config: ExtractTopicConfig) -> Result<Self> {
        let selector = Selector::parse(&config).map_err(Error::misconfigured)?;
        let part = if S::IS_KEY { "the key" } else { "the value" };
        let field = match config.field.as_str() {
            "" => part.to_owned(),
            name => format!("field {name} of {part}"),
        };
        Ok(Self { selector, field, skip_missing: config.skip_missing, side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let found = self.selector.find(&S::of(&mut record).value);
        if let Some(topic) = topic(found, self.skip_missing, &self.field)? {
            record.topic = topic;
        }
        Ok(Some(record))
    }
}

/// Keys of [`ExtractTopicFromHeader`].
#[derive(Debug, Clone, Config)]
pub struct ExtractTopicFromHeaderConfig {
    /// The header whose text is the topic.
    #[config(key = "field", importance = High)]
    pub field: String,
    /// Whether records whose header is missing, null or empty keep their topic. If not, they fail.
    #[config(key = "skip.missing.or.null", default = "false")]
    pub skip_missing: bool,
}

/// Sends the record to the topic that a header names.
#[derive(Debug)]
pub struct ExtractTopicFromHeader(ExtractTopicFromHeaderConfig);

impl Transform for ExtractTopicFromHeader {
    const CLASS: &'static str = "io.confluent.connect.transforms.ExtractTopic$Header";
    type Config = ExtractTopicFromHeaderConfig;

    fn build(config: ExtractTopicFromHeaderConfig) -> Result<Self> {
        Ok(Self(config))
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let header = record.headers.iter().rev().find(|header| *header.key == *self.0.field);
        let what = format!("header {}", self.0.field);
        if let Some(topic) = topic(header.map(|header| &header.value.value), self.0.skip_missing, &what)? {
            record.topic = topic;
        }
        Ok(Some(record))
    }
}
