//! `SetSchemaMetadata`: another name or version for the schema.

use std::marker::PhantomData;

use api::config::{Config, Report};
use api::data::{Datum, Record, SchemaRef, Struct, Value};
use api::{Error, Origin, Result, Transform};

use crate::schema_cache::{SchemaCache, values_of};
use crate::side::Side;

/// Keys of [`SetSchemaMetadata`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct SetSchemaMetadataConfig {
    /// Schema name to set.
    #[config(key = "schema.name", importance = High)]
    pub name: Option<String>,
    /// Schema version to set.
    #[config(key = "schema.version", importance = High)]
    pub version: Option<i32>,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true, the
    /// default value is used, otherwise null is used.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

fn check(config: &SetSchemaMetadataConfig, report: &mut Report) {
    if config.name.is_none() && config.version.is_none() {
        report.add("schema.name", "Neither schema name nor version configured");
    }
}

/// Gives the schema of key or value another name or version; rows are of the new schema.
#[derive(Debug)]
pub struct SetSchemaMetadata<S> {
    name: Option<String>,
    version: Option<i32>,
    replace_null: bool,
    schemas: SchemaCache<SchemaRef>,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for SetSchemaMetadata<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.SetSchemaMetadata$Key"
    } else {
        "org.apache.kafka.connect.transforms.SetSchemaMetadata$Value"
    };
    type Config = SetSchemaMetadataConfig;

    fn build(config: SetSchemaMetadataConfig) -> Result<Self> {
        Ok(Self {
            name: config.name,
            version: config.version,
            replace_null: config.replace_null_with_default,
            schemas: SchemaCache::new(),
            side: PhantomData,
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        let Some(schema) = &datum.schema else {
            return match datum.value.is_null() {
                true => Ok(Some(record)),
                false => Err(Error::bad_record("Schema required for [updating schema metadata]")),
            };
        };
        let (name, version) = (&self.name, self.version);
        let updated = self.schemas.get(schema, |schema| {
            let mut builder = schema.to_builder();
            if let Some(name) = name {
                builder = builder.name(name);
            }
            if let Some(version) = version {
                builder = builder.version(version);
            }
            Ok::<_, Error>(builder.build())
        })?;
        let value = match std::mem::take(&mut datum.value) {
            Value::Struct(value) => {
                let row = Struct::new(updated.clone(), values_of(value, self.replace_null));
                Value::Struct(
                    row.ok_or_else(|| Error::bad_record("the struct is not of the record's schema"))?,
                )
            }
            other => other,
        };
        *datum = Datum::new(updated.clone(), value);
        Ok(Some(record))
    }
}
