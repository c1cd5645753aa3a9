//! Records to bytes: headers, key, value, appended to one buffer a batch.

use std::ops::Range;
use std::sync::Arc;

use api::data::{Datum, Record, Topic};
use api::{Converter, EncodeContext, Error, HeaderConverter, Prepare, RawHeader, Registry, Result, Usage};
use kafka::{EncodedBatch, EncodedHeader, EncodedRecord};
use spec::PipelineSpec;

use crate::tolerance::{Failed, Stage};

/// The converters of a connector, on their way to Kafka.
pub(crate) struct Encoder {
    key: Side,
    value: Side,
    header: Box<dyn HeaderConverter>,
    header_class: Arc<str>,
    /// Headers that a converter wants on the record; kept to be used again.
    extra: Vec<RawHeader>,
}

struct Side {
    stage: Stage,
    class: Arc<str>,
    converter: Box<dyn Converter>,
}

/// Which converter must prepare before a record can be encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lacking {
    Key,
    Value,
}

impl Encoder {
    pub(crate) fn build(registry: &Registry, spec: &PipelineSpec) -> Result<Self> {
        let side = |plugin: &spec::PluginConfig, usage, stage| -> Result<Side> {
            Ok(Side {
                stage,
                class: plugin.class.as_str().into(),
                converter: registry.build_converter(&plugin.class, &plugin.config, usage)?,
            })
        };
        let header = &spec.header_converter;
        Ok(Self {
            key: side(&spec.key_converter, Usage::Key, Stage::KeyConverter)?,
            value: side(&spec.value_converter, Usage::Value, Stage::ValueConverter)?,
            header: registry.build_header_converter(&header.class, &header.config)?,
            header_class: header.class.as_str().into(),
            extra: Vec::new(),
        })
    }

    /// Which converter has to prepare before this record, if any.
    pub(crate) fn lacks(&mut self, record: &Record) -> Option<Lacking> {
        if self.key.lacks(&record.topic, &record.key) {
            return Some(Lacking::Key);
        }
        self.value.lacks(&record.topic, &record.value).then_some(Lacking::Value)
    }

    /// Lets a converter prepare for this record.
    pub(crate) async fn prepare(
        &mut self,
        lacking: Lacking,
        record: &Record,
    ) -> std::result::Result<(), Failed> {
        let (side, datum) = match lacking {
            Lacking::Key => (&mut self.key, &record.key),
            Lacking::Value => (&mut self.value, &record.value),
        };
        let need = Prepare::Encode { topic: &record.topic, schema: datum.schema.as_ref() };
        let prepared = side.converter.prepare(need).await;
        prepared.map_err(|error| side.failed(error))?;
        if side.converter.lacks(&need) {
            // Else the same would be prepared for ever.
            let error = Error::fatal("the converter still lacks the record's schema after it prepared");
            return Err(side.failed(error.with("topic", &record.topic)));
        }
        Ok(())
    }

    /// Appends a record to the batch; after an error the batch is as before.
    pub(crate) fn encode(
        &mut self,
        record: &Record,
        batch: &mut EncodedBatch,
    ) -> std::result::Result<(), Failed> {
        let (bytes, headers) = (batch.buffer.len(), batch.headers.len());
        self.extra.clear();
        let encoded = self.append(record, batch);
        if encoded.is_err() {
            batch.buffer.truncate(bytes);
            batch.headers.truncate(headers);
        }
        encoded
    }

    fn append(&mut self, record: &Record, batch: &mut EncodedBatch) -> std::result::Result<(), Failed> {
        let first_header = batch.headers.len() as u32;
        for header in &record.headers {
            let key = append(&mut batch.buffer, header.key.as_bytes());
            let start = batch.buffer.len();
            let some = self
                .header
                .encode(&record.topic, &header.key, &header.value, &mut batch.buffer)
                .map_err(|error| self.header_failed(error))?;
            let value = some.then(|| range(start, batch.buffer.len()));
            batch.headers.push(EncodedHeader { key, value });
        }
        let key = self.key.encode(&record.topic, &record.key, &mut self.extra, &mut batch.buffer)?;
        let value = self.value.encode(&record.topic, &record.value, &mut self.extra, &mut batch.buffer)?;
        for header in self.extra.drain(..) {
            let key = append(&mut batch.buffer, header.key.as_bytes());
            let value = header.value.map(|value| append(&mut batch.buffer, &value));
            batch.headers.push(EncodedHeader { key, value });
        }
        if batch.buffer.len() > BUFFER_MAX {
            let size = batch.buffer.len();
            let error = Error::bad_record(format!("{size} bytes of one batch are above what can be sent"));
            return Err(self.value.failed(error.with("topic", &record.topic)));
        }
        let timestamp = match record.timestamp {
            None | Some(-1) => None,
            Some(time) if time >= 0 => Some(time),
            Some(time) => {
                let text = format!("Invalid record timestamp {time}");
                return Err(Failed {
                    stage: Stage::KafkaProduce,
                    class: self.value.class.clone(),
                    error: Error::bad_record(text).with("topic", &record.topic),
                });
            }
        };
        batch.records.push(EncodedRecord {
            topic: record.topic.clone(),
            partition: record.partition,
            timestamp,
            key,
            value,
            headers: first_header..batch.headers.len() as u32,
        });
        Ok(())
    }

    fn header_failed(&self, error: Error) -> Failed {
        Failed { stage: Stage::HeaderConverter, class: self.header_class.clone(), error }
    }
}

/// Ranges are 32 bits wide; batches are cut long before this.
const BUFFER_MAX: usize = u32::MAX as usize;

impl Side {
    fn lacks(&self, topic: &Topic, datum: &Datum) -> bool {
        // Null is null without a schema's help.
        !datum.value.is_null()
            && self.converter.lacks(&Prepare::Encode { topic, schema: datum.schema.as_ref() })
    }

    fn encode(
        &mut self,
        topic: &str,
        datum: &Datum,
        headers: &mut Vec<RawHeader>,
        out: &mut Vec<u8>,
    ) -> std::result::Result<Option<Range<u32>>, Failed> {
        let start = out.len();
        let mut context = EncodeContext { topic, headers };
        match self.converter.encode(&mut context, datum, out) {
            Ok(true) => Ok(Some(range(start, out.len()))),
            Ok(false) => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, error: Error) -> Failed {
        Failed { stage: self.stage, class: self.class.clone(), error }
    }
}

fn append(buffer: &mut Vec<u8>, bytes: &[u8]) -> Range<u32> {
    let start = buffer.len();
    buffer.extend_from_slice(bytes);
    range(start, buffer.len())
}

fn range(start: usize, end: usize) -> Range<u32> {
    start as u32..end as u32
}
