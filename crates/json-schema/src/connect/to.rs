//! The Connect schema of a JSON schema.

use std::collections::HashSet;

use data::{Field, Fields, Kind, SchemaBuilder, SchemaRef};
use serde_json::{Map, Value};

use super::all_of::{Properties, Property};
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

pub(super) struct Reader<'a> {
    config: &'a Config,
    pub(super) documents: Documents<'a>,
    fields: usize,
    // Where references lead that are being followed.
    open: Vec<*const Value>,
}

/// What a schema was found to be.
pub(super) enum Found {
    Null,
    /// Its own type, which its title and the like describe.
    Own(SchemaBuilder),
    /// Another schema, with what that one says of itself: Java passes over what is said around it.
    Other(SchemaBuilder),
}

impl<'a> Reader<'a> {
    // `None` is the type null.
    pub(super) fn schema(
        &mut self,
        value: &'a Value,
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<Option<SchemaBuilder>, Error> {
        if depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.count()?;
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
        match self.kind(value, members, base, path, depth)? {
            Found::Own(builder) => self.attributes(builder, members).map(Some),
            Found::Other(builder) => Ok(Some(builder)),
            Found::Null => Ok(None),
        }
    }

    /// Counts a schema that is looked at. Each use of a reference counts: a few may stand for very many.
    pub(super) fn count(&mut self) -> Result<(), Error> {
        self.fields += 1;
        match self.fields > MAX_FIELDS {
            true => Err(Error::TooManyFields),
            false => Ok(()),
        }
    }

    fn attributes(
        &self,
        mut builder: SchemaBuilder,
        members: &Map<String, Value>,
    ) -> Result<SchemaBuilder, Error> {
        let text = |key: &str| members.get(key).and_then(Value::as_str);
        // A union has its name already.
        if let (Some(title), false) = (text("title"), super::is_union(&builder.clone().build())) {
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
        value: &'a Value,
        members: &'a Map<String, Value>,
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<Found, Error> {
        let combinations: Vec<(&str, &'a [Value])> = ["oneOf", "anyOf", "allOf"]
            .into_iter()
            .filter_map(|key| Some((key, members.get(key)?.as_array()?.as_slice())))
            .collect();
        match combinations.as_slice() {
            [] => self.own(members, base, path, depth),
            [(key @ ("oneOf" | "anyOf"), branches)] if !says_type(members) => {
                self.one_of(key, branches, base, path, depth)
            }
            _ => self.all_of(value, members, &combinations, base, path, depth),
        }
    }

    /// The type that the schema's own keywords say.
    pub(super) fn own(
        &mut self,
        members: &'a Map<String, Value>,
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<Found, Error> {
        let is_number = matches!(members.get("type").and_then(Value::as_str), Some("number" | "integer"));
        if let Some(values) = members.get("enum").and_then(Value::as_array)
            && !is_number
        {
            return enumeration(members, values, path).map(Found::Own);
        }
        if let (Some(value), None) = (members.get("const"), members.get("type")) {
            return enumeration(members, std::slice::from_ref(value), path).map(Found::Own);
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
                ("null", _) => return Ok(Found::Null),
                ("array", connect) => self.array(members, connect == Some("map"), base, path, depth)?,
                ("object", connect) => self.object(members, connect == Some("map"), base, path, depth)?,
                _ => return Err(Error::schema(path, format!("unknown type {kind:?}"))),
            };
            typed.push(data::Schema::builder(kind));
        }
        let builder = match typed.len() {
            0 => return Ok(Found::Null),
            1 => typed.remove(0),
            _ => union(typed, path)?,
        };
        Ok(Found::Own(if nullable { builder.optional() } else { builder }))
    }

    pub(super) fn one_of(
        &mut self,
        key: &str,
        branches: &'a [Value],
        base: &Base<'a>,
        path: &str,
        depth: usize,
    ) -> Result<Found, Error> {
        let mut typed = Vec::new();
        let mut nullable = false;
        for branch in branches {
            match self.schema(branch, base, path, depth + 1)? {
                Some(builder) => typed.push(builder),
                None => nullable = true,
            }
        }
        let optional = |builder: SchemaBuilder| if nullable { builder.optional() } else { builder };
        match typed.len() {
            0 => Err(Error::schema(path, format!("no branch of {key} says the type"))),
            1 if nullable || self.config.flatten_singleton_unions => {
                Ok(Found::Other(optional(typed.remove(0))))
            }
            _ => Ok(Found::Own(optional(union(typed, path)?))),
        }
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
        // Both are in every entry of a map, whatever the schema calls required.
        if let (Some(properties), true) = (items.get("properties").and_then(Value::as_object), is_map)
            && let (Some(key), Some(value)) = (properties.get("key"), properties.get("value"))
        {
            let mut part = |schema: &'a Value| {
                let builder = self.schema(schema, base, path, depth + 2)?;
                let builder =
                    builder.ok_or_else(|| Error::schema(path, "a map's entries of nothing but null"))?;
                Ok::<_, Error>(builder.build())
            };
            return Ok(Kind::Map(part(key)?, part(value)?));
        }
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
        let required = required(members);
        let mut list = Properties::new();
        for (name, value) in properties.into_iter().flatten() {
            let is_required = required.contains(name.as_str());
            list.insert(name, Property { value, base: base.clone(), is_required });
        }
        self.row(list, true, path, depth)
    }

    /// A struct of properties; `is_sorted` by their `connect.index`.
    pub(super) fn row(
        &mut self,
        properties: Properties<'a>,
        is_sorted: bool,
        path: &str,
        depth: usize,
    ) -> Result<Kind, Error> {
        let mut list = Vec::new();
        for (name, Property { value, base, is_required }) in properties {
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            // A property that can only be null has no value.
            let Some(mut builder) = self.schema(value, &base, &path, depth + 1)? else { continue };
            if self.config.use_optional_for_nonrequired && !is_required {
                builder = builder.optional();
            }
            let index = value.get(INDEX).and_then(Value::as_u64).unwrap_or(u64::MAX);
            list.push((index, Field { name: name.into(), schema: builder.build() }));
        }
        if is_sorted {
            list.sort_by_key(|(index, _)| *index);
        }
        let fields = Fields::new(list.into_iter().map(|(_, field)| field).collect());
        Ok(Kind::Struct(fields.ok_or_else(|| Error::schema(path, "a property is named twice"))?))
    }
}

/// Whether a schema's own keywords say a type, apart from what it combines.
pub(super) fn says_type(members: &Map<String, Value>) -> bool {
    ["type", "properties", "items", "enum", "const"].iter().any(|key| members.contains_key(*key))
}

/// The names of the properties that an object must have.
pub(super) fn required(members: &Map<String, Value>) -> HashSet<&str> {
    let names = members.get("required").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).collect()
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
