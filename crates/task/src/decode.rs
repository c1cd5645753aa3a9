//! Bytes to records: key, value, headers. Texts and bytes of the record are slices of what was fetched.

use std::sync::Arc;

use api::data::{Bytes, Datum, Header, Record, SinkRecord, Topic};
use api::{Converter, DecodeContext, Error, HeaderConverter, Prepare, Registry, Result, Usage};
use kafka::FetchedRecord;
use spec::PipelineSpec;

use crate::tolerance::{Failed, Stage};

/// The converters of a connector, on their way out of Kafka.
pub(crate) struct Decoder {
    key: Side,
    value: Side,
    header: Box<dyn HeaderConverter>,
    header_class: Arc<str>,
}

struct Side {
    stage: Stage,
    class: Arc<str>,
    converter: Box<dyn Converter>,
}

/// Which converter must prepare before a record can be decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lacking {
    Key,
    Value,
}

impl Decoder {
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
        })
    }

    /// Which converter has to prepare before this record, if any.
    pub(crate) fn lacks(&self, record: &FetchedRecord) -> Option<Lacking> {
        if self.key.lacks(record, record.key.as_ref()) {
            return Some(Lacking::Key);
        }
        self.value.lacks(record, record.value.as_ref()).then_some(Lacking::Value)
    }

    /// Lets a converter prepare for this record.
    pub(crate) async fn prepare(
        &mut self,
        lacking: Lacking,
        record: &FetchedRecord,
    ) -> std::result::Result<(), Failed> {
        let (side, bytes) = match lacking {
            Lacking::Key => (&mut self.key, &record.key),
            Lacking::Value => (&mut self.value, &record.value),
        };
        let Some(bytes) = bytes else { return Ok(()) };
        let need = Prepare::Decode { topic: &record.topic, bytes, headers: &record.headers };
        let prepared = side.converter.prepare(need).await;
        prepared.map_err(|error| side.failed(error))?;
        if side.converter.lacks(&need) {
            let error = Error::fatal("the converter still lacks the record's schema after it prepared");
            return Err(side.failed(error.with("topic", &record.topic)));
        }
        Ok(())
    }

    /// The record of the bytes.
    pub(crate) fn decode(&mut self, fetched: &FetchedRecord) -> std::result::Result<SinkRecord, Failed> {
        let key = self.key.decode(fetched, fetched.key.as_ref())?;
        let value = self.value.decode(fetched, fetched.value.as_ref())?;
        let mut headers = Vec::new(); // allocates only when there are headers
        for header in &fetched.headers {
            let value = self
                .header
                .decode(&fetched.topic, &header.key, header.value.as_ref())
                .map_err(|error| self.header_failed(error))?;
            headers.push(Header { key: header.key.clone(), value });
        }
        Ok(SinkRecord {
            record: Record {
                topic: Topic::clone(&fetched.topic),
                partition: Some(fetched.partition),
                key,
                value,
                timestamp: fetched.timestamp.filter(|time| *time != -1),
                headers,
            },
            origin_topic: Topic::clone(&fetched.topic),
            origin_partition: fetched.partition,
            offset: fetched.offset,
            timestamp_type: fetched.timestamp_type,
        })
    }

    fn header_failed(&self, error: Error) -> Failed {
        Failed { stage: Stage::HeaderConverter, class: self.header_class.clone(), error }
    }
}

impl Side {
    fn lacks(&self, record: &FetchedRecord, bytes: Option<&Bytes>) -> bool {
        let (topic, headers) = (&record.topic, &record.headers);
        bytes.is_some_and(|bytes| self.converter.lacks(&Prepare::Decode { topic, bytes, headers }))
    }

    fn decode(
        &mut self,
        fetched: &FetchedRecord,
        bytes: Option<&Bytes>,
    ) -> std::result::Result<Datum, Failed> {
        let context = DecodeContext { topic: &fetched.topic, headers: &fetched.headers };
        self.converter.decode(context, bytes).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: Error) -> Failed {
        Failed { stage: self.stage, class: self.class.clone(), error }
    }
}
