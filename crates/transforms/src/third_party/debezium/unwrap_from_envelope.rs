//! `UnwrapFromEnvelope`: the old form of `ExtractNewRecordState`.

use api::config::Config;
use api::data::Record;
use api::{Origin, Result, Transform};

use super::envelope;
use super::extract_new_record_state::{DeleteHandling, ExtractNewRecordState, Policy, text_header};

/// Keys of [`UnwrapFromEnvelope`].
#[derive(Debug, Clone, Config)]
pub struct UnwrapFromEnvelopeConfig {
    /// Whether to drop tombstones.
    #[config(key = "drop.tombstones", default = "true", importance = Low)]
    pub drop_tombstones: bool,
    /// How to handle delete records.
    #[config(key = "delete.handling.mode", default = "drop")]
    pub delete_handling: DeleteHandling,
    /// Older form of `delete.handling.mode`, which it wins over: true is `drop`, false is `none`.
    #[config(key = "drop.deletes", importance = Low)]
    pub drop_deletes: Option<bool>,
    /// Whether to add the operation's code as the header `__debezium-operation`.
    #[config(key = "operation.header", default = "false", importance = Low)]
    pub operation_header: bool,
}

/// The old form of [`ExtractNewRecordState`], with old defaults: deletes are dropped.
#[derive(Debug)]
pub struct UnwrapFromEnvelope {
    inner: ExtractNewRecordState,
    operation_header: bool,
}

const OPERATION_HEADER: &str = "__debezium-operation";

impl Transform for UnwrapFromEnvelope {
    const CLASS: &'static str = "io.debezium.transforms.UnwrapFromEnvelope";
    type Config = UnwrapFromEnvelopeConfig;

    fn build(config: UnwrapFromEnvelopeConfig) -> Result<Self> {
        let mode = match config.drop_deletes {
            Some(true) => DeleteHandling::Drop,
            Some(false) => DeleteHandling::None,
            None => config.delete_handling,
        };
        let policy = Policy::of_old(mode, config.drop_tombstones).with_deleted_required();
        Ok(Self { inner: ExtractNewRecordState::plain(policy), operation_header: config.operation_header })
    }

    fn apply(&mut self, mut record: Record, origin: &Origin) -> Result<Option<Record>> {
        if self.operation_header {
            let operation = match envelope::of(&record.value)? {
                Some(event) => Some(envelope::operation(event).to_owned()),
                // The original writes the operation's name here, and its code elsewhere.
                None if record.value.value.is_null() => Some("DELETE".to_owned()),
                None => None,
            };
            if let Some(operation) = operation.filter(|operation| !operation.is_empty()) {
                record.headers.push(text_header(OPERATION_HEADER, &operation));
            }
        }
        self.inner.apply(record, origin)
    }
}
