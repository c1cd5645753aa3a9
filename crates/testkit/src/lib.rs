//! Conformance suites for connectors, and the real servers that tests need.
//!
//! A connector describes the system it talks to ([`source::SourceFixture`], [`sink::SinkFixture`]) and is driven
//! through everything the contract promises: [`source::conformance`], [`sink::conformance`]. The suites are for
//! connectors outside of this repository too. Dev-dependency only.

pub mod apache_kafka;
pub mod cases;
pub mod certificates;
pub mod connector_files;
pub mod contexts;
pub mod moto;
pub mod node;
pub mod plugin;
pub mod postgres;
pub mod python;
pub mod scenario;
pub mod sink;
mod skip;
pub mod source;

pub use skip::{interop, shared, skip};
