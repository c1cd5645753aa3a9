//! Connect's values to Avro's binary form, without values in between.
//!
//! What depends on the schemas is decided once, when an [`Encoder`] is made: which branch of a union, which field
//! where, which default. Then values are appended byte by byte.

mod anything;
mod default;
mod plan;
mod write;

use data::{SchemaRef, Value};

use crate::connect::{Mapping, MappingError};
use crate::schema::{Kind, Schema};
pub(crate) use anything::DEPTH_MAX as ANYTHING_DEPTH_MAX;
use plan::Plan;

/// Why a value cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", text(.path, .what))]
pub struct EncodeError {
    /// Where in the value: `a.b[3]`; empty at the top.
    pub path: String,
    /// What is wrong there.
    pub what: String,
}

fn text(path: &str, what: &str) -> String {
    match path.is_empty() {
        true => what.to_owned(),
        false => format!("{what} (at {path})"),
    }
}

impl EncodeError {
    #[cold]
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { path: String::new(), what: what.into() }
    }

    /// Says in which part it happened.
    #[cold]
    pub(crate) fn inside(mut self, part: &str) -> Self {
        self.path = match (self.path.is_empty(), self.path.starts_with('[')) {
            (true, _) => part.to_owned(),
            (_, true) => format!("{part}{}", self.path),
            (_, false) => format!("{part}.{}", self.path),
        };
        self
    }
}

/// Writes values of one Connect schema as data of one Avro schema.
#[derive(Debug)]
pub struct Encoder {
    plan: Option<Plan>,
    is_raw: bool,
}

impl Encoder {
    /// Decides how values of `connect` (`None`: schemaless) are written as data of `avro`: its own Avro schema
    /// ([`Mapping::from_connect`]), or another that can read data of its own.
    ///
    /// # Errors
    /// A part of the Avro schema has neither a counterpart nor a default.
    pub fn new(connect: Option<&SchemaRef>, avro: &Schema, mapping: Mapping) -> Result<Self, MappingError> {
        let plan = match connect {
            None if crate::connect::is_anything(avro) => None,
            None => {
                return Err(MappingError::new(format!(
                    "data without a Connect schema is written as {}, not as the schema that was chosen",
                    "io.confluent.connect.avro.Anything"
                )));
            }
            Some(connect) => Some(plan::plan(connect, avro, mapping)?),
        };
        let is_raw = avro.node(avro.root()).kind == Kind::Bytes;
        Ok(Self { plan, is_raw })
    }

    /// Appends the datum of a value.
    ///
    /// A schema that is plain bytes at the top is special in Confluent's messages: the bytes follow without Avro's
    /// length.
    ///
    /// # Errors
    /// The value does not fit. Then nothing stays appended.
    #[inline]
    pub fn write(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let start = out.len();
        let written = match &mut self.plan {
            None => anything::write(value, 0, out),
            Some(plan) if self.is_raw => write::raw(plan, value, out),
            Some(plan) => write::write(plan, value, out),
        };
        written.inspect_err(|_| out.truncate(start))
    }
}
