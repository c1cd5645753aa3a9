//! `NormalizeSchema`: older rows in the newest schema that was seen.

use std::collections::HashMap;
use std::marker::PhantomData;

use api::data::{Datum, Record, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};

use super::class;
use crate::filter::NoConfig;
use crate::side::Side;
use crate::third_party::rows::{datum, fields_of};

// Names are few; a source that makes them up must not fill the memory.
const NAMES_MAX: usize = 1000;

/// Rewrites rows of older versions to the newest version of their schema seen so far.
#[derive(Debug)]
pub struct NormalizeSchema<S> {
    newest: HashMap<String, (i32, SchemaRef)>,
    side: PhantomData<fn(S)>,
}

impl<S: Side> Transform for NormalizeSchema<S> {
    const CLASS: &'static str = class!("NormalizeSchema", S);
    type Config = NoConfig;

    fn build(_config: NoConfig) -> Result<Self> {
        Ok(Self { newest: HashMap::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        let (Some(_), Value::Struct(row)) = (&part.schema, &part.value) else {
            return Ok(Some(record));
        };
        let schema = row.schema();
        let name = schema.name().unwrap_or_default();
        let Some(version) = schema.version() else {
            return Err(Error::bad_record(format!("the schema {name} has no version to compare")));
        };
        match self.newest.get(name) {
            Some((newest, _)) if *newest == version => return Ok(Some(record)),
            Some((newest, target)) if *newest > version => {
                let values =
                    fields_of(target).iter().map(|field| row.get(&field.name).cloned().unwrap_or_default());
                let rewritten: Datum = datum(target, values.collect())?;
                *part = rewritten;
                return Ok(Some(record));
            }
            _ => {}
        }
        let (name, schema) = (name.to_owned(), schema.clone());
        if self.newest.len() >= NAMES_MAX && !self.newest.contains_key(&name) {
            self.newest.clear();
        }
        self.newest.insert(name, (version, schema));
        Ok(Some(record))
    }
}
