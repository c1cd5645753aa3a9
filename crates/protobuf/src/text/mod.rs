//! A `.proto` file as it is printed: what a descriptor says, in the form of the language.

mod descriptor;
mod normalize;
mod options;
mod print;
mod source;

pub(crate) use normalize::normalize;
pub(crate) use print::print;

use prost_reflect::FileDescriptor;
use prost_types::FileDescriptorProto;

/// The file that a parser read: names as they were written.
pub(crate) fn of_source(file: &FileDescriptorProto) -> File {
    source::file(file, &source::Options::Uninterpreted)
}

/// The file that came as a descriptor.
pub(crate) fn of_descriptor(file: &FileDescriptor) -> File {
    descriptor::file(file)
}

#[derive(Debug, Clone, Default)]
pub(crate) struct File {
    pub syntax: Option<String>,
    pub package: Option<String>,
    pub imports: Vec<String>,
    pub public_imports: Vec<String>,
    pub options: Vec<Opt>,
    pub messages: Vec<Message>,
    pub enums: Vec<Enum>,
    pub extends: Vec<Extend>,
    pub services: Vec<Service>,
}

/// A name and its value; the name has parentheses where it is an extension's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Opt {
    pub name: String,
    pub value: OptValue,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OptValue {
    /// A number or a name, printed as it is.
    Word(String),
    Text(String),
    Map(Vec<(String, OptValue)>),
    List(Vec<OptValue>),
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    pub name: String,
    pub reserved: Vec<Reserved>,
    pub options: Vec<Opt>,
    pub fields: Vec<Field>,
    pub oneofs: Vec<Oneof>,
    pub groups: Vec<Group>,
    pub extensions: Vec<Vec<(i32, i32)>>,
    pub messages: Vec<Message>,
    pub enums: Vec<Enum>,
    pub extends: Vec<Extend>,
}

/// One `reserved` statement; ranges include their ends.
#[derive(Debug, Clone)]
pub(crate) enum Reserved {
    Ranges(Vec<(i32, i32)>),
    Names(Vec<String>),
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// `optional`, `required`, `repeated`, or nothing.
    pub label: Option<&'static str>,
    /// A scalar's or message's name, or `map<…>`.
    pub kind: FieldKind,
    pub name: String,
    pub number: i32,
    pub options: Vec<Opt>,
    /// Where it is in its message's list of fields.
    pub position: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum FieldKind {
    Name(String),
    Map(String, String),
}

#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub label: Option<&'static str>,
    pub number: i32,
    pub body: Message,
}

#[derive(Debug, Clone)]
pub(crate) struct Oneof {
    pub name: String,
    pub options: Vec<Opt>,
    pub fields: Vec<Field>,
    pub groups: Vec<Group>,
}

#[derive(Debug, Clone)]
pub(crate) struct Enum {
    pub name: String,
    pub reserved: Vec<Reserved>,
    pub options: Vec<Opt>,
    pub constants: Vec<Constant>,
}

#[derive(Debug, Clone)]
pub(crate) struct Constant {
    pub name: String,
    pub number: i32,
    pub options: Vec<Opt>,
}

#[derive(Debug, Clone)]
pub(crate) struct Extend {
    pub extendee: String,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub name: String,
    pub options: Vec<Opt>,
    pub methods: Vec<Method>,
}

#[derive(Debug, Clone)]
pub(crate) struct Method {
    pub name: String,
    pub input: String,
    pub output: String,
    pub streams_input: bool,
    pub streams_output: bool,
    pub options: Vec<Opt>,
}
