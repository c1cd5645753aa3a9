//! What a format of schemas adds to the registry's converter.

use api::data::{Bytes, Datum, SchemaRef, Value};

/// A format of schemas: Avro, JSON Schema, Protobuf.
///
/// Errors are texts that say what does not fit; the converter adds topic and subject.
pub trait Format: Send + Sync + 'static {
    /// The registry's word for it: `AVRO`, `JSON`, `PROTOBUF`.
    const TYPE: &'static str;
    /// A schema, parsed. Cheap to clone.
    type Schema: Clone + Send + Sync + 'static;
    /// Writes values of one Connect schema by one schema.
    type Encoder: Send + Sync + 'static;
    /// Reads data of one schema.
    type Decoder: Send + Sync + 'static;

    /// Parses a schema that the registry holds, with its references as (name, text) in order of dependency.
    ///
    /// # Errors
    /// It is not one.
    fn parse(&self, text: &str, references: &[(String, String)]) -> Result<Self::Schema, String>;

    /// The schema for values of a Connect schema; `None` is data without one.
    ///
    /// # Errors
    /// There is no counterpart.
    fn schema_of(&self, connect: Option<&SchemaRef>) -> Result<Self::Schema, String>;

    /// The text to register.
    fn text(&self, schema: &Self::Schema) -> String;

    /// The name that strategies use: of the outermost record or message; `None` when it has none.
    fn name(&self, schema: &Self::Schema) -> Option<String>;

    /// Why data of `writer` cannot be read with `reader`; empty when it can.
    fn misreads(&self, reader: &Self::Schema, writer: &Self::Schema) -> Vec<String>;

    /// Prepares to write values of a Connect schema by a schema: its own, or one that was chosen.
    ///
    /// # Errors
    /// The schema does not take such values.
    fn encoder(&self, connect: Option<&SchemaRef>, schema: &Self::Schema) -> Result<Self::Encoder, String>;

    /// Prepares to read data of `writer`, as data of `reader` when there is one. `version` is the writer's version in
    /// its subject, for Connect schemas that say none themselves.
    ///
    /// # Errors
    /// Connect has no counterpart.
    fn decoder(
        &self,
        writer: &Self::Schema,
        reader: Option<&Self::Schema>,
        version: Option<i32>,
    ) -> Result<Self::Decoder, String>;

    /// What stands between the schema's id and the data: Protobuf's message indexes.
    fn indexes<'a>(&self, _encoder: &'a Self::Encoder) -> &'a [u8] {
        &[]
    }

    /// Appends a value's data.
    ///
    /// # Errors
    /// The value does not fit.
    fn encode(&self, encoder: &mut Self::Encoder, value: &Value, out: &mut Vec<u8>) -> Result<(), String>;

    /// The datum of data. `indexes` are those of a header; without, they begin the bytes.
    ///
    /// # Errors
    /// The bytes are no such data.
    fn decode(
        &self,
        decoder: &mut Self::Decoder,
        indexes: Option<&[u8]>,
        bytes: &Bytes,
    ) -> Result<Datum, String>;
}
