//! `CaseTransform`: texts of fields in lower or upper case.

use std::marker::PhantomData;

use api::config::{Config, config_enum};
use api::data::{Record, Value};
use api::{Error, Origin, Result, Transform};

use super::class;
use crate::required_list::NOT_EMPTY;
use crate::schema_cache::replace_nulls;
use crate::side::Side;
use crate::third_party::rows::fields_of;

config_enum! {
    /// The case.
    pub enum Case {
        /// Lower case.
        Lower = "lower",
        /// Upper case.
        Upper = "upper",
    }
}

/// Keys of [`CaseTransform`].
#[derive(Debug, Clone, Config)]
pub struct CaseTransformConfig {
    /// The fields whose texts are changed.
    #[config(key = "field.names", importance = High, validator = NOT_EMPTY)]
    pub fields: Vec<String>,
    /// `lower` or `upper`.
    #[config(key = "case", importance = High)]
    pub case: Case,
}

/// Writes texts in another case.
#[derive(Debug)]
pub struct CaseTransform<S> {
    config: CaseTransformConfig,
    side: PhantomData<fn(S)>,
}

impl<S> CaseTransform<S> {
    // The original writes the text of any value, into a field that takes texts.
    fn changed(&self, value: &Value) -> Value {
        let text = match value {
            Value::Null => return Value::Null,
            Value::String(text) => text.to_string(),
            other => literal::java::to_string(other),
        };
        Value::string(match self.config.case {
            Case::Lower => text.to_lowercase(),
            Case::Upper => text.to_uppercase(),
        })
    }
}

impl<S: Side> Transform for CaseTransform<S> {
    const CLASS: &'static str = class!("CaseTransform", S);
    type Config = CaseTransformConfig;

    fn build(config: CaseTransformConfig) -> Result<Self> {
        Ok(Self { config, side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        match &mut S::of(&mut record).value {
            Value::Map(map) => {
                for name in &self.config.fields {
                    let changed = self.changed(map.get_str(name).unwrap_or(&Value::Null));
                    map.insert(Value::string(name.as_str()), changed);
                }
            }
            Value::Struct(row) => {
                replace_nulls(row);
                let schema = row.schema().clone();
                for (field, value) in fields_of(&schema).iter().zip(row.values_mut()) {
                    // A field of another type cannot take a text, and is left as it is.
                    if matches!(value, Value::String(_))
                        && self.config.fields.iter().any(|name| **name == *field.name)
                    {
                        *value = self.changed(value);
                    }
                }
            }
            other => {
                let part = if S::IS_KEY { "key" } else { "value" };
                return Err(Error::bad_record(format!(
                    "field.names: the {part} must be a struct or a map, found: {}",
                    other.type_name()
                )));
            }
        }
        Ok(Some(record))
    }
}
