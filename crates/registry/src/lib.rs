//! A schema registry with Confluent's REST API, for `sluice dev` and tests.
//!
//! It keeps Avro, JSON Schema and Protobuf schemas in a compacted topic, in the records of Confluent's `_schemas`, so
//! that either can read what the other wrote. It knows nothing of converters or connectors. **One instance writes a
//! topic**: there is no election of a leader. It listens on loopback unless it has users.
//!
//! Read [`record`] (what is written), `state.rs` (what that means), `plan/` (what an operation writes and answers),
//! `registry.rs` (append, then apply) and `http/` (the API).

mod config;
mod error;
mod format;
mod http;
mod level;
pub mod log;
mod metadata;
mod plan;
pub mod record;
mod refusal;
mod registry;
mod rules;
mod schema;
mod state;
mod subject;

pub use config::{Config, Policy};
pub use error::Error;
pub use http::{Options, Server, Users};
pub use level::{Level, Mode};
pub use metadata::Metadata;
pub use rules::{Rule, RuleSet};
pub use schema::{Reference, Schema, SchemaType};
pub use subject::Subject;
