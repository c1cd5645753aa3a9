//! The same requests, answered by the plugins of this repository.

use api::{
    Converter, DecodeContext, EncodeContext, Error, HeaderConverter, Origin, Prepare, Registry, Usage,
};
use data::{Bytes, Datum};
use serde_json::{Value as Json, json};

use crate::case::{Case, Input, Operation};
use crate::wire;

/// What a class says to a case, ours or Java's.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The config was refused, with an error.
    Refused(Json),
    /// One answer to each input.
    Results(Vec<Json>),
}

/// Ours.
pub fn answer(registry: &Registry, case: &Case) -> Answer {
    answer_or_error(registry, case)
        .unwrap_or_else(|error| Answer::Refused(self::error(&error)["error"].clone()))
}

/// An error as an answer has it: class and message of the outermost exception.
fn error(error: &Error) -> Json {
    json!({"error": {"class": error.class_name(), "message": error.message()}})
}

fn answer_or_error(registry: &Registry, case: &Case) -> api::Result<Answer> {
    let results = match case.operation {
        Operation::Transform => {
            let mut transform = registry.build_transform(&case.class, &case.config)?;
            each(case, |input| {
                let Input::Record(record, offset) = input else { return Ok(Json::Null) };
                let origin = offset.map_or(Origin::Source, |offset| Origin::Sink { offset });
                let record = transform.apply(*record, &origin)?;
                Ok(json!({"record": record.as_ref().map(wire::record)}))
            })
        }
        Operation::Predicate => {
            let mut predicate = registry.build_predicate(&case.class, &case.config)?;
            each(case, |input| {
                let Input::Record(record, _) = input else { return Ok(Json::Null) };
                Ok(json!({"test": predicate.test(&record)?}))
            })
        }
        Operation::Encode | Operation::Decode => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| Error::misconfigured(format!("no runtime: {error}")))?;
            let mut converter = either(registry, case)?;
            let topic = case.topic.as_str();
            each(case, |input| match input {
                Input::Datum(datum) => {
                    let mut bytes = Vec::new();
                    let schema = datum.schema.as_ref();
                    // As in a worker: null is null without a schema's help.
                    if !datum.value.is_null() {
                        runtime.block_on(converter.prepare(Prepare::Encode { topic, schema }))?;
                    }
                    let there = converter.encode(topic, &datum, &mut bytes)?;
                    Ok(wire::bytes(there.then_some(bytes.as_slice())))
                }
                Input::Bytes(bytes) => {
                    if let Some(bytes) = &bytes {
                        runtime.block_on(converter.prepare(Prepare::Decode {
                            topic,
                            bytes,
                            headers: &[],
                        }))?;
                    }
                    Ok(json!({"datum": wire::datum(&converter.decode(topic, bytes.as_ref())?)}))
                }
                Input::Record(..) => Ok(Json::Null),
            })
        }
    };
    Ok(Answer::Results(results))
}

fn each(case: &Case, mut step: impl FnMut(Input) -> api::Result<Json>) -> Vec<Json> {
    case.inputs.iter().map(|input| step(input.clone()).unwrap_or_else(|why| error(&why))).collect()
}

enum Either {
    Plain(Box<dyn Converter>),
    Header(Box<dyn HeaderConverter>),
}

fn either(registry: &Registry, case: &Case) -> api::Result<Either> {
    let usage = match case.usage {
        "header" => {
            return registry.build_header_converter(&case.class, &case.config).map(Either::Header);
        }
        "key" => Usage::Key,
        _ => Usage::Value,
    };
    registry.build_converter(&case.class, &case.config, usage).map(Either::Plain)
}

impl Either {
    /// What a converter with schemas in a registry does before it converts.
    async fn prepare(&mut self, need: Prepare<'_>) -> api::Result<()> {
        match self {
            Either::Plain(converter) if converter.lacks(&need) => converter.prepare(need).await,
            _ => Ok(()),
        }
    }

    fn encode(&mut self, topic: &str, datum: &Datum, out: &mut Vec<u8>) -> api::Result<bool> {
        match self {
            Either::Plain(converter) => {
                converter.encode(&mut EncodeContext { topic, headers: &mut Vec::new() }, datum, out)
            }
            Either::Header(converter) => converter.encode(topic, "h", datum, out),
        }
    }

    fn decode(&mut self, topic: &str, bytes: Option<&Bytes>) -> api::Result<Datum> {
        match self {
            Either::Plain(converter) => converter.decode(DecodeContext { topic, headers: &[] }, bytes),
            Either::Header(converter) => converter.decode(topic, "h", bytes),
        }
    }
}
