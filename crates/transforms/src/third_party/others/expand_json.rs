//! `ExpandJSON`: JSON texts in fields as rows.

use api::config::Config;
use api::data::{Datum, Field, Fields, Kind, Record, Schema, SchemaRef, Struct, Value};
use api::{Error, Origin, Result, Transform};

use crate::error::not_a_struct;
use crate::schema_cache::distinct;
use crate::third_party::infer::{Inference, read_json};
use crate::third_party::known_schemas::KnownSchemas;
use crate::third_party::rows::{field, fields_of, optional_string};
use crate::third_party::told::Told;

/// Keys of [`ExpandJson`].
#[derive(Debug, Clone, Config)]
pub struct ExpandJsonConfig {
    /// Paths of text fields with JSON; points lead into nested rows.
    #[config(key = "sourceFields", default = "")]
    pub fields: Vec<String>,
}

/// Replaces JSON texts by rows whose schema is found from the text.
#[derive(Debug)]
pub struct ExpandJson {
    paths: Vec<Vec<String>>,
    known: KnownSchemas,
    told: Told,
}

const INFERENCE: Inference = Inference {
    null_as_bytes: false,
    empty_array_as_strings: true,
    small_integers: true,
    lists_of_debezium: false,
    named: false,
    rename: str::to_owned,
};
const PURPOSE: &str = "json field expansion";

impl Transform for ExpandJson {
    const CLASS: &'static str = "com.redhat.insights.expandjsonsmt.ExpandJSON$Value";
    type Config = ExpandJsonConfig;

    fn build(config: ExpandJsonConfig) -> Result<Self> {
        let paths = config.fields.iter().filter(|path| !path.is_empty());
        let paths: Vec<Vec<String>> =
            paths.map(|path| path.split('.').map(str::to_owned).collect()).collect();
        // A schema is made for each text and for each row around it.
        let known = KnownSchemas::of_places(1 + paths.iter().map(Vec::len).sum::<usize>());
        Ok(Self { paths, known, told: Told::default() })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        if record.value.value.is_null() {
            return Ok(Some(record));
        }
        match std::mem::take(&mut record.value.value) {
            Value::Struct(row) if record.value.schema.is_some() => {
                let paths: Vec<&[String]> = self.paths.iter().map(Vec::as_slice).collect();
                let optional = record.value.schema.as_ref().is_some_and(|schema| schema.is_optional());
                let mut expansion = Expansion { known: &mut self.known, told: &self.told };
                let (schema, value) = expansion.expanded(row, &paths, optional)?;
                record.value = Datum::new(schema, value);
            }
            other if record.value.schema.is_some() => return Err(not_a_struct(&other, PURPOSE)),
            _ => {
                return Err(Error::bad_record(
                    "sourceFields: the value has no schema, so that nothing can be expanded",
                )
                .hint("read it with schemas, or leave the transform out"));
            }
        }
        Ok(Some(record))
    }
}

struct Expansion<'a> {
    known: &'a mut KnownSchemas,
    told: &'a Told,
}

impl Expansion<'_> {
    // The row with the fields at the paths expanded. Its schema's name is lost, as in the original.
    fn expanded(&mut self, row: Struct, paths: &[&[String]], optional: bool) -> Result<(SchemaRef, Value)> {
        let (schema, values) = row.into_parts();
        let mut fields: Vec<Field> = Vec::with_capacity(values.len());
        let mut new_values = Vec::with_capacity(values.len());
        for (old, value) in fields_of(&schema).iter().zip(values) {
            let here = paths.iter().filter(|path| path.first().is_some_and(|step| **step == *old.name));
            let rest: Vec<&[String]> = here.map(|path| &path[1..]).collect();
            let whole = rest.iter().any(|path| path.is_empty());
            let (schema, value) = match value {
                Value::String(text) if whole => self.parsed(&text),
                Value::Struct(inner) if !rest.is_empty() => {
                    self.expanded(inner, &rest, old.schema.is_optional())?
                }
                value => (old.schema.clone(), value),
            };
            fields.push(field(&old.name, schema));
            new_values.push(value);
        }
        for path in paths {
            let missing = path.first().is_none_or(|step| fields.iter().all(|field| *field.name != **step));
            let path = || path.join(".");
            if missing && self.told.first(&path()) {
                tracing::warn!(path = %path(), "sourceFields names a field that the record lacks");
            }
        }
        let fields = distinct(fields)?;
        let schema = Schema::builder(Kind::Struct(fields)).set_optional(optional).build();
        let schema = self.known.one(schema);
        let row = crate::third_party::rows::row(&schema, new_values)?;
        Ok((schema, row))
    }

    // The row of a text; a row of the text and what is wrong with it, when it is no JSON.
    fn parsed(&mut self, text: &str) -> (SchemaRef, Value) {
        let found = read_json(text).and_then(|value| match value {
            Value::Map(_) => Ok(value),
            Value::Array(_) => {
                let mut map = api::data::Map::new();
                map.insert(Value::string("array"), value);
                Ok(Value::Map(map))
            }
            other => Err(format!("{} is neither an object nor an array", other.type_name())),
        });
        let shaped = found.and_then(|value| {
            let schema =
                INFERENCE.schema("", &value)?.ok_or_else(|| "nothing can be said of its type".to_owned())?;
            let schema = self.known.one(schema);
            let value = INFERENCE.shape(&schema, value)?;
            Ok((schema, value))
        });
        shaped.unwrap_or_else(|why| {
            let schema = Schema::structure([("value", optional_string()), ("error", optional_string())]);
            let schema = schema.unwrap_or_else(|| Schema::optional(Kind::Struct(Fields::default())));
            let schema = self.known.one(schema.to_builder().optional().build());
            let values = vec![Value::string(text), Value::string(why)];
            let value = Struct::new(schema.clone(), values).map_or(Value::Null, Value::Struct);
            (schema, value)
        })
    }
}
