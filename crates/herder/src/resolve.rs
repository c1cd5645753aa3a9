//! From a config as it was sent to one that plugins take, and what no text may show of it (invariant 5).

use std::collections::HashMap;

use api::Result;
use config::{RawConfig, Type};
use secrets::{Redactor, Resolved};
use spec::Validation;

use crate::Parts;

impl Parts {
    /// Looks references up, for what is about to run. The redactor that comes with it also knows the secrets that stand in
    /// the config itself; from now on the log shows neither in lines about this connector.
    ///
    /// # Errors
    /// A reference cannot be looked up.
    pub(crate) async fn resolve(&self, connector: &str, stored: &RawConfig) -> Result<Resolved> {
        let mut resolved = self.providers.resolve(stored).await?;
        let validation = self.checked(&resolved.config);
        hide_passwords(&validation, &resolved.config, &mut resolved.redactor);
        self.log_secrets.remember(Some(connector), &resolved.redactor);
        Ok(resolved)
    }

    /// What is to be said of each key.
    pub(crate) fn checked(&self, resolved: &RawConfig) -> Validation {
        spec::validate(resolved, &*self.registry, &self.defaults, &self.policy)
    }
}

/// Has the redactor know the secrets that stand in a config itself: those that are declared to be some, by name those that
/// nobody declares, and passwords inside of others.
pub(crate) fn hide_passwords(validation: &Validation, resolved: &RawConfig, redactor: &mut Redactor) {
    let mut declared: HashMap<&str, Type> = HashMap::new();
    for key in validation.configs.iter().filter_map(|(key, _)| key.as_ref()) {
        declared.entry(&key.name).or_insert(key.value_type);
    }
    for (key, value) in resolved.iter().filter_map(|(key, value)| Some((key, value?))) {
        if secrets::is_secret(key, declared.get(key).copied()) {
            redactor.hide(value);
        }
        redactor.hide_inside(value);
    }
}
