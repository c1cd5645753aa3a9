//! A client of Confluent's Schema Registry, and the converters that need one.
//!
//! | Part | Here |
//! |---|---|
//! | the REST API, retries, credentials, caches | [`client`] |
//! | under which subject a schema is found | [`subject`] |
//! | how a message says which schema it was written with | [`wire`] |
//! | what a format of schemas adds: text, mapping, bytes | [`Format`] |
//! | a converter of any format | [`RegistryConverter`] |
//! | `io.confluent.connect.avro.AvroConverter` | [`AvroConverter`] |
//! | `io.confluent.connect.json.JsonSchemaConverter` | [`JsonSchemaConverter`] |
//! | `io.confluent.connect.protobuf.ProtobufConverter` | [`ProtobufConverter`] |
//!
//! The network is used in `prepare` only; encoding and decoding are sync and never wait.
//!
//! Start at [`RegistryConverter`].

mod avro_format;
pub mod client;
mod config;
mod converter;
mod format;
mod json_schema_format;
mod protobuf_format;
mod readers;
pub mod subject;
pub mod wire;

pub use avro_format::{AvroConfig, AvroConverter, AvroFormat};
pub use config::{RegistryConfig, WithHeaders};
pub use converter::RegistryConverter;
pub use format::Format;
pub use json_schema_format::{JsonSchemaConfig, JsonSchemaConverter, JsonSchemaFormat};
pub use protobuf_format::{ProtobufConfig, ProtobufConverter, ProtobufFormat};

/// Registers the converters of this crate.
pub fn register(registry: &mut api::Registry) {
    registry.converter::<AvroConverter>();
    registry.converter::<JsonSchemaConverter>();
    registry.converter::<ProtobufConverter>();
}
