//! One thing to be compared: a class, its config, and what it is applied to.

use config::RawConfig;
use data::{Bytes, Datum, Record};
use serde_json::{Value as Json, json};

use crate::wire::Pool;

/// What a class is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A transformation of records.
    Transform,
    /// A predicate on records.
    Predicate,
    /// A converter, from Connect to bytes.
    Encode,
    /// A converter, from bytes to Connect.
    Decode,
}

impl Operation {
    /// Its name in requests and reports.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Transform => "transform",
            Operation::Predicate => "predicate",
            Operation::Encode => "encode",
            Operation::Decode => "decode",
        }
    }
}

/// What the class is applied to.
#[derive(Debug, Clone)]
pub enum Input {
    /// A record; with an offset it is a sink's.
    Record(Box<Record>, Option<i64>),
    /// A value to encode.
    Datum(Datum),
    /// Bytes to decode.
    Bytes(Option<Bytes>),
}

/// A class built once of one config, and applied to some inputs in order.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it does.
    pub operation: Operation,
    /// The class.
    pub class: String,
    /// Its keys, without a prefix.
    pub config: RawConfig,
    /// For converters: `key`, `value` or `header`.
    pub usage: &'static str,
    /// For converters: the topic.
    pub topic: String,
    /// What it is applied to.
    pub inputs: Vec<Input>,
}

/// The topic of converters' requests, where it does not matter.
pub const TOPIC: &str = "topic";

impl Case {
    /// The request that the Java program takes.
    pub fn request(&self) -> Json {
        let mut pool = Pool::default();
        let inputs: Vec<Json> = self.inputs.iter().map(|input| input.json(&mut pool)).collect();
        json!({
            "op": self.operation.name(),
            "class": self.class,
            "config": self.config_json(),
            "usage": self.usage,
            "topic": self.topic,
            "schemas": pool.schemas(),
            "inputs": inputs,
        })
    }

    /// The config, to be shown.
    pub fn config_json(&self) -> Json {
        self.config.iter().map(|(key, value)| (key.to_owned(), json!(value))).collect()
    }
}

impl Input {
    /// The input, whole, to be sent or shown.
    pub fn json(&self, pool: &mut Pool) -> Json {
        match self {
            Input::Record(record, offset) => pool.record(record, *offset),
            Input::Datum(datum) => pool.datum(datum),
            Input::Bytes(bytes) => bytes.as_ref().map_or(Json::Null, |bytes| hex::encode(bytes).into()),
        }
    }

    /// The input in a form for people: with its schemas in place, bytes as text where they are text.
    pub fn shown(&self) -> String {
        match self {
            Input::Record(record, offset) => {
                format!("{} {}", crate::wire::record(record), offset.map_or("of a source", |_| "of a sink"))
            }
            Input::Datum(datum) => crate::wire::datum(datum).to_string(),
            Input::Bytes(None) => "null".to_owned(),
            Input::Bytes(Some(bytes)) => match std::str::from_utf8(bytes) {
                Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
                _ => format!("0x{}", hex::encode(bytes)),
            },
        }
    }
}
