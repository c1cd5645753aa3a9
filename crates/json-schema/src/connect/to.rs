//! The Connect schema of a JSON schema.

use data::{Field, Fields, Kind, SchemaBuilder, SchemaRef};
use serde_json::{Map, Value};

use super::{Config, ENUM, Error, INDEX, MAX_DEPTH, MAX_FIELDS, ONE_OF, PARAMETERS, TYPE, VERSION};
use crate::Schema;
use crate::resolve::{Base, Documents, enter};

/// The Connect schema of a JSON schema.
///
/// # Errors
/// A schema that says nothing of its type or contains itself, which Connect cannot say; a limit is passed.
pub fn to_connect(schema: &Schema, config: &Config) -> Result<SchemaRef, Error> {
    let documents = Documents::new(schema.root(), schema.references());
    let base = documents.base(schema.root(), "");
    let mut reader = Reader { config, documents, fields: 0, open: Vec::new() };
    let part = reader.schema(schema.root(), &base, "", 0)?;
    let part = part.ok_or_else(|| Error::schema("", "a schema of nothing but null"))?;
    Ok(part.build())
}

struct Reader<'a> {
    config: &'a Config,
    documents: Documents<'a>,
    fields: usize,
    // Where references lead that are being followed.
    open: Vec<*const Value>,
}

impl<'a> Reader<'a> {
    // `None` is the type null.
    fn schema(
        &mut self,
        value: &'a Value,
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<Option<SchemaBuilder>, Error> {
        if depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        // Each use of a reference counts: a few may stand for very many.
        self.fields += 1;
        if self.fields > MAX_FIELDS {
            return Err(Error::TooManyFields);
        }
        let Value::Object(members) = value else {
            return Err(Error::schema(path, "the schema says nothing of the type, and Connect needs one"));
        };
        let base = &enter(value, base);
        if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
            let (target, base) = self
                .documents
                .find(reference, base)
                .ok_or_else(|| Error::schema(path, format!("$ref {reference:?} is unknown")))?;
            let address = std::ptr::from_ref(target);
            if self.open.contains(&address) {
                return Err(Error::schema(
                    path,
                    format!(
                        "the schema of $ref {reference:?} contains itself, which a Connect schema cannot say; let it \
                         hold an id in its own place, or take the records as bytes with ByteArrayConverter"
                    ),
                ));
            }
            self.open.push(address);
            let found = self.schema(target, &base, path, depth + 1)?;
            self.open.pop();
            return Ok(found);
        }
        let builder = match self.kind(members, base, path, depth)? {
            Some(builder) => builder,
            None => return Ok(None),
        };
        self.attributes(builder, members).map(Some)
    }

    fn attributes(
        &self,
        mut builder: SchemaBuilder,
        members: &Map<String, Value>,
    ) -> Result<SchemaBuilder, Error> {
        let text = |key: &str| members.get(key).and_then(Value::as_str);
        if let Some(title) = text("title") {
            builder = builder.name(title);
        }
        if let Some(doc) = text("description") {
            builder = builder.doc(doc);
        }
        if let Some(version) = members.get(VERSION).and_then(Value::as_i64) {
            builder = builder.version(i32::try_from(version).unwrap_or_default());
        }
        if let Some(parameters) = members.get(PARAMETERS).and_then(Value::as_object) {
            for (key, value) in parameters {
                builder = builder.parameter(key, value.as_str().unwrap_or_default());
            }
        }
        if let Some(default) = members.get("default").filter(|default| !default.is_null()) {
            let schema = builder.clone().build();
            // A default that does not fit is nobody's value: it is left out, as the schema without it is valid.
            let mut decoder = super::Decoder::new(&schema)?;
            if let Ok(value) = decoder.decode(&data::Bytes::from(default.to_string())) {
                builder = builder.default_value(value);
            }
        }
        Ok(builder)
    }

    fn kind(
        &mut self,
        members: &'a Map<String, Value>,
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<Option<SchemaBuilder>, Error> {
        for key in ["oneOf", "anyOf", "allOf"] {
            if let Some(branches) = members.get(key).and_then(Value::as_array) {
                return self.combined(key, branches, base, path, depth).map(Some);
            }
        }
        if let Some(values) = members.get("enum").and_then(Value::as_array) {
            return Ok(Some(enumeration(members, values, path)?));
        }
        let connect = members.get(TYPE).and_then(Value::as_str);
        let kinds: Vec<&str> = match members.get("type") {
            Some(Value::String(kind)) => vec![kind],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            _ if members.contains_key("properties") => vec!["object"],
            _ if members.contains_key("items") => vec!["array"],
            _ => {
                return Err(Error::schema(
                    path,
                    "the schema says nothing of the type, and Connect needs one",
                ));
            }
        };
        let nullable = kinds.len() > 1 && kinds.contains(&"null");
        let others: Vec<&str> = kinds.iter().copied().filter(|kind| !nullable || *kind != "null").collect();
        let mut typed = Vec::new();
        for kind in others {
            let kind = match (kind, connect) {
                (_, Some("int8")) => Kind::Int8,
                (_, Some("int16")) => Kind::Int16,
                (_, Some("int32")) => Kind::Int32,
                (_, Some("float32")) => Kind::Float32,
                (_, Some("bytes")) => Kind::Bytes,
                ("integer", _) => Kind::Int64,
                ("number", _) => Kind::Float64,
                ("boolean", _) => Kind::Boolean,
                ("string", _) => Kind::String,
                ("null", _) => return Ok(None),
                ("array", connect) => self.array(members, connect == Some("map"), base, path, depth)?,
                ("object", connect) => self.object(members, connect == Some("map"), base, path, depth)?,
                _ => return Err(Error::schema(path, format!("unknown type {kind:?}"))),
            };
            typed.push(data::Schema::builder(kind));
        }
        let builder = match typed.len() {
            0 => return Ok(None),
            1 => typed.remove(0),
            _ => union(typed, path)?,
        };
        Ok(Some(if nullable { builder.optional() } else { builder }))
    }

    fn combined(
        &mut self,
        key: &str,
        branches: &'a [Value],
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<SchemaBuilder, Error> {
        let mut typed = Vec::new();
        let mut nullable = false;
        for branch in branches {
            match self.schema(branch, base, path, depth + 1) {
                Ok(Some(builder)) => typed.push(builder),
                Ok(None) => nullable = true,
                // Of what all must hold, a branch may only narrow: the type is in another one.
                Err(Error::Schema { .. }) if key == "allOf" => {}
                Err(error) => return Err(error),
            }
        }
        let builder = match (key, typed.len()) {
            (_, 0) => return Err(Error::schema(path, "no branch says the type")),
            ("allOf", _) => typed.remove(0),
            (_, 1) if nullable || self.config.flatten_singleton_unions => typed.remove(0),
            _ => union(typed, path)?,
        };
        Ok(if nullable { builder.optional() } else { builder })
    }

    fn array(
        &mut self,
        members: &'a Map<String, Value>,
        is_map: bool,
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<Kind, Error> {
        let items = members.get("items").filter(|items| items.is_object());
        let items =
            items.ok_or_else(|| Error::schema(path, "Array schema did not specify the items type"))?;
        let builder = self.schema(items, base, path, depth + 1)?;
        let items = builder.ok_or_else(|| Error::schema(path, "an array of nothing but null"))?.build();
        if !is_map {
            return Ok(Kind::Array(items));
        }
        let part = |name: &str| {
            let fields = items.fields()?;
            Some(fields[fields.position(name)?].schema.clone())
        };
        match (part("key"), part("value")) {
            (Some(key), Some(value)) => Ok(Kind::Map(key, value)),
            _ => Err(Error::schema(path, "a map's entries need the properties key and value")),
        }
    }

    fn object(
        &mut self,
        members: &'a Map<String, Value>,
        is_map: bool,
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<Kind, Error> {
        let properties = members.get("properties").and_then(Value::as_object);
        let values = members.get("additionalProperties").filter(|values| values.is_object());
        if let (Some(values), true) = (values, is_map || properties.is_none_or(Map::is_empty)) {
            let builder = self.schema(values, base, path, depth + 1)?;
            let values = builder.ok_or_else(|| Error::schema(path, "a map of nothing but null"))?.build();
            return Ok(Kind::Map(data::Schema::required(Kind::String), values));
        }
        let required: Vec<&str> = members
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut list = Vec::new();
        for (name, value) in properties.into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            // A property that can only be null has no value.
            let Some(mut builder) = self.schema(value, base, &path, depth + 1)? else { continue };
            if self.config.use_optional_for_nonrequired && !required.contains(&name.as_str()) {
                builder = builder.optional();
            }
            let index = value.get(INDEX).and_then(Value::as_u64).unwrap_or(u64::MAX);
            list.push((index, Field { name: name.as_str().into(), schema: builder.build() }));
        }
        list.sort_by_key(|(index, _)| *index);
        let fields = Fields::new(list.into_iter().map(|(_, field)| field).collect());
        Ok(Kind::Struct(fields.ok_or_else(|| Error::schema(path, "a property is named twice"))?))
    }
}

fn enumeration(members: &Map<String, Value>, values: &[Value], path: &str) -> Result<SchemaBuilder, Error> {
    if values.iter().all(Value::is_i64) {
        return Ok(data::Schema::builder(Kind::Int64));
    }
    if values.iter().all(Value::is_number) {
        return Ok(data::Schema::builder(Kind::Float64));
    }
    if values.iter().all(Value::is_boolean) {
        return Ok(data::Schema::builder(Kind::Boolean));
    }
    let name = members.get("title").and_then(Value::as_str).unwrap_or_default();
    let mut builder = data::Schema::builder(Kind::String).parameter(ENUM, name);
    for value in values {
        match value {
            Value::String(text) => builder = builder.parameter(&format!("{ENUM}.{text}"), text),
            Value::Null => builder = builder.optional(),
            _ => return Err(Error::schema(path, "an enum of texts and others has no Connect type")),
        }
    }
    Ok(builder)
}

fn union(members: Vec<SchemaBuilder>, path: &str) -> Result<SchemaBuilder, Error> {
    let field = |(index, builder): (usize, SchemaBuilder)| Field {
        name: format!("{ONE_OF}.field.{index}").into(),
        schema: builder.optional().build(),
    };
    let fields = Fields::new(members.into_iter().enumerate().map(field).collect());
    let fields = fields.ok_or_else(|| Error::schema(path, "a branch is named twice"))?;
    Ok(data::Schema::builder(Kind::Struct(fields)).name(ONE_OF))
}
