//! What can be computed of a schema before its values are written.

use std::sync::Arc;

use data::{Kind, Logical, Schema, SchemaRef, Value};

use crate::prefix::Prefix;
use crate::writer::Style;
use crate::{Error, text};

/// How values of a schema are written.
#[derive(Debug)]
pub(crate) struct Node {
    /// What is written for null; `None` refuses it.
    pub null: Option<Box<[u8]>>,
    pub shape: Shape,
}

#[derive(Debug)]
pub(crate) enum Shape {
    Boolean,
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    String,
    Bytes,
    Decimal(i32),
    Date,
    Time,
    Timestamp,
    List(Box<Node>),
    /// A map with text keys.
    Object(Box<Node>),
    /// A map with other keys: an array of pairs.
    Pairs(Box<(Node, Node)>),
    Row(Row),
    /// No value fits, for this reason.
    Refused(&'static str),
}

#[derive(Debug)]
pub(crate) struct Row {
    pub schema: SchemaRef,
    /// Another schema object that was found equal, so that the comparison is made once.
    pub equal: Option<SchemaRef>,
    pub columns: Box<[Column]>,
}

#[derive(Debug)]
pub(crate) struct Column {
    pub name: Arc<str>,
    /// `{"a":` for the first, `,"b":` for the others.
    pub prefix: Prefix,
    pub node: Node,
}

impl Node {
    pub fn of(schema: &SchemaRef, style: Style) -> Self {
        let mut node = Node { null: None, shape: shape(schema, style) };
        let default = schema.default().filter(|_| style.replace_null_with_default);
        node.null = match default {
            Some(default) => default_text(&mut node, default, style),
            None => schema.is_optional().then(|| Box::from(&b"null"[..])),
        };
        node
    }
}

// A default that does not fit its schema stands for nothing: the null is refused when it comes, as any other value
// that does not fit.
fn default_text(node: &mut Node, default: &Value, style: Style) -> Option<Box<[u8]>> {
    let mut text = Vec::new();
    crate::writer::write_node(node, default, style, 0, &mut text).ok()?;
    Some(text.into_boxed_slice())
}

fn shape(schema: &SchemaRef, style: Style) -> Shape {
    match (schema.logical(), schema.name()) {
        (Some(Logical::Decimal { scale }), _) => return Shape::Decimal(scale),
        (Some(Logical::Date), _) => return Shape::Date,
        (Some(Logical::Time), _) => return Shape::Time,
        (Some(Logical::Timestamp), _) => return Shape::Timestamp,
        (None, Some(Logical::DECIMAL)) => {
            return Shape::Refused(
                "Invalid Decimal schema: base type BYTES and a numeric parameter scale are needed",
            );
        }
        (None, Some(Logical::DATE | Logical::TIME | Logical::TIMESTAMP)) => {
            return Shape::Refused(
                "Invalid schema of a logical type: the schema's type is not the logical type's",
            );
        }
        _ => {}
    }
    match schema.kind() {
        Kind::Boolean => Shape::Boolean,
        Kind::Int8 => Shape::Int8,
        Kind::Int16 => Shape::Int16,
        Kind::Int32 => Shape::Int32,
        Kind::Int64 => Shape::Int64,
        Kind::Float32 => Shape::Float32,
        Kind::Float64 => Shape::Float64,
        Kind::String => Shape::String,
        Kind::Bytes => Shape::Bytes,
        Kind::Array(items) => Shape::List(Box::new(Node::of(items, style))),
        Kind::Map(keys, values) if matches!(keys.kind(), Kind::String) => {
            Shape::Object(Box::new(Node::of(values, style)))
        }
        Kind::Map(keys, values) => Shape::Pairs(Box::new((Node::of(keys, style), Node::of(values, style)))),
        Kind::Struct(_) => Shape::Row(row(schema, style)),
    }
}

fn row(schema: &SchemaRef, style: Style) -> Row {
    let fields = schema.fields().map_or(&[][..], |fields| fields);
    let columns = fields.iter().enumerate().map(|(index, field)| {
        let mut prefix = vec![if index == 0 { b'{' } else { b',' }];
        text::write_string(&field.name, &mut prefix);
        prefix.push(b':');
        let node = Node::of(&field.schema, style);
        Column { name: field.name.clone(), prefix: Prefix::new(prefix), node }
    });
    Row { schema: schema.clone(), equal: None, columns: columns.collect() }
}

impl Row {
    /// Whether a row of this schema may be written by this plan: the schemas must be equal, as in Kafka Connect.
    #[inline]
    pub fn check(&mut self, schema: &SchemaRef) -> Result<(), Error> {
        let known = |known: &SchemaRef| Arc::ptr_eq(known, schema);
        if known(&self.schema) || self.equal.as_ref().is_some_and(known) {
            return Ok(());
        }
        if Schema::eq(&self.schema, schema) {
            self.equal = Some(schema.clone());
            return Ok(());
        }
        Err(Error::mismatch("Mismatching schema: the struct's own schema is not the one it is written with"))
    }
}
