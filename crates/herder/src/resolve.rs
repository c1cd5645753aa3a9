//! From a config as it was sent to one that plugins take, and what no text may show of it (invariant 5).

use api::Result;
use config::RawConfig;
use secrets::{Redactor, Resolved};

use crate::Parts;

impl Parts {
    /// Looks references up. The redactor that comes with it also knows the secrets that stand in the config
    /// itself; from now on the log shows neither.
    ///
    /// # Errors
    /// A reference cannot be looked up.
    pub(crate) async fn resolve(&self, sent: &RawConfig) -> Result<Resolved> {
        let mut resolved = self.providers.resolve(sent).await?;
        self.hide_passwords(&resolved.config, &mut resolved.redactor);
        self.log_secrets.remember(sent.get("name").map(str::trim), &resolved.redactor);
        Ok(resolved)
    }

    fn hide_passwords(&self, resolved: &RawConfig, redactor: &mut Redactor) {
        let validation = spec::validate(resolved, &*self.registry, &self.defaults, &self.policy);
        let declared = |name: &str| {
            let mut keys = validation.configs.iter().filter_map(|(key, _)| key.as_ref());
            keys.find(|key| key.name == name).map(|key| key.value_type)
        };
        for (key, value) in resolved.iter().filter_map(|(key, value)| Some((key, value?))) {
            if secrets::is_secret(key, declared(key)) {
                redactor.hide(value);
            }
        }
        resolved.iter().filter_map(|(_, value)| value).for_each(|value| redactor.hide_inside(value));
    }
}
