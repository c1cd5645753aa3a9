//! Connect's schemas and Avro's, each made of the other: the mapping of Confluent's AvroConverter.
//!
//! What Avro cannot say is kept in attributes (`connect.name`, `connect.version`, …), so that a Connect schema comes
//! back as it was.

mod default;
mod equal;
mod from_connect;
mod names;
mod to_connect;

use serde_json::Value as Json;

use crate::Schema;

pub(crate) use default::{from_json, latin_bytes};
pub(crate) use names::{full as full_name, scrub};
pub(crate) use to_connect::is_map_entry;

/// How schemas are mapped; the fields are the converter's options of the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mapping {
    /// `enhanced.avro.schema.support`: enums stay enums, and branches of unions are called by their full names.
    pub enhanced: bool,
    /// `generalized.sum.type.support`: enums and unions by the names that other formats use too.
    pub generalized: bool,
    /// `connect.meta.data`: write and read the attributes `connect.*`.
    pub meta_data: bool,
    /// `scrub.invalid.names`: characters that Avro's names may not have become `_`.
    pub scrub: bool,
    /// `discard.type.doc.default`: documentation and defaults of fields only, not of types.
    pub discard_type_doc_default: bool,
    /// `allow.optional.map.keys`: a map whose text keys may be null is a map all the same.
    pub optional_map_keys: bool,
    /// `flatten.singleton.unions`: a union of one branch is that branch.
    pub flatten_singletons: bool,
    /// `ignore.default.for.nullables`: null is written as null even where there is a default.
    pub ignore_default_for_nullables: bool,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            enhanced: false,
            generalized: false,
            meta_data: true,
            scrub: false,
            discard_type_doc_default: false,
            optional_map_keys: false,
            flatten_singletons: true,
            ignore_default_for_nullables: false,
        }
    }
}

/// Why a schema or a value has no counterpart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct MappingError(pub(crate) String);

impl MappingError {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl Mapping {
    /// The Avro schema of a Connect schema; `None` is schemaless data.
    ///
    /// # Errors
    /// Two different types have one name; a name that Avro does not allow; nesting beyond
    /// [`crate::schema::NAMES_MAX_DEPTH`].
    pub fn from_connect(&self, schema: Option<&data::SchemaRef>) -> Result<Schema, MappingError> {
        from_connect::convert(*self, schema)
    }

    /// The Connect schema of an Avro schema; `None` for schemaless data. `version` stands in the schema when its
    /// author gave none: the schema's version in the registry.
    ///
    /// # Errors
    /// What Connect cannot say: a null that is not in a union, a recursive type; types that lie too deep in each
    /// other, or that would be too many when each is written out.
    pub fn to_connect(
        &self,
        schema: &Schema,
        version: Option<i32>,
    ) -> Result<Option<data::SchemaRef>, MappingError> {
        to_connect::convert(*self, schema, version)
    }
}

pub(crate) const NAMESPACE: &str = "io.confluent.connect.avro";
const DEFAULT_NAME: &str = "ConnectDefault";
const DEFAULT_FULL_NAME: &str = "io.confluent.connect.avro.ConnectDefault";
const MAP_ENTRY: &str = "MapEntry";
pub(crate) const KEY: &str = "key";
pub(crate) const VALUE: &str = "value";

const CONNECT_NAME: &str = "connect.name";
const CONNECT_DOC: &str = "connect.doc";
const CONNECT_RECORD_DOC: &str = "connect.record.doc";
const CONNECT_ENUM_DOC: &str = "connect.enum.doc";
const CONNECT_VERSION: &str = "connect.version";
const CONNECT_DEFAULT: &str = "connect.default";
const CONNECT_PARAMETERS: &str = "connect.parameters";
const CONNECT_INTERNAL_TYPE: &str = "connect.internal.type";
const CONNECT_TYPE: &str = "connect.type";
const RECORD_DOC: &str = "io.confluent.connect.avro.record.doc";
const FIELD_DOC_PREFIX: &str = "io.confluent.connect.avro.field.doc.";
const FIELD_DEFAULT_FLAG: &str = "io.confluent.connect.avro.field.default";
const ENUM_DOC_PREFIX: &str = "io.confluent.connect.avro.enum.doc.";
const ENUM_DEFAULT_PREFIX: &str = "io.confluent.connect.avro.enum.default.";
const UNION: &str = "io.confluent.connect.avro.Union";
pub(crate) const ENUM: &str = "io.confluent.connect.avro.Enum";
const GENERALIZED_UNION: &str = "org.apache.kafka.connect.data.Union";
pub(crate) const GENERALIZED_ENUM: &str = "org.apache.kafka.connect.data.Enum";
pub(crate) const FIXED_SIZE: &str = "connect.fixed.size";
const DECIMAL_PRECISION: &str = "connect.decimal.precision";
const DECIMAL_PRECISION_DEFAULT: i64 = 64;

/// The schema of schemaless data: a record of which one field is set.
pub(crate) const ANYTHING: &str = r#"{"type":"record","name":"Anything","namespace":"io.confluent.connect.avro","fields":[{"name":"boolean","type":["null","boolean"],"default":null},{"name":"bytes","type":["null","bytes"],"default":null},{"name":"double","type":["null","double"],"default":null},{"name":"float","type":["null","float"],"default":null},{"name":"int","type":["null","int"],"default":null},{"name":"long","type":["null","long"],"default":null},{"name":"string","type":["null","string"],"default":null},{"name":"array","type":["null",{"type":"array","items":"Anything"}],"default":null},{"name":"map","type":["null",{"type":"array","items":{"type":"record","name":"MapEntry","fields":[{"name":"key","type":"Anything"},{"name":"value","type":"Anything"}]}}],"default":null}]}"#;

/// Whether a schema is the one of schemaless data.
pub(crate) fn is_anything(schema: &Schema) -> bool {
    schema.full_name() == Some("io.confluent.connect.avro.Anything") && schema.canonical() == ANYTHING
}

/// Whether a Connect struct stands for a union: one of its fields is set.
pub(crate) fn is_union(schema: &data::Schema) -> bool {
    schema.schema_type() == data::SchemaType::Struct
        && (schema.name() == Some(UNION) || schema.parameters().contains_key(GENERALIZED_UNION))
}

/// Whether a Connect text stands for an enum.
pub(crate) fn is_enum(schema: &data::Schema) -> bool {
    schema.schema_type() == data::SchemaType::String
        && (schema.parameters().contains_key(ENUM) || schema.parameters().contains_key(GENERALIZED_ENUM))
}

/// The size of a fixed that Connect bytes stand for.
pub(crate) fn fixed_size(schema: &data::Schema) -> Option<&str> {
    let named = schema.schema_type() == data::SchemaType::Bytes && schema.name().is_some();
    schema.parameters().get(FIXED_SIZE).filter(|_| named).map(AsRef::as_ref)
}

/// Whether a Connect map is an Avro map: its keys are texts.
pub(crate) fn is_avro_map(keys: &data::Schema, mapping: Mapping) -> bool {
    keys.schema_type() == data::SchemaType::String && (!keys.is_optional() || mapping.optional_map_keys)
}

fn number(value: i64) -> Json {
    Json::Number(value.into())
}
