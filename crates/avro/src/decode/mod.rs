//! Avro's binary form to Connect's values, without values in between.
//!
//! What depends on the schemas is decided once, when a [`Decoder`] is made: types, fields that are skipped, defaults
//! of fields that the writer has not. Texts and bytes are slices of the message.

mod anything;
mod cursor;
mod plan;
mod read;
mod skip;

use data::{Bytes, SchemaRef, Text, Value};

use crate::connect::{Mapping, MappingError};
use crate::schema::{Kind, Schema};
use cursor::{Cursor, Fail};
use plan::Plan;

/// Why bytes are no datum of the schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {offset}")]
pub struct DecodeError {
    /// What is wrong.
    pub what: String,
    /// Where in the datum, from 0.
    pub offset: usize,
}

/// Reads data of one Avro schema as values of one Connect schema.
#[derive(Debug)]
pub struct Decoder {
    connect: Option<SchemaRef>,
    plan: Option<Plan>,
    writer: Schema,
    is_raw: bool,
}

impl Decoder {
    /// Decides how data of `writer` is read, as data of `reader` when there is one. `version` is the schema's version
    /// in the registry ([`Mapping::to_connect`]).
    ///
    /// # Errors
    /// What Connect cannot say. A type that the reader cannot read is an error only when such data comes.
    pub fn new(
        writer: &Schema,
        reader: Option<&Schema>,
        mapping: Mapping,
        version: Option<i32>,
    ) -> Result<Self, MappingError> {
        let target = reader.unwrap_or(writer);
        let connect = mapping.to_connect(target, version)?;
        let plan = match &connect {
            None if reader.is_some_and(|_| !crate::connect::is_anything(writer)) => {
                return Err(MappingError::new("data with a schema cannot be read as schemaless data"));
            }
            None => None,
            Some(connect) => Some(plan::plan(writer, target, connect, mapping)?),
        };
        let is_raw = writer.node(writer.root()).kind == Kind::Bytes;
        Ok(Self { connect, plan, writer: writer.clone(), is_raw })
    }

    /// The schema of the values; `None` when they have none.
    pub fn schema(&self) -> Option<&SchemaRef> {
        self.connect.as_ref()
    }

    /// The value of a datum. What follows the datum is ignored, as Java does.
    ///
    /// # Errors
    /// The bytes are no datum of the writer's schema, or one that the reader's cannot read; more values than the bytes
    /// can hold. Never panics, whatever the bytes.
    pub fn read(&self, datum: &Bytes) -> Result<Value, DecodeError> {
        let mut cursor = Cursor::new(datum);
        let value = match &self.plan {
            None => anything::read(&mut cursor, 0),
            Some(plan) if self.is_raw => read_raw(plan, datum, &cursor),
            Some(plan) => read::read(plan, &self.writer, &mut cursor),
        };
        value.map_err(|error| *error)
    }
}

/// A message of plain bytes: without their length.
fn read_raw(plan: &Plan, datum: &Bytes, cursor: &Cursor<'_>) -> Result<Value, Fail> {
    Ok(match plan {
        Plan::Decimal(scale) => Value::Decimal(data::Decimal::from_be_bytes(datum, *scale)),
        Plan::String => match Text::try_from(datum.clone()) {
            Ok(text) => Value::String(text),
            Err(_) => return Err(cursor.fail("text that is not UTF-8")),
        },
        Plan::Refused(what) => return Err(cursor.fail(what.as_ref())),
        _ => Value::Bytes(datum.clone()),
    })
}
