//! Aiven's transforms (`io.aiven.kafka.connect.transforms`).

mod case_transform;
mod concat_fields;
mod extract_timestamp;
mod extract_topic;
mod filter_by_field_value;
mod hash;
mod key_to_value;
mod key_value_fields;
mod schema_name_topic;
mod tombstones;

use crate::side::{Key, Value};

/// The package of these classes.
macro_rules! class {
    ($name:literal) => {
        concat!("io.aiven.kafka.connect.transforms.", $name)
    };
    ($name:literal, $side:ident) => {
        if $side::IS_KEY {
            concat!("io.aiven.kafka.connect.transforms.", $name, "$Key")
        } else {
            concat!("io.aiven.kafka.connect.transforms.", $name, "$Value")
        }
    };
}
use class;

/// Registers Aiven's transforms.
pub(super) fn register(registry: &mut api::Registry) {
    registry.transform::<case_transform::CaseTransform<Key>>();
    registry.transform::<case_transform::CaseTransform<Value>>();
    registry.transform::<concat_fields::ConcatFields<Key>>();
    registry.transform::<concat_fields::ConcatFields<Value>>();
    registry.transform::<extract_timestamp::ExtractTimestamp<Key>>();
    registry.transform::<extract_timestamp::ExtractTimestamp<Value>>();
    registry.transform::<extract_topic::ExtractTopic<Key>>();
    registry.transform::<extract_topic::ExtractTopic<Value>>();
    registry.transform::<filter_by_field_value::FilterByFieldValue<Key>>();
    registry.transform::<filter_by_field_value::FilterByFieldValue<Value>>();
    registry.transform::<hash::Hash<Key>>();
    registry.transform::<hash::Hash<Value>>();
    registry.transform::<key_to_value::KeyToValue>();
    registry.transform::<schema_name_topic::ExtractTopicFromSchemaName>();
    registry.transform::<tombstones::MakeTombstone>();
    registry.transform::<tombstones::TombstoneHandler>();
}
