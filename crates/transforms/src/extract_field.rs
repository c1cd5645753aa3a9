//! `ExtractField`: one field instead of the whole key or value.

use std::marker::PhantomData;

use api::config::{Config, Report};
use api::data::{Datum, Record, Value};
use api::{Error, Origin, Result, Transform};

use crate::error::{not_a_struct, require_map, require_struct, unknown_field};
use crate::field_path::{FieldPath, FieldSyntax};
use crate::schema_cache::replace_by_default;
use crate::side::Side;

/// Keys of [`ExtractField`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct ExtractFieldConfig {
    /// Field name, or path, to extract.
    #[config(key = "field")]
    pub field: String,
    /// Defines the version of the syntax to access fields. If set to `V1`, then the field paths are limited to access
    /// the elements at the root level of the struct or map. If set to `V2`, the syntax will support accessing nested
    /// elements: dots separate their names, and names with dots stand in backticks.
    #[config(key = "field.syntax.version", default = "V1", importance = High)]
    pub syntax: FieldSyntax,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true, the
    /// default value is used, otherwise null is used.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

fn check(config: &ExtractFieldConfig, report: &mut Report) {
    if let Err(why) = FieldPath::parse(&config.field, config.syntax) {
        report.invalid("field", Some(&config.field), &why);
    }
}

/// Replaces key or value by a field of it, with the field's schema. Null stays null.
#[derive(Debug)]
pub struct ExtractField<S> {
    path: FieldPath,
    replace_null: bool,
    side: PhantomData<fn(S)>,
}

const PURPOSE: &str = "field extraction";

impl<S: Side> Transform for ExtractField<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.ExtractField$Key"
    } else {
        "org.apache.kafka.connect.transforms.ExtractField$Value"
    };
    type Config = ExtractFieldConfig;

    fn build(config: ExtractFieldConfig) -> Result<Self> {
        let path = FieldPath::parse(&config.field, config.syntax).map_err(Error::misconfigured)?;
        Ok(Self { path, replace_null: config.replace_null_with_default, side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        let Datum { schema, value } = std::mem::take(datum);
        *datum = match (schema, value) {
            (None, Value::Null) => Datum::NULL,
            (None, value) => {
                let map = require_map(value, PURPOSE)?;
                Datum::schemaless(self.path.value_in_map(&map)?.cloned().unwrap_or_default())
            }
            (Some(schema), value) => {
                if !matches!(value, Value::Null | Value::Struct(_)) {
                    return Err(not_a_struct(&value, PURPOSE));
                }
                let Some(field) = self.path.field(&schema)? else {
                    return Err(unknown_field(&self.path.text));
                };
                let extracted = match value {
                    Value::Null => Value::Null,
                    value => {
                        let row = require_struct(value, PURPOSE)?;
                        // A row on the way that is null has no defaults: the field is null.
                        self.path.value_in_row(&row).map_or(Value::Null, |(schema, value)| {
                            let mut found = value.clone();
                            if self.replace_null {
                                replace_by_default(schema, &mut found);
                            }
                            found
                        })
                    }
                };
                Datum::new(field.schema.clone(), extracted)
            }
        };
        Ok(Some(record))
    }
}
