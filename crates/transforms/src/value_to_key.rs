//! `ValueToKey`: a key of fields of the value.

use api::config::{Config, Report};
use api::data::{Datum, Field, Kind, Map, Record, Schema, SchemaRef, Value};
use api::{Error, Origin, Result, Transform};

use crate::error::{not_a_map, not_a_struct};
use crate::field_path::{FieldPath, FieldSyntax};
use crate::required_list;
use crate::schema_cache::{SchemaCache, distinct, replace_by_default, row};

/// Keys of [`ValueToKey`].
#[derive(Debug, Clone, Config)]
#[config(check = check)]
pub struct ValueToKeyConfig {
    /// Field names, or paths, on the record value to extract as the record key.
    #[config(key = "fields", importance = High)]
    pub fields: Vec<String>,
    /// Defines the version of the syntax to access fields: `V1` for names of fields of the value itself, `V2` for paths,
    /// where dots separate names and names with dots stand in backticks. The key's field is named by the whole path.
    #[config(key = "field.syntax.version", default = "V1", importance = High)]
    pub syntax: FieldSyntax,
    /// Whether to replace fields that have a default value and that are null to the default value. When set to true, the
    /// default value is used, otherwise null is used.
    #[config(key = "replace.null.with.default", default = "true")]
    pub replace_null_with_default: bool,
}

fn check(config: &ValueToKeyConfig, report: &mut Report) {
    required_list::require("fields", &config.fields, report);
    if let Err(why) = config.paths() {
        report.add("fields", why);
    }
}

impl ValueToKeyConfig {
    fn paths(&self) -> std::result::Result<Vec<FieldPath>, String> {
        // Kafka Connect takes a name that is listed twice once.
        let mut fields = self.fields.clone();
        let mut seen = std::collections::HashSet::new();
        fields.retain(|field| seen.insert(field.clone()));
        fields.iter().map(|field| FieldPath::parse(field, self.syntax)).collect()
    }
}

/// Makes the key of fields of the value: a struct, or a map when the value has no schema.
#[derive(Debug)]
pub struct ValueToKey {
    paths: Vec<FieldPath>,
    replace_null: bool,
    schemas: SchemaCache<SchemaRef>,
}

const PURPOSE: &str = "copying fields from value to key";

fn key_schema(paths: &[FieldPath], value: &Schema) -> Result<SchemaRef> {
    let mut fields = Vec::with_capacity(paths.len());
    for path in paths {
        let Some(field) = path.field(value)? else {
            return Err(Error::bad_record(format!("Field does not exist: {}", path.text)));
        };
        fields.push(Field { name: path.text.as_str().into(), schema: field.schema.clone() });
    }
    Ok(Schema::required(Kind::Struct(distinct(fields)?)))
}

impl Transform for ValueToKey {
    const CLASS: &'static str = "org.apache.kafka.connect.transforms.ValueToKey";
    type Config = ValueToKeyConfig;

    fn build(config: ValueToKeyConfig) -> Result<Self> {
        let paths = config.paths().map_err(Error::misconfigured)?;
        Ok(Self { paths, replace_null: config.replace_null_with_default, schemas: SchemaCache::new() })
    }

    fn apply(&mut self, mut record: Record, _origin: &Origin) -> Result<Option<Record>> {
        // The value goes on as it is, so it is only looked at.
        let key = match (&record.value.schema, &record.value.value) {
            (None, Value::Map(map)) => {
                let mut key = Map::with_capacity(self.paths.len());
                for path in &self.paths {
                    let value = path.value_in_map(map)?.cloned().unwrap_or_default();
                    key.insert(Value::string(path.text.as_str()), value);
                }
                Datum::schemaless(Value::Map(key))
            }
            (None, other) => return Err(not_a_map(other, PURPOSE)),
            (Some(_), Value::Struct(value)) => {
                let paths = &self.paths;
                let schema = self.schemas.get(value.schema(), |schema| key_schema(paths, schema))?;
                let values = paths.iter().map(|path| match path.value_in_row(value) {
                    Some((field, found)) => {
                        let mut found = found.clone();
                        if self.replace_null {
                            replace_by_default(field, &mut found);
                        }
                        found
                    }
                    None => Value::Null,
                });
                let values = values.collect();
                Datum::new(schema.clone(), row(schema, values))
            }
            (Some(_), other) => return Err(not_a_struct(other, PURPOSE)),
        };
        record.key = key;
        Ok(Some(record))
    }
}
