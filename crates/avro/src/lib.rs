//! Avro, as Kafka Connect's converters and a schema registry need it.
//!
//! [`Schema`] is schema text parsed and printed again as Confluent's registry stores it. [`compatibility::reads`]
//! decides whether data of one schema can be read by another.
//!
//! This crate knows [`data`] only (and [`json`] for the digits of numbers); it does no I/O and has no configuration
//! keys.
//!
//! Start at [`Schema::parse`].

pub mod compatibility;
pub mod connect;
mod decode;
mod encode;
mod error;
pub mod schema;

pub use connect::{Mapping, MappingError};
pub use decode::{DecodeError, Decoder};
pub use encode::{EncodeError, Encoder};
pub use error::ParseError;
pub use schema::{ParseOptions, Schema};
