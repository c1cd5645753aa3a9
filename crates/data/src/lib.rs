//! The values that flow through Sluice: Kafka Connect's data model.
//!
//! A [`Record`] has a topic, a key and a value ([`Datum`]: a schema and a [`Value`]), headers and a timestamp. Rows
//! share one `Arc<Schema>` and keep their values by position; text and bytes are slices of the buffer that was
//! received ([`Text`], [`Bytes`]), so that a batch costs few allocations. A connector's position is an
//! [`OffsetMap`].
//!
//! This crate knows itself only: no I/O, no async, no Kafka, no bytes of any format.
//!
//! Start at [`Schema`], then [`Value`], then [`Record`].

mod decimal;
mod map;
mod map_key;
mod name;
mod offset;
mod record;
mod schema;
mod validate;
mod value;

pub use bytes::Bytes;
/// UTF-8 text that shares the buffer it was received in; cloning copies a pointer.
pub use bytestring::ByteString as Text;
pub use decimal::{Decimal, ParseDecimalError};
pub use map::Map;
pub use name::shared_name;
pub use offset::{OffsetMap, Primitive};
pub use record::{
    Datum, Header, Headers, Offsets, Record, SinkRecord, SourceRecord, TimestampType, Topic, TopicPartition,
};
pub use schema::{Field, Fields, Kind, Logical, Schema, SchemaBuilder, SchemaRef, SchemaType};
pub use validate::{Mismatch, validate};
pub use value::{Struct, Value};
