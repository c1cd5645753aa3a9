//! Environment variables: `${env:DB_PASSWORD}`.

use std::collections::BTreeMap;

use api::config::{RawConfig, Secret};
use api::{BoxFuture, Error, Result};
use regex::Regex;

use crate::ConfigProvider;

/// The key is a variable's name, which must match the allow-list; there is no path.
#[derive(Debug)]
pub struct EnvProvider {
    allowed: Regex,
}

impl EnvProvider {
    /// Kafka's class of this name.
    pub const CLASS: &'static str = "org.apache.kafka.common.config.provider.EnvVarConfigProvider";

    /// Takes the parameter `allowlist.pattern`.
    ///
    /// # Errors
    /// It is missing or no regular expression.
    pub fn new(params: &RawConfig) -> std::result::Result<Self, String> {
        let Some(pattern) = params.get("allowlist.pattern").map(str::trim).filter(|text| !text.is_empty())
        else {
            return Err(
                "this provider reads nothing without a pattern: set it to a regular expression that the \
                        whole names of the variables match, such as CONNECT_SECRET_.*"
                    .to_owned(),
            );
        };
        let whole = Regex::new(pattern).and_then(|_| Regex::new(&format!("^(?:{pattern})$")));
        let allowed = whole.map_err(|error| format!("{pattern} is not a regular expression: {error}"))?;
        Ok(Self { allowed })
    }
}

impl ConfigProvider for EnvProvider {
    fn get<'a>(
        &'a self,
        path: &'a str,
        keys: &'a [String],
    ) -> BoxFuture<'a, Result<BTreeMap<String, Secret>>> {
        Box::pin(async move {
            if !path.is_empty() {
                return Err(Error::misconfigured("references to environment variables have no path")
                    .with("path", path)
                    .hint("write ${env:NAME}"));
            }
            let allowed = keys.iter().filter(|key| self.allowed.is_match(key) && is_name(key));
            let value = |key: &String| Some((key.clone(), Secret::new(std::env::var(key).ok()?)));
            Ok(allowed.filter_map(value).collect())
        })
    }
}

// What no variable can be called, and the standard library panics on in some systems.
fn is_name(key: &str) -> bool {
    !key.is_empty() && !key.contains(['=', '\0'])
}
