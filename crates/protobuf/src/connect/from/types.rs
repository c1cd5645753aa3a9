//! The type of a field, and the messages and enums that are made for it.

use std::collections::HashSet;

use data::{Kind, Logical, Schema, SchemaRef};

use super::super::Error;
use super::super::names::{
    CONNECT_PRECISION, CONNECT_TYPE, ENUM, KEY, PRECISION, SCALE, TYPE, VALUE, entry_name, identifier,
};
use super::{Inner, Maker, join, logical_file};
use crate::text::{Constant, Enum, Opt, OptValue};

/// What a field's option `confluent.field_meta` says, in the order in which it is printed.
pub(super) type Parameters = Vec<(&'static str, String)>;

impl Maker<'_> {
    // A map's entries are messages with a key and a value, which are known by their names: see `names::entry_name`.
    fn entry(
        &mut self,
        inner: &mut Inner,
        schema: &SchemaRef,
        (keys, values): (&SchemaRef, &SchemaRef),
        path: &str,
        depth: usize,
    ) -> Result<String, Error> {
        let name = entry_name(&self.local_name(schema, path)?);
        match inner.known(&name) {
            Some(known) if known.kind() == schema.kind() => return Ok(name),
            Some(_) => return Err(twice(&name, path)),
            None => inner.known.push((name.clone(), schema.clone())),
        }
        let mut message = Inner::new(&name, path, depth + 1)?;
        for (number, name, schema) in [(1, KEY, keys), (2, VALUE, values)] {
            let path = join(path, name);
            let position = number as usize - 1;
            let mut field = self.field(&mut message, name, schema, number, position, &path, depth + 1)?;
            // As in Java: neither may be left out, and what their options would say is lost.
            field.label = field.label.filter(|label| *label == "repeated");
            field.options.clear();
            message.message.fields.push(field);
        }
        inner.message.messages.push(message.message);
        Ok(name)
    }

    pub(super) fn kind(
        &mut self,
        inner: &mut Inner,
        schema: &SchemaRef,
        field: &str,
        parameters: &mut Parameters,
        path: &str,
        depth: usize,
    ) -> Result<String, Error> {
        if let Some(file) = logical_file(schema) {
            self.import(file);
            if let Some(Logical::Decimal { scale }) = schema.logical() {
                let precision = schema.parameters().get(CONNECT_PRECISION);
                parameters.extend(precision.map(|precision| (PRECISION, precision.to_string())));
                parameters.push((SCALE, scale.to_string()));
            }
            return Ok(match file {
                "confluent/type/decimal.proto" => "confluent.type.Decimal",
                "google/type/date.proto" => "google.type.Date",
                "google/type/timeofday.proto" => "google.type.TimeOfDay",
                _ => "google.protobuf.Timestamp",
            }
            .to_owned());
        }
        if let Some(name) = schema.parameters().get(ENUM) {
            return self.enumeration(inner, schema, name, path);
        }
        // What it was in the file that the schema came from.
        let origin = schema.parameters().get(TYPE).map(|name| name.as_ref());
        let (plain, origins, wrapper): (_, &[&str], _) = match schema.kind() {
            Kind::Int8 | Kind::Int16 => {
                parameters.push((CONNECT_TYPE, schema.schema_type().name().to_owned()));
                ("int32", &[], "Int32Value")
            }
            Kind::Int32 => ("int32", &["sint32", "sfixed32"], "Int32Value"),
            Kind::Int64 => {
                let wrapper = match origin {
                    Some("uint32" | "fixed32") => "UInt32Value",
                    Some("uint64" | "fixed64") => "UInt64Value",
                    _ => "Int64Value",
                };
                ("int64", &["uint32", "uint64", "sint64", "fixed32", "fixed64", "sfixed64"], wrapper)
            }
            Kind::Float32 => ("float", &[], "FloatValue"),
            Kind::Float64 => ("double", &[], "DoubleValue"),
            Kind::Boolean => ("bool", &[], "BoolValue"),
            Kind::String => ("string", &[], "StringValue"),
            Kind::Bytes => ("bytes", &[], "BytesValue"),
            Kind::Struct(_) => return self.structure(inner, schema, field, path, depth),
            Kind::Map(keys, values) => return self.entry(inner, schema, (keys, values), path, depth),
            Kind::Array(_) => return Err(Error::schema(path, "Array cannot be nested")),
        };
        if self.config.wrapper_for_nullables && schema.is_optional() {
            self.import("google/protobuf/wrappers.proto");
            return Ok(format!("google.protobuf.{wrapper}"));
        }
        Ok(origin.filter(|name| origins.contains(name)).unwrap_or(plain).to_owned())
    }

    fn structure(
        &mut self,
        inner: &mut Inner,
        schema: &SchemaRef,
        field: &str,
        path: &str,
        depth: usize,
    ) -> Result<String, Error> {
        let mut name = self.local_name(schema, path)?;
        if name == field {
            name.push_str("Message"); // a message may not have its field's name
        }
        match inner.known(&name) {
            // The first of a name is the message of all: whether another fits it is seen with its values.
            Some(known) if known.fields().is_some() => return Ok(name),
            Some(_) => return Err(twice(&name, path)),
            None => inner.known.push((name.clone(), schema.clone())),
        }
        let message = self.message(schema, &name, path, depth + 1)?;
        inner.message.messages.push(message);
        Ok(name)
    }

    // The name without its package.
    fn local_name(&mut self, schema: &Schema, path: &str) -> Result<String, Error> {
        let full_name = match schema.name().filter(|name| !name.is_empty()) {
            Some(name) => name.to_owned(),
            None => self.default_name(),
        };
        let local = full_name.rsplit('.').next().unwrap_or(&full_name);
        identifier(local, self.config.scrub_invalid_names, path)
    }

    fn enumeration(
        &mut self,
        inner: &mut Inner,
        schema: &SchemaRef,
        name: &str,
        path: &str,
    ) -> Result<String, Error> {
        let local = name.rsplit('.').next().unwrap_or(name);
        let name = identifier(local, self.config.scrub_invalid_names, path)?;
        match inner.known(&name) {
            Some(known) if same_enum(known, schema) => return Ok(name),
            Some(_) => return Err(twice(&name, path)),
            None => {}
        }
        let prefix = format!("{ENUM}.");
        let mut constants = Vec::new();
        for (key, value) in schema.parameters() {
            let Some(symbol) = key.strip_prefix(&prefix) else { continue };
            let number =
                value.parse().map_err(|_| Error::schema(path, format!("{key}={value} is no number")))?;
            let name = identifier(symbol, self.config.scrub_invalid_names, path)?;
            constants.push(Constant { name, number, options: Vec::new() });
        }
        // The first of proto3 must be 0.
        constants.sort_by_key(|constant| constant.number != 0);
        if constants.first().is_none_or(|first| first.number != 0) {
            return Err(Error::schema(path, format!("the enum {name} has no symbol with the number 0")));
        }
        let mut numbers = HashSet::new();
        let mut options = Vec::new();
        if !constants.iter().all(|constant| numbers.insert(constant.number)) {
            options.push(Opt { name: "allow_alias".to_owned(), value: OptValue::Word("true".to_owned()) });
        }
        inner.known.push((name.clone(), schema.clone()));
        inner.message.enums.push(Enum { name: name.clone(), reserved: Vec::new(), options, constants });
        Ok(name)
    }
}

fn same_enum(a: &Schema, b: &Schema) -> bool {
    let symbols = |schema: &Schema| -> Vec<(std::sync::Arc<str>, std::sync::Arc<str>)> {
        let of_enum = |key: &str| key.starts_with(ENUM);
        schema
            .parameters()
            .iter()
            .filter(|(key, _)| of_enum(key))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    };
    symbols(a) == symbols(b)
}

fn twice(name: &str, path: &str) -> Error {
    Error::schema(path, format!("two different types are named {name:?} in one message"))
}

/// The option of a field that says this; none when there is nothing to say.
pub(super) fn option(parameters: Parameters) -> Option<Opt> {
    let text = |text: String| OptValue::Text(text);
    let entries = parameters.into_iter().map(|(key, value)| {
        let (key_member, value_member) =
            (("key".to_owned(), text(key.to_owned())), ("value".to_owned(), text(value)));
        // This order is part of the text that a schema is known by.
        OptValue::Map(match key {
            PRECISION | SCALE => vec![value_member, key_member],
            _ => vec![key_member, value_member],
        })
    });
    let entries: Vec<_> = entries.collect();
    if entries.is_empty() {
        return None;
    }
    let params = ("params".to_owned(), OptValue::List(entries));
    Some(Opt { name: "(confluent.field_meta)".to_owned(), value: OptValue::Map(vec![params]) })
}
