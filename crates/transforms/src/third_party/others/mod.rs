//! Transforms of smaller projects.

mod expand_json;
mod insert_uuid;
mod key_to_value;

use crate::side::{Key, Value};

/// Registers them.
pub(super) fn register(registry: &mut api::Registry) {
    registry.transform::<expand_json::ExpandJson>();
    registry.transform::<insert_uuid::InsertUuid<Key>>();
    registry.transform::<insert_uuid::InsertUuid<Value>>();
    registry.transform::<key_to_value::KeyToValue>();
}
