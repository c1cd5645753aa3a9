//! `org.apache.kafka.connect.converters.ByteArrayConverter`.

use api::data::{Bytes, Datum, Kind, Schema, SchemaRef, Value};
use api::{Error, Result};

use crate::both::{Codec, UsageConfig, converter};

/// Bytes as they are.
#[derive(Debug)]
pub struct ByteArrayConverter {
    schema: SchemaRef,
}

impl Codec for ByteArrayConverter {
    fn write(&mut self, datum: &Datum, out: &mut Vec<u8>) -> Result<bool> {
        if let Some(schema) = &datum.schema
            && !matches!(schema.kind(), Kind::Bytes)
        {
            let found = schema.schema_type().name().to_uppercase();
            return Err(Error::bad_record(format!("Invalid schema type for ByteArrayConverter: {found}")));
        }
        match &datum.value {
            Value::Null => Ok(false),
            Value::Bytes(bytes) => {
                out.extend_from_slice(bytes);
                Ok(true)
            }
            other => Err(Error::bad_record(format!(
                "ByteArrayConverter is not compatible with objects of type class {}",
                other.java_class()
            ))),
        }
    }

    fn read(&mut self, bytes: Option<&Bytes>) -> Result<Datum> {
        let value = bytes.map_or(Value::Null, |bytes| Value::Bytes(bytes.clone()));
        Ok(Datum::new(self.schema.clone(), value))
    }
}

converter!(
    ByteArrayConverter,
    "org.apache.kafka.connect.converters.ByteArrayConverter",
    UsageConfig,
    |_: UsageConfig| Ok(ByteArrayConverter { schema: Schema::optional(Kind::Bytes) })
);
