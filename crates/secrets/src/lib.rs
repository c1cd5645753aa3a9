//! Config providers: what `${provider:path:key}` in a config stands for.
//!
//! A worker's `config.providers.*` keys make [`Providers`]; [`Providers::resolve`] turns a config as it was sent into
//! one that tasks can use, and a [`Redactor`] that takes the values out of texts again. [`LogSecrets`] does so for the
//! log, whoever writes a line. Invariant 5: only task memory
//! ever holds what was looked up; REST, topics, status and logs see the references.
//!
//! A provider of files or variables reads nothing without an allow-list, because whoever may create a connector could otherwise read any file
//! or environment variable of the worker (CVE-2024-31141). What AWS Secrets Manager and Vault give is decided there, by the
//! rights of the worker.

mod allowed;
mod directory;
mod env;
mod file;
mod folder;
mod log_secrets;
mod mask;
mod needles;
mod params;
mod parts;
mod provider;
mod providers;
mod redactor;
mod reinsert;
mod resolve;
mod secrets_manager;
mod vault;

pub use directory::DirectoryProvider;
pub use env::EnvProvider;
pub use file::FileProvider;
pub use folder::FolderProvider;
pub use log_secrets::LogSecrets;
pub use mask::{MASK, is_secret, masked, unmasked};
pub use provider::ConfigProvider;
pub use providers::Providers;
pub use redactor::Redactor;
pub use reinsert::reinsert;
pub use resolve::{Resolved, Unresolved};
pub use secrets_manager::SecretsManagerProvider;
pub use vault::VaultProvider;
