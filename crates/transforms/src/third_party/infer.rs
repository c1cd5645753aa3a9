//! Schemas found from values without one, for JSON texts that become rows.

use std::sync::Arc;

use api::data::{Bytes, Field, Fields, Kind, Schema, SchemaRef, Struct, Value};

/// How schemas are found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inference {
    /// A null becomes an optional BYTES field; otherwise the field is left out.
    pub null_as_bytes: bool,
    /// An empty array becomes an array of optional texts; otherwise the field is left out.
    pub empty_array_as_strings: bool,
    /// Whole numbers that fit 32 bits are INT32; otherwise all are INT64.
    pub small_integers: bool,
    /// Whether nested structs are named by their path.
    pub named: bool,
    /// Changes the names of fields.
    pub rename: fn(&str) -> String,
}

// The JSON reader has a limit of nesting too; this one is ours because we recurse on what it gives.
const DEPTH_MAX: usize = 200;

/// Reads a JSON text into a value without schema.
pub(crate) fn read_json(text: &str) -> Result<Value, String> {
    json::parse(&Bytes::copy_from_slice(text.as_bytes())).map_err(|error| error.to_string())
}

impl Inference {
    /// The optional schema of a value; `None` when nothing can be said of it.
    pub fn schema(&self, path: &str, value: &Value) -> Result<Option<SchemaRef>, String> {
        self.schema_at(path, value, 0)
    }

    fn schema_at(&self, path: &str, value: &Value, depth: usize) -> Result<Option<SchemaRef>, String> {
        if depth > DEPTH_MAX {
            return Err(format!("the text is nested deeper than {DEPTH_MAX} levels"));
        }
        let kind = match value {
            Value::Null if self.null_as_bytes => Kind::Bytes,
            Value::Null => return Ok(None),
            Value::Boolean(_) => Kind::Boolean,
            Value::Int64(number) if self.small_integers && i32::try_from(*number).is_ok() => Kind::Int32,
            Value::Int64(_) => Kind::Int64,
            Value::Float64(_) => Kind::Float64,
            Value::String(_) => Kind::String,
            Value::Array(items) if items.is_empty() => match self.empty_array_as_strings {
                true => Kind::Array(Schema::optional(Kind::String)),
                false => return Ok(None),
            },
            Value::Array(items) => match self.element(path, items, depth + 1)? {
                Some(element) => Kind::Array(element),
                None => return Ok(None),
            },
            Value::Map(map) => {
                let mut fields: Vec<Field> = Vec::with_capacity(map.len());
                for (key, value) in map.iter() {
                    let name = (self.rename)(key.as_str().unwrap_or_default());
                    let inner = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    let schema = self.schema_at(&inner, value, depth + 1)?;
                    let new = fields.iter().all(|field| *field.name != *name);
                    if let Some(schema) = schema.filter(|_| new) {
                        fields.push(Field { name: name.into(), schema });
                    }
                }
                let fields = Fields::new(fields).ok_or("a name occurs twice")?;
                let mut builder = Schema::builder(Kind::Struct(fields)).optional();
                if self.named && !path.is_empty() {
                    builder = builder.name(path);
                }
                return Ok(Some(builder.build()));
            }
            other => return Err(format!("{} is no value of JSON", other.type_name())),
        };
        Ok(Some(Schema::optional(kind)))
    }

    // One schema for all elements that are not null.
    fn element(&self, path: &str, items: &[Value], depth: usize) -> Result<Option<SchemaRef>, String> {
        let mut found: Option<SchemaRef> = None;
        for item in items.iter().filter(|item| !item.is_null()) {
            let Some(schema) = self.schema_at(path, item, depth)? else { continue };
            found = Some(match found {
                None => schema,
                Some(before) => merge(before, schema, path)?,
            });
        }
        Ok(found)
    }

    /// The value in the form of a schema that was found for it. What the schema left out goes.
    pub fn shape(&self, schema: &SchemaRef, value: Value) -> Value {
        match (schema.kind(), value) {
            (Kind::Int32, Value::Int64(number)) => {
                i32::try_from(number).map_or(Value::Int64(number), Value::Int32)
            }
            (Kind::Array(element), Value::Array(items)) => {
                Value::Array(items.into_iter().map(|item| self.shape(element, item)).collect())
            }
            (Kind::Struct(fields), Value::Map(map)) => {
                let mut values = vec![Value::Null; fields.len()];
                let mut set = vec![false; fields.len()];
                for (key, value) in map.into_entries() {
                    let name = (self.rename)(key.as_str().unwrap_or_default());
                    // Of names that became the same, the first counts, as for the schema.
                    if let Some(position) = fields.position(&name)
                        && !set[position]
                    {
                        values[position] = self.shape(&fields[position].schema, value);
                        set[position] = true;
                    }
                }
                Struct::new(schema.clone(), values).map_or(Value::Null, Value::Struct)
            }
            (_, value) => value,
        }
    }
}

// The elements' schemas must be the same, but objects may have other fields; a field that was only null so far gets the
// type that is found later.
fn merge(left: SchemaRef, right: SchemaRef, path: &str) -> Result<SchemaRef, String> {
    if Arc::ptr_eq(&left, &right) || left == right {
        return Ok(left);
    }
    let (Some(old), Some(new)) = (left.fields(), right.fields()) else {
        return match (left.kind(), right.kind()) {
            (Kind::Array(one), Kind::Array(other)) => {
                Ok(Schema::optional(Kind::Array(merge(one.clone(), other.clone(), path)?)))
            }
            (one, other) => Err(format!(
                "the array {path} is not homogeneous: {} and {}",
                kind_name(one),
                kind_name(other)
            )),
        };
    };
    let mut fields = old.to_vec();
    for field in new.iter() {
        match fields.iter_mut().find(|known| known.name == field.name) {
            None => fields.push(field.clone()),
            Some(known) if *known.schema.kind() == Kind::Bytes => known.schema = field.schema.clone(),
            Some(_) if *field.schema.kind() == Kind::Bytes => {}
            Some(known) => {
                let inner = format!("{path}.{}", field.name);
                known.schema = merge(known.schema.clone(), field.schema.clone(), &inner)?;
            }
        }
    }
    let fields = Fields::new(fields).ok_or("a name occurs twice")?;
    let mut builder = Schema::builder(Kind::Struct(fields)).optional();
    if let Some(name) = left.name() {
        builder = builder.name(name);
    }
    Ok(builder.build())
}

fn kind_name(kind: &Kind) -> &'static str {
    Schema::required(kind.clone()).schema_type().name()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Inference = Inference {
        null_as_bytes: false,
        empty_array_as_strings: false,
        small_integers: true,
        named: true,
        rename: str::to_owned,
    };

    fn check(text: &str, inference: Inference) -> Result<(SchemaRef, Value), String> {
        let value = read_json(text)?;
        let schema = inference.schema("payload", &value)?.ok_or("nothing")?;
        let value = inference.shape(&schema, value);
        assert_eq!(api::data::validate(&schema, &value), Ok(()), "{text}");
        Ok((schema, value))
    }

    #[test]
    fn objects_become_structs_named_by_their_path() {
        let (schema, value) =
            check(r#"{"a":1,"b":{"c":5000000000,"d":null},"e":[],"f":1.5}"#, PLAIN).unwrap();
        assert_eq!(schema.name(), Some("payload"));
        let fields = schema.fields().unwrap();
        assert_eq!(fields.iter().map(|field| &*field.name).collect::<Vec<_>>(), ["a", "b", "f"]);
        assert_eq!(*fields[0].schema.kind(), Kind::Int32);
        assert_eq!(fields[1].schema.name(), Some("payload.b"));
        let row = value.as_struct().unwrap();
        assert_eq!(row.get("b").unwrap().as_struct().unwrap().get("c"), Some(&Value::Int64(5_000_000_000)));
    }

    #[test]
    fn elements_are_merged_and_must_agree() {
        let (schema, _) = check(r#"{"l":[{"a":1},null,{"b":"x"}]}"#, PLAIN).unwrap();
        let Kind::Array(element) = schema.fields().unwrap()[0].schema.kind() else { panic!() };
        assert_eq!(element.fields().unwrap().len(), 2);
        for text in
            [r#"{"l":[1,"a"]}"#, r#"{"l":[1,5000000000]}"#, r#"{"l":[1,1.5]}"#, r#"{"l":[[1],["a"]]}"#]
        {
            assert!(check(text, PLAIN).unwrap_err().contains("homogeneous"), "{text}");
        }
        let kept = Inference { null_as_bytes: true, empty_array_as_strings: true, ..PLAIN };
        assert_eq!(check(r#"{"n":null,"e":[]}"#, kept).unwrap().0.fields().unwrap().len(), 2);
    }
}
