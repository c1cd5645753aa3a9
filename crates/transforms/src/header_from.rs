//! `HeaderFrom`: fields as headers.

use std::marker::PhantomData;

use api::config::{Config, Report, Validator, config_enum};
use api::data::{Datum, Field, Header, Record, Schema, SchemaRef, Text, Value};
use api::{Error, Origin, Transform};

use crate::error::{require_map, require_struct};
use crate::required_list::NOT_EMPTY;
use crate::schema_cache::{SchemaCache, replace_by_default, row, struct_like, values_of};
use crate::side::Side;

config_enum! {
    /// What becomes of the fields.
    pub enum Operation {
        /// They go.
        Move = "move",
        /// They stay.
        Copy = "copy",
    }
}

/// Keys of [`HeaderFrom`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct HeaderFromConfig {
    /// Field names in the record whose values are to be copied or moved to headers.
    #[config(key = "fields", importance = High, validator = NOT_EMPTY)]
    pub fields: Vec<String>,
    /// Header names, in the same order as the field names listed in the fields configuration property.
    #[config(key = "headers", importance = High, validator = NOT_EMPTY)]
    pub headers: Vec<String>,
    /// Either `move` if the fields are to be moved to the headers (removed from the key or value), or `copy` if the fields
    /// are to be copied to the headers (retained in the key or value).
    #[config(key = "operation", importance = High, validator = Validator::OneOf(&["move", "copy"]))]
    pub operation: Operation,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true, the
    /// default value is used, otherwise null is used.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

fn check(config: &HeaderFromConfig, report: &mut Report) {
    if config.fields.len() != config.headers.len() {
        report.add("fields", "'fields' config must have the same number of elements as 'headers' config.");
    }
}

/// Appends a header for each field, with the field's schema; a field that a map lacks makes a null header.
#[derive(Debug)]
pub struct HeaderFrom<S> {
    fields: Vec<String>,
    headers: Vec<Text>,
    moves: bool,
    replace_null: bool,
    schemas: SchemaCache<Plan>,
    side: PhantomData<fn(S)>,
}

#[derive(Debug)]
struct Plan {
    /// Position and schema of each field, in the order of the config.
    sources: Vec<(usize, SchemaRef)>,
    /// The fields that stay, and their schema.
    kept: Vec<usize>,
    schema: SchemaRef,
}

fn purpose(moves: bool) -> &'static str {
    if moves { "header move" } else { "header copy" }
}

fn plan(names: &[String], moves: bool, schema: &SchemaRef) -> Result<Plan, Error> {
    let fields = schema.fields().map_or(&[][..], |fields| fields);
    let mut sources = Vec::with_capacity(names.len());
    for name in names {
        let position = fields.iter().position(|field| *field.name == **name);
        let Some(position) = position else {
            // Kafka Connect has no text of its own for it.
            return Err(
                Error::bad_record(format!("Unknown field: {name}")).class("java.lang.NullPointerException")
            );
        };
        sources.push((position, fields[position].schema.clone()));
    }
    let gone = |position: &usize| moves && sources.iter().any(|(source, _)| source == position);
    let kept: Vec<usize> = (0..fields.len()).filter(|position| !gone(position)).collect();
    let schema = if moves { without(schema, fields, &kept)? } else { schema.clone() };
    Ok(Plan { sources, kept, schema })
}

fn without(schema: &Schema, fields: &[Field], kept: &[usize]) -> Result<SchemaRef, Error> {
    let fields = kept.iter().map(|position| fields[*position].clone()).collect();
    Ok(struct_like(schema, fields)?.build())
}

impl<S: Side> HeaderFrom<S> {
    fn of_map(&self, value: Value, headers: &mut Vec<Header>) -> Result<Value, Error> {
        let mut map = require_map(value, purpose(self.moves))?;
        for (index, name) in self.fields.iter().enumerate() {
            let value = map.get_str(name).cloned().unwrap_or_default();
            headers.push(Header { key: self.headers[index].clone(), value: Datum::schemaless(value) });
        }
        if self.moves {
            for name in &self.fields {
                map.remove_str(name);
            }
        }
        Ok(Value::Map(map))
    }
}

impl<S: Side> Transform for HeaderFrom<S> {
    const CLASS: &'static str = if S::IS_KEY {
        "org.apache.kafka.connect.transforms.HeaderFrom$Key"
    } else {
        "org.apache.kafka.connect.transforms.HeaderFrom$Value"
    };
    type Config = HeaderFromConfig;

    fn build(config: HeaderFromConfig) -> api::Result<Self> {
        if config.fields.len() != config.headers.len() {
            return Err(Error::misconfigured("fields and headers must have the same number of elements"));
        }
        Ok(Self {
            fields: config.fields,
            headers: config.headers.into_iter().map(Text::from).collect(),
            moves: config.operation == Operation::Move,
            replace_null: config.replace_null_with_default,
            schemas: SchemaCache::new(),
            side: PhantomData,
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> api::Result<Option<Record>> {
        let mut headers = std::mem::take(&mut record.headers);
        let datum = S::of(&mut record);
        let value = std::mem::take(&mut datum.value);
        if datum.schema.is_none() {
            datum.value = self.of_map(value, &mut headers)?;
        } else {
            let value = require_struct(value, purpose(self.moves))?;
            let (fields, moves) = (&self.fields, self.moves);
            let plan = self.schemas.get(value.schema(), |schema| plan(fields, moves, schema))?;
            for ((position, schema), key) in plan.sources.iter().zip(&self.headers) {
                let mut field = value.values()[*position].clone();
                if self.replace_null {
                    replace_by_default(schema, &mut field);
                }
                headers.push(Header { key: key.clone(), value: Datum::new(schema.clone(), field) });
            }
            datum.value = match moves {
                // A row that is copied from stays as it is, its nulls too.
                false => Value::Struct(value),
                true => {
                    let mut values = values_of(value, self.replace_null);
                    let kept =
                        plan.kept.iter().map(|position| std::mem::take(&mut values[*position])).collect();
                    datum.schema = Some(plan.schema.clone());
                    row(&plan.schema, kept)
                }
            };
        }
        record.headers = headers;
        Ok(Some(record))
    }
}
