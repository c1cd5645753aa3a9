//! The plan: which field of the message a field of the schema becomes, and in which form.

use std::collections::HashMap;

use data::{Schema, SchemaRef};
use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};

use super::{FieldPlan, Form, Item, Plan};
use crate::connect::kind::{DATE, DECIMAL, TIME, TIMESTAMP, scalar_name, wrapped};
use crate::connect::names::{KEY, VALUE, identifier, union_name};
use crate::connect::wire::{LENGTH, write_varint};
use crate::connect::{Config, Error, MAX_DEPTH, MAX_FIELDS};

/// Makes plans, and counts their fields.
pub(super) struct Maker<'a> {
    config: &'a Config,
    fields: usize,
}

impl<'a> Maker<'a> {
    pub(super) fn new(config: &'a Config) -> Self {
        Self { config, fields: 0 }
    }

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

    pub(super) fn item(
        &mut self,
        schema: &SchemaRef,
        kind: &Kind,
        path: &str,
        depth: usize,
    ) -> Result<Item, Error> {
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
        item.ok_or_else(|| unfit(path, schema, scalar_name(kind)))
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
