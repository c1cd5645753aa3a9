//! Connect's schemas and values as JSON Schema and JSON, as Confluent's JsonSchemaConverter maps them.
//!
//! [`from_connect`] makes the text of a schema and [`to_connect`] reads one; [`Encoder`] and [`Decoder`] write and read
//! the documents, in one pass over the bytes: the crate `json` does what is the same as in Kafka Connect's own JSON, and
//! reads maps whose keys are not texts and values of one of several types; they are written here.
//!
//! What the format cannot say: floats that are not finite (they become texts), the order of a map's entries where a
//! reader sorts them, defaults of structs.

mod all_of;
mod decode;
mod encode;
mod error;
mod from;
mod to;

pub use decode::Decoder;
pub use encode::Encoder;
pub use error::Error;
pub use from::from_connect;
pub use json::DecimalFormat;
pub(crate) use json::has_entries;
pub use to::to_connect;

/// Deepest nesting of a schema that is mapped.
pub const MAX_DEPTH: usize = 100;
/// Largest number of fields of a schema that is mapped.
pub const MAX_FIELDS: usize = 50_000;

/// Name of the struct that stands for a value of one of several types; its fields are `….field.0` and so on.
pub const ONE_OF: &str = "io.confluent.connect.json.OneOf";
/// Parameter with an enum's name; with `.VALUE` behind it, one of its values.
pub const ENUM: &str = "io.confluent.connect.json.Enum";

pub(crate) const TYPE: &str = "connect.type";
pub(crate) const VERSION: &str = "connect.version";
pub(crate) const PARAMETERS: &str = "connect.parameters";
pub(crate) const INDEX: &str = "connect.index";

/// The converter's options; names and defaults are Confluent's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `object.additional.properties`: objects may have members that the schema does not name.
    pub object_additional_properties: bool,
    /// `use.optional.for.nonrequired`: a property that is read is optional when it is not required.
    pub use_optional_for_nonrequired: bool,
    /// `decimal.format`: how decimals are written; both forms are read.
    pub decimal_format: DecimalFormat,
    /// `flatten.singleton.unions`: one of one type is that type.
    pub flatten_singleton_unions: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            object_additional_properties: true,
            use_optional_for_nonrequired: false,
            decimal_format: DecimalFormat::Base64,
            flatten_singleton_unions: true,
        }
    }
}

pub(crate) fn is_union(schema: &data::Schema) -> bool {
    schema.name() == Some(ONE_OF) && schema.fields().is_some()
}
