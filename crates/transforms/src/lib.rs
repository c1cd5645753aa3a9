//! Kafka Connect's single message transforms and predicates.
//!
//! Transforms of keys or values are generic over their [`side`]; their class names end in `$Key` or `$Value`. What
//! follows from a record's schema (the schema of the result, positions of fields) is computed once per schema pointer
//! and kept for the last 16 schemas, as Kafka Connect does, so that the results of one schema share one schema.
//!
//! Keys, defaults and error texts are Kafka Connect's (`org.apache.kafka.connect.transforms`).
//!
//! Start at [`register`], then [`side`].

mod cast;
mod date_format;
mod entry;
mod error;
mod extract_field;
mod field_path;
mod filter;
mod flatten;
mod header_from;
mod headers;
mod hoist_field;
mod insert_field;
mod java_regex;
mod mask_field;
mod predicates;
mod regex_router;
mod replace_field;
mod replacement;
mod required_list;
mod schema_cache;
mod set_schema_metadata;
pub mod side;
mod third_party;
mod timestamp_converter;
mod timestamp_router;
mod value_to_key;

pub use cast::{Cast, CastConfig};
pub use extract_field::{ExtractField, ExtractFieldConfig};
pub use filter::{Filter, NoConfig};
pub use flatten::{Flatten, FlattenConfig};
pub use header_from::{HeaderFrom, HeaderFromConfig, Operation};
pub use headers::{DropHeaders, DropHeadersConfig, InsertHeader, InsertHeaderConfig};
pub use hoist_field::{HoistField, HoistFieldConfig};
pub use insert_field::{InsertField, InsertFieldConfig};
pub use mask_field::{MaskField, MaskFieldConfig};
pub use predicates::{HasHeaderKey, NameConfig, PatternConfig, RecordIsTombstone, TopicNameMatches};
pub use regex_router::{RegexRouter, RegexRouterConfig};
pub use replace_field::{ReplaceField, ReplaceFieldConfig};
pub use set_schema_metadata::{SetSchemaMetadata, SetSchemaMetadataConfig};
pub use timestamp_converter::{Precision, TargetType, TimestampConverter, TimestampConverterConfig};
pub use timestamp_router::{TimestampRouter, TimestampRouterConfig};
pub use value_to_key::{ValueToKey, ValueToKeyConfig};

use side::{Key, Value};

/// Registers all transforms and predicates of this crate.
pub fn register(registry: &mut api::Registry) {
    registry.transform::<Cast<Key>>();
    registry.transform::<Cast<Value>>();
    registry.transform::<DropHeaders>();
    registry.transform::<ExtractField<Key>>();
    registry.transform::<ExtractField<Value>>();
    registry.transform::<Filter>();
    registry.transform::<Flatten<Key>>();
    registry.transform::<Flatten<Value>>();
    registry.transform::<HeaderFrom<Key>>();
    registry.transform::<HeaderFrom<Value>>();
    registry.transform::<HoistField<Key>>();
    registry.transform::<HoistField<Value>>();
    registry.transform::<InsertField<Key>>();
    registry.transform::<InsertField<Value>>();
    registry.transform::<InsertHeader>();
    registry.transform::<MaskField<Key>>();
    registry.transform::<MaskField<Value>>();
    registry.transform::<RegexRouter>();
    registry.transform::<ReplaceField<Key>>();
    registry.transform::<ReplaceField<Value>>();
    registry.transform::<SetSchemaMetadata<Key>>();
    registry.transform::<SetSchemaMetadata<Value>>();
    registry.transform::<TimestampConverter<Key>>();
    registry.transform::<TimestampConverter<Value>>();
    registry.transform::<TimestampRouter>();
    registry.transform::<ValueToKey>();
    registry.predicate::<HasHeaderKey>();
    registry.predicate::<RecordIsTombstone>();
    registry.predicate::<TopicNameMatches>();
    third_party::register(registry);
}
