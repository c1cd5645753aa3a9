//! Debezium's transforms (`io.debezium.transforms`).
//!
//! Most look for an [`envelope`]: a change event with `before`, `after`, `source` and `op`. Other records pass unchanged.

mod adjust_name;
mod changed_fields;
mod content;
mod drop_fields;
mod envelope;
mod event_router;
mod expression;
mod expression_parser;
mod extract_new_record_state;
mod field_reference;
mod header_to_value;
mod java_hash;
mod logical_router;
mod murmur_hash;
mod outbox_schema;
mod partition_routing;
mod placement;
mod schema_change_filter;
mod timezone;
mod timezone_rules;
mod unwrap_from_envelope;

/// Registers Debezium's transforms.
pub(super) fn register(registry: &mut api::Registry) {
    registry.transform::<extract_new_record_state::ExtractNewRecordState>();
    registry.transform::<unwrap_from_envelope::UnwrapFromEnvelope>();
    registry.transform::<logical_router::ByLogicalTableRouter>();
    registry.transform::<logical_router::ToLogicalTopicRouter>();
    registry.transform::<event_router::EventRouter>();
    registry.transform::<content::ContentBasedRouter>();
    registry.transform::<content::Filter>();
    registry.transform::<header_to_value::HeaderToValue>();
    registry.transform::<partition_routing::PartitionRouting>();
    registry.transform::<timezone::TimezoneConverter>();
    registry.transform::<changed_fields::ExtractChangedRecordState>();
    registry.transform::<schema_change_filter::SchemaChangeEventFilter>();
}
