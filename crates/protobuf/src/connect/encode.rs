//! Values to bytes, by a plan made once per schema.

mod item;
mod plan;

use std::collections::HashMap;
use std::sync::Arc;

use data::{Schema, SchemaRef, Struct, Value};
use prost_reflect::Kind;

use super::indexes::write_indexes;
use super::names::{KEY, VALUE};
use super::wire::write_sized;
use super::{Config, Error, MAX_DEPTH};
use crate::Schema as File;

use item::is_zero;

/// Writes values of one Connect schema as messages of one Protobuf schema.
#[derive(Debug)]
pub struct Encoder {
    /// The list that says which message of the file it is.
    prefix: Vec<u8>,
    root: Item,
}

#[derive(Debug)]
struct Plan {
    schema: SchemaRef,
    /// Another schema object that was found equal, so that the comparison is made once.
    equal: Option<SchemaRef>,
    /// By number.
    fields: Vec<FieldPlan>,
    /// For the top: what a value is when it is not a row.
    names: Vec<Arc<str>>,
}

#[derive(Debug)]
struct FieldPlan {
    position: usize,
    /// Position in the struct that stands for a oneof.
    member: Option<usize>,
    default: Option<Value>,
    key: Box<[u8]>,
    /// Written even when it is 0, false or empty: it can be told whether it is there.
    presence: bool,
    form: Form,
}

#[derive(Debug)]
enum Form {
    One(Item),
    /// Numbers one after the other under one key.
    Packed(Item),
    Each(Item),
    /// Key and value of an entry.
    Map(Box<(FieldPlan, FieldPlan)>),
    /// The message has no such field, or another: values that are there are refused, those that are not are not
    /// written anyway.
    Unfit(Error),
}

#[derive(Debug)]
enum Item {
    Varint,
    /// As the above, but of 32 bits: a reader would cut off what is beyond, so that it is refused.
    Int32,
    Unsigned32,
    Zigzag,
    Sint32,
    Fixed32,
    Sfixed32,
    Fixed64,
    Float,
    Double,
    Bool,
    Text,
    Bytes,
    Enum(HashMap<String, i32>),
    Decimal,
    Date,
    Time,
    Timestamp,
    /// A message around one value, whose key this is.
    Wrapped(Box<(u8, Item)>),
    Row(Box<Plan>),
}

impl Encoder {
    /// An encoder of values of `schema` as the message at `indexes` of a file. Fields are found by name.
    ///
    /// One that the message has not, or of another type, is an error when a value of it is written.
    ///
    /// # Errors
    /// The file has no such message, the schema is no row and the message no wrapper, or a limit is passed.
    pub fn new(schema: &SchemaRef, file: &File, indexes: &[usize], config: &Config) -> Result<Self, Error> {
        let message = file
            .message_at(indexes)
            .ok_or_else(|| Error::schema("", format!("the Protobuf schema has no message at {indexes:?}")))?;
        let mut prefix = Vec::new();
        write_indexes(indexes, &mut prefix);
        let root = plan::Maker::new(config).item(schema, &Kind::Message(message), "", 0)?;
        Ok(Self { prefix, root })
    }

    /// Where in the file that [`super::from_connect`] makes of this schema its message is.
    pub fn indexes(schema: &Schema) -> Vec<usize> {
        use data::Kind::*;
        match (schema.logical(), schema.kind()) {
            (None, Float64) => vec![0],
            (None, Float32) => vec![1],
            (None, Int64) => vec![2],
            (None, Int8 | Int16 | Int32) => vec![4],
            (None, Boolean) => vec![6],
            (None, String) => vec![7],
            (None, Bytes) => vec![8],
            _ => vec![0],
        }
    }

    /// The list that stands between a schema's id and the message: which message of the file it is.
    pub fn prefix(&self) -> &[u8] {
        &self.prefix
    }

    /// Appends the message. After an error nothing stays appended.
    ///
    /// # Errors
    /// The value does not fit the schema.
    pub fn encode(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = out.len();
        let result = match (&mut self.root, value) {
            (Item::Row(plan), Value::Struct(row)) => plan.write(row, out, 0),
            (Item::Wrapped(inner), value) => {
                let (key, item) = &mut **inner;
                item.write_keyed(*key, value, out)
            }
            // The message itself, without its length.
            (item, value) => item.write_message(value, out),
        };
        result.map_err(|error| {
            out.truncate(start);
            error.at_top()
        })
    }
}

impl Plan {
    fn write(&mut self, row: &Struct, out: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
        if depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.check(row.schema())?;
        for field in &mut self.fields {
            let Some(mut value) = row.values().get(field.position) else { continue };
            if let Some(member) = field.member {
                match value {
                    Value::Struct(union) => value = union.values().get(member).unwrap_or(&Value::Null),
                    Value::Null => continue,
                    _ => return Err(Error::mismatch("a oneof that is not a struct")),
                }
            }
            if value.is_null() {
                match &field.default {
                    Some(default) if field.member.is_none() => value = default,
                    _ => continue,
                }
            }
            let names = &self.names;
            let position = field.position;
            write_field((&field.key, field.presence, &mut field.form), value, out, depth)
                .map_err(|error| error.inside(names.get(position).map_or("", |name| name)))?;
        }
        Ok(())
    }

    #[inline]
    fn check(&mut self, schema: &SchemaRef) -> Result<(), Error> {
        let known = |known: &SchemaRef| Arc::ptr_eq(known, schema);
        if known(&self.schema) || self.equal.as_ref().is_some_and(known) {
            return Ok(());
        }
        if self.schema.kind() == schema.kind() {
            self.equal = Some(schema.clone());
            return Ok(());
        }
        Err(Error::mismatch("Mismatching schema: the struct's own schema is not the one it is written with"))
    }
}

fn write_field(
    (key, presence, form): (&[u8], bool, &mut Form),
    value: &Value,
    out: &mut Vec<u8>,
    depth: usize,
) -> Result<(), Error> {
    match (form, value) {
        (Form::One(item), value) => {
            if !presence && is_zero(value) {
                return item.check(value);
            }
            out.extend_from_slice(key);
            item.write(value, out, depth)
        }
        (Form::Packed(_) | Form::Each(_), Value::Array(list)) if list.is_empty() => Ok(()),
        (Form::Packed(item), Value::Array(list)) => {
            out.extend_from_slice(key);
            write_sized(out, |out| list.iter().try_for_each(|value| item.write(value, out, depth)))
        }
        (Form::Each(item), Value::Array(list)) => list.iter().try_for_each(|value| {
            out.extend_from_slice(key);
            item.write(value, out, depth)
        }),
        (Form::Map(parts), Value::Map(map)) => map.iter().try_for_each(|(k, v)| {
            out.extend_from_slice(key);
            write_sized(out, |out| {
                write_part(&mut parts.0, KEY, k, out, depth)?;
                write_part(&mut parts.1, VALUE, v, out, depth)
            })
        }),
        (Form::Unfit(_), Value::Array(list)) if list.is_empty() => Ok(()),
        (Form::Unfit(why), _) => Err(why.clone()),
        (_, value) => {
            Err(Error::mismatch(format!("Invalid type: {} for a repeated field", value.type_name())))
        }
    }
}

// The key or the value of an entry; one that is null is left out.
fn write_part(
    part: &mut FieldPlan,
    name: &str,
    value: &Value,
    out: &mut Vec<u8>,
    depth: usize,
) -> Result<(), Error> {
    match value {
        Value::Null => Ok(()),
        value => write_field((&part.key, part.presence, &mut part.form), value, out, depth)
            .map_err(|error| error.inside(name)),
    }
}
