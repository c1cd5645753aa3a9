//! Documents to values.

use data::{Bytes, Datum, Kind, Schema, SchemaRef, Value};
use json::Reader;

use super::{Error, MAX_DEPTH, ONE_OF};

/// Reads documents of one schema.
#[derive(Debug)]
pub struct Decoder {
    schema: SchemaRef,
    reader: Reader,
}

impl Decoder {
    /// A decoder of values of this Connect schema, as [`super::to_connect`] makes it.
    ///
    /// # Errors
    /// The schema is nested too deeply.
    pub fn new(schema: &SchemaRef) -> Result<Self, Error> {
        check_depth(schema, 0)?;
        Ok(Self { schema: schema.clone(), reader: Reader::new().json_schema(ONE_OF) })
    }

    /// The Connect schema of the values.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// A document's value with its schema.
    ///
    /// # Errors
    /// As [`Self::decode`].
    pub fn decode_datum(&mut self, document: &Bytes) -> Result<Datum, Error> {
        Ok(Datum::new(self.schema.clone(), self.decode(document)?))
    }

    /// A document's value. Texts without escapes are slices of it; members that the schema does not name are passed
    /// over.
    ///
    /// # Errors
    /// The bytes are not JSON or do not fit the schema.
    pub fn decode(&mut self, document: &Bytes) -> Result<Value, Error> {
        Ok(self.reader.parse_as(&self.schema, document)?)
    }
}

fn check_depth(schema: &Schema, depth: usize) -> Result<(), Error> {
    if depth >= MAX_DEPTH + 2 {
        return Err(Error::TooDeep);
    }
    match schema.kind() {
        Kind::Struct(fields) => fields.iter().try_for_each(|field| check_depth(&field.schema, depth + 1)),
        Kind::Array(items) => check_depth(items, depth + 1),
        Kind::Map(keys, values) => {
            check_depth(keys, depth + 1)?;
            check_depth(values, depth + 1)
        }
        _ => Ok(()),
    }
}
