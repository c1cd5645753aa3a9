//! `schema.compatibility`: when another schema begins a new file, and how records are fitted to a file's schema.

use std::sync::Arc;

use api::data::{Datum, Fields, Kind, Map, Schema, SchemaRef, Struct, Value};
use api::{Error, Result};

/// The rule of a config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compatibility {
    /// Each schema has its own files.
    None,
    /// A newer version begins a new file; older records are projected. BACKWARD and FULL.
    Backward,
    /// An older version begins a new file; newer records are projected.
    Forward,
}

impl Compatibility {
    /// The rule of a text; anything unknown is NONE, as in the Java twin.
    pub fn of(text: &str) -> Self {
        match text {
            "BACKWARD" | "FULL" => Compatibility::Backward,
            "FORWARD" => Compatibility::Forward,
            _ => Compatibility::None,
        }
    }

    /// Whether a record of this schema needs a new file.
    ///
    /// # Errors
    /// Bad record: the rule needs versions, and a schema has none.
    pub fn begins_file(self, record: &SchemaRef, file: &SchemaRef) -> Result<bool> {
        if Arc::ptr_eq(record, file) {
            return Ok(false);
        }
        let newer = match (self, record.version(), file.version()) {
            (Compatibility::None, ..) => return Ok(record != file),
            (Compatibility::Backward, Some(record), Some(file)) => record > file,
            (Compatibility::Forward, Some(record), Some(file)) => record < file,
            _ => {
                return Err(Error::bad_record(
                    "Schema version required for BACKWARD, FORWARD or FULL compatibility",
                )
                .hint("use schema.compatibility=NONE, or a converter that gives versions"));
            }
        };
        Ok(newer || !fits(record, file))
    }

    /// The record's value under the file's schema; `None` when it is the same already.
    ///
    /// # Errors
    /// Bad record: there is no such value.
    pub fn project(self, datum: &Datum, file: &SchemaRef) -> Result<Option<Datum>> {
        match &datum.schema {
            Some(schema) if self != Compatibility::None && schema != file => {
                Ok(Some(Datum::new(file.clone(), project(schema, &datum.value, file)?)))
            }
            _ => Ok(None),
        }
    }
}

// Whether values of one schema can be projected to another, at every level.
fn fits(source: &Schema, target: &Schema) -> bool {
    let optional = source.is_optional() && !target.is_optional() && target.default().is_none();
    if !same_meaning(source, target) || optional {
        return false;
    }
    match (source.kind(), target.kind()) {
        (Kind::Struct(source), Kind::Struct(target)) => {
            let common = source.iter().all(|field| match target.position(&field.name) {
                Some(position) => fits(&field.schema, &target[position].schema),
                None => true,
            });
            let needed = |schema: &Schema| !schema.is_optional() && schema.default().is_none();
            common
                && target.iter().all(|field| source.position(&field.name).is_some() || !needed(&field.schema))
        }
        (Kind::Array(source), Kind::Array(target)) => fits(source, target),
        (Kind::Map(source_key, source), Kind::Map(target_key, target)) => {
            fits(source_key, target_key) && fits(source, target)
        }
        _ => true,
    }
}

fn same_meaning(source: &Schema, target: &Schema) -> bool {
    let types = match (rank(source.kind()), rank(target.kind())) {
        (Some(source), Some(target)) => source <= target,
        _ => source.schema_type() == target.schema_type(),
    };
    types && source.name() == target.name() && same_parameters(source, target)
}

// Numbers may become wider ones.
fn rank(kind: &Kind) -> Option<u8> {
    match kind {
        Kind::Int8 => Some(0),
        Kind::Int16 => Some(1),
        Kind::Int32 => Some(2),
        Kind::Int64 => Some(3),
        Kind::Float32 => Some(4),
        Kind::Float64 => Some(5),
        _ => None,
    }
}

const ENUMS: [&str; 3] = [
    "org.apache.kafka.connect.data.Enum",
    "io.confluent.connect.avro.Enum",
    "io.confluent.connect.protobuf.Enum",
];

// Documentation does not count; an enum may have more symbols in the file's schema.
fn same_parameters(source: &Schema, target: &Schema) -> bool {
    let counts = |key: &str| {
        !matches!(key, "connect.record.doc" | "connect.record.aliases" | "connect.record.namespace")
            && !key.starts_with("io.confluent.connect.avro.field.doc.")
    };
    let of = |schema: &Schema| {
        let kept = schema.parameters().iter().filter(|(key, _)| counts(key));
        kept.map(|(key, value)| (key.clone(), value.clone())).collect::<std::collections::BTreeMap<_, _>>()
    };
    let is_enum = |schema: &Schema| ENUMS.iter().any(|key| schema.parameters().contains_key(*key));
    let (from, to) = (of(source), of(target));
    match is_enum(source) && is_enum(target) {
        true => from.iter().all(|(key, value)| to.get(key) == Some(value)),
        false => from == to,
    }
}

fn project(source: &Schema, value: &Value, target: &SchemaRef) -> Result<Value> {
    if !same_meaning(source, target) {
        return Err(Error::bad_record(
            "Schema type, name or parameters mismatch between the record and its file",
        ));
    }
    if value.is_null() {
        return match (source.is_optional() && !target.is_optional(), target.default()) {
            (true, Some(default)) => Ok(default.clone()),
            (true, None) => Err(Error::bad_record(
                "Writer schema is optional, however, target schema does not provide a default value.",
            )),
            (false, _) => Ok(Value::Null),
        };
    }
    Ok(match (source.kind(), value, target.kind()) {
        (_, Value::Struct(row), Kind::Struct(fields)) => Value::Struct(project_row(row, fields, target)?),
        (Kind::Array(source), Value::Array(items), Kind::Array(target)) => {
            let items: Result<Vec<Value>> = items.iter().map(|item| project(source, item, target)).collect();
            Value::Array(items?)
        }
        (Kind::Map(source_key, source), Value::Map(map), Kind::Map(target_key, target)) => {
            let entries = map.iter().map(|(key, value)| {
                Ok((project(source_key, key, target_key)?, project(source, value, target)?))
            });
            Value::Map(Map::from_entries(entries.collect::<Result<_>>()?))
        }
        (_, value, kind) => widen(value, kind),
    })
}

fn project_row(row: &Struct, fields: &Fields, target: &SchemaRef) -> Result<Struct> {
    let missing =
        |name: &str| Error::bad_record(format!("Required field `{name}` is missing from source schema"));
    let source = row.schema().fields();
    let mut values = Vec::with_capacity(fields.len());
    for field in fields.iter() {
        let found = source.and_then(|source| Some(&source[source.position(&field.name)?]));
        values.push(match (found, row.get(&field.name)) {
            (Some(from), Some(value)) => project(&from.schema, value, &field.schema)
                .map_err(|error| error.with("field", &field.name))?,
            _ if field.schema.is_optional() => Value::Null,
            _ => field.schema.default().cloned().ok_or_else(|| missing(&field.name))?,
        });
    }
    Struct::new(target.clone(), values).ok_or_else(|| Error::bad_record("the file's schema is no struct"))
}

fn widen(value: &Value, kind: &Kind) -> Value {
    let float = match value {
        Value::Float32(number) => Some(f64::from(*number)),
        Value::Float64(number) => Some(*number),
        other => other.as_i64().map(|number| number as f64),
    };
    match (kind, value.as_i64(), float) {
        (Kind::Int16, Some(number), _) => Value::Int16(number as i16),
        (Kind::Int32, Some(number), _) => Value::Int32(number as i32),
        (Kind::Int64, Some(number), _) => Value::Int64(number),
        (Kind::Float32, _, Some(number)) => Value::Float32(number as f32),
        (Kind::Float64, _, Some(number)) => Value::Float64(number),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(version: i32, fields: &[(&str, SchemaRef)]) -> SchemaRef {
        let plain = Schema::structure(fields.iter().cloned()).unwrap();
        plain.to_builder().name("Order").version(version).build()
    }

    fn old() -> SchemaRef {
        schema(1, &[("id", Schema::required(Kind::Int32)), ("gone", Schema::optional(Kind::String))])
    }

    fn new() -> SchemaRef {
        let note = Schema::builder(Kind::String).default_value(Value::string("-")).build();
        schema(
            2,
            &[("id", Schema::required(Kind::Int64)), ("note", note), ("more", Schema::optional(Kind::Int8))],
        )
    }

    #[test]
    fn versions_decide() {
        let (old, new) = (old(), new());
        let check = |rule: Compatibility, record: &SchemaRef, file: &SchemaRef, expected: bool| {
            assert_eq!(rule.begins_file(record, file).unwrap(), expected, "{rule:?}");
        };
        check(Compatibility::None, &old, &new, true);
        check(Compatibility::None, &old, &old.to_builder().build(), false);
        check(Compatibility::Backward, &new, &old, true);
        check(Compatibility::Backward, &old, &new, false);
        check(Compatibility::Forward, &old, &new, true);
        // Int64 does not fit in Int32, whatever the versions say.
        check(Compatibility::Forward, &new, &old, true);
        assert_eq!(Compatibility::of("FULL"), Compatibility::Backward);
        assert_eq!(Compatibility::of("other"), Compatibility::None);
    }

    #[test]
    fn a_missing_version_is_a_bad_record() {
        let plain = Schema::structure([("id", Schema::required(Kind::Int32))]).unwrap();
        assert!(Compatibility::Backward.begins_file(&plain, &old()).is_err());
        assert!(Compatibility::None.begins_file(&plain, &old()).unwrap());
    }

    #[test]
    fn names_optionality_and_missing_fields_begin_files() {
        let base = schema(2, &[("id", Schema::required(Kind::Int32))]);
        let check = |record: &SchemaRef| Compatibility::Backward.begins_file(record, &base).unwrap();
        assert!(check(&base.to_builder().version(1).name("Other").build()));
        assert!(check(&schema(1, &[("id", Schema::optional(Kind::Int32))])));
        assert!(check(&schema(1, &[("other", Schema::required(Kind::Int32))])));
        assert!(check(&schema(1, &[("id", Schema::required(Kind::String))])));
        assert!(!check(&schema(1, &[("id", Schema::required(Kind::Int8))])));
    }

    #[test]
    fn old_records_are_projected() {
        let row = Struct::new(old(), vec![Value::Int32(7), Value::string("x")]).unwrap();
        let datum = Datum::new(old(), Value::Struct(row));
        let projected = Compatibility::Backward.project(&datum, &new()).unwrap().unwrap();
        let row = projected.value.as_struct().unwrap();
        assert_eq!(row.values(), [Value::Int64(7), Value::string("-"), Value::Null]);
        assert_eq!(Compatibility::None.project(&datum, &new()).unwrap(), None);
        assert_eq!(Compatibility::Backward.project(&datum, &old()).unwrap(), None);
    }
}
