//! From a descriptor to what is printed.

use std::collections::HashMap;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, UninterpretedOption,
};

use super::{
    Constant, Enum, Extend, Field, FieldKind, File, Group, Message, Method, Oneof, Opt, OptValue, Reserved,
    Service, options,
};

/// Where options come from, by the path of what has them.
pub(super) enum Options {
    /// From the descriptor, not yet looked up.
    Uninterpreted,
    /// Looked up, by path.
    ByPath(HashMap<Vec<i32>, Vec<Opt>>),
}

struct Reader<'a> {
    options: &'a Options,
    /// Spans by path, where there is a source.
    spans: HashMap<&'a [i32], Vec<&'a [i32]>>,
    proto2: bool,
}

/// Where a statement begins (line and column), and whether that is made up.
type Place = ((i32, i32), i32);

// Field numbers of descriptor.proto, of which paths are made.
const MESSAGE_TYPE: i32 = 4;
const ENUM_TYPE: i32 = 5;
const SERVICE: i32 = 6;
const EXTENSION: i32 = 7;
const SYNTAX: i32 = 12;

pub(super) fn file(file: &FileDescriptorProto, options: &Options) -> File {
    let mut spans: HashMap<&[i32], Vec<&[i32]>> = HashMap::new();
    for location in file.source_code_info.iter().flat_map(|info| &info.location) {
        spans.entry(&location.path).or_default().push(&location.span);
    }
    let proto2 = file.syntax.as_deref().unwrap_or("proto2") == "proto2";
    let is_public = |index: usize| file.public_dependency.contains(&(index as i32));
    let (public, plain): (Vec<_>, Vec<_>) =
        file.dependency.iter().enumerate().partition(|(index, _)| is_public(*index));
    let names = |list: Vec<(usize, &String)>| list.into_iter().map(|(_, name)| name.clone()).collect();
    let uninterpreted = file.options.as_ref().map(|options| options.uninterpreted_option.as_slice());
    // The parser leaves out proto2, which is what no syntax means.
    let says_syntax = spans.contains_key(&[SYNTAX][..]);
    let syntax = file.syntax.clone().or_else(|| says_syntax.then(|| "proto2".to_owned()));
    let reader = Reader { options, spans, proto2 };
    File {
        syntax: syntax.filter(|syntax| !syntax.is_empty()),
        package: file.package.clone().filter(|package| !package.is_empty()),
        imports: names(plain),
        public_imports: names(public),
        options: reader.options(uninterpreted, &[]),
        messages: reader.messages(&file.message_type, &[], MESSAGE_TYPE, &[]),
        enums: reader.enums(&file.enum_type, &[], ENUM_TYPE),
        extends: reader.extends(&file.extension, &[], EXTENSION),
        services: file
            .service
            .iter()
            .enumerate()
            .map(|(index, service)| {
                let path = [SERVICE, index as i32];
                let uninterpreted =
                    service.options.as_ref().map(|options| options.uninterpreted_option.as_slice());
                Service {
                    name: service.name().to_owned(),
                    options: reader.options(uninterpreted, &path),
                    methods: service
                        .method
                        .iter()
                        .enumerate()
                        .map(|(index, method)| Method {
                            name: method.name().to_owned(),
                            input: method.input_type().to_owned(),
                            output: method.output_type().to_owned(),
                            streams_input: method.client_streaming(),
                            streams_output: method.server_streaming(),
                            options: reader.options(
                                method
                                    .options
                                    .as_ref()
                                    .map(|options| options.uninterpreted_option.as_slice()),
                                &join(&path, 2, index),
                            ),
                        })
                        .collect(),
                }
            })
            .collect(),
    }
}

fn join(path: &[i32], tag: i32, index: usize) -> Vec<i32> {
    let mut longer = path.to_vec();
    longer.extend([tag, index as i32]);
    longer
}

impl Reader<'_> {
    fn options(&self, uninterpreted: Option<&[UninterpretedOption]>, path: &[i32]) -> Vec<Opt> {
        match self.options {
            Options::Uninterpreted => options::uninterpreted(uninterpreted.unwrap_or_default()),
            Options::ByPath(options) => options.get(path).cloned().unwrap_or_default(),
        }
    }

    // `not` are names of messages that are written another way: groups and map entries.
    fn messages(&self, list: &[DescriptorProto], path: &[i32], tag: i32, not: &[&str]) -> Vec<Message> {
        list.iter()
            .enumerate()
            .filter(|(_, message)| !not.contains(&message.name()) && !is_entry(message))
            .map(|(index, message)| self.message(message, &join(path, tag, index)))
            .collect()
    }

    fn message(&self, message: &DescriptorProto, path: &[i32]) -> Message {
        let mut body = Message { name: message.name().to_owned(), ..Message::default() };
        let is_group = |field: &FieldDescriptorProto| field.r#type.is_some() && field.r#type() == Type::Group;
        let mut oneofs: Vec<Oneof> = message
            .oneof_decl
            .iter()
            .enumerate()
            .map(|(index, oneof)| Oneof {
                name: oneof.name().to_owned(),
                options: self.options(
                    oneof.options.as_ref().map(|options| options.uninterpreted_option.as_slice()),
                    &join(path, 8, index),
                ),
                fields: Vec::new(),
                groups: Vec::new(),
            })
            .collect();
        let mut groups = Vec::new();
        for (position, field) in message.field.iter().enumerate() {
            let path_of = join(path, 2, position);
            let oneof = field.oneof_index.filter(|_| !field.proto3_optional());
            let oneof = oneof.and_then(|index| oneofs.get_mut(usize::try_from(index).ok()?));
            if is_group(field) {
                let short = field.type_name().rsplit('.').next().unwrap_or_default();
                let nested = message.nested_type.iter().position(|nested| nested.name() == short);
                let Some(nested) = nested else { continue };
                groups.push(short);
                let group = Group {
                    label: if oneof.is_some() { None } else { self.label(field, false) },
                    number: field.number(),
                    body: self.message(&message.nested_type[nested], &join(path, 3, nested)),
                };
                match oneof {
                    Some(oneof) => oneof.groups.push(group),
                    None => body.groups.push(group),
                }
                continue;
            }
            let entry = entry_of(message, field);
            let field = self.field(field, entry, position, &path_of, oneof.is_some());
            match oneof {
                Some(oneof) => oneof.fields.push(field),
                None => body.fields.push(field),
            }
        }
        oneofs.retain(|oneof| !oneof.fields.is_empty() || !oneof.groups.is_empty());
        body.oneofs = oneofs;
        body.options = self
            .options(message.options.as_ref().map(|options| options.uninterpreted_option.as_slice()), path);
        let ranges: Vec<_> = message
            .reserved_range
            .iter()
            .map(|range| (range.start(), range.end().saturating_sub(1)))
            .collect();
        body.reserved = self.reserved(&ranges, &message.reserved_name, path, (9, 10));
        let ranges: Vec<_> = message
            .extension_range
            .iter()
            .map(|range| (range.start(), range.end().saturating_sub(1)))
            .collect();
        body.extensions = match ranges.is_empty() {
            true => Vec::new(),
            false => vec![ranges],
        };
        body.messages = self.messages(&message.nested_type, path, 3, &groups);
        body.enums = self.enums(&message.enum_type, path, 4);
        body.extends = self.extends(&message.extension, path, 6);
        body
    }

    fn label(&self, field: &FieldDescriptorProto, in_oneof: bool) -> Option<&'static str> {
        match field.label.is_some().then(|| field.label()) {
            _ if in_oneof => None,
            Some(Label::Required) => Some("required"),
            Some(Label::Repeated) => Some("repeated"),
            Some(Label::Optional) if self.proto2 || field.proto3_optional() => Some("optional"),
            _ => None,
        }
    }

    fn field(
        &self,
        field: &FieldDescriptorProto,
        entry: Option<&DescriptorProto>,
        position: usize,
        path: &[i32],
        in_oneof: bool,
    ) -> Field {
        let mut options =
            self.options(field.options.as_ref().map(|options| options.uninterpreted_option.as_slice()), path);
        if let Some(default) = &field.default_value {
            options.push(Opt { name: "default".to_owned(), value: default_value(field, default) });
        }
        // A descriptor may say what follows from the field's name.
        let is_source = matches!(self.options, Options::Uninterpreted);
        if let Some(name) =
            field.json_name.as_ref().filter(|name| is_source || **name != json_name(field.name()))
        {
            options.push(Opt { name: "json_name".to_owned(), value: OptValue::Text(name.clone()) });
        }
        let kind = match entry.map(|entry| entry.field.as_slice()) {
            Some([key, value]) => FieldKind::Map(type_name(key), type_name(value)),
            _ => FieldKind::Name(type_name(field)),
        };
        let label = if matches!(kind, FieldKind::Map(..)) { None } else { self.label(field, in_oneof) };
        Field { label, kind, name: field.name().to_owned(), number: field.number(), options, position }
    }

    fn enums(&self, list: &[EnumDescriptorProto], path: &[i32], tag: i32) -> Vec<Enum> {
        list.iter()
            .enumerate()
            .map(|(index, item)| {
                let path = join(path, tag, index);
                let ranges: Vec<_> =
                    item.reserved_range.iter().map(|range| (range.start(), range.end())).collect();
                Enum {
                    name: item.name().to_owned(),
                    reserved: self.reserved(&ranges, &item.reserved_name, &path, (4, 5)),
                    options: self.options(
                        item.options.as_ref().map(|options| options.uninterpreted_option.as_slice()),
                        &path,
                    ),
                    constants: item
                        .value
                        .iter()
                        .enumerate()
                        .map(|(index, value)| Constant {
                            name: value.name().to_owned(),
                            number: value.number(),
                            options: self.options(
                                value.options.as_ref().map(|options| options.uninterpreted_option.as_slice()),
                                &join(&path, 2, index),
                            ),
                        })
                        .collect(),
                }
            })
            .collect()
    }

    fn extends(&self, list: &[FieldDescriptorProto], path: &[i32], tag: i32) -> Vec<Extend> {
        let mut extends: Vec<Extend> = Vec::new();
        for (position, field) in list.iter().enumerate() {
            let item = self.field(field, None, position, &join(path, tag, position), false);
            match extends.last_mut() {
                Some(last) if last.extendee == field.extendee() => last.fields.push(item),
                _ => extends.push(Extend { extendee: field.extendee().to_owned(), fields: vec![item] }),
            }
        }
        extends
    }

    // In the statements that they were written in, as far as the source says.
    fn reserved(
        &self,
        ranges: &[(i32, i32)],
        names: &[String],
        path: &[i32],
        (range_tag, name_tag): (i32, i32),
    ) -> Vec<Reserved> {
        let start = |span: &[i32]| (span.first().copied().unwrap_or(0), span.get(1).copied().unwrap_or(0));
        let statements = |tag: i32| {
            let mut path = path.to_vec();
            path.push(tag);
            let mut starts: Vec<_> =
                self.spans.get(path.as_slice()).into_iter().flatten().map(|span| start(span)).collect();
            starts.sort_unstable();
            starts
        };
        let element = |tag: i32, index: usize| {
            self.spans
                .get(join(path, tag, index).as_slice())
                .and_then(|spans| spans.first())
                .map(|span| start(span))
        };
        let (range_statements, name_statements) = (statements(range_tag), statements(name_tag));
        let group = |statements: &[(i32, i32)], at: Option<(i32, i32)>, index: usize| {
            match at {
                Some(at) => statements.iter().rposition(|start| *start <= at).map(|i| (statements[i], 0)),
                None => None,
            }
            .unwrap_or(((i32::MAX, index as i32), 1))
        };
        let mut found: Vec<(Place, Reserved)> = Vec::new();
        for (index, range) in ranges.iter().enumerate() {
            let key = group(&range_statements, element(range_tag, index), index);
            match found.last_mut() {
                Some((known, Reserved::Ranges(list))) if *known == key => list.push(*range),
                _ => found.push((key, Reserved::Ranges(vec![*range]))),
            }
        }
        let many = ranges.len();
        for (index, name) in names.iter().enumerate() {
            let key = group(&name_statements, element(name_tag, index), many + index);
            match found.last_mut() {
                Some((known, Reserved::Names(list))) if *known == key => list.push(name.clone()),
                _ => found.push((key, Reserved::Names(vec![name.clone()]))),
            }
        }
        found.sort_by_key(|(key, _)| *key);
        found.into_iter().map(|(_, reserved)| reserved).collect()
    }
}

fn is_entry(message: &DescriptorProto) -> bool {
    message.options.as_ref().is_some_and(|options| options.map_entry())
}

fn entry_of<'a>(message: &'a DescriptorProto, field: &FieldDescriptorProto) -> Option<&'a DescriptorProto> {
    let short = field.type_name.as_deref()?.rsplit('.').next()?;
    let is_list = field.label.is_some() && field.label() == Label::Repeated;
    message.nested_type.iter().find(|nested| is_list && is_entry(nested) && nested.name() == short)
}

pub(super) fn type_name(field: &FieldDescriptorProto) -> String {
    if let Some(name) = &field.type_name {
        return name.clone();
    }
    let name = match field.r#type() {
        Type::Double => "double",
        Type::Float => "float",
        Type::Int64 => "int64",
        Type::Uint64 => "uint64",
        Type::Int32 => "int32",
        Type::Fixed64 => "fixed64",
        Type::Fixed32 => "fixed32",
        Type::Bool => "bool",
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Uint32 => "uint32",
        Type::Sfixed32 => "sfixed32",
        Type::Sfixed64 => "sfixed64",
        Type::Sint32 => "sint32",
        Type::Sint64 => "sint64",
        // These have names.
        Type::Group | Type::Message | Type::Enum => "",
    };
    name.to_owned()
}

fn default_value(field: &FieldDescriptorProto, default: &str) -> OptValue {
    match field.r#type.map(|_| field.r#type()) {
        Some(Type::String) => OptValue::Text(default.to_owned()),
        // Kept escaped in descriptors: printed as it is, in quotes.
        Some(Type::Bytes) => OptValue::Word(format!("\"{default}\"")),
        _ => OptValue::Word(default.to_owned()),
    }
}

/// The JSON name that follows from a field's name.
fn json_name(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        match c {
            '_' => upper = true,
            _ if upper => {
                json.push(c.to_ascii_uppercase());
                upper = false;
            }
            _ => json.push(c),
        }
    }
    json
}
