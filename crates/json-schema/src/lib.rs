//! JSON Schema, as Kafka Connect's converters and a schema registry need it.
//!
//! - [`Schema`] is a schema's text with the schemas that it refers to: parsed, printed, normalized.
//! - [`compatibility`] says what in a new schema keeps it from reading data of an old one.
//! - [`Validator`] says whether a document is what a schema asks for.
//! - [`connect`] maps schemas from and to Connect's, and writes and reads the documents.
//!
//! References are looked up among the texts that were given and nowhere else: nothing here opens a file or a
//! connection. Everything that is parsed has limits, which the errors name.
//!
//! Start at [`Schema::parse`].

pub mod compatibility;
pub mod connect;
mod error;
mod model;
mod resolve;
mod schema;
mod validate;

pub use error::ParseError;
pub use schema::{MAX_BYTES, MAX_SCHEMAS, Schema};
pub use validate::Validator;
