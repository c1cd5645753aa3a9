//! `HeaderToValue`: headers as fields of the value.

use api::config::{Config, Parsed, Report, Validator};
use api::data::{Datum, Field, Kind, Record, Schema, SchemaRef, Value, validate};
use api::{Error, Origin, Result, Transform};

use crate::error::require_struct;
use crate::header_from::Operation;
use crate::schema_cache::{SchemaCache, values_of};
use crate::third_party::rows::{
    datum, field, fields_of, like_with, optional_string, row, same_with, schema_of,
};

/// Keys of [`HeaderToValue`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct HeaderToValueConfig {
    /// Names of the headers whose values become fields.
    #[config(key = "headers", importance = High, validator = Validator::With(no_blanks))]
    pub headers: Vec<String>,
    /// Names of the fields, in the order of the headers. Points lead into rows of the value.
    #[config(key = "fields", importance = High, validator = Validator::With(no_blanks))]
    pub fields: Vec<String>,
    /// `move` takes the headers away, `copy` leaves them.
    #[config(key = "operation", importance = High)]
    pub operation: Operation,
}

fn no_blanks(value: &Parsed) -> std::result::Result<(), String> {
    match value {
        Parsed::List(items) if items.is_empty() => Err("Empty list".to_owned()),
        Parsed::List(items)
            if items.iter().any(|item| item.is_empty() || item.contains(char::is_whitespace)) =>
        {
            Err("an item is empty or has a blank in it".to_owned())
        }
        _ => Ok(()),
    }
}

fn check(config: &HeaderToValueConfig, report: &mut Report) {
    if config.headers.len() != config.fields.len() {
        report.add("fields", "'fields' config must have the same number of elements as 'headers' config.");
    }
    if config.fields.iter().any(|path| path.split('.').any(str::is_empty)) {
        report.add("fields", "a path in 'fields' has an empty name");
    }
}

/// Adds headers to the value as fields.
#[derive(Debug)]
pub struct HeaderToValue {
    headers: Vec<String>,
    paths: Vec<Vec<String>>,
    moves: bool,
    schemas: SchemaCache<Vec<(Found, SchemaRef)>>,
}

/// Which headers a record has, and their schemas.
type Found = Vec<(usize, SchemaRef)>;

// So many sets of headers are remembered for a value's schema.
const SETS_MAX: usize = 64;
const PURPOSE: &str = "Header field insertion";

impl Transform for HeaderToValue {
    const CLASS: &'static str = "io.debezium.transforms.HeaderToValue";
    type Config = HeaderToValueConfig;

    fn build(config: HeaderToValueConfig) -> Result<Self> {
        let split = |path: &String| path.split('.').map(str::to_owned).collect();
        Ok(Self {
            paths: config.fields.iter().map(split).collect(),
            headers: config.headers,
            moves: config.operation == Operation::Move,
            schemas: SchemaCache::new(),
        })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        if record.value.value.is_null() {
            return Ok(Some(record));
        }
        let Datum { schema, value } = std::mem::take(&mut record.value);
        let value = require_struct(value, PURPOSE)?;
        let mut found: Found = Vec::new();
        let mut values = Vec::new();
        for header in record.headers.iter() {
            let Some(index) = self.headers.iter().position(|name| **name == *header.key) else { continue };
            let schema = header.value.schema.clone().or_else(|| schema_of(&header.value.value));
            let schema = schema.unwrap_or_else(optional_string);
            let value = header.value.value.clone();
            // Of several headers of one name the last counts.
            match found.iter().position(|(known, _)| *known == index) {
                Some(position) => {
                    found[position].1 = schema;
                    values[position] = value;
                }
                None => {
                    found.push((index, schema));
                    values.push(value);
                }
            }
        }
        if found.is_empty() {
            record.value = Datum { schema, value: Value::Struct(value) };
            return Ok(Some(record));
        }
        let paths = &self.paths;
        let known = self.schemas.get(value.schema(), |_| Ok::<_, Error>(Vec::new()))?;
        let new_schema = match known.iter().find(|(known, _)| *known == found) {
            Some((_, schema)) => schema.clone(),
            None => {
                let additions: Vec<_> =
                    found.iter().map(|(index, schema)| (&paths[*index][..], schema.clone())).collect();
                let made = extended(value.schema(), &additions, true)?;
                if known.len() >= SETS_MAX {
                    known.clear();
                }
                known.push((found.clone(), made.clone()));
                made
            }
        };
        let additions = found.iter().zip(values).map(|((index, _), value)| (&paths[*index][..], value));
        let values = values_of(value, true);
        record.value = datum(&new_schema, filled(values, &new_schema, additions.collect())?)?;
        if self.moves {
            let headers = &self.headers;
            record.headers.retain(|header| !headers.iter().any(|name| **name == *header.key));
        }
        Ok(Some(record))
    }
}

// Additions with one name go to this struct, others into the fields they begin with, which are made where they are not
// there. A field that is there keeps its schema.
fn extended(schema: &SchemaRef, additions: &[(&[String], SchemaRef)], top: bool) -> Result<SchemaRef> {
    let mut fields: Vec<Field> = fields_of(schema).to_vec();
    for field in &mut fields {
        let inner: Vec<_> = within(&field.name, additions);
        if inner.is_empty() {
            continue;
        }
        if field.schema.fields().is_none() {
            return Err(Error::bad_record(format!("fields leads into {}, which is no row", field.name)));
        }
        field.schema = extended(&field.schema, &inner, false)?;
    }
    let is_new = |fields: &[Field], name: &str| fields.iter().all(|field| *field.name != *name);
    for (path, schema) in additions {
        if let [name] = path
            && is_new(&fields, name)
        {
            fields.push(field(name, schema.clone()));
        }
    }
    for (path, _) in additions {
        if let [name, _, ..] = path
            && is_new(&fields, name)
        {
            let none = Schema::optional(Kind::Struct(Default::default()));
            fields.push(field(name, extended(&none, &within(name, additions), false)?));
        }
    }
    match top {
        true => like_with(schema, fields, PURPOSE),
        false => same_with(schema, fields, PURPOSE),
    }
}

fn within<'a, T: Clone>(name: &str, additions: &[(&'a [String], T)]) -> Vec<(&'a [String], T)> {
    let inner = additions.iter().filter(|(path, _)| path.len() > 1 && path[0] == name);
    inner.map(|(path, addition)| (&path[1..], addition.clone())).collect()
}

// The values of a row of the new schema, from those of the row before. What leads into a row that is null has no place.
fn filled(
    mut values: Vec<Value>,
    schema: &SchemaRef,
    additions: Vec<(&[String], Value)>,
) -> Result<Vec<Value>> {
    let fields = fields_of(schema);
    let before = values.len();
    values.resize(fields.len(), Value::Null);
    for (position, (field, value)) in fields.iter().zip(&mut values).enumerate() {
        let inner = within(&field.name, &additions);
        if inner.is_empty() {
            continue;
        }
        let nested = match std::mem::take(value) {
            Value::Struct(nested) => values_of(nested, true),
            _ if position < before => continue,
            _ => Vec::new(),
        };
        *value = row(&field.schema, filled(nested, &field.schema, inner)?)?;
    }
    for (path, value) in additions {
        if let [name] = path
            && let Some(position) = fields.iter().position(|field| *field.name == **name)
        {
            if position < before {
                validate(&fields[position].schema, &value)
                    .map_err(|why| Error::bad_record(format!("the header for {name} does not fit: {why}")))?;
            }
            values[position] = value;
        }
    }
    Ok(values)
}
