//! Protobuf, as Kafka Connect's converters and a schema registry need it.
//!
//! - [`Schema`] is a `.proto` file with the files that it imports: parsed, printed, normalized.
//! - [`compatibility`] says what in a new schema keeps it from reading data of an old one.
//! - [`connect`] maps schemas from and to Connect's, and writes and reads the binary form of values.
//!
//! Imports are looked up among the texts that were given and a few that are built in ([`is_builtin`]), nowhere else:
//! nothing here opens a file or a connection. Everything that is parsed has limits, which the errors name.
//!
//! Start at [`Schema::parse`].

mod builtin;
pub mod compatibility;
pub mod connect;
mod error;
mod schema;
mod shape;
mod text;

pub use builtin::is_builtin;
pub use error::ParseError;
pub use schema::{MAX_BYTES, MAX_FILES, MAX_NESTING, MAX_TYPES, Schema};
