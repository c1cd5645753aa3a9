//! `Cast`: fields, or the whole key or value, as another type.

use std::marker::PhantomData;

use api::config::{Config, Report};
use api::data::{Datum, Field, Kind, Map, Record, Schema, SchemaBuilder, SchemaRef, Text, Value};
use api::{Error, Origin, Result, Transform};

use crate::entry::Entry;
use crate::error::{require_map, require_struct};
use crate::schema_cache::{SchemaCache, like, row, struct_like, values_of};
use crate::side::Side;

mod float;
pub(crate) mod number;

/// Keys of [`Cast`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct CastConfig {
    /// List of fields and the type to cast them to, of the form `field1:type,field2:type`, to cast fields of maps or
    /// structs. A single type to cast the entire value. Valid types are int8, int16, int32, int64, float32, float64,
    /// boolean, and string. Note that bytes can only be cast to string.
    #[config(key = "spec", importance = High)]
    pub spec: Vec<String>,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true, the
    /// default value is used, otherwise null is used.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

/// A type that can be cast to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    Boolean,
    String,
}

#[derive(Debug)]
enum Spec {
    Whole(Target),
    Fields(Vec<(Text, Target)>),
}

fn check(config: &CastConfig, report: &mut Report) {
    if let Err(why) = Spec::parse(&config.spec) {
        report.add("spec", why);
    }
}

impl Target {
    fn parse(text: &str) -> std::result::Result<Self, String> {
        Ok(match text.trim().to_ascii_lowercase().as_str() {
            "int8" => Target::Int8,
            "int16" => Target::Int16,
            "int32" => Target::Int32,
            "int64" => Target::Int64,
            "float32" => Target::Float32,
            "float64" => Target::Float64,
            "boolean" => Target::Boolean,
            "string" => Target::String,
            "bytes" | "array" | "map" | "struct" => {
                let name = text.trim().to_ascii_uppercase();
                return Err(format!(
                    "Cast transformation does not support casting to {name}; supported types are [INT8, INT16, INT32, \
                     INT64, FLOAT32, FLOAT64, BOOLEAN, STRING]"
                ));
            }
            _ => return Err(format!("Invalid type found in casting spec: {}", text.trim())),
        })
    }

    fn kind(self) -> Kind {
        match self {
            Target::Int8 => Kind::Int8,
            Target::Int16 => Kind::Int16,
            Target::Int32 => Kind::Int32,
            Target::Int64 => Kind::Int64,
            Target::Float32 => Kind::Float32,
            Target::Float64 => Kind::Float64,
            Target::Boolean => Kind::Boolean,
            Target::String => Kind::String,
        }
    }
}

impl Spec {
    fn parse(items: &[String]) -> std::result::Result<Self, String> {
        if items.is_empty() {
            return Err("Must specify at least one field to cast.".to_owned());
        }
        let mut fields = Vec::with_capacity(items.len());
        for item in items {
            match item.split(':').collect::<Vec<_>>().as_slice() {
                [whole] if items.len() == 1 => return Ok(Spec::Whole(Target::parse(whole)?)),
                [_] => {
                    return Err("Cast transformations that specify a type to cast the entire value to may only specify \
                                a single cast in their spec"
                        .to_owned());
                }
                [name, target] => {
                    let (name, target) = (name.trim(), Target::parse(target)?);
                    // Of a field that is named twice the last type counts.
                    match fields.iter_mut().find(|(known, _): &&mut (Text, Target)| **known == *name) {
                        Some(known) => known.1 = target,
                        None => fields.push((Text::from(name), target)),
                    }
                }
                _ => return Err(format!("Invalid rename mapping: {item}")),
            }
        }
        Ok(Spec::Fields(fields))
    }
}

/// Casts. Numbers narrow as in Java: integers keep their low bits, floats are cut and bounded. Null stays null.
#[derive(Debug)]
pub struct Cast<S> {
    spec: Spec,
    replace_null: bool,
    schemas: SchemaCache<Plan>,
    entries: Vec<Entry>,
    side: PhantomData<fn(S)>,
}

#[derive(Debug)]
struct Plan {
    schema: SchemaRef,
    casts: Vec<(usize, Target)>,
}

const PURPOSE: &str = "cast types";

// The schema of a cast field keeps whether it is optional, and its default, cast; name, version and documentation go.
fn cast_field(field: &Schema, target: Target) -> Result<SchemaRef> {
    with_default(Schema::builder(target.kind()).set_optional(field.is_optional()), field, target)
}

fn with_default(builder: SchemaBuilder, from: &Schema, target: Target) -> Result<SchemaRef> {
    Ok(match from.default() {
        Some(default) => builder.default_value(cast(default.clone(), target)?).build(),
        None => builder.build(),
    })
}

fn plan(spec: &Spec, schema: &Schema) -> Result<Plan> {
    let fields = match spec {
        Spec::Whole(target) => {
            // A whole value keeps the name of its schema, as in Kafka Connect.
            let builder = like(schema, target.kind()).set_optional(schema.is_optional());
            return Ok(Plan { schema: with_default(builder, schema, *target)?, casts: Vec::new() });
        }
        Spec::Fields(fields) => fields,
    };
    let mut list = schema.fields().map_or_else(Vec::new, |fields| fields.to_vec());
    let mut casts = Vec::with_capacity(fields.len());
    for (position, field) in list.iter_mut().enumerate() {
        if let Some((_, target)) = fields.iter().find(|(name, _)| **name == *field.name) {
            *field = Field { name: field.name.clone(), schema: cast_field(&field.schema, *target)? };
            casts.push((position, *target));
        }
    }
    let builder = struct_like(schema, list)?;
    Ok(Plan { schema: builder.set_optional(schema.is_optional()).build(), casts })
}

fn cast(value: Value, target: Target) -> Result<Value> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    if target == Target::String {
        return text(&value);
    }
    number::cast(value, target)
}

// Dates and bytes have the form that headers have.
fn text(value: &Value) -> Result<Value> {
    match value {
        Value::Array(_) | Value::Map(_) | Value::Struct(_) => Err(unsupported(value)),
        Value::String(text) => Ok(Value::String(text.clone())),
        Value::Boolean(true) => Ok(Value::String(Text::from_static("true"))),
        Value::Boolean(false) => Ok(Value::String(Text::from_static("false"))),
        _ => {
            let mut out = Vec::new();
            literal::write(value, &mut out);
            Ok(Value::string(String::from_utf8_lossy(&out).into_owned()))
        }
    }
}

#[cold]
fn unsupported(value: &Value) -> Error {
    let name = value.type_name().to_uppercase();
    match value {
        Value::Bytes(_) => Error::bad_record("Unexpected type in Cast transformation: class [B")
            .hint("bytes can be cast to string only"),
        _ => Error::bad_record(format!(
            "Cast transformation does not support casting from {name}; supported types are [INT8, INT16, INT32, INT64, \
             FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]"
        )),
    }
}

impl<S: Side> Transform for Cast<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.Cast$Key"
    } else {
        "org.apache.kafka.connect.transforms.Cast$Value"
    };
    type Config = CastConfig;

    fn build(config: CastConfig) -> Result<Self> {
        let spec = Spec::parse(&config.spec).map_err(Error::misconfigured)?;
        let entries = match &spec {
            Spec::Whole(_) => Vec::new(),
            Spec::Fields(fields) => fields.iter().map(|(name, _)| Entry::new(name)).collect(),
        };
        Ok(Self {
            spec,
            entries,
            replace_null: config.replace_null_with_default,
            schemas: SchemaCache::new(),
            side: PhantomData,
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        if datum.value.is_null() {
            return Ok(Some(record));
        }
        let value = std::mem::take(&mut datum.value);
        let spec = &self.spec;
        *datum = match (&datum.schema, spec) {
            (None, Spec::Whole(target)) => Datum::schemaless(cast(value, *target)?),
            (None, Spec::Fields(fields)) => {
                let mut values = require_map(value, PURPOSE)?.into_entries();
                for (entry, (name, target)) in self.entries.iter_mut().zip(fields) {
                    let change = |old| cast(old, *target).map_err(|error| error.with("field", &**name));
                    entry.change(&mut values, change)?;
                }
                Datum::schemaless(Value::Map(Map::from_distinct(values)))
            }
            (Some(schema), Spec::Whole(target)) => {
                let plan = self.schemas.get(schema, |schema| plan(spec, schema))?;
                Datum::new(plan.schema.clone(), cast(value, *target)?)
            }
            (Some(_), Spec::Fields(_)) => {
                let value = require_struct(value, PURPOSE)?;
                let plan = self.schemas.get(value.schema(), |schema| plan(spec, schema))?;
                let mut values = values_of(value, self.replace_null);
                for (position, target) in &plan.casts {
                    let old = std::mem::take(&mut values[*position]);
                    values[*position] = cast(old, *target).map_err(|error| {
                        let field = plan.schema.fields().and_then(|fields| fields.get(*position));
                        error.with("field", field.map_or("?", |field| &field.name))
                    })?;
                }
                Datum::new(plan.schema.clone(), row(&plan.schema, values))
            }
        };
        Ok(Some(record))
    }
}
