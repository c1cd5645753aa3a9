//! `io.confluent.connect.protobuf.ProtobufConverter`.

use std::sync::Arc;

use api::config::Config;
use api::data::{Bytes, Datum, SchemaRef, Value};
use api::{Usage, converter::BuildConverter};
use protobuf::connect::{self, Decoder, Encoder, from_connect, read_indexes};
use protobuf::{Schema, compatibility};

use crate::config::{RegistryConfig, WithHeaders};
use crate::{Format, RegistryConverter};

/// Declared keys of [`ProtobufConverter`].
#[derive(Debug, Clone, Config)]
#[config(group = "Protobuf")]
pub struct ProtobufKeys {
    /// Keys of the registry.
    #[config(flatten)]
    pub registry: RegistryConfig,
    /// Whether names keep their packages.
    #[config(key = "enhanced.protobuf.schema.support", default = "false", importance = Medium)]
    pub enhanced: bool,
    /// Whether characters that Protobuf does not allow in names are replaced.
    #[config(key = "scrub.invalid.names", default = "false", importance = Medium)]
    pub scrub: bool,
    /// Whether optional fields have the label `optional`, and only they may be null.
    #[config(key = "optional.for.nullables", default = "false", importance = Medium)]
    pub optional_for_nullables: bool,
    /// Whether optional scalars are wrapper messages, and only they may be null.
    #[config(key = "wrapper.for.nullables", default = "false", importance = Medium)]
    pub wrapper_for_nullables: bool,
    /// Whether a wrapper message that is the whole value is a scalar.
    #[config(key = "wrapper.for.raw.primitives", default = "true", importance = Medium)]
    pub wrapper_for_raw_primitives: bool,
    /// Whether optional fields of proto2 are null when they are not there, not their default.
    #[config(key = "optional.for.proto2", default = "true", importance = Medium)]
    pub optional_for_proto2: bool,
    /// Whether a message that is not there becomes a row of nulls.
    #[config(key = "generate.struct.for.nulls", default = "false", importance = Medium)]
    pub struct_for_nulls: bool,
    /// Whether the field of a oneof has its place behind its name.
    #[config(key = "generate.index.for.unions", default = "true", importance = Medium)]
    pub index_for_unions: bool,
    /// Whether the members of a oneof are fields of the message.
    #[config(key = "flatten.unions", default = "false", importance = Medium)]
    pub flatten_unions: bool,
    /// Whether enums are numbers.
    #[config(key = "int.for.enums", default = "false", importance = Medium)]
    pub int_for_enums: bool,
}

/// Keys of [`ProtobufConverter`].
pub type ProtobufConfig = WithHeaders<ProtobufKeys>;

/// Protobuf with its schemas in a registry.
pub type ProtobufConverter = RegistryConverter<ProtobufFormat>;

impl BuildConverter for ProtobufConverter {
    const CLASS: &'static str = "io.confluent.connect.protobuf.ProtobufConverter";
    type Config = ProtobufConfig;

    fn build(config: ProtobufConfig, usage: Usage) -> api::Result<Self> {
        let keys = config.keys;
        let mapping = connect::Config {
            optional_for_nullables: keys.optional_for_nullables,
            wrapper_for_nullables: keys.wrapper_for_nullables,
            wrapper_for_raw_primitives: keys.wrapper_for_raw_primitives,
            generate_struct_for_nulls: keys.struct_for_nulls,
            generate_index_for_unions: keys.index_for_unions,
            flatten_unions: keys.flatten_unions,
            int_for_enums: keys.int_for_enums,
            optional_for_proto2: keys.optional_for_proto2,
            enhanced_protobuf_schema_support: keys.enhanced,
            scrub_invalid_names: keys.scrub,
        };
        RegistryConverter::new(ProtobufFormat { mapping }, keys.registry, config.headers, usage)
    }
}

/// Protobuf.
#[derive(Debug, Clone)]
pub struct ProtobufFormat {
    mapping: connect::Config,
}

// Messages of one file that are read by turns: a topic rarely has more than one.
const DECODERS_MAX: usize = 100;

/// Decoders of the messages of a file, as they come.
#[derive(Debug)]
pub struct ProtobufDecoder {
    writer: Arc<Schema>,
    reader: Option<Arc<Schema>>,
    version: Option<i32>,
    decoders: Vec<(Vec<usize>, Decoder)>,
}

impl ProtobufDecoder {
    fn of(&mut self, indexes: Vec<usize>, mapping: &connect::Config) -> Result<&Decoder, String> {
        let position = match self.decoders.iter().position(|(known, _)| *known == indexes) {
            Some(position) => position,
            None => {
                let decoder = self.decoder(&indexes, mapping)?;
                if self.decoders.len() >= DECODERS_MAX {
                    self.decoders.clear();
                }
                self.decoders.push((indexes, decoder));
                self.decoders.len() - 1
            }
        };
        Ok(&self.decoders[position].1)
    }

    // The indexes are positions in the writer's file; the reader may have the message elsewhere, by its name.
    fn decoder(&self, indexes: &[usize], mapping: &connect::Config) -> Result<Decoder, String> {
        let of = |file: &Schema, indexes: &[usize]| {
            Decoder::new(file, indexes, mapping, self.version).map_err(|error| error.to_string())
        };
        let Some(reader) = &self.reader else { return of(&self.writer, indexes) };
        let Some(message) = self.writer.message_at(indexes) else { return of(&self.writer, indexes) };
        match reader.indexes_of(message.full_name()) {
            Some(indexes) => of(reader, &indexes),
            // The only message of a file may have another name by now: its fields are known by number.
            None if is_only(&self.writer) && is_only(reader) => of(reader, indexes),
            None => Err(format!(
                "the chosen Protobuf schema has no message {}, which the data is of",
                message.full_name()
            )),
        }
    }
}

fn is_only(file: &Schema) -> bool {
    file.message_at(&[1]).is_none()
}

impl Format for ProtobufFormat {
    const TYPE: &'static str = "PROTOBUF";
    type Schema = Arc<Schema>;
    type Encoder = Encoder;
    type Decoder = ProtobufDecoder;

    fn parse(&self, text: &str, references: &[(String, String)]) -> Result<Arc<Schema>, String> {
        Schema::parse(text, references).map(Arc::new).map_err(|error| error.to_string())
    }

    fn schema_of(&self, connect: Option<&SchemaRef>) -> Result<Arc<Schema>, String> {
        let connect = connect.ok_or("a value without a schema has no Protobuf schema")?;
        let text = from_connect(connect, &self.mapping).map_err(|error| error.to_string())?;
        self.parse(&text, &[])
    }

    fn text(&self, schema: &Arc<Schema>) -> String {
        schema.canonical()
    }

    fn name(&self, schema: &Arc<Schema>) -> Option<String> {
        schema.name()
    }

    fn misreads(&self, reader: &Arc<Schema>, writer: &Arc<Schema>) -> Vec<String> {
        compatibility::backward(reader, writer).iter().map(ToString::to_string).collect()
    }

    fn encoder(&self, connect: Option<&SchemaRef>, schema: &Arc<Schema>) -> Result<Encoder, String> {
        let connect = connect.ok_or("a value without a schema has no Protobuf schema")?;
        // A schema that was chosen may have the message elsewhere than first.
        let by_name = connect.name().and_then(|name| schema.indexes_of(name));
        let indexes = by_name.unwrap_or_else(|| Encoder::indexes(connect));
        Encoder::new(connect, schema, &indexes, &self.mapping).map_err(|error| error.to_string())
    }

    fn decoder(
        &self,
        writer: &Arc<Schema>,
        reader: Option<&Arc<Schema>>,
        version: Option<i32>,
    ) -> Result<ProtobufDecoder, String> {
        // Fields are known by number: data of the writer's message is data of the reader's of the same name.
        let (writer, reader) = (writer.clone(), reader.cloned());
        Ok(ProtobufDecoder { writer, reader, version, decoders: Vec::new() })
    }

    fn indexes<'a>(&self, encoder: &'a Encoder) -> &'a [u8] {
        encoder.prefix()
    }

    fn encode(&self, encoder: &mut Encoder, value: &Value, out: &mut Vec<u8>) -> Result<(), String> {
        encoder.encode(value, out).map_err(|error| error.to_string())
    }

    fn decode(
        &self,
        decoder: &mut ProtobufDecoder,
        indexes: Option<&[u8]>,
        bytes: &Bytes,
    ) -> Result<Datum, String> {
        let (indexes, length) = match indexes {
            Some(header) => (read_indexes(header).map_err(|error| error.to_string())?.0, 0),
            None => read_indexes(bytes).map_err(|error| error.to_string())?,
        };
        let decoder = decoder.of(indexes, &self.mapping)?;
        decoder.decode(&bytes.slice(length..)).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use api::data::{Kind, Schema as Connect, Struct};

    use super::*;

    fn format() -> ProtobufFormat {
        ProtobufFormat { mapping: connect::Config::default() }
    }

    #[test]
    fn a_row_goes_through_the_format() {
        let format = format();
        let connect = Connect::structure([("a", Connect::required(Kind::Int32))]).unwrap();
        let connect = connect.to_builder().name("p.Row").build();
        let schema = format.schema_of(Some(&connect)).unwrap();
        assert_eq!(format.name(&schema).as_deref(), Some("p.Row"));
        let mut encoder = format.encoder(Some(&connect), &schema).unwrap();
        assert_eq!(format.indexes(&encoder), [0]);
        let value = Value::Struct(Struct::new(connect.clone(), vec![Value::Int32(5)]).unwrap());
        let mut data = Vec::new();
        format.encode(&mut encoder, &value, &mut data).unwrap();
        assert_eq!(data, [8, 5]);
        let schema = format.parse(&format.text(&schema), &[]).unwrap();
        let mut decoder = format.decoder(&schema, None, Some(3)).unwrap();
        for (indexes, bytes) in [(None, vec![0, 8, 5]), (Some(&[0][..]), vec![8, 5])] {
            let datum = format.decode(&mut decoder, indexes, &bytes.into()).unwrap();
            assert_eq!(datum.value.as_struct().unwrap().get("a"), Some(&Value::Int32(5)));
            assert_eq!(datum.schema.unwrap().version(), Some(3));
        }
        let unknown = format.decode(&mut decoder, None, &Bytes::from_static(&[2, 14])).unwrap_err();
        assert_eq!(unknown, "the value: the Protobuf schema has no message at [7]");
        assert!(format.decode(&mut decoder, None, &Bytes::new()).is_err());
    }

    #[test]
    fn a_message_is_found_by_its_name_in_the_reader() {
        let format = format();
        let file = |messages: &str| format.parse(&format!("syntax = \"proto3\"; {messages}"), &[]).unwrap();
        let writer = file("message A { int32 a = 1; message B { int32 b = 1; } } message C { int32 c = 1; }");
        let reader = file(
            "message New { int32 n = 1; } message C { int32 c = 1; } \
             message A { int32 a = 1; message X { int32 x = 1; } message B { int32 b = 1; } }",
        );
        let mut decoder = format.decoder(&writer, Some(&reader), None).unwrap();
        let field = |decoder: &mut ProtobufDecoder, indexes: &[u8]| {
            let mut data = indexes.to_vec();
            data.extend([8, 5]);
            let datum = format.decode(decoder, None, &data.into())?;
            let schema = datum.schema.unwrap();
            Ok::<_, String>(schema.fields().unwrap()[0].name.to_string())
        };
        assert_eq!(field(&mut decoder, &[0]).as_deref(), Ok("a"));
        assert_eq!(field(&mut decoder, &[4, 0, 0]).as_deref(), Ok("b"));
        assert_eq!(field(&mut decoder, &[2, 2]).as_deref(), Ok("c"));
        // One that is gone.
        let mut decoder = format.decoder(&writer, Some(&file("message C { int32 c = 1; }")), None).unwrap();
        let error = field(&mut decoder, &[0]).unwrap_err();
        assert_eq!(error, "the chosen Protobuf schema has no message A, which the data is of");
        assert_eq!(field(&mut decoder, &[2, 2]).as_deref(), Ok("c"));
        // The only one, renamed.
        let (old, new) = (file("message Old { int32 a = 1; }"), file("message New { int32 b = 1; }"));
        let mut decoder = format.decoder(&old, Some(&new), None).unwrap();
        assert_eq!(field(&mut decoder, &[0]).as_deref(), Ok("b"));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let format = format();
        let parse =
            |kind: &str| format.parse(&format!("syntax = \"proto3\"; message A {{ {kind} a = 1; }}"), &[]);
        let (number, text) = (parse("int32").unwrap(), parse("string").unwrap());
        assert!(format.misreads(&number, &number).is_empty());
        let why = format.misreads(&text, &number);
        assert_eq!(why, ["#/A/1: another scalar type, written in another form (FIELD_SCALAR_KIND_CHANGED)"]);
        assert!(format.schema_of(None).is_err());
    }
}
