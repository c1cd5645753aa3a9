//! References put back into task configs, before these are stored or shown.

use api::config::{RawConfig, placeholder};

/// Gives every key of a task's config whose value in the connector's own config holds a reference that value back,
/// whatever the plugin made of it. It is Kafka's rule; a secret that a plugin copied to another key stays, which
/// [`crate::Redactor::reinsert`] finds too.
pub fn reinsert(raw_connector: &RawConfig, mut task: RawConfig) -> RawConfig {
    for (key, value) in raw_connector.iter() {
        if let Some(text) = value.filter(|text| placeholder::is_reference(text))
            && task.contains(key)
        {
            task.set(key, text);
        }
    }
    task
}
