//! Schemas: the model. Types lie in one list and point at each other by number, so that a recursive schema is as plain
//! as any other, and no schema is too deep to be dropped.

mod comments;
mod default;
mod json_text;
mod logical;
mod name;
mod normalize;
mod parse;
mod print;

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value as Json;

pub(crate) use default::misfit;
pub use logical::Logical;
pub use name::Name;
pub(crate) use name::is_valid as is_valid_name;
pub use parse::{NAMES_MAX_DEPTH, NODES_MAX, Names, ParseOptions, TEXT_BYTES_MAX};

/// Attributes that Avro itself does not know, in the order they were given.
pub type Properties = IndexMap<String, Json>;

/// An Avro schema. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Schema(Arc<Nodes>);

/// The number of a type in its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

/// A type.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is, with its parts.
    pub kind: Kind,
    /// Its further attributes; logical types are among them.
    pub properties: Properties,
}

/// Avro's types.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// No value.
    Null,
    /// True or false.
    Boolean,
    /// Signed 32-bit integer.
    Int,
    /// Signed 64-bit integer.
    Long,
    /// 32-bit IEEE 754.
    Float,
    /// 64-bit IEEE 754.
    Double,
    /// Bytes.
    Bytes,
    /// UTF-8 text.
    String,
    /// A list.
    Array(NodeId),
    /// A map with text keys.
    Map(NodeId),
    /// One of several types.
    Union(Vec<NodeId>),
    /// Named fields.
    Record(Record),
    /// One of several symbols.
    Enum(Enum),
    /// So many bytes.
    Fixed(Fixed),
}

/// A record's parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its name.
    pub name: Name,
    /// Other names that data may have been written under.
    pub aliases: Vec<Name>,
    /// Documentation.
    pub doc: Option<String>,
    /// The fields in order.
    pub fields: Vec<Field>,
    /// Whether it was declared as `error`, which is a record too.
    pub is_error: bool,
}

/// A record's field.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub schema: NodeId,
    /// Documentation.
    pub doc: Option<String>,
    /// What a reader takes where data has no such field; JSON's null is a default too.
    pub default: Option<Json>,
    /// How it counts when records are sorted.
    pub order: Order,
    /// Other names that data may have been written under.
    pub aliases: Vec<String>,
    /// Its further attributes.
    pub properties: Properties,
}

/// How a field counts when records are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Small ones first; not printed.
    #[default]
    Ascending,
    /// Large ones first.
    Descending,
    /// Not at all.
    Ignore,
}

/// An enum's parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    /// Its name.
    pub name: Name,
    /// Other names that data may have been written under.
    pub aliases: Vec<Name>,
    /// Documentation.
    pub doc: Option<String>,
    /// The symbols in order.
    pub symbols: Vec<String>,
    /// The symbol that a reader takes for one that it does not know.
    pub default: Option<String>,
}

/// A fixed's parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixed {
    /// Its name.
    pub name: Name,
    /// Other names that data may have been written under.
    pub aliases: Vec<Name>,
    /// Documentation.
    pub doc: Option<String>,
    /// Bytes of a value.
    pub size: usize,
}

/// The types of a schema, while it is made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nodes {
    pub(crate) list: Vec<Node>,
    pub(crate) root: Option<NodeId>,
    /// Named types that other schemas define: they are printed as names.
    pub(crate) external: Vec<NodeId>,
}

impl Nodes {
    /// Adds a type.
    pub(crate) fn add(&mut self, kind: Kind) -> NodeId {
        self.add_with(kind, Properties::new())
    }

    /// Adds a type with further attributes.
    pub(crate) fn add_with(&mut self, kind: Kind, properties: Properties) -> NodeId {
        self.list.push(Node { kind, properties });
        NodeId((self.list.len() - 1) as u32)
    }

    pub(crate) fn finish(mut self, root: NodeId) -> Schema {
        self.root = Some(root);
        Schema(Arc::new(self))
    }
}

impl std::ops::Index<NodeId> for Nodes {
    type Output = Node;
    fn index(&self, id: NodeId) -> &Node {
        &self.list[id.index()]
    }
}

impl NodeId {
    /// The number that the next type will have.
    pub(crate) fn next_of(nodes: &Nodes) -> Self {
        NodeId(nodes.list.len() as u32)
    }

    /// As an index of tables by type.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Schema {
    /// Parses a new schema: names must be of Avro's form, defaults must fit their types.
    ///
    /// `references` are the schemas that it may name, as (name, text), each after those that it names itself; a name
    /// that comes again is left out.
    ///
    /// # Errors
    /// What is wrong, and where; also a text, a number of types or a nesting beyond the limits
    /// ([`TEXT_BYTES_MAX`], [`NODES_MAX`], JSON nested deeper than 127 levels).
    pub fn parse(text: &str, references: &[(String, String)]) -> Result<Self, crate::ParseError> {
        parse::parse(text, references, ParseOptions::strict())
    }

    /// Parses a schema with fewer checks: what is stored already must stay readable.
    ///
    /// # Errors
    /// As [`Self::parse`], but for what the options leave out.
    pub fn parse_with(
        text: &str,
        references: &[(String, String)],
        options: ParseOptions,
    ) -> Result<Self, crate::ParseError> {
        parse::parse(text, references, options)
    }

    /// The text that a registry stores and answers: no white space, attributes in a fixed order, what the author
    /// wrote kept (documentation, aliases, defaults, properties), referenced types as names.
    pub fn canonical(&self) -> String {
        print::print(&self.0)
    }

    /// The canonical text of an equal schema that does not depend on order without meaning: properties and aliases
    /// sorted, empty documentation of types left out, numbers of defaults in their type's form.
    pub fn normalized(&self) -> String {
        print::print(&normalize::normalize(&self.0))
    }

    /// The canonical text with the definitions of the references in it, each where it is first named: a schema that
    /// needs no references.
    pub fn inlined(&self) -> String {
        let mut nodes = self.0.as_ref().clone();
        nodes.external.clear();
        print::print(&nodes)
    }

    /// The outermost type.
    pub fn root(&self) -> NodeId {
        self.0.root.unwrap_or(NodeId(0))
    }

    /// A type.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.0[id]
    }

    /// The number of types, those of the references included.
    pub fn node_count(&self) -> usize {
        self.0.list.len()
    }

    /// The full name of the outermost type, if it is a record, an enum or a fixed.
    pub fn full_name(&self) -> Option<&str> {
        self.node(self.root()).name().map(Name::full)
    }

    /// Whether two are one and the same object.
    pub fn ptr_eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Why a default does not fit a type; `None` when it does.
pub(crate) fn misfit_of(schema: &Schema, id: NodeId, default: &Json) -> Option<String> {
    misfit(&schema.0, id, default)
}

impl Node {
    /// The name, if it is a named type.
    pub fn name(&self) -> Option<&Name> {
        match &self.kind {
            Kind::Record(record) => Some(&record.name),
            Kind::Enum(symbols) => Some(&symbols.name),
            Kind::Fixed(fixed) => Some(&fixed.name),
            _ => None,
        }
    }

    /// The aliases, if it is a named type.
    pub fn aliases(&self) -> &[Name] {
        match &self.kind {
            Kind::Record(record) => &record.aliases,
            Kind::Enum(symbols) => &symbols.aliases,
            Kind::Fixed(fixed) => &fixed.aliases,
            _ => &[],
        }
    }

    /// The logical type, when the attributes and the type say so; an invalid one is none, as in Avro.
    pub fn logical(&self) -> Option<Logical> {
        logical::of(self)
    }

    /// A property's text.
    pub fn text_property(&self, key: &str) -> Option<&str> {
        self.properties.get(key)?.as_str()
    }
}

impl Kind {
    /// Avro's word for the type.
    pub fn type_name(&self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Int => "int",
            Kind::Long => "long",
            Kind::Float => "float",
            Kind::Double => "double",
            Kind::Bytes => "bytes",
            Kind::String => "string",
            Kind::Array(_) => "array",
            Kind::Map(_) => "map",
            Kind::Union(_) => "union",
            Kind::Record(_) => "record",
            Kind::Enum(_) => "enum",
            Kind::Fixed(_) => "fixed",
        }
    }
}
