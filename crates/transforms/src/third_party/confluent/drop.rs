//! `Drop`: a null instead of the key or value.

use std::marker::PhantomData;

use api::config::{Config, config_enum};
use api::data::{Datum, Record, Value};
use api::{Error, Origin, Result, Transform};

use crate::side::Side;
use crate::third_party::rows::optional_copy;

config_enum! {
    /// What becomes of the schema.
    pub enum SchemaBehavior {
        /// It goes too.
        Nullify = "nullify",
        /// It stays as it is, even if it does not allow null.
        Retain = "retain",
        /// It stays, and must allow null.
        Validate = "validate",
        /// It becomes optional.
        ForceOptional = "force_optional",
    }
}

/// Keys of [`Drop`].
#[derive(Debug, Clone, Config)]
pub struct DropConfig {
    /// What becomes of the schema: `nullify` takes it away, `retain` leaves it, `validate` leaves it and fails the record if
    /// it does not allow null, `force_optional` makes it optional.
    #[config(key = "schema.behavior", default = "nullify")]
    pub schema_behavior: SchemaBehavior,
}

/// Replaces key or value by null.
#[derive(Debug)]
pub struct Drop<S> {
    behavior: SchemaBehavior,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for Drop<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "io.confluent.connect.transforms.Drop$Key"
    } else {
        "io.confluent.connect.transforms.Drop$Value"
    };
    type Config = DropConfig;

    fn build(config: DropConfig) -> Result<Self> {
        Ok(Self { behavior: config.schema_behavior, side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        let schema = match (self.behavior, datum.schema.take()) {
            (SchemaBehavior::Nullify, _) | (_, None) => None,
            (SchemaBehavior::Retain, schema) => schema,
            (SchemaBehavior::ForceOptional, Some(schema)) => Some(optional_copy(&schema)),
            (SchemaBehavior::Validate, Some(schema)) if schema.is_optional() => Some(schema),
            (SchemaBehavior::Validate, Some(_)) => {
                let part = if S::IS_KEY { "key" } else { "value" };
                return Err(Error::bad_record(format!("the {part}'s schema does not allow null"))
                    .hint("schema.behavior=force_optional makes it optional"));
            }
        };
        *datum = Datum { schema, value: Value::Null };
        Ok(Some(record))
    }
}
