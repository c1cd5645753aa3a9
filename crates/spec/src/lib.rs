//! What a connector's config means: every framework key, once.
//!
//! A [`api::config::RawConfig`] goes in, a [`ConnectorSpec`] or a report of all problems comes out. Whatever is
//! connector-independent (`tasks.max`, `errors.*`, `transforms.*`, converters, `topic.creation.*`, client overrides)
//! is declared, checked and typed here; nothing below this crate looks at a framework key again.
//!
//! It is pure: it takes a catalog, opens nothing, and serves REST, herder and offline lint alike.

mod aliases;
mod build;
pub mod client_keys;
mod converter;
mod defaults;
mod exactly_once;
pub mod jaas;
pub mod keys;
pub mod model;
mod overrides;
pub mod pattern;
mod plugin;
mod references;
mod restart;
pub mod sensitive;
mod sink_topics;
mod topic_creation;
mod unknown;
mod validate;
pub mod version;
mod warning;

pub use build::build;
pub use defaults::WorkerDefaults;
pub use model::{
    ClientOverrides, ConnectorKind, ConnectorSpec, DeadLetterSpec, ErrorPolicy, PipelineSpec, PluginConfig,
    PredicateSpec, SinkSpec, SinkTopics, SourceSpec, TaskSpec, Tolerance, TopicCreationSpec, TopicGroup,
    TransactionBoundary, TransformSpec,
};
pub use overrides::OverridePolicy;
pub use plugin::{ClassProblem, connector_plugin};
pub use restart::RestartPolicy;
pub use unknown::{nearest_key, unknown_keys};
pub use validate::{Validation, validate};
pub use warning::Warning;
