//! Dead letters of a source (`sluice.errors.source.topic`): the record as the failing step had it, as JSON.
//!
//! A converter failed, so there are no bytes to keep. Key and value become JSON with schema, whatever converters the
//! connector has; what JSON cannot say becomes a text, in the form that header values have. Where the record came from is in the headers
//! `__sluice.errors.source.partition` and `.offset`.

use api::RawHeader;
use api::data::{Bytes, Datum, OffsetMap, Record, Value};
use json::{DecimalFormat, Writer};

use crate::dead_letters::{DeadLetters, Letter};
use crate::tolerance::Failed;

/// Writes letters of one task.
pub(crate) struct SourceLetters {
    pub(crate) letters: DeadLetters,
    writer: Writer,
}

impl SourceLetters {
    pub(crate) fn new(letters: DeadLetters) -> Self {
        Self { letters, writer: Writer::new(DecimalFormat::Numeric) }
    }

    /// Writes a letter down; [`DeadLetters::deliver`] sends it.
    pub(crate) fn add(
        &mut self,
        failed: &Failed,
        record: &Record,
        partition: Option<&OffsetMap>,
        offset: Option<&OffsetMap>,
    ) {
        let key = self.bytes(&record.key);
        let value = self.bytes(&record.value);
        let text = |value: &Value| {
            let mut text = Vec::new();
            literal::write(value, &mut text);
            Bytes::from(text)
        };
        let header = |header: &api::data::Header| RawHeader {
            key: header.key.clone(),
            value: (header.value.value != Value::Null).then(|| text(&header.value.value)),
        };
        let headers: Vec<RawHeader> = record.headers.iter().map(header).collect();
        let map = |map: Option<&OffsetMap>| {
            map.map(|map| {
                let mut text = Vec::new();
                json::offset::write_map(map, &mut text);
                text
            })
        };
        let (partition, offset) = (map(partition), map(offset));
        let mut origin: Vec<(&str, &[u8])> = vec![("__connect.errors.topic", record.topic.as_bytes())];
        origin.extend(partition.as_deref().map(|text| ("__sluice.errors.source.partition", text)));
        origin.extend(offset.as_deref().map(|text| ("__sluice.errors.source.offset", text)));
        self.letters.append(
            failed,
            &Letter {
                key: key.as_deref(),
                value: value.as_deref(),
                headers: &headers,
                timestamp: record.timestamp,
                origin: &origin,
            },
        );
    }

    fn bytes(&mut self, datum: &Datum) -> Option<Vec<u8>> {
        if datum.value == Value::Null && datum.schema.is_none() {
            return None;
        }
        let mut out = Vec::new();
        if self.writer.write_envelope(datum, &mut out).is_err() {
            out.clear();
            let mut text = Vec::new();
            literal::write(&datum.value, &mut text);
            json::write_string(&String::from_utf8_lossy(&text), &mut out);
        }
        Some(out)
    }
}
