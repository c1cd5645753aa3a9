//! Schemas as case files write them.
//!
//! | form | schema |
//! |---|---|
//! | `"int32"` | required; the names are Connect's: `int8` … `float64`, `boolean`, `string`, `bytes` |
//! | `"int32?"` | optional |
//! | `"date"`, `"time"`, `"timestamp"`, `"decimal(2)"` | Connect's logical types, with their name and version 1 |
//! | `{"array": "int32"}` | a list |
//! | `{"map": ["string", "int32"]}` | a map |
//! | `{"struct": {"a": "int8", "b": "string?"}}` | a row, its fields in this order |
//! | `{"type": "int32?", "default": 5}` | with attributes |
//!
//! Attributes, in every object form: `optional`, `name`, `version`, `doc`, `parameters`, `default`.

use api::data::{Field, Fields, Kind, Logical, Schema, SchemaRef};
use serde_json::{Map, Value as Json, json};

use super::value_text;

/// Reads a schema.
///
/// # Errors
/// Why the form is none of the above.
pub fn read(form: &Json) -> Result<SchemaRef, String> {
    let attributes = match form {
        Json::String(text) => return simple(text),
        Json::Object(attributes) => attributes,
        other => return Err(format!("a schema is text or an object, not {other}")),
    };
    let known =
        ["type", "array", "map", "struct", "optional", "name", "version", "doc", "parameters", "default"];
    if let Some(unknown) = attributes.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(format!("a schema has no attribute {unknown}"));
    }
    let forms: Vec<_> = known[..4].iter().filter_map(|form| Some((*form, attributes.get(*form)?))).collect();
    let base = match forms.as_slice() {
        [("type", Json::String(text))] => simple(text)?,
        [("array", items)] => Schema::required(Kind::Array(read(items)?)),
        [("map", Json::Array(pair))] if pair.len() == 2 => {
            Schema::required(Kind::Map(read(&pair[0])?, read(&pair[1])?))
        }
        [("struct", Json::Object(fields))] => {
            let mut list = Vec::new();
            for (name, schema) in fields {
                let schema = read(schema).map_err(|why| format!("{name}: {why}"))?;
                list.push(Field { name: name.as_str().into(), schema });
            }
            Schema::required(Kind::Struct(Fields::new(list).ok_or("a field's name occurs twice")?))
        }
        _ => return Err(format!("a schema has one of type, array, map and struct, not {form}")),
    };
    with_attributes(&base, attributes)
}

fn simple(text: &str) -> Result<SchemaRef, String> {
    let (name, optional) = text.strip_suffix('?').map_or((text, false), |name| (name, true));
    let scale = name.strip_prefix("decimal(").and_then(|rest| rest.strip_suffix(')')?.parse().ok());
    let builder = match (name, scale) {
        (_, Some(scale)) => Schema::logical_builder(Logical::Decimal { scale }),
        ("date", _) => Schema::logical_builder(Logical::Date),
        ("time", _) => Schema::logical_builder(Logical::Time),
        ("timestamp", _) => Schema::logical_builder(Logical::Timestamp),
        ("int8", _) => Schema::builder(Kind::Int8),
        ("int16", _) => Schema::builder(Kind::Int16),
        ("int32", _) => Schema::builder(Kind::Int32),
        ("int64", _) => Schema::builder(Kind::Int64),
        ("float32", _) => Schema::builder(Kind::Float32),
        ("float64", _) => Schema::builder(Kind::Float64),
        ("boolean", _) => Schema::builder(Kind::Boolean),
        ("string", _) => Schema::builder(Kind::String),
        ("bytes", _) => Schema::builder(Kind::Bytes),
        _ => return Err(format!("there is no type {name}")),
    };
    Ok(builder.set_optional(optional).build())
}

fn with_attributes(base: &Schema, attributes: &Map<String, Json>) -> Result<SchemaRef, String> {
    let mut builder = base.to_builder();
    let text = |key: &str, value: &Json| value.as_str().map(str::to_owned).ok_or(format!("{key} is no text"));
    for (key, value) in attributes {
        builder = match key.as_str() {
            "optional" => builder.set_optional(value.as_bool().ok_or("optional is no boolean")?),
            "name" => builder.name(&text(key, value)?),
            "version" => {
                let number = value.as_i64().and_then(|number| i32::try_from(number).ok());
                builder.version(number.ok_or("version is no number")?)
            }
            "doc" => builder.doc(&text(key, value)?),
            "parameters" => {
                let parameters = value.as_object().ok_or("parameters are no object")?;
                let mut builder = builder;
                for (name, value) in parameters {
                    builder = builder.parameter(name, &text(name, value)?);
                }
                builder
            }
            _ => builder,
        };
    }
    match attributes.get("default") {
        None => Ok(builder.build()),
        Some(default) => {
            let schema = builder.clone().build();
            let default =
                value_text::read(Some(&schema), default).map_err(|why| format!("default: {why}"))?;
            Ok(builder.default_value(default).build())
        }
    }
}

/// Writes a schema in its shortest form.
pub fn write(schema: &Schema) -> Json {
    let logical = schema.logical().filter(|logical| {
        let plain = Schema::logical_builder(*logical).build();
        plain.version() == schema.version() && plain.parameters() == schema.parameters()
    });
    let mark = if schema.is_optional() { "?" } else { "" };
    let simple = match logical {
        Some(Logical::Decimal { scale }) => Some(format!("decimal({scale}){mark}")),
        Some(Logical::Date) => Some(format!("date{mark}")),
        Some(Logical::Time) => Some(format!("time{mark}")),
        Some(Logical::Timestamp) => Some(format!("timestamp{mark}")),
        None => match schema.kind() {
            Kind::Array(_) | Kind::Map(..) | Kind::Struct(_) => None,
            _ => Some(format!("{}{mark}", schema.schema_type().name())),
        },
    };
    let mut attributes = Map::new();
    match (schema.kind(), &simple) {
        (_, Some(text)) => attributes.insert("type".to_owned(), json!(text)),
        (Kind::Array(items), _) => attributes.insert("array".to_owned(), write(items)),
        (Kind::Map(keys, values), _) => {
            attributes.insert("map".to_owned(), json!([write(keys), write(values)]))
        }
        (Kind::Struct(fields), _) => {
            let fields = fields.iter().map(|field| (field.name.to_string(), write(&field.schema)));
            attributes.insert("struct".to_owned(), Json::Object(fields.collect()))
        }
        _ => None,
    };
    if simple.is_none() && schema.is_optional() {
        attributes.insert("optional".to_owned(), json!(true));
    }
    if logical.is_none() {
        if let Some(name) = schema.name() {
            attributes.insert("name".to_owned(), json!(name));
        }
        if let Some(version) = schema.version() {
            attributes.insert("version".to_owned(), json!(version));
        }
        if !schema.parameters().is_empty() {
            let parameters = schema.parameters().iter().map(|(key, value)| (key.to_string(), json!(**value)));
            attributes.insert("parameters".to_owned(), Json::Object(parameters.collect()));
        }
    }
    if let Some(doc) = schema.doc() {
        attributes.insert("doc".to_owned(), json!(doc));
    }
    if let Some(default) = schema.default() {
        attributes.insert("default".to_owned(), value_text::write(Some(schema), default));
    }
    match (attributes.len(), simple) {
        (1, Some(text)) => Json::String(text),
        _ => Json::Object(attributes),
    }
}
