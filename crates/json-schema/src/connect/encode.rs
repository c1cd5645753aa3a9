//! Values to documents.

use data::{Kind, SchemaRef, Value};
use json::{Writer, write_string};

use super::{Config, Error, MAX_DEPTH, MAX_FIELDS, has_entries, is_union};

/// Writes values of one schema.
#[derive(Debug)]
pub struct Encoder {
    writer: Writer,
    root: Node,
}

#[derive(Debug)]
struct Node {
    schema: SchemaRef,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    /// As Kafka Connect's own JSON.
    Plain,
    /// With the quoted names before the members.
    Row(Vec<(Box<[u8]>, Node)>),
    List(Box<Node>),
    Object(Box<Node>),
    Entries(Box<(Node, Node)>),
    Union(Vec<Node>),
}

impl Encoder {
    /// An encoder of values of this schema.
    ///
    /// # Errors
    /// The schema is too large or nested too deeply.
    pub fn new(schema: &SchemaRef, config: &Config) -> Result<Self, Error> {
        let mut fields = 0;
        let root = node(schema, 0, &mut fields)?;
        Ok(Self { writer: Writer::new(config.decimal_format), root })
    }

    /// Appends the document. After an error nothing stays appended.
    ///
    /// # Errors
    /// The value does not fit the schema.
    pub fn encode(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = out.len();
        write(&mut self.writer, &self.root, value, out).inspect_err(|_| out.truncate(start))
    }
}

fn node(schema: &SchemaRef, depth: usize, fields: &mut usize) -> Result<Node, Error> {
    *fields += 1;
    if depth >= MAX_DEPTH {
        return Err(Error::TooDeep);
    }
    if *fields > MAX_FIELDS {
        return Err(Error::TooManyFields);
    }
    let mut inner = |schema: &SchemaRef| node(schema, depth + 1, fields);
    let is_plain = |node: &Node| matches!(node.shape, Shape::Plain);
    let shape = match schema.kind() {
        Kind::Struct(list) if is_union(schema) => {
            Shape::Union(list.iter().map(|field| inner(&field.schema)).collect::<Result<_, _>>()?)
        }
        Kind::Struct(list) => {
            let mut columns = Vec::with_capacity(list.len());
            let mut plain = true;
            for field in list.iter() {
                let node = inner(&field.schema)?;
                plain &= is_plain(&node);
                let mut name = Vec::new();
                write_string(&field.name, &mut name);
                name.push(b':');
                columns.push((name.into_boxed_slice(), node));
            }
            if plain { Shape::Plain } else { Shape::Row(columns) }
        }
        Kind::Array(items) => match inner(items)? {
            items if is_plain(&items) => Shape::Plain,
            items => Shape::List(Box::new(items)),
        },
        Kind::Map(keys, values) if has_entries(keys) => {
            Shape::Entries(Box::new((inner(keys)?, inner(values)?)))
        }
        Kind::Map(_, values) => match inner(values)? {
            values if is_plain(&values) => Shape::Plain,
            values => Shape::Object(Box::new(values)),
        },
        _ => Shape::Plain,
    };
    Ok(Node { schema: schema.clone(), shape })
}

fn write(writer: &mut Writer, node: &Node, value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
    if let Shape::Plain = node.shape {
        return Ok(writer.write(Some(&node.schema), value, out)?);
    }
    let value = match (value, node.schema.default()) {
        (Value::Null, Some(default)) => default,
        (value, _) => value,
    };
    match (&node.shape, value) {
        (_, Value::Null) if node.schema.is_optional() => out.extend_from_slice(b"null"),
        (Shape::Row(columns), Value::Struct(row)) if row.values().len() == columns.len() => {
            out.push(b'{');
            let mut first = true;
            for ((name, node), value) in columns.iter().zip(row.values()) {
                comma(&mut first, out);
                out.extend_from_slice(name);
                write(writer, node, value, out)?;
            }
            out.push(b'}');
        }
        (Shape::List(items), Value::Array(list)) => {
            out.push(b'[');
            let mut first = true;
            for item in list {
                comma(&mut first, out);
                write(writer, items, item, out)?;
            }
            out.push(b']');
        }
        (Shape::Object(values), Value::Map(map)) => {
            out.push(b'{');
            let mut first = true;
            for (key, value) in map.iter() {
                let key = key.as_str().ok_or_else(|| unfit(node, key))?;
                comma(&mut first, out);
                write_string(key, out);
                out.push(b':');
                write(writer, values, value, out)?;
            }
            out.push(b'}');
        }
        (Shape::Entries(parts), Value::Map(map)) => {
            out.push(b'[');
            let mut first = true;
            for (key, value) in map.iter() {
                comma(&mut first, out);
                out.extend_from_slice(b"{\"key\":");
                write(writer, &parts.0, key, out)?;
                out.extend_from_slice(b",\"value\":");
                write(writer, &parts.1, value, out)?;
                out.push(b'}');
            }
            out.push(b']');
        }
        (Shape::Union(members), Value::Struct(row)) => {
            // The first member that is set.
            match members.iter().zip(row.values()).find(|(_, value)| !value.is_null()) {
                Some((member, value)) => write(writer, member, value, out)?,
                None if node.schema.is_optional() => out.extend_from_slice(b"null"),
                None => {
                    return Err(Error::Mismatch("a value of one of several types that has none".to_owned()));
                }
            }
        }
        (_, value) => return Err(unfit(node, value)),
    }
    Ok(())
}

fn comma(first: &mut bool, out: &mut Vec<u8>) {
    if !std::mem::replace(first, false) {
        out.push(b',');
    }
}

#[cold]
fn unfit(node: &Node, value: &Value) -> Error {
    let expected = node.schema.schema_type().name();
    Error::Mismatch(format!("Invalid type: {} where the schema says {expected}", value.type_name()))
}
