//! JSON as Kafka Connect writes and reads it, without a document tree in between.
//!
//! [`Writer`] appends a value to a buffer, driven by its schema: what depends on the schema (quoted field names, what
//! stands for null) is computed once per schema pointer. [`Reader`] makes values of bytes in one pass; texts without
//! escapes are slices of the received buffer. [`schema`] has Connect's JSON form of schemas, [`offset`] the form of
//! Kafka's offsets topic.
//!
//! The bytes written are those of Jackson under a current JVM: no spaces, fields in order, floats as
//! `Double.toString` prints them (`1.0E10`), non-finite floats as quoted names, `/` and non-ASCII text as they are, but
//! characters beyond U+FFFF as two `\uXXXX` escapes.
//!
//! This crate knows [`data`] only; it does no I/O and has no configuration.
//!
//! Start at [`Writer::write`] and [`Reader::parse`].

mod cache;
mod error;
mod number;
pub mod offset;
mod one_of;
mod plan;
mod prefix;
mod reader;
mod scan;
pub mod schema;
mod text;
mod typed;
mod writer;

pub use cache::SchemaCache;
pub use error::{Error, MAX_DEPTH};
pub use number::{write_f32, write_f64, write_i64};
pub use one_of::has_entries;
pub use reader::{Reader, parse};
pub use text::{write_base64, write_string};
pub use writer::{DecimalFormat, Writer};
