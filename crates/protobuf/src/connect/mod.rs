//! Connect's schemas and values as Protobuf, as Confluent's ProtobufConverter maps them.
//!
//! [`from_connect`] makes the text of a `.proto` file, [`Encoder`] the bytes of values; [`Decoder`] makes values of
//! bytes, under the Connect schema that it derives. Both are made once per schema and keep no state between values.
//!
//! What the format cannot say: without `optional.for.nullables` or `wrapper.for.nullables` a null of a scalar comes
//! back as 0, false or an empty text; null, empty arrays and empty maps are one; documentation, versions, defaults and
//! parameters of a schema are not kept; a time of day has no 24:00.

mod decode;
mod encode;
mod error;
mod from;
mod indexes;
mod kind;
mod names;
mod to;
mod wire;

pub use decode::Decoder;
pub use encode::Encoder;
pub use error::Error;
pub use from::from_connect;
pub use indexes::{read_indexes, write_indexes};

/// Deepest nesting of messages that is written or read: Protobuf's own limit.
pub const MAX_DEPTH: usize = 100;
/// Largest number of fields of all messages of a schema that is mapped.
pub const MAX_FIELDS: usize = 50_000;

/// The converter's options; names and defaults are Confluent's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `optional.for.nullables`: optional fields have the label `optional`, and only they may be null.
    pub optional_for_nullables: bool,
    /// `wrapper.for.nullables`: optional scalars are wrapper messages, and only they may be null.
    pub wrapper_for_nullables: bool,
    /// `wrapper.for.raw.primitives`: a wrapper message at the top is a scalar.
    pub wrapper_for_raw_primitives: bool,
    /// `generate.struct.for.nulls`: a message that is not there becomes a row of nulls.
    pub generate_struct_for_nulls: bool,
    /// `generate.index.for.unions`: the field of a oneof is `name_0`, counted within its message.
    pub generate_index_for_unions: bool,
    /// `flatten.unions`: the members of a oneof are fields of the message.
    pub flatten_unions: bool,
    /// `int.for.enums`: enums are INT32.
    pub int_for_enums: bool,
    /// `optional.for.proto2`: optional fields of proto2 are null when they are not there, not their default.
    pub optional_for_proto2: bool,
    /// `enhanced.protobuf.schema.support`: names keep their packages.
    pub enhanced_protobuf_schema_support: bool,
    /// `scrub.invalid.names`: characters that names may not have are replaced.
    pub scrub_invalid_names: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            optional_for_nullables: false,
            wrapper_for_nullables: false,
            wrapper_for_raw_primitives: true,
            generate_struct_for_nulls: false,
            generate_index_for_unions: true,
            flatten_unions: false,
            int_for_enums: false,
            optional_for_proto2: true,
            enhanced_protobuf_schema_support: false,
            scrub_invalid_names: false,
        }
    }
}
