//! Values to bytes, by a plan made once per schema.

use std::collections::HashMap;
use std::sync::Arc;

use data::{Decimal, Schema, SchemaRef, Struct, Value};
use literal::calendar;
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

use super::indexes::write_indexes;
use super::kind::{DATE, DECIMAL, SECONDS, TIME, TIMESTAMP, wrapped};
use super::names::{KEY, VALUE, identifier, union_name};
use super::wire::{FIXED32, FIXED64, LENGTH, VARINT, write_sized, write_varint, zigzag};
use super::{Config, Error, MAX_DEPTH, MAX_FIELDS};
use crate::Schema as File;

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
        let mut maker = Maker { config, fields: 0 };
        let root = maker.item(schema, &Kind::Message(message), "", 0)?;
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

struct Maker<'a> {
    config: &'a Config,
    fields: usize,
}

impl Maker<'_> {
    fn plan(
        &mut self,
        schema: &SchemaRef,
        message: &MessageDescriptor,
        path: &str,
        depth: usize,
    ) -> Result<Plan, Error> {
        if depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        let mut plan = Plan { schema: schema.clone(), equal: None, fields: Vec::new(), names: Vec::new() };
        let mut numbered = Vec::new();
        let fields = schema.fields().map(|fields| fields.iter()).into_iter().flatten();
        for (position, field) in fields.enumerate() {
            plan.names.push(field.name.clone());
            let path =
                if path.is_empty() { field.name.to_string() } else { format!("{path}.{}", field.name) };
            if union_name(&field.schema).is_some() {
                let members = field.schema.fields().map(|fields| fields.iter()).into_iter().flatten();
                for (member, field) in members.enumerate() {
                    let path = format!("{path}.{}", field.name);
                    let (number, mut made) = self.field(&field.name, &field.schema, message, &path, depth)?;
                    made.position = position;
                    made.member = Some(member);
                    numbered.push((number, made));
                }
                continue;
            }
            let (number, mut made) = self.field(&field.name, &field.schema, message, &path, depth)?;
            made.position = position;
            numbered.push((number, made));
        }
        numbered.sort_by_key(|(number, _)| *number);
        plan.fields = numbered.into_iter().map(|(_, field)| field).collect();
        Ok(plan)
    }

    // The field's number and how it is written.
    fn field(
        &mut self,
        name: &str,
        schema: &SchemaRef,
        message: &MessageDescriptor,
        path: &str,
        depth: usize,
    ) -> Result<(u32, FieldPlan), Error> {
        self.fields += 1;
        if self.fields > MAX_FIELDS {
            return Err(Error::TooManyFields);
        }
        let default = schema.default().cloned();
        let field = identifier(name, self.config.scrub_invalid_names, path).and_then(|name| {
            message.get_field_by_name(&name).ok_or_else(|| {
                let message = message.full_name();
                Error::schema(path, format!("the Protobuf message {message} has no field {name:?}"))
            })
        });
        let made = field.and_then(|field| Ok((self.form(schema, &field, path, depth)?, field)));
        let (number, key, presence, form) = match made {
            Ok(((form, wire), field)) => {
                (field.number(), key(field.number(), wire), field.supports_presence(), form)
            }
            Err(why @ Error::Schema { .. }) => (u32::MAX, Box::default(), true, Form::Unfit(why)),
            Err(limit) => return Err(limit),
        };
        Ok((number, FieldPlan { position: 0, member: None, default, key, presence, form }))
    }

    // How a field is written, and the wire type of its key.
    fn form(
        &mut self,
        schema: &SchemaRef,
        field: &FieldDescriptor,
        path: &str,
        depth: usize,
    ) -> Result<(Form, u8), Error> {
        Ok(match (schema.kind(), field.is_list() || field.is_map()) {
            (data::Kind::Map(keys, values), true) => {
                let kind = field.kind();
                let entry = kind.as_message().ok_or_else(|| unfit(path, schema, "a list of scalars"))?;
                let (_, key) = self.field(KEY, keys, entry, &format!("{path}.{KEY}"), depth + 1)?;
                let (_, value) = self.field(VALUE, values, entry, &format!("{path}.{VALUE}"), depth + 1)?;
                (Form::Map(Box::new((key, value))), LENGTH)
            }
            (data::Kind::Array(items), true) if !field.is_map() => {
                let item = self.item(items, &field.kind(), path, depth)?;
                let wire = item.wire();
                match field.is_packed() && wire != LENGTH {
                    true => (Form::Packed(item), LENGTH),
                    false => (Form::Each(item), wire),
                }
            }
            (_, true) => return Err(unfit(path, schema, "repeated")),
            (data::Kind::Array(_) | data::Kind::Map(..), false) => {
                return Err(unfit(path, schema, "not repeated"));
            }
            (_, false) => {
                let item = self.item(schema, &field.kind(), path, depth)?;
                let wire = item.wire();
                (Form::One(item), wire)
            }
        })
    }

    fn item(&mut self, schema: &SchemaRef, kind: &Kind, path: &str, depth: usize) -> Result<Item, Error> {
        use data::Kind as C;
        let logical = schema.logical().map(|logical| logical.name());
        let item = match (schema.kind(), kind) {
            (_, Kind::Message(message)) => return self.message(schema, message, path, depth),
            _ if logical.is_some() => None,
            (C::Int64, Kind::Int32) => Some(Item::Int32),
            (C::Int64, Kind::Sint32) => Some(Item::Sint32),
            (C::Int64, Kind::Sfixed32) => Some(Item::Sfixed32),
            (C::Int8 | C::Int16 | C::Int32 | C::Int64, Kind::Int32 | Kind::Int64 | Kind::Uint64) => {
                Some(Item::Varint)
            }
            (C::Int32 | C::Int64, Kind::Uint32) => Some(Item::Unsigned32),
            (C::Int8 | C::Int16 | C::Int32 | C::Int64, Kind::Sint32 | Kind::Sint64) => Some(Item::Zigzag),
            (C::Int32 | C::Int64, Kind::Fixed32 | Kind::Sfixed32) => Some(Item::Fixed32),
            (C::Int64, Kind::Fixed64 | Kind::Sfixed64) => Some(Item::Fixed64),
            (C::Float32, Kind::Float) => Some(Item::Float),
            (C::Float64 | C::Float32, Kind::Double) => Some(Item::Double),
            (C::Boolean, Kind::Bool) => Some(Item::Bool),
            (C::String, Kind::String) => Some(Item::Text),
            (C::Bytes, Kind::Bytes) => Some(Item::Bytes),
            (C::String, Kind::Enum(items)) => Some(Item::Enum(symbols(items))),
            (C::Int8 | C::Int16 | C::Int32, Kind::Enum(_)) => Some(Item::Varint),
            _ => None,
        };
        item.ok_or_else(|| unfit(path, schema, super::kind::scalar_name(kind)))
    }

    fn message(
        &mut self,
        schema: &SchemaRef,
        message: &MessageDescriptor,
        path: &str,
        depth: usize,
    ) -> Result<Item, Error> {
        let logical = schema.logical();
        let item = match (logical, message.full_name()) {
            (Some(data::Logical::Decimal { .. }), DECIMAL) => Item::Decimal,
            (Some(data::Logical::Date), DATE) => Item::Date,
            (Some(data::Logical::Time), TIME) => Item::Time,
            (Some(data::Logical::Timestamp), TIMESTAMP) => Item::Timestamp,
            (None, _) => match (schema.kind(), wrapped(message)) {
                (data::Kind::Struct(_), _) => {
                    return Ok(Item::Row(Box::new(self.plan(schema, message, path, depth + 1)?)));
                }
                (_, Some(field)) => {
                    let item = self.item(schema, &field.kind(), path, depth)?;
                    Item::Wrapped(Box::new((8 | item.wire(), item)))
                }
                _ => return Err(unfit(path, schema, message.full_name())),
            },
            _ => return Err(unfit(path, schema, message.full_name())),
        };
        Ok(item)
    }
}

fn symbols(items: &EnumDescriptor) -> HashMap<String, i32> {
    items.values().map(|value| (value.name().to_owned(), value.number())).collect()
}

fn unfit(path: &str, schema: &Schema, field: &str) -> Error {
    let kind = schema.logical().map_or(schema.schema_type().name(), |logical| logical.name());
    Error::schema(path, format!("{kind} does not fit the Protobuf field, which is {field}"))
}

fn key(number: u32, wire: u8) -> Box<[u8]> {
    let mut out = Vec::new();
    write_varint(u64::from(number) << 3 | u64::from(wire), &mut out);
    out.into_boxed_slice()
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

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Boolean(b) => !b,
        Value::Int8(n) => *n == 0,
        Value::Int16(n) => *n == 0,
        Value::Int32(n) => *n == 0,
        Value::Int64(n) => *n == 0,
        Value::Float32(n) => n.to_bits() == 0,
        Value::Float64(n) => n.to_bits() == 0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        _ => false,
    }
}

impl Item {
    fn wire(&self) -> u8 {
        match self {
            Item::Varint | Item::Int32 | Item::Unsigned32 | Item::Zigzag | Item::Sint32 => VARINT,
            Item::Bool | Item::Enum(_) => VARINT,
            Item::Fixed32 | Item::Sfixed32 | Item::Float => FIXED32,
            Item::Fixed64 | Item::Double => FIXED64,
            _ => LENGTH,
        }
    }

    // A value that is left out must fit all the same.
    fn check(&mut self, value: &Value) -> Result<(), Error> {
        match self {
            // The empty text may be no symbol.
            Item::Enum(_) if matches!(value, Value::String(_)) => self.write(value, &mut Vec::new(), 0),
            Item::Varint | Item::Int32 | Item::Unsigned32 | Item::Zigzag | Item::Sint32 => {
                integer(value).map(drop)
            }
            Item::Fixed32 | Item::Sfixed32 | Item::Fixed64 => integer(value).map(drop),
            Item::Float => {
                matches!(value, Value::Float32(_)).then_some(()).ok_or_else(|| self.refused(value))
            }
            Item::Double => matches!(value, Value::Float32(_) | Value::Float64(_))
                .then_some(())
                .ok_or_else(|| self.refused(value)),
            Item::Bool => matches!(value, Value::Boolean(_)).then_some(()).ok_or_else(|| self.refused(value)),
            Item::Text => matches!(value, Value::String(_)).then_some(()).ok_or_else(|| self.refused(value)),
            Item::Bytes => matches!(value, Value::Bytes(_)).then_some(()).ok_or_else(|| self.refused(value)),
            _ => Err(self.refused(value)),
        }
    }

    #[inline]
    fn write(&mut self, value: &Value, out: &mut Vec<u8>, depth: usize) -> Result<(), Error> {
        match (&mut *self, value) {
            (Item::Varint, value) => write_varint(integer(value)? as u64, out),
            (Item::Text, Value::String(text)) => {
                write_varint(text.len() as u64, out);
                out.extend_from_slice(text.as_bytes());
            }
            (Item::Double, Value::Float64(n)) => out.extend_from_slice(&n.to_le_bytes()),
            (Item::Double, Value::Float32(n)) => out.extend_from_slice(&f64::from(*n).to_le_bytes()),
            (Item::Float, Value::Float32(n)) => out.extend_from_slice(&n.to_le_bytes()),
            (Item::Bool, Value::Boolean(b)) => out.push(u8::from(*b)),
            (Item::Bytes, Value::Bytes(bytes)) => {
                write_varint(bytes.len() as u64, out);
                out.extend_from_slice(bytes);
            }
            (Item::Row(plan), Value::Struct(row)) => {
                return write_sized(out, |out| plan.write(row, out, depth + 1));
            }
            (Item::Unsigned32, value) => {
                let number = integer(value)?;
                let fits = u32::try_from(number).or_else(|_| i32::try_from(number).map(|n| n as u32));
                write_varint(u64::from(fits.map_err(|_| beyond(number, 32))?), out);
            }
            (Item::Int32, value) => write_varint(i64::from(integer_32(value)?) as u64, out),
            (Item::Zigzag, value) => write_varint(zigzag(integer(value)?), out),
            (Item::Sint32, value) => write_varint(zigzag(integer_32(value)?.into()), out),
            (Item::Sfixed32, value) => out.extend_from_slice(&integer_32(value)?.to_le_bytes()),
            (Item::Fixed32, value) => {
                let number = integer(value)?;
                let fits = u32::try_from(number).or_else(|_| i32::try_from(number).map(|n| n as u32));
                out.extend_from_slice(&fits.map_err(|_| beyond(number, 32))?.to_le_bytes());
            }
            (Item::Fixed64, value) => out.extend_from_slice(&integer(value)?.to_le_bytes()),
            (Item::Enum(symbols), Value::String(name)) => match symbols.get::<str>(name) {
                Some(number) => write_varint(i64::from(*number) as u64, out),
                None => match unknown_symbol(name) {
                    Some(number) => write_varint(i64::from(number) as u64, out),
                    None => return Err(Error::mismatch(format!("the enum has no symbol {:?}", shown(name)))),
                },
            },
            (Item::Wrapped(inner), value) => {
                let (key, item) = &mut **inner;
                return write_sized(out, |out| item.write_keyed(*key, value, out));
            }
            (Item::Decimal | Item::Date | Item::Time | Item::Timestamp, value) => {
                return write_sized(out, |out| self.write_message(value, out));
            }
            (_, value) => return Err(self.refused(value)),
        }
        Ok(())
    }

    fn write_keyed(&mut self, key: u8, value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
        if is_zero(value) {
            return self.check(value);
        }
        out.push(key);
        self.write(value, out, 0)
    }

    fn write_message(&mut self, value: &Value, out: &mut Vec<u8>) -> Result<(), Error> {
        match (&*self, value) {
            (Item::Decimal, Value::Decimal(decimal)) => write_decimal(decimal, out),
            (Item::Date, Value::Date(days)) => {
                let (year, month, day) = calendar::civil(i64::from(*days));
                if year < 1 {
                    return Err(Error::mismatch("a Date before the year 1 has no form in Protobuf"));
                }
                numbers(&[year, month.into(), day.into()], out);
            }
            (Item::Time, Value::Time(ms)) if (0..calendar::DAY_MS).contains(&i64::from(*ms)) => {
                let (hour, minute, second, ms) = calendar::clock(i64::from(*ms));
                numbers(&[hour, minute, second, ms * 1_000_000], out);
            }
            (Item::Time, Value::Time(ms)) => {
                return Err(Error::mismatch(format!("a Time of {ms} ms is no time of a day")));
            }
            (Item::Timestamp, Value::Timestamp(ms)) => {
                if !SECONDS.contains(&ms.div_euclid(1000)) {
                    return Err(Error::mismatch(format!(
                        "a Timestamp of {ms} ms is not between the years 1 and 9999, as one of Protobuf must be"
                    )));
                }
                numbers(&[ms.div_euclid(1000), ms.rem_euclid(1000) * 1_000_000], out);
            }
            (_, value) => return Err(self.refused(value)),
        }
        Ok(())
    }

    #[cold]
    fn refused(&self, value: &Value) -> Error {
        let expected = match self {
            Item::Varint | Item::Int32 | Item::Unsigned32 | Item::Zigzag | Item::Sint32 => "an integer",
            Item::Fixed32 | Item::Sfixed32 | Item::Fixed64 => "an integer",
            Item::Float => "float32",
            Item::Double => "float64",
            Item::Bool => "boolean",
            Item::Text => "string",
            Item::Bytes => "bytes",
            Item::Enum(_) => "a symbol",
            Item::Decimal => "Decimal",
            Item::Date => "Date",
            Item::Time => "Time",
            Item::Timestamp => "Timestamp",
            Item::Wrapped(inner) => return inner.1.refused(value),
            Item::Row(_) => "struct",
        };
        Error::mismatch(format!("Invalid type: {} where the schema says {expected}", value.type_name()))
    }
}

// Numbers under the keys 1, 2, 3, …, zeros left out.
fn numbers(list: &[i64], out: &mut Vec<u8>) {
    for (index, number) in list.iter().enumerate().filter(|(_, number)| **number != 0) {
        out.push((index as u8 + 1) << 3);
        write_varint(*number as u64, out);
    }
}

fn write_decimal(decimal: &Decimal, out: &mut Vec<u8>) {
    let mut bytes = Vec::with_capacity(16);
    decimal.write_be_bytes(&mut bytes);
    out.push(1 << 3 | LENGTH);
    write_varint(bytes.len() as u64, out);
    out.extend_from_slice(&bytes);
    let digits = match decimal.unscaled_i64() {
        Some(0) => 1,
        Some(small) => u64::from(small.unsigned_abs().ilog10()) + 1,
        None => decimal.unscaled().to_string().trim_start_matches('-').len() as u64,
    };
    out.push(2 << 3);
    write_varint(digits, out);
    if decimal.scale() != 0 {
        out.push(3 << 3);
        write_varint(i64::from(decimal.scale()) as u64, out);
    }
}

#[inline]
fn integer(value: &Value) -> Result<i64, Error> {
    match value.as_i64() {
        Some(number) => Ok(number),
        None => Err(Error::mismatch(format!(
            "Invalid type: {} where the schema says an integer",
            value.type_name()
        ))),
    }
}

#[inline]
fn integer_32(value: &Value) -> Result<i32, Error> {
    let number = integer(value)?;
    i32::try_from(number).map_err(|_| beyond(number, 32))
}

#[cold]
fn beyond(number: i64, bits: u32) -> Error {
    Error::mismatch(format!("{number} does not fit {bits} bits"))
}

/// Of texts that are shown in errors.
const SHOWN_CHARS_MAX: usize = 100;

// A text as errors show it: not longer than a line.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

// What an unknown number was read as.
fn unknown_symbol(name: &str) -> Option<i32> {
    name.strip_prefix("UNKNOWN_ENUM_VALUE_")?.rsplit('_').next()?.parse().ok()
}
