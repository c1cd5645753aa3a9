//! As much of Avro as a compatibility check needs: what a schema is, and whether one reads what another wrote.

use std::collections::HashMap;

use serde_json::Value;

const PRIMITIVES: &[&str] = &["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

/// Checks the form of a schema.
///
/// # Errors
/// What is wrong, with the name of the type where it is.
pub(crate) fn check(schema: &Value) -> Result<(), String> {
    match schema {
        Value::String(name) if name.is_empty() => Err("a type has no name".to_owned()),
        Value::String(_) => Ok(()),
        Value::Array(branches) if branches.is_empty() => Err("a union is empty".to_owned()),
        Value::Array(branches) => branches.iter().try_for_each(check),
        Value::Object(_) => match kind(schema) {
            "record" | "error" => {
                let name = schema["name"].as_str().ok_or("a record has no name")?;
                let fields =
                    schema["fields"].as_array().ok_or_else(|| format!("record {name} has no fields"))?;
                for field in fields {
                    let field_name =
                        field["name"].as_str().ok_or_else(|| format!("a field of {name} has no name"))?;
                    check(&field["type"]).map_err(|why| format!("{name}.{field_name}: {why}"))?;
                }
                Ok(())
            }
            "enum" if !schema["symbols"].is_array() => Err("an enum has no symbols".to_owned()),
            "fixed" if !schema["size"].is_u64() => Err("a fixed has no size".to_owned()),
            "array" => check(&schema["items"]),
            "map" => check(&schema["values"]),
            "" => check(&schema["type"]),
            _ => Ok(()),
        },
        other => Err(format!("{other} is no type")),
    }
}

fn kind(schema: &Value) -> &str {
    schema.as_str().or_else(|| schema["type"].as_str()).unwrap_or_default()
}

/// Whether data written with `writer` can be read with `reader`; what stands against it.
pub(crate) fn obstacles(reader: &Value, writer: &Value) -> Vec<String> {
    let mut names = Names::default();
    names.collect(reader, true);
    names.collect(writer, false);
    let mut found = Vec::new();
    names.compare(reader, writer, "", 0, &mut found);
    found
}

/// Named types of both sides.
#[derive(Default)]
struct Names<'a> {
    reader: HashMap<&'a str, &'a Value>,
    writer: HashMap<&'a str, &'a Value>,
}

/// A type that contains itself is looked into this often.
const DEPTH_MAX: usize = 12;

impl<'a> Names<'a> {
    fn collect(&mut self, schema: &'a Value, reader: bool) {
        match schema {
            Value::Array(branches) => branches.iter().for_each(|branch| self.collect(branch, reader)),
            Value::Object(object) => {
                if let Some(name) = object.get("name").and_then(Value::as_str) {
                    let side = if reader { &mut self.reader } else { &mut self.writer };
                    side.insert(simple(name), schema);
                }
                for field in object.get("fields").and_then(Value::as_array).into_iter().flatten() {
                    self.collect(&field["type"], reader);
                }
                for inner in ["items", "values", "type"].iter().filter_map(|key| object.get(*key)) {
                    self.collect(inner, reader);
                }
            }
            _ => {}
        }
    }

    fn resolve(&self, schema: &'a Value, reader: bool) -> &'a Value {
        let side = if reader { &self.reader } else { &self.writer };
        match schema {
            Value::String(name) if !PRIMITIVES.contains(&name.as_str()) => {
                side.get(simple(name)).copied().unwrap_or(schema)
            }
            // {"type": {"type": "record", …}} is the inner type.
            Value::Object(object) if object.get("type").is_some_and(|inner| !inner.is_string()) => {
                self.resolve(&schema["type"], reader)
            }
            _ => schema,
        }
    }

    fn compare(
        &self,
        reader: &'a Value,
        writer: &'a Value,
        path: &str,
        depth: usize,
        found: &mut Vec<String>,
    ) {
        if depth > DEPTH_MAX {
            return;
        }
        let (reader, writer) = (self.resolve(reader, true), self.resolve(writer, false));
        if let Value::Array(branches) = writer {
            return branches.iter().for_each(|branch| self.compare(reader, branch, path, depth + 1, found));
        }
        if let Value::Array(branches) = reader {
            let fits = branches.iter().any(|branch| {
                let mut inner = Vec::new();
                self.compare(branch, writer, path, depth + 1, &mut inner);
                inner.is_empty()
            });
            if !fits {
                found.push(format!(
                    "MISSING_UNION_BRANCH at {path}/: the reader has no branch for {}",
                    kind(writer)
                ));
            }
            return;
        }
        match (kind(reader), kind(writer)) {
            ("record", "record") => self.records(reader, writer, path, depth, found),
            ("enum", "enum") => {
                let symbols = reader["symbols"].as_array();
                for symbol in writer["symbols"].as_array().into_iter().flatten() {
                    if reader.get("default").is_none() && symbols.is_none_or(|all| !all.contains(symbol)) {
                        found.push(format!("MISSING_ENUM_SYMBOLS at {path}/symbols: {symbol}"));
                    }
                }
            }
            ("fixed", "fixed") if reader["size"] == writer["size"] => {}
            ("array", "array") => {
                self.compare(&reader["items"], &writer["items"], &format!("{path}/items"), depth + 1, found)
            }
            ("map", "map") => self.compare(
                &reader["values"],
                &writer["values"],
                &format!("{path}/values"),
                depth + 1,
                found,
            ),
            (reads, wrote) if reads == wrote && PRIMITIVES.contains(&reads) => {}
            ("long", "int")
            | ("float", "int" | "long")
            | ("double", "int" | "long" | "float")
            | ("string", "bytes")
            | ("bytes", "string") => {}
            (reads, wrote) => found.push(format!("TYPE_MISMATCH at {path}/: reader {reads}, writer {wrote}")),
        }
    }

    fn records(
        &self,
        reader: &'a Value,
        writer: &'a Value,
        path: &str,
        depth: usize,
        found: &mut Vec<String>,
    ) {
        let (Some(reads), Some(wrote)) = (reader["fields"].as_array(), writer["fields"].as_array()) else {
            return;
        };
        if simple(reader["name"].as_str().unwrap_or_default())
            != simple(writer["name"].as_str().unwrap_or_default())
        {
            found.push(format!("NAME_MISMATCH at {path}/name: {} and {}", reader["name"], writer["name"]));
        }
        for field in reads {
            let name = field["name"].as_str().unwrap_or_default();
            let named = |other: &&Value| {
                let aliases = field["aliases"].as_array();
                other["name"] == name || aliases.is_some_and(|aliases| aliases.contains(&other["name"]))
            };
            match wrote.iter().find(named) {
                Some(other) => {
                    self.compare(
                        &field["type"],
                        &other["type"],
                        &format!("{path}/fields/{name}"),
                        depth + 1,
                        found,
                    );
                }
                None if field.get("default").is_none() => {
                    found.push(format!("READER_FIELD_MISSING_DEFAULT_VALUE at {path}/fields: {name}"));
                }
                None => {}
            }
        }
    }
}

/// The last part of a full name: references may leave the namespace out.
fn simple(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(fields: Value) -> Value {
        json!({"type": "record", "name": "Order", "namespace": "a.b", "fields": fields})
    }

    #[test]
    fn what_a_reader_can_and_cannot_read() {
        let old = record(json!([{"name": "id", "type": "int"}]));
        let cases = [
            ("the same", record(json!([{"name": "id", "type": "int"}])), true),
            ("promoted", record(json!([{"name": "id", "type": "long"}])), true),
            ("another type", record(json!([{"name": "id", "type": "string"}])), false),
            (
                "new with default",
                record(json!([{"name": "id", "type": "int"}, {"name": "b", "type": "int", "default": 0}])),
                true,
            ),
            (
                "new without default",
                record(json!([{"name": "id", "type": "int"}, {"name": "b", "type": "int"}])),
                false,
            ),
            ("made optional", record(json!([{"name": "id", "type": ["null", "int"]}])), true),
            ("dropped", record(json!([])), true),
            ("renamed record", json!({"type": "record", "name": "Other", "fields": []}), false),
        ];
        for (what, reader, fits) in cases {
            assert_eq!(obstacles(&reader, &old).is_empty(), fits, "{what}: {:?}", obstacles(&reader, &old));
        }
    }

    #[test]
    fn a_type_that_contains_itself_ends() {
        let tree = record(json!([{"name": "next", "type": ["null", "a.b.Order"]}]));
        assert!(check(&tree).is_ok());
        assert!(obstacles(&tree, &tree).is_empty());
    }

    #[test]
    fn malformed_schemas_are_told() {
        for schema in
            [json!({"type": "record", "name": "A"}), json!(7), json!([]), record(json!([{"name": "a"}]))]
        {
            assert!(check(&schema).is_err(), "{schema}");
        }
    }
}
