//! The JSON schema of a Connect schema.

use data::{Kind, Logical, Schema, SchemaRef};
use serde_json::{Map, Value, json};

use super::encode::Encoder;
use super::{Config, DecimalFormat, ENUM, Error, INDEX, MAX_DEPTH, MAX_FIELDS, PARAMETERS, TYPE, VERSION};
use super::{has_entries, is_union};

/// The text of the JSON schema of a Connect schema.
///
/// # Errors
/// A default that does not fit its schema; more than [`MAX_FIELDS`] fields or [`MAX_DEPTH`] levels.
pub fn from_connect(schema: &SchemaRef, config: &Config) -> Result<String, Error> {
    Ok(Maker { config, fields: 0 }.schema(schema, None, "", 0)?.to_string())
}

// A whole number has no point, as Java prints those that it prints without an exponent.
fn whole(default: Value) -> Value {
    match default {
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e7 => {
                json!(float as i64)
            }
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(whole).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, whole(value))).collect())
        }
        other => other,
    }
}

struct Maker<'a> {
    config: &'a Config,
    fields: usize,
}

impl Maker<'_> {
    fn schema(
        &mut self,
        schema: &SchemaRef,
        index: Option<usize>,
        path: &str,
        depth: usize,
    ) -> Result<Value, Error> {
        if depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        let nullable = schema.is_optional();
        let mut own = self.plain(schema, path, depth)?;
        // Beside the type: a reader passes over what is said around a `oneOf` with null.
        if let Some(default) = schema.default() {
            own.insert("default".to_owned(), self.default(schema, default, path)?);
        }
        let mut outer = Map::new();
        if nullable {
            if is_union(schema) {
                if let Some(Value::Array(branches)) = own.get_mut("oneOf") {
                    branches.insert(0, json!({"type": "null"}));
                }
                outer = own;
            } else {
                outer.insert("oneOf".to_owned(), json!([{"type": "null"}, own]));
            }
        } else {
            outer.append(&mut own);
        }
        if let Some(index) = index {
            outer.insert(INDEX.to_owned(), json!(index));
        }
        Ok(Value::Object(outer))
    }

    fn default(&self, schema: &SchemaRef, default: &data::Value, path: &str) -> Result<Value, Error> {
        let mut text = Vec::new();
        Encoder::new(schema, self.config)?.encode(default, &mut text)?;
        let parsed = serde_json::from_slice(&text);
        parsed.map(whole).map_err(|error| Error::schema(path, format!("the default: {error}")))
    }

    fn plain(&mut self, schema: &Schema, path: &str, depth: usize) -> Result<Map<String, Value>, Error> {
        let mut out = Map::new();
        let put = |out: &mut Map<String, Value>, kind: &str| out.insert("type".to_owned(), json!(kind));
        let connect = match schema.kind() {
            _ if is_union(schema) => {
                let fields = schema.fields().map(|fields| fields.iter()).into_iter().flatten();
                let mut branches = Vec::new();
                for field in fields {
                    let required = field.schema.to_builder().set_optional(false).build();
                    branches.push(self.schema(&required, None, path, depth + 1)?);
                }
                out.insert("oneOf".to_owned(), Value::Array(branches));
                return Ok(out);
            }
            Kind::Int8 | Kind::Int16 | Kind::Int32 | Kind::Int64 => {
                put(&mut out, "integer");
                Some(schema.schema_type().name())
            }
            Kind::Float32 | Kind::Float64 => {
                put(&mut out, "number");
                Some(schema.schema_type().name())
            }
            Kind::Boolean => {
                put(&mut out, "boolean");
                None
            }
            Kind::String => {
                put(&mut out, "string");
                let prefix = format!("{ENUM}.");
                let values: Vec<&str> =
                    schema.parameters().keys().filter_map(|key| key.strip_prefix(&prefix)).collect();
                if !values.is_empty() {
                    // An enum has no type of its own.
                    out.clear();
                    out.insert("enum".to_owned(), json!(values));
                }
                None
            }
            Kind::Bytes => {
                let is_number = matches!(schema.logical(), Some(Logical::Decimal { .. }))
                    && self.config.decimal_format == DecimalFormat::Numeric;
                put(&mut out, if is_number { "number" } else { "string" });
                Some("bytes")
            }
            Kind::Array(items) => {
                put(&mut out, "array");
                out.insert("items".to_owned(), self.schema(items, None, path, depth + 1)?);
                None
            }
            Kind::Map(keys, values) if has_entries(keys) => {
                put(&mut out, "array");
                let entry = json!({
                    "type": "object",
                    "properties": {
                        "key": self.schema(keys, Some(0), path, depth + 2)?,
                        "value": self.schema(values, Some(1), path, depth + 2)?,
                    },
                });
                out.insert("items".to_owned(), entry);
                Some("map")
            }
            Kind::Map(_, values) => {
                put(&mut out, "object");
                out.insert("additionalProperties".to_owned(), self.schema(values, None, path, depth + 1)?);
                Some("map")
            }
            Kind::Struct(fields) => {
                put(&mut out, "object");
                let mut properties = Map::new();
                for (index, field) in fields.iter().enumerate() {
                    self.fields += 1;
                    if self.fields > MAX_FIELDS {
                        return Err(Error::TooManyFields);
                    }
                    let path = if path.is_empty() {
                        field.name.to_string()
                    } else {
                        format!("{path}.{}", field.name)
                    };
                    properties.insert(
                        field.name.to_string(),
                        self.schema(&field.schema, Some(index), &path, depth + 1)?,
                    );
                }
                if !properties.is_empty() {
                    out.insert("properties".to_owned(), Value::Object(properties));
                }
                if !self.config.object_additional_properties {
                    out.insert("additionalProperties".to_owned(), json!(false));
                }
                None
            }
        };
        if let Some(name) = schema.name() {
            out.insert("title".to_owned(), json!(name));
        }
        if let Some(doc) = schema.doc() {
            out.insert("description".to_owned(), json!(doc));
        }
        if let Some(connect) = connect {
            out.insert(TYPE.to_owned(), json!(connect));
        }
        if let Some(version) = schema.version() {
            out.insert(VERSION.to_owned(), json!(version));
        }
        if !schema.parameters().is_empty() {
            let parameters =
                schema.parameters().iter().map(|(key, value)| (key.to_string(), json!(value.as_ref())));
            out.insert(PARAMETERS.to_owned(), Value::Object(parameters.collect()));
        }
        Ok(out)
    }
}
