//! `Flatten`: nested fields as fields of one level.

use std::marker::PhantomData;

use api::config::Config;
use api::data::{Datum, Field, Kind, Map, Record, Schema, SchemaRef, Struct, Value};
use api::{Error, Origin, Result, Transform};

use crate::error::{require_map, require_struct};
use crate::schema_cache::{SchemaCache, row, struct_like};
use crate::side::Side;

/// Keys of [`Flatten`].
#[derive(Debug, Clone, Config)]
pub struct FlattenConfig {
    /// Delimiter to insert between field names from the input record when generating field names for the output record.
    #[config(key = "delimiter", default = ".")]
    pub delimiter: String,
}

/// Joins the names of nested structs or maps. A field is optional when one around it is; a struct's default becomes the
/// defaults of its fields. Arrays stay as they are; a map inside a struct is refused. Null stays null.
#[derive(Debug)]
pub struct Flatten<S> {
    delimiter: String,
    keep_maps: bool,
    schemas: SchemaCache<SchemaRef>,
    side: PhantomData<fn(S)>,
}

const PURPOSE: &str = "flattening";

// Nothing that a record holds is nested deeper; a loop of schemas cannot be built.
const MAX_DEPTH: usize = 1000;

/// Where in the record a field lies, as seen from the fields around it.
#[derive(Clone, Copy)]
struct Around<'a> {
    prefix: &'a str,
    optional: bool,
    default: Option<&'a Struct>,
    depth: usize,
    keep_maps: bool,
}

fn too_deep() -> Error {
    Error::bad_record(format!("Flatten transformation found more than {MAX_DEPTH} levels"))
}

fn flat_fields(schema: &Schema, delimiter: &str, around: Around<'_>, out: &mut Vec<Field>) -> Result<()> {
    if around.depth > MAX_DEPTH {
        return Err(too_deep());
    }
    for field in schema.fields().map_or(&[][..], |fields| fields) {
        let name = joined(around.prefix, delimiter, &field.name);
        let optional = around.optional || field.schema.is_optional();
        // The field's own default wins over what the struct around it has as its default.
        let default = match (field.schema.default(), around.default) {
            (Some(own), _) => Some(own),
            (None, Some(row)) => row.get(&field.name),
            (None, None) => None,
        };
        match field.schema.kind() {
            Kind::Struct(_) => {
                let default = default.and_then(Value::as_struct);
                let inner = Around { prefix: &name, optional, default, depth: around.depth + 1, ..around };
                flat_fields(&field.schema, delimiter, inner, out)?;
            }
            Kind::Map(..) if !around.keep_maps => return Err(no_maps(&name)),
            _ => {
                let mut builder = field.schema.to_builder().set_optional(optional);
                if let Some(default) = default.filter(|default| !default.is_null()) {
                    builder = builder.default_value(default.clone());
                }
                out.push(Field { name: name.as_str().into(), schema: builder.build() });
            }
        }
    }
    Ok(())
}

#[cold]
fn no_maps(field: &str) -> Error {
    Error::bad_record(format!(
        "Flatten transformation does not support MAP for record with schemas (for field {field})."
    ))
}

// The values in the order of the flat schema, defaults instead of nulls. A null struct is a null in each of its fields.
fn flat_values(schema: &Schema, value: Option<&Struct>, out: &mut Vec<Value>) {
    let fields = schema.fields().map_or(&[][..], |fields| fields);
    for (position, field) in fields.iter().enumerate() {
        let inner = value.and_then(|row| row.values().get(position));
        match (field.schema.kind(), inner) {
            (Kind::Struct(_), inner) => flat_values(&field.schema, inner.and_then(Value::as_struct), out),
            (_, None) => out.push(Value::Null),
            (_, Some(Value::Null)) => out.push(field.schema.default().cloned().unwrap_or_default()),
            (_, Some(value)) => out.push(value.clone()),
        }
    }
}

fn flat_map(
    map: Map,
    delimiter: &str,
    prefix: &str,
    depth: usize,
    out: &mut Vec<(Value, Value)>,
) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(too_deep());
    }
    for (name, value) in map.into_entries() {
        let Some(text) = name.as_str() else {
            return Err(Error::bad_record(format!(
                "Flatten transformation needs text as the keys of maps, found: {}",
                name.java_class()
            ))
            .class("java.lang.ClassCastException"));
        };
        let joined = joined(prefix, delimiter, text);
        match value {
            Value::Map(inner) => flat_map(inner, delimiter, &joined, depth + 1, out)?,
            value => out.push((Value::string(joined), value)),
        }
    }
    Ok(())
}

fn joined(prefix: &str, delimiter: &str, name: &str) -> String {
    match prefix.is_empty() {
        true => name.to_owned(),
        false => format!("{prefix}{delimiter}{name}"),
    }
}

impl<S> Flatten<S> {
    /// Joins names with this text; maps inside rows are kept as they are, or refused.
    pub(crate) fn new(delimiter: String, keep_maps: bool) -> Self {
        Self { delimiter, keep_maps, schemas: SchemaCache::new(), side: PhantomData }
    }
}

impl<S: Side> Transform for Flatten<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.Flatten$Key"
    } else {
        "org.apache.kafka.connect.transforms.Flatten$Value"
    };
    type Config = FlattenConfig;

    fn build(config: FlattenConfig) -> Result<Self> {
        Ok(Self::new(config.delimiter, false))
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        let datum = S::of(&mut record);
        if datum.value.is_null() {
            return Ok(Some(record));
        }
        let value = std::mem::take(&mut datum.value);
        let (delimiter, keep_maps) = (&self.delimiter, self.keep_maps);
        if datum.schema.is_none() {
            let mut flat = Vec::new();
            flat_map(require_map(value, PURPOSE)?, delimiter, "", 0, &mut flat)?;
            datum.value = Value::Map(Map::from_entries(flat));
            return Ok(Some(record));
        }
        let value = require_struct(value, PURPOSE)?;
        let schema = self.schemas.get(value.schema(), |schema| {
            let mut fields = Vec::new();
            let default = schema.default().and_then(Value::as_struct);
            let top = Around { prefix: "", optional: schema.is_optional(), default, depth: 0, keep_maps };
            flat_fields(schema, delimiter, top, &mut fields)?;
            Ok::<_, Error>(struct_like(schema, fields)?.build())
        })?;
        let mut values = Vec::new();
        flat_values(value.schema(), Some(&value), &mut values);
        *datum = Datum::new(schema.clone(), row(schema, values));
        Ok(Some(record))
    }
}
