//! What the unit tests of this crate share.

use config::RawConfig;
use secrets::{Providers, Redactor};

/// Knows one secret, as if a config had referred to it.
pub(crate) fn redactor_of(secret: &str) -> Redactor {
    let file = tempfile::NamedTempFile::new().expect("a file for the secret");
    std::fs::write(file.path(), format!("password={secret}\n")).expect("the secret is written");
    let class = "org.apache.kafka.common.config.provider.FileConfigProvider";
    let worker = RawConfig::new()
        .with("config.providers", "file")
        .with("config.providers.file.class", class)
        .with("config.providers.file.param.allowed.paths", file.path().display().to_string());
    let providers = Providers::from_worker(&worker).expect("a provider");
    let connector =
        RawConfig::new().with("password", format!("${{file:{}:password}}", file.path().display()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let resolved = runtime.block_on(providers.resolve(&connector)).expect("the reference is good");
    assert!(!resolved.redactor.is_empty());
    resolved.redactor
}
