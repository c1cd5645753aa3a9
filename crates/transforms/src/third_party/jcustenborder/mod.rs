//! jcustenborder's common transforms (`com.github.jcustenborder.kafka.connect.transform.common`).

mod base;
mod bytes_to_string;
mod change_case;
mod extract_nested_field;
mod extract_timestamp;
mod header_mapping;
mod header_to_field;
mod header_value;
mod normalize_schema;
mod pattern_filter;
mod pattern_flags;
mod pattern_map_string;
mod pattern_rename;
mod precision;
mod timestamp_now;
mod to_json;
mod to_long;
mod topics;

use crate::side::{Key, Value};

/// The package of these classes, with a point at its end.
macro_rules! class {
    ($name:literal) => {
        concat!("com.github.jcustenborder.kafka.connect.transform.common.", $name)
    };
    ($name:literal, $side:ident) => {
        if $side::IS_KEY {
            concat!("com.github.jcustenborder.kafka.connect.transform.common.", $name, "$Key")
        } else {
            concat!("com.github.jcustenborder.kafka.connect.transform.common.", $name, "$Value")
        }
    };
}
use class;

/// Registers jcustenborder's transforms.
pub(super) fn register(registry: &mut api::Registry) {
    registry.transform::<bytes_to_string::BytesToString<Key>>();
    registry.transform::<bytes_to_string::BytesToString<Value>>();
    registry.transform::<change_case::ChangeCase<Key>>();
    registry.transform::<change_case::ChangeCase<Value>>();
    registry.transform::<topics::ChangeTopicCase>();
    registry.transform::<extract_nested_field::ExtractNestedField<Key>>();
    registry.transform::<extract_nested_field::ExtractNestedField<Value>>();
    registry.transform::<extract_timestamp::ExtractTimestamp<Key>>();
    registry.transform::<extract_timestamp::ExtractTimestamp<Value>>();
    registry.transform::<header_to_field::HeaderToField<Key>>();
    registry.transform::<header_to_field::HeaderToField<Value>>();
    registry.transform::<topics::LowerCaseTopic>();
    registry.transform::<normalize_schema::NormalizeSchema<Key>>();
    registry.transform::<normalize_schema::NormalizeSchema<Value>>();
    registry.transform::<pattern_filter::PatternFilter<Key>>();
    registry.transform::<pattern_filter::PatternFilter<Value>>();
    registry.transform::<pattern_map_string::PatternMapString<Key>>();
    registry.transform::<pattern_map_string::PatternMapString<Value>>();
    registry.transform::<pattern_rename::PatternRename<Key>>();
    registry.transform::<pattern_rename::PatternRename<Value>>();
    registry.transform::<topics::SchemaNameToTopic<Key>>();
    registry.transform::<topics::SchemaNameToTopic<Value>>();
    registry.transform::<precision::SetMaximumPrecision<Key>>();
    registry.transform::<precision::SetMaximumPrecision<Value>>();
    registry.transform::<base::SetNull<Key>>();
    registry.transform::<base::SetNull<Value>>();
    registry.transform::<timestamp_now::TimestampNow>();
    registry.transform::<timestamp_now::TimestampNowField<Key>>();
    registry.transform::<timestamp_now::TimestampNowField<Value>>();
    registry.transform::<to_json::ToJson<Key>>();
    registry.transform::<to_json::ToJson<Value>>();
    registry.transform::<to_long::ToLong<Key>>();
    registry.transform::<to_long::ToLong<Value>>();
    registry.transform::<topics::TopicNameToField<Key>>();
    registry.transform::<topics::TopicNameToField<Value>>();
}
