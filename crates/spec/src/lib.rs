//! What a connector's config means: every framework key, once.
//!
//! A [`api::config::RawConfig`] goes in, a [`ConnectorSpec`] or a report of all problems comes out. Whatever is
//! connector-independent (`tasks.max`, `errors.*`, `transforms.*`, converters, `topic.creation.*`, client overrides)
//! is declared, checked and typed here; nothing below this crate looks at a framework key again.
//!
//! It is pure: it takes a catalog, opens nothing, and serves REST, herder and offline lint alike.

pub mod model;

pub use model::{
    ClientOverrides, ConnectorKind, ConnectorSpec, DeadLetterSpec, ErrorPolicy, PipelineSpec, PluginConfig,
    PredicateSpec, SinkSpec, SinkTopics, SourceSpec, TaskSpec, Tolerance, TopicCreationSpec, TopicGroup,
    TransformSpec,
};
