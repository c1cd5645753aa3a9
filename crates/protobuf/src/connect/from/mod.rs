//! The `.proto` file of a Connect schema.

mod tags;
mod types;

use data::{Kind, Logical, Schema, SchemaRef};

use super::names::{DEFAULT_NAME, TAG, identifier, union_name};
use super::{Config, Error, MAX_DEPTH, MAX_FIELDS};
use crate::text::{Field, FieldKind, File, Message, Oneof, Opt, OptValue, print};
use crate::{builtin, text};
use tags::Tags;

/// The text of the `.proto` file that holds values of a schema, as Confluent's converter makes it.
///
/// # Errors
/// The schema has no counterpart: an array or map at the top, an array in an array, a name that is not an identifier, two
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

// Java prints such a file from a descriptor that names the fields' JSON forms.
fn file_text(name: &str) -> Result<String, Error> {
    let file = builtin::linked(name).ok_or_else(|| Error::schema("", format!("{name} is not built in")))?;
    let mut file = text::of_descriptor(&file);
    for field in file.messages.iter_mut().flat_map(|message| &mut message.fields) {
        let value = OptValue::Text(field.name.clone());
        field.options.push(Opt { name: "json_name".to_owned(), value });
    }
    Ok(print(&file))
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
        let mut inner = Inner::new(name, path, depth)?;
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
                tags.pass();
                let members = field.schema.fields().map(|fields| fields.iter()).into_iter().flatten();
                for member in members {
                    let path = join(&path, &member.name);
                    let tag = tags.next(&member.schema);
                    let mut member =
                        self.field(&mut inner, &member.name, &member.schema, tag, position, &path, depth)?;
                    if member.label == Some("repeated") {
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
        // A list's items, a map's entries: both are the message's field, repeated.
        let (repeated, single) = match schema.kind() {
            Kind::Array(items) if schema.logical().is_none() => (true, items),
            Kind::Map(..) => (true, schema),
            _ => (false, schema),
        };
        let mut parameters = Vec::new();
        let kind = self.kind(inner, single, &name, &mut parameters, path, depth)?;
        let options = types::option(parameters).into_iter().collect();
        let label = match repeated {
            true => Some("repeated"),
            false => (self.config.optional_for_nullables && schema.is_optional()).then_some("optional"),
        };
        Ok(Field { label, kind: FieldKind::Name(kind), name, number, options, position })
    }
}

/// The types in a message, and the message so far.
struct Inner {
    known: Vec<(String, SchemaRef)>,
    message: Message,
}

impl Inner {
    fn new(name: &str, path: &str, depth: usize) -> Result<Self, Error> {
        if depth >= MAX_DEPTH / 4 {
            // A file may not nest messages deeper.
            return Err(Error::schema(
                path,
                format!("structs are nested deeper than {} levels", MAX_DEPTH / 4),
            ));
        }
        Ok(Self { known: Vec::new(), message: Message { name: name.to_owned(), ..Message::default() } })
    }

    fn known(&self, name: &str) -> Option<&SchemaRef> {
        self.known.iter().find(|(known, _)| known == name).map(|(_, schema)| schema)
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
