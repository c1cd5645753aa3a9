//! The `.proto` file of a Connect schema.

use std::collections::HashSet;

use data::{Kind, Logical, Schema, SchemaRef};

use super::names::{CONNECT_TYPE, DEFAULT_NAME, ENUM, TAG, TYPE, identifier, union_name};
use super::{Config, Error, MAX_DEPTH, MAX_FIELDS};
use crate::text::{Constant, Enum, Field, FieldKind, File, Message, Oneof, Opt, OptValue, print};
use crate::{builtin, text};

/// The text of the `.proto` file that holds values of a schema, as Confluent's converter makes it.
///
/// # Errors
/// The schema has no counterpart: an array or map at the top or in an array, a name that is not an identifier, two
/// different structs of one name in a message, more than [`MAX_FIELDS`] fields or [`MAX_DEPTH`] levels.
pub fn from_connect(schema: &SchemaRef, config: &Config) -> Result<String, Error> {
    if let Some(name) = logical_file(schema) {
        return file_text(name);
    }
    match schema.kind() {
        Kind::Struct(_) => {}
        Kind::Array(_) | Kind::Map(..) => {
            let kind = schema.schema_type().name().to_ascii_uppercase();
            return Err(Error::schema("", format!("Unsupported root schema of type {kind}")));
        }
        _ => return file_text("google/protobuf/wrappers.proto"),
    }
    let mut maker = Maker { config, defaults: 0, imports: Vec::new(), fields: 0 };
    let full_name = match schema.name() {
        Some(name) => name.to_owned(),
        None => maker.default_name(),
    };
    let (package, name) = full_name.rsplit_once('.').unwrap_or(("", &full_name));
    let package = match package {
        "" => None,
        package => {
            let parts: Result<Vec<_>, _> =
                package.split('.').map(|part| identifier(part, config.scrub_invalid_names, "")).collect();
            Some(parts?.join("."))
        }
    };
    let name = identifier(name, config.scrub_invalid_names, "")?;
    let message = maker.message(schema, &name, "", 0)?;
    Ok(print(&File {
        syntax: Some("proto3".to_owned()),
        package,
        imports: maker.imports,
        messages: vec![message],
        ..File::default()
    }))
}

// A logical type at the top is the message that stands for it.
fn logical_file(schema: &Schema) -> Option<&'static str> {
    Some(match schema.logical()? {
        Logical::Decimal { .. } => "confluent/type/decimal.proto",
        Logical::Date => "google/type/date.proto",
        Logical::Time => "google/type/timeofday.proto",
        Logical::Timestamp => "google/protobuf/timestamp.proto",
    })
}

fn file_text(name: &str) -> Result<String, Error> {
    let file = builtin::linked(name).ok_or_else(|| Error::schema("", format!("{name} is not built in")))?;
    Ok(print(&text::of_descriptor(&file)))
}

struct Maker<'a> {
    config: &'a Config,
    defaults: usize,
    imports: Vec<String>,
    fields: usize,
}

impl Maker<'_> {
    fn default_name(&mut self) -> String {
        self.defaults += 1;
        format!("{DEFAULT_NAME}{}", self.defaults)
    }

    fn import(&mut self, name: &str) {
        if !self.imports.iter().any(|known| known == name) {
            self.imports.push(name.to_owned());
        }
    }

    fn message(&mut self, schema: &Schema, name: &str, path: &str, depth: usize) -> Result<Message, Error> {
        if depth >= MAX_DEPTH / 4 {
            // A file may not nest messages deeper.
            return Err(Error::schema(
                path,
                format!("structs are nested deeper than {} levels", MAX_DEPTH / 4),
            ));
        }
        let mut inner =
            Inner { known: Vec::new(), message: Message { name: name.to_owned(), ..Message::default() } };
        let mut tags = Tags::of(schema, path)?;
        let fields = schema.fields().map(|fields| fields.iter()).into_iter().flatten();
        for (position, field) in fields.enumerate() {
            self.fields += 1;
            if self.fields > MAX_FIELDS {
                return Err(Error::TooManyFields);
            }
            let path = join(path, &field.name);
            if let Some(union) = union_name(&field.schema) {
                let mut oneof = Oneof {
                    name: identifier(union, self.config.scrub_invalid_names, &path)?,
                    options: Vec::new(),
                    fields: Vec::new(),
                    groups: Vec::new(),
                };
                let members = field.schema.fields().map(|fields| fields.iter()).into_iter().flatten();
                for member in members {
                    let path = join(&path, &member.name);
                    let tag = tags.next(&member.schema);
                    let mut member =
                        self.field(&mut inner, &member.name, &member.schema, tag, position, &path, depth)?;
                    if member.label == Some("repeated") || matches!(member.kind, FieldKind::Map(..)) {
                        return Err(Error::schema(&path, "a oneof cannot hold arrays or maps"));
                    }
                    member.label = None;
                    oneof.fields.push(member);
                }
                inner.message.oneofs.push(oneof);
                continue;
            }
            let tag = tags.next(&field.schema);
            let made = self.field(&mut inner, &field.name, &field.schema, tag, position, &path, depth)?;
            inner.message.fields.push(made);
        }
        Ok(inner.message)
    }

    #[allow(clippy::too_many_arguments)]
    fn field(
        &mut self,
        inner: &mut Inner,
        name: &str,
        schema: &SchemaRef,
        number: i32,
        position: usize,
        path: &str,
        depth: usize,
    ) -> Result<Field, Error> {
        let name = identifier(name, self.config.scrub_invalid_names, path)?;
        let mut options = Vec::new();
        let (label, kind) = match schema.kind() {
            Kind::Array(items) if schema.logical().is_none() => {
                if matches!(items.kind(), Kind::Array(_) | Kind::Map(..)) {
                    return Err(Error::schema(path, "Array cannot be nested"));
                }
                (Some("repeated"), FieldKind::Name(self.kind(inner, items, &mut options, path, depth)?))
            }
            Kind::Map(keys, values) => {
                let default = schema.name().map(str::to_owned).unwrap_or_else(|| self.default_name());
                self.map(inner, &default, (keys, values), &mut options, path, depth)?
            }
            _ => {
                let optional = self.config.optional_for_nullables && schema.is_optional();
                let label = optional.then_some("optional");
                (label, FieldKind::Name(self.kind(inner, schema, &mut options, path, depth)?))
            }
        };
        Ok(Field { label, kind, name, number, options, position })
    }

    fn map(
        &mut self,
        inner: &mut Inner,
        name: &str,
        (keys, values): (&SchemaRef, &SchemaRef),
        options: &mut Vec<Opt>,
        path: &str,
        depth: usize,
    ) -> Result<(Option<&'static str>, FieldKind), Error> {
        if matches!(values.kind(), Kind::Array(_) | Kind::Map(..)) {
            return Err(Error::schema(path, "a map's values cannot be arrays or maps"));
        }
        let is_key = keys.logical().is_none()
            && matches!(
                keys.kind(),
                Kind::Int8 | Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Boolean | Kind::String
            );
        // A key's options have no place; a value's are the field's.
        let mut lost = Vec::new();
        if is_key {
            let required = keys.to_builder().set_optional(false).build();
            let key = self.kind(inner, &required, &mut lost, path, depth)?;
            let value = self.kind(inner, values, options, path, depth)?;
            return Ok((None, FieldKind::Map(key, value)));
        }
        // Protobuf's maps have no such keys: a list of entries.
        let entry = Schema::structure([("key", keys.clone()), ("value", values.clone())]);
        let entry = entry.ok_or_else(|| Error::schema(path, "the entry has no fields"))?;
        let local = name.rsplit('.').next().unwrap_or(name);
        let named = entry.to_builder().name(&format!("{local}Entry")).build();
        Ok((Some("repeated"), FieldKind::Name(self.kind(inner, &named, &mut lost, path, depth)?)))
    }

    fn kind(
        &mut self,
        inner: &mut Inner,
        schema: &SchemaRef,
        options: &mut Vec<Opt>,
        path: &str,
        depth: usize,
    ) -> Result<String, Error> {
        if let Some(file) = logical_file(schema) {
            self.import(file);
            if let Some(Logical::Decimal { scale }) = schema.logical() {
                self.import("confluent/meta.proto");
                options.push(parameter("scale", &scale.to_string()));
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
        let wrapped = self.config.wrapper_for_nullables && schema.is_optional();
        let (plain, wrapper) = match schema.kind() {
            Kind::Int8 | Kind::Int16 => {
                self.import("confluent/meta.proto");
                options.push(parameter(CONNECT_TYPE, schema.schema_type().name()));
                ("int32", "Int32Value")
            }
            Kind::Int32 => ("int32", "Int32Value"),
            Kind::Int64 => ("int64", "Int64Value"),
            Kind::Float32 => ("float", "FloatValue"),
            Kind::Float64 => ("double", "DoubleValue"),
            Kind::Boolean => ("bool", "BoolValue"),
            Kind::String => ("string", "StringValue"),
            Kind::Bytes => ("bytes", "BytesValue"),
            Kind::Struct(_) => return self.structure(inner, schema, path, depth),
            Kind::Array(_) | Kind::Map(..) => return Err(Error::schema(path, "Array cannot be nested")),
        };
        if wrapped {
            self.import("google/protobuf/wrappers.proto");
            return Ok(format!("google.protobuf.{wrapper}"));
        }
        // What it was in the file that the schema came from.
        let origin = schema.parameters().get(TYPE).map(|name| name.as_ref());
        let fits = match schema.kind() {
            Kind::Int32 => &["sint32", "sfixed32"][..],
            Kind::Int64 => &["uint32", "uint64", "sint64", "fixed32", "fixed64", "sfixed64"],
            _ => &[],
        };
        Ok(origin.filter(|name| fits.contains(name)).unwrap_or(plain).to_owned())
    }

    fn structure(
        &mut self,
        inner: &mut Inner,
        schema: &SchemaRef,
        path: &str,
        depth: usize,
    ) -> Result<String, Error> {
        let full_name = match schema.name() {
            Some(name) => name.to_owned(),
            None => self.default_name(),
        };
        let local = full_name.rsplit('.').next().unwrap_or(&full_name);
        let name = identifier(local, self.config.scrub_invalid_names, path)?;
        match inner.known.iter().find(|(known, _)| *known == name) {
            Some((_, known)) if known.kind() == schema.kind() => return Ok(name),
            Some(_) => {
                return Err(Error::schema(
                    path,
                    format!("two different types are named {name:?} in one message"),
                ));
            }
            None => {}
        }
        inner.known.push((name.clone(), schema.clone()));
        let message = self.message(schema, &name, path, depth + 1)?;
        inner.message.messages.push(message);
        Ok(name)
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
        match inner.known.iter().find(|(known, _)| *known == name) {
            Some((_, known)) if same_enum(known, schema) => return Ok(name),
            Some(_) => {
                return Err(Error::schema(
                    path,
                    format!("two different types are named {name:?} in one message"),
                ));
            }
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

/// The types in a message, and the message so far.
struct Inner {
    known: Vec<(String, SchemaRef)>,
    message: Message,
}

/// The numbers of a message's fields: those that the schemas name, and for others the next free one.
struct Tags {
    named: HashSet<i32>,
    last: i32,
}

impl Tags {
    fn of(schema: &Schema, path: &str) -> Result<Self, Error> {
        let mut named = HashSet::new();
        let fields = schema.fields().map(|fields| fields.iter()).into_iter().flatten();
        for field in fields {
            let members = match union_name(&field.schema) {
                Some(_) => field.schema.fields().map(|fields| fields.iter().collect()).unwrap_or_default(),
                None => vec![field],
            };
            for field in members {
                if let Some(tag) = tag(&field.schema)
                    && !named.insert(tag)
                {
                    let path = join(path, &field.name);
                    return Err(Error::schema(
                        &path,
                        format!("the number {tag} ({TAG}) is another field's too"),
                    ));
                }
            }
        }
        Ok(Self { named, last: 0 })
    }

    fn next(&mut self, schema: &Schema) -> i32 {
        if let Some(tag) = tag(schema) {
            return tag;
        }
        self.last += 1;
        // 19000 to 19999 are Protobuf's own.
        while self.named.contains(&self.last) || (19_000..20_000).contains(&self.last) {
            self.last += 1;
        }
        self.last
    }
}

fn tag(schema: &Schema) -> Option<i32> {
    let tag = schema.parameters().get(TAG)?.parse().ok()?;
    ((1..=536_870_911).contains(&tag) && !(19_000..20_000).contains(&tag)).then_some(tag)
}

fn parameter(key: &str, value: &str) -> Opt {
    let text = |text: &str| OptValue::Text(text.to_owned());
    let entry = OptValue::Map(vec![("key".to_owned(), text(key)), ("value".to_owned(), text(value))]);
    let params = ("params".to_owned(), OptValue::List(vec![entry]));
    Opt { name: "(confluent.field_meta)".to_owned(), value: OptValue::Map(vec![params]) }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
