//! `SetMaximumPrecision`: no decimal claims more digits than this.

use std::marker::PhantomData;

use api::config::{Config, Validator};
use api::data::{Datum, Logical, Record, SchemaRef, Value};
use api::{Origin, Result, Transform};

use super::base::{Input, side_name, take, unsupported, unsupported_value};
use super::class;
use crate::schema_cache::{SchemaCache, like};
use crate::side::Side;
use crate::third_party::rows::{datum, fields_of, like_with};

/// Keys of [`SetMaximumPrecision`].
#[derive(Debug, Clone, Config)]
pub struct SetMaximumPrecisionConfig {
    /// The most digits.
    #[config(key = "precision.max", importance = High, validator = Validator::between(1.0, 64.0))]
    pub max: i32,
}

/// Lowers the precision that schemas of decimal fields state. Values stay.
#[derive(Debug)]
pub struct SetMaximumPrecision<S> {
    max: i32,
    schemas: SchemaCache<Option<SchemaRef>>,
    side: PhantomData<fn(S)>,
}

const PRECISION: &str = "connect.decimal.precision";
// What a schema means that states none.
const UNSTATED: i32 = 64;

impl<S: Side> Transform for SetMaximumPrecision<S> {
    const CLASS: &'static str = class!("SetMaximumPrecision", S);
    type Config = SetMaximumPrecisionConfig;

    fn build(config: SetMaximumPrecisionConfig) -> Result<Self> {
        Ok(Self { max: config.max, schemas: SchemaCache::new(), side: PhantomData })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let part = S::of(&mut record);
        let max = self.max;
        if let Some(schema) = part.schema.as_ref().filter(|schema| schema.fields().is_some())
            && self.schemas.get(schema, |schema| lowered(schema, max))?.is_none()
        {
            return Ok(Some(record)); // nothing to lower, and the row passes as it is
        }
        *part = match take(part, side_name::<S>())? {
            Input::Nothing => Datum::NULL,
            Input::Map(_) => return Err(unsupported("map")),
            Input::Other(other) => return Err(unsupported_value(&other)),
            Input::Row(row) => match self.schemas.get(row.schema(), |schema| lowered(schema, max))?.clone() {
                Some(schema) => datum(&schema, row.into_parts().1)?,
                None => Datum::new(row.schema().clone(), Value::Struct(row)),
            },
        };
        Ok(Some(record))
    }
}

// The schema with lower precisions; `None` when all are low enough.
fn lowered(schema: &SchemaRef, max: i32) -> Result<Option<SchemaRef>> {
    let mut fields = fields_of(schema).to_vec();
    let mut any = false;
    for field in &mut fields {
        let stated = field.schema.parameters().get(PRECISION);
        let precision = stated.map_or(Some(UNSTATED), |text| text.parse().ok());
        let is_decimal = field.schema.name() == Some(Logical::DECIMAL);
        if is_decimal && precision.is_none_or(|precision| precision > max) {
            // The original loses the default.
            let builder = like(&field.schema, field.schema.kind().clone());
            let builder = builder.parameter(PRECISION, &max.to_string());
            field.schema = builder.set_optional(field.schema.is_optional()).build();
            any = true;
        }
    }
    match any {
        true => like_with(schema, fields, "setting a maximum precision").map(Some),
        false => Ok(None),
    }
}
