//! `Hash`: a digest instead of a text.

use std::marker::PhantomData;

use api::config::{Config, config_enum};
use api::data::{Record, Value};
use api::{Error, Origin, Result, Transform};
use sha2::Digest;

use super::class;
use crate::side::Side;

config_enum! {
    /// The digest.
    pub enum Function {
        /// MD5.
        Md5 = "md5",
        /// SHA-1.
        Sha1 = "sha1",
        /// SHA-256.
        Sha256 = "sha256",
    }
}

/// Keys of [`Hash`].
#[derive(Debug, Clone, Config)]
pub struct HashConfig {
    /// The text field; without it, the whole key or value.
    #[config(key = "field.name", importance = High)]
    pub field: Option<String>,
    /// `md5`, `sha1` or `sha256`.
    #[config(key = "function", importance = High)]
    pub function: Function,
    /// Whether records whose field is missing or null pass. If not, they fail.
    #[config(key = "skip.missing.or.null", default = "false", importance = Low)]
    pub skip_missing: bool,
}

/// Replaces a text by the digest of its UTF-8 bytes, in hexadecimal digits.
#[derive(Debug)]
pub struct Hash<S> {
    field: Option<String>,
    function: Function,
    skip_missing: bool,
    side: PhantomData<fn(S)>,
}

impl<S> Hash<S> {
    // `None` leaves the value as it is.
    fn digest(&self, value: Option<&Value>, what: &str) -> Result<Option<Value>> {
        let text = match value {
            Some(Value::String(text)) => text,
            None | Some(Value::Null) if self.skip_missing => return Ok(None),
            None => return Err(Error::bad_record(format!("field.name: {what} is missing"))),
            Some(Value::Null) => return Err(Error::bad_record(format!("field.name: {what} is null"))),
            Some(other) => {
                return Err(Error::bad_record(format!(
                    "field.name: {what} must be a string, found: {}",
                    other.type_name()
                )));
            }
        };
        Ok(Some(Value::string(match self.function {
            Function::Md5 => hex::encode(md5::Md5::digest(text.as_bytes())),
            Function::Sha1 => hex::encode(sha1::Sha1::digest(text.as_bytes())),
            Function::Sha256 => hex::encode(sha2::Sha256::digest(text.as_bytes())),
        })))
    }
}

impl<S: Side> Transform for Hash<S> {
    const CLASS: &'static str = class!("Hash", S);
    type Config = HashConfig;

    fn build(config: HashConfig) -> Result<Self> {
        Ok(Self {
            field: config.field.filter(|name| !name.is_empty()),
            function: config.function,
            skip_missing: config.skip_missing,
            side: PhantomData,
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        let side = if S::IS_KEY { "key" } else { "value" };
        if part.schema.is_none() {
            return Err(Error::bad_record(format!("the {side} has no schema, which Hash needs")));
        }
        match (&self.field, &mut part.value) {
            (None, value) => {
                if let Some(digest) = self.digest(Some(value), &format!("the {side}"))? {
                    *value = digest;
                }
            }
            (Some(name), Value::Struct(row)) => {
                let digest =
                    self.digest(row.get_without_default(name), &format!("field {name} of the {side}"))?;
                let position = row.schema().fields().and_then(|fields| fields.position(name));
                if let (Some(digest), Some(position)) = (digest, position) {
                    row.values_mut()[position] = digest;
                }
            }
            (Some(_), other) => {
                return Err(Error::bad_record(format!(
                    "field.name: the {side} must be a struct, found: {}",
                    other.type_name()
                )));
            }
        }
        Ok(Some(record))
    }
}
