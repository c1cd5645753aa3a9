//! The converters of one number or boolean: fixed-size, big-endian.

use api::data::{Bytes, Datum, Kind, Schema, SchemaRef, Value};
use api::{Error, Result};

use crate::both::{Codec, UsageConfig, converter};

macro_rules! number_converter {
    ($(#[doc = $doc:expr])* $name:ident, $class:literal, $number:ty, $variant:ident, $java:literal) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub struct $name {
            schema: SchemaRef,
        }

        impl Codec for $name {
            fn write(&mut self, datum: &Datum, out: &mut Vec<u8>) -> Result<bool> {
                match &datum.value {
                    Value::Null => Ok(false),
                    Value::$variant(number) => {
                        out.extend_from_slice(&number.to_be_bytes());
                        Ok(true)
                    }
                    other => Err(Error::bad_record(format!(
                        "Failed to serialize to {} (was class {}): ",
                        $java,
                        other.java_class()
                    ))),
                }
            }

            fn read(&mut self, bytes: Option<&Bytes>) -> Result<Datum> {
                let value = match bytes {
                    None => Value::Null,
                    Some(bytes) => {
                        let fixed = bytes.as_ref().try_into().map_err(|_| {
                            wrong_length($java, size_of::<$number>(), bytes.len())
                        })?;
                        Value::$variant(<$number>::from_be_bytes(fixed))
                    }
                };
                Ok(Datum::new(self.schema.clone(), value))
            }
        }

        converter!($name, $class, UsageConfig, |_: UsageConfig| {
            Ok($name { schema: Schema::optional(Kind::$variant) })
        });
    };
}

#[cold]
fn wrong_length(name: &str, expected: usize, found: usize) -> Error {
    Error::bad_record(format!("Failed to deserialize {name}: "))
        .caused_by(format!("it has {expected} bytes, the data has {found}"))
}

number_converter!(
    /// 16-bit integers.
    ShortConverter, "org.apache.kafka.connect.converters.ShortConverter", i16, Int16, "short"
);
number_converter!(
    /// 32-bit integers.
    IntegerConverter, "org.apache.kafka.connect.converters.IntegerConverter", i32, Int32, "integer"
);
number_converter!(
    /// 64-bit integers.
    LongConverter, "org.apache.kafka.connect.converters.LongConverter", i64, Int64, "long"
);
number_converter!(
    /// 32-bit floats.
    FloatConverter, "org.apache.kafka.connect.converters.FloatConverter", f32, Float32, "float"
);
number_converter!(
    /// 64-bit floats.
    DoubleConverter, "org.apache.kafka.connect.converters.DoubleConverter", f64, Float64, "double"
);

/// Booleans: one byte, 0 or 1.
#[derive(Debug)]
pub struct BooleanConverter {
    schema: SchemaRef,
}

impl Codec for BooleanConverter {
    fn write(&mut self, datum: &Datum, out: &mut Vec<u8>) -> Result<bool> {
        if let Some(schema) = &datum.schema
            && !matches!(schema.kind(), Kind::Boolean)
        {
            let found = schema.schema_type().name().to_uppercase();
            return Err(Error::bad_record(format!("Invalid schema type for BooleanConverter: {found}")));
        }
        match &datum.value {
            Value::Null => Ok(false),
            Value::Boolean(value) => {
                out.push(u8::from(*value));
                Ok(true)
            }
            other => Err(Error::bad_record(format!(
                "BooleanConverter is not compatible with objects of type class {}",
                other.java_class()
            ))),
        }
    }

    fn read(&mut self, bytes: Option<&Bytes>) -> Result<Datum> {
        let value = match bytes.map(Bytes::as_ref) {
            None => Value::Null,
            Some([0]) => Value::Boolean(false),
            Some([1]) => Value::Boolean(true),
            Some([other]) => {
                return Err(Error::bad_record("Failed to deserialize boolean: ")
                    .caused_by(format!("{other} is neither 0 nor 1")));
            }
            Some(other) => return Err(wrong_length("boolean", 1, other.len())),
        };
        Ok(Datum::new(self.schema.clone(), value))
    }
}

converter!(
    BooleanConverter,
    "org.apache.kafka.connect.converters.BooleanConverter",
    UsageConfig,
    |_: UsageConfig| Ok(BooleanConverter { schema: Schema::optional(Kind::Boolean) })
);
