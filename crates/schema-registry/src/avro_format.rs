//! `io.confluent.connect.avro.AvroConverter`.

use api::config::Config;
use api::data::{Bytes, Datum, SchemaRef, Value};
use api::{Usage, converter::BuildConverter};
use avro::{Decoder, Encoder, Mapping, ParseOptions, Schema, compatibility};

use crate::config::{RegistryConfig, WithHeaders};
use crate::{Format, RegistryConverter};

/// Declared keys of [`AvroConverter`].
#[derive(Debug, Clone, Config)]
#[config(group = "Avro")]
pub struct AvroKeys {
    /// Keys of the registry.
    #[config(flatten)]
    pub registry: RegistryConfig,
    /// Whether enums stay enums, and branches of unions are called by their full names.
    #[config(key = "enhanced.avro.schema.support", default = "false", importance = Medium)]
    pub enhanced: bool,
    /// Whether enums and unions are mapped as in the converters of other formats.
    #[config(key = "generalized.sum.type.support", default = "false", importance = Medium)]
    pub generalized: bool,
    /// Whether what Avro cannot say of a Connect schema stands in attributes `connect.*`.
    #[config(key = "connect.meta.data", default = "true", importance = Low)]
    pub meta_data: bool,
    /// Whether characters that Avro does not allow in names are replaced.
    #[config(key = "scrub.invalid.names", default = "false", importance = Medium)]
    pub scrub: bool,
    /// Whether documentation and defaults are those of fields only.
    #[config(key = "discard.type.doc.default", default = "false", importance = Low)]
    pub discard_type_doc_default: bool,
    /// Whether a map whose text keys may be null is an Avro map.
    #[config(key = "allow.optional.map.keys", default = "false", importance = Low)]
    pub optional_map_keys: bool,
    /// Whether a union of one branch is that branch.
    #[config(key = "flatten.singleton.unions", default = "true", importance = Low)]
    pub flatten_singletons: bool,
    /// Whether null is written as null where the schema has a default.
    #[config(key = "ignore.default.for.nullables", default = "false", importance = Medium)]
    pub ignore_default_for_nullables: bool,
}

/// Keys of [`AvroConverter`].
pub type AvroConfig = WithHeaders<AvroKeys>;

/// Avro with its schemas in a registry.
pub type AvroConverter = RegistryConverter<AvroFormat>;

impl BuildConverter for AvroConverter {
    const CLASS: &'static str = "io.confluent.connect.avro.AvroConverter";
    type Config = AvroConfig;

    fn build(config: AvroConfig, usage: Usage) -> api::Result<Self> {
        let keys = config.keys;
        let mapping = Mapping {
            enhanced: keys.enhanced,
            generalized: keys.generalized,
            meta_data: keys.meta_data,
            scrub: keys.scrub,
            discard_type_doc_default: keys.discard_type_doc_default,
            optional_map_keys: keys.optional_map_keys,
            flatten_singletons: keys.flatten_singletons,
            ignore_default_for_nullables: keys.ignore_default_for_nullables,
        };
        RegistryConverter::new(AvroFormat { mapping }, keys.registry, config.headers, usage)
    }
}

/// Avro.
#[derive(Debug, Clone, Copy)]
pub struct AvroFormat {
    mapping: Mapping,
}

/// A decoder with the schema of what it decodes.
#[derive(Debug)]
pub struct AvroDecoder(Decoder);

impl Format for AvroFormat {
    const TYPE: &'static str = "AVRO";
    type Schema = Schema;
    type Encoder = Encoder;
    type Decoder = AvroDecoder;

    fn parse(&self, text: &str, references: &[(String, String)]) -> Result<Schema, String> {
        // What is registered must stay readable, whatever rules came later.
        Schema::parse_with(text, references, ParseOptions::lenient()).map_err(|error| error.to_string())
    }

    fn schema_of(&self, connect: Option<&SchemaRef>) -> Result<Schema, String> {
        self.mapping.from_connect(connect).map_err(|error| error.to_string())
    }

    fn text(&self, schema: &Schema) -> String {
        schema.canonical()
    }

    fn name(&self, schema: &Schema) -> Option<String> {
        let is_record = matches!(schema.node(schema.root()).kind, avro::schema::Kind::Record(_));
        schema.full_name().filter(|_| is_record).map(str::to_owned)
    }

    fn misreads(&self, reader: &Schema, writer: &Schema) -> Vec<String> {
        compatibility::reads(reader, writer).iter().map(ToString::to_string).collect()
    }

    fn encoder(&self, connect: Option<&SchemaRef>, schema: &Schema) -> Result<Encoder, String> {
        Encoder::new(connect, schema, self.mapping).map_err(|error| error.to_string())
    }

    fn decoder(
        &self,
        writer: &Schema,
        reader: Option<&Schema>,
        version: Option<i32>,
    ) -> Result<AvroDecoder, String> {
        Decoder::new(writer, reader, self.mapping, version)
            .map(AvroDecoder)
            .map_err(|error| error.to_string())
    }

    fn encode(&self, encoder: &mut Encoder, value: &Value, out: &mut Vec<u8>) -> Result<(), String> {
        encoder.write(value, out).map_err(|error| error.to_string())
    }

    fn decode(
        &self,
        decoder: &mut AvroDecoder,
        _indexes: Option<&[u8]>,
        bytes: &Bytes,
    ) -> Result<Datum, String> {
        let value = decoder.0.read(bytes).map_err(|error| error.to_string())?;
        Ok(Datum { schema: decoder.0.schema().cloned(), value })
    }
}
