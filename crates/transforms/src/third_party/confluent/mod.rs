//! Confluent's transforms (`io.confluent.connect.transforms`, and those of its cloud).
//!
//! Their code is closed: what is here follows the published pages, and the reference says what those leave open.

mod condition;
mod drop;
mod extract_topic;
mod filter;
mod flatten;
mod gzip_decompress;
mod json_path;
mod message_timestamp_router;
mod nested_selection;
mod replace_field;
mod tombstone_handler;
mod topic_regex_router;

use crate::side::{Key, Value};

/// Registers Confluent's transforms.
pub(super) fn register(registry: &mut api::Registry) {
    registry.transform::<drop::Drop<Key>>();
    registry.transform::<drop::Drop<Value>>();
    registry.transform::<extract_topic::ExtractTopic<Key>>();
    registry.transform::<extract_topic::ExtractTopic<Value>>();
    registry.transform::<extract_topic::ExtractTopicFromHeader>();
    registry.transform::<filter::Filter<Key>>();
    registry.transform::<filter::Filter<Value>>();
    registry.transform::<flatten::Flatten<Key>>();
    registry.transform::<flatten::Flatten<Value>>();
    registry.transform::<gzip_decompress::GzipDecompress<Key>>();
    registry.transform::<gzip_decompress::GzipDecompress<Value>>();
    registry.transform::<message_timestamp_router::MessageTimestampRouter>();
    registry.transform::<replace_field::ReplaceField<Key>>();
    registry.transform::<replace_field::ReplaceField<Value>>();
    registry.transform::<tombstone_handler::TombstoneHandler>();
    registry.transform::<topic_regex_router::TopicRegexRouter>();
}
