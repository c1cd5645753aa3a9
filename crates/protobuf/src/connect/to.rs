//! The Connect schema of a message, and how its fields are read.

use data::{Field, Fields, Kind as C, Logical, Schema, SchemaBuilder, SchemaRef, Struct, Value};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor, Syntax};

use super::kind::{DATE, DECIMAL, TIME, TIMESTAMP, field_parameter, scalar_name, wrapped};
use super::names::{
    CONNECT_PRECISION, CONNECT_TYPE, ENTRY, ENUM, KEY, PRECISION, SCALE, TAG, TYPE, UNION, VALUE, entry_name,
    map_name,
};
use super::{Config, Error, MAX_DEPTH, MAX_FIELDS};

/// How a message is read.
#[derive(Debug)]
pub(super) struct Plan {
    pub schema: SchemaRef,
    /// What the row is before anything is read.
    pub blank: Vec<Value>,
    /// By number.
    pub fields: Vec<FieldPlan>,
}

#[derive(Debug)]
pub(super) struct FieldPlan {
    pub number: u32,
    pub position: usize,
    /// Position in the struct that stands for a oneof, and a row of nulls of it.
    pub union: Option<(usize, Struct)>,
    /// Positions of the other members of a oneof without a struct.
    pub others: Vec<usize>,
    pub form: Form,
}

#[derive(Debug)]
pub(super) enum Form {
    One(Item),
    List(Item),
    /// Number and form of an entry's key and value, and what they are when they are not there.
    Map {
        key: (u32, Item),
        value: (u32, Item),
        blank: (Value, Value),
    },
}

#[derive(Debug)]
pub(super) enum Item {
    Int8,
    Int16,
    Int32,
    Int64,
    Unsigned32,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Float,
    Double,
    Bool,
    Text,
    Bytes,
    /// Names by number, and the enum's name.
    Enum(Vec<(i32, data::Text)>, String),
    EnumNumber,
    Decimal,
    Date,
    Time,
    Timestamp,
    Wrapped(Box<(Item, Value)>),
    Row(Box<Plan>),
}

pub(super) struct Maker<'a> {
    pub config: &'a Config,
    pub fields: usize,
    /// The messages around: one inside itself has no Connect schema.
    pub open: Vec<String>,
}

/// A type, apart from where it is used.
struct Typed {
    builder: SchemaBuilder,
    item: Item,
    /// What stands for a field that is not there, in proto3.
    zero: Value,
}

impl Maker<'_> {
    fn name(&self, full_name: &str) -> String {
        match self.config.enhanced_protobuf_schema_support {
            true => full_name.to_owned(),
            false => full_name.rsplit('.').next().unwrap_or(full_name).to_owned(),
        }
    }

    /// The builder of the schema is finished by who uses it: it may be optional or have a number.
    pub fn message(
        &mut self,
        message: &MessageDescriptor,
        finish: &dyn Fn(SchemaBuilder) -> SchemaBuilder,
    ) -> Result<Plan, Error> {
        let full_name = message.full_name();
        if self.open.iter().any(|known| known == full_name) {
            return Err(Error::schema(
                &self.open.join("."),
                format!(
                    "the message {full_name} contains itself, which a Connect schema cannot say; let it hold an id in \
                     its own place, or take the records as bytes with ByteArrayConverter"
                ),
            ));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.open.push(full_name.to_owned());
        let mut list = Vec::new();
        let mut blank = Vec::new();
        let mut plans = Vec::new();
        if !self.config.flatten_unions {
            let unions = message.oneofs().filter(|oneof| !oneof.is_synthetic());
            for (index, oneof) in unions.enumerate() {
                let name = match self.config.generate_index_for_unions {
                    true => format!("{}_{index}", oneof.name()),
                    false => oneof.name().to_owned(),
                };
                let (schema, mut members) = self.union(&oneof, list.len())?;
                blank.push(Value::Null);
                plans.append(&mut members);
                list.push(Field { name: name.into(), schema });
            }
        }
        for field in declared(message) {
            let oneof = field.containing_oneof().filter(|oneof| !oneof.is_synthetic());
            if oneof.is_some() && !self.config.flatten_unions {
                continue;
            }
            let position = list.len();
            let (schema, form, zero) = self.field(&field, oneof.is_some())?;
            blank.push(zero);
            list.push(Field { name: field.name().into(), schema });
            plans.push(FieldPlan { number: field.number(), position, union: None, others: Vec::new(), form });
        }
        if self.config.flatten_unions {
            others(message, &mut plans);
        }
        plans.sort_by_key(|plan| plan.number);
        let fields = Fields::new(list).ok_or_else(|| {
            Error::schema("", format!("the message {full_name} has a field with the name of a oneof"))
        })?;
        self.open.pop();
        let builder = Schema::builder(C::Struct(fields)).name(&self.name(full_name));
        Ok(Plan { schema: finish(builder).build(), blank, fields: plans })
    }

    fn union(
        &mut self,
        oneof: &OneofDescriptor,
        position: usize,
    ) -> Result<(SchemaRef, Vec<FieldPlan>), Error> {
        let mut list = Vec::new();
        let mut plans = Vec::new();
        for field in oneof.fields() {
            let (schema, form, _) = self.field(&field, true)?;
            list.push(Field { name: field.name().into(), schema });
            plans.push((field.number(), form));
        }
        let name = match self.config.enhanced_protobuf_schema_support {
            true => format!("{UNION}.{}", oneof.full_name()),
            false => format!("{UNION}.{}", oneof.name()),
        };
        let nulls = vec![Value::Null; list.len()];
        let fields = Fields::new(list).ok_or_else(|| Error::schema("", "a oneof names a field twice"))?;
        let schema = Schema::builder(C::Struct(fields)).name(&name).optional().build();
        let row =
            Struct::new(schema.clone(), nulls).ok_or_else(|| Error::schema("", "a oneof without fields"))?;
        let plans = plans.into_iter().enumerate().map(|(member, (number, form))| FieldPlan {
            number,
            position,
            union: Some((member, row.clone())),
            others: Vec::new(),
            form,
        });
        Ok((schema, plans.collect()))
    }

    // The field's schema, how it is read, and what it is when it is not there.
    fn field(&mut self, field: &FieldDescriptor, in_oneof: bool) -> Result<(SchemaRef, Form, Value), Error> {
        self.fields += 1;
        if self.fields > MAX_FIELDS {
            return Err(Error::TooManyFields);
        }
        let number = field.number().to_string();
        let tagged = |builder: SchemaBuilder| builder.parameter(TAG, &number);
        if let Some((entry, key, value)) = entry(field) {
            let (key_schema, key_form, key_zero) = self.field(&key, false)?;
            let (value_schema, value_form, value_zero) = self.field(&value, false)?;
            let (Form::One(key_form), Form::One(value_form)) = (key_form, value_form) else {
                return Err(Error::schema(field.name(), "a map of lists"));
            };
            let (key, value) = ((key.number(), key_form), (value.number(), value_form));
            let name = map_name(&self.name(&entry));
            let builder = Schema::builder(C::Map(key_schema, value_schema)).name(&name).optional();
            let form = Form::Map { key, value, blank: (key_zero, value_zero) };
            return Ok((tagged(builder).build(), form, Value::Map(data::Map::new())));
        }
        if field.is_list() {
            let typed = self.typed(field, &|builder| builder.optional())?;
            let builder = Schema::builder(C::Array(typed.builder.build())).optional();
            return Ok((tagged(builder).build(), Form::List(typed.item), Value::Array(Vec::new())));
        }
        let optional = self.is_optional(field);
        let typed = self.typed(field, &|builder| tagged(builder.set_optional(optional)))?;
        let absent_is_null = in_oneof
            || matches!(field.kind(), Kind::Message(_))
            || match field.parent_file().syntax() {
                Syntax::Proto2 => self.config.optional_for_proto2 && !field.is_required(),
                Syntax::Proto3 => field.supports_presence(),
            };
        let zero = match absent_is_null {
            true => Value::Null,
            false if field.parent_file().syntax() == Syntax::Proto2 => {
                default_of(field, &typed.item).unwrap_or(typed.zero)
            }
            false => typed.zero,
        };
        Ok((typed.builder.build(), Form::One(typed.item), zero))
    }

    fn is_optional(&self, field: &FieldDescriptor) -> bool {
        if matches!(field.kind(), Kind::Message(_) | Kind::Enum(_)) {
            return true;
        }
        match (self.config.optional_for_nullables, self.config.wrapper_for_nullables) {
            (true, _) => match field.parent_file().syntax() {
                Syntax::Proto2 => !field.is_required() && field.containing_oneof().is_none(),
                Syntax::Proto3 => field.field_descriptor_proto().proto3_optional(),
            },
            (false, by_wrapper) => !by_wrapper,
        }
    }

    fn typed(
        &mut self,
        field: &FieldDescriptor,
        finish: &dyn Fn(SchemaBuilder) -> SchemaBuilder,
    ) -> Result<Typed, Error> {
        let kind = field.kind();
        if let Kind::Message(message) = &kind {
            return self.value_message(field, message, finish);
        }
        let (connect, item, zero) = match &kind {
            Kind::Int32 => match field_parameter(field, CONNECT_TYPE).as_deref() {
                Some("int8") => (C::Int8, Item::Int8, Value::Int8(0)),
                Some("int16") => (C::Int16, Item::Int16, Value::Int16(0)),
                _ => (C::Int32, Item::Int32, Value::Int32(0)),
            },
            Kind::Sint32 => (C::Int32, Item::Sint32, Value::Int32(0)),
            Kind::Sfixed32 => (C::Int32, Item::Sfixed32, Value::Int32(0)),
            Kind::Uint32 => (C::Int64, Item::Unsigned32, Value::Int64(0)),
            Kind::Fixed32 => (C::Int64, Item::Fixed32, Value::Int64(0)),
            Kind::Int64 | Kind::Uint64 => (C::Int64, Item::Int64, Value::Int64(0)),
            Kind::Sint64 => (C::Int64, Item::Sint64, Value::Int64(0)),
            Kind::Fixed64 => (C::Int64, Item::Fixed64, Value::Int64(0)),
            Kind::Sfixed64 => (C::Int64, Item::Sfixed64, Value::Int64(0)),
            Kind::Float => (C::Float32, Item::Float, Value::Float32(0.0)),
            Kind::Double => (C::Float64, Item::Double, Value::Float64(0.0)),
            Kind::Bool => (C::Boolean, Item::Bool, Value::Boolean(false)),
            Kind::String => (C::String, Item::Text, Value::string("")),
            Kind::Bytes => (C::Bytes, Item::Bytes, Value::Bytes(data::Bytes::new())),
            Kind::Enum(items) => {
                let names: Vec<(i32, data::Text)> =
                    items.values().map(|value| (value.number(), data::Text::from(value.name()))).collect();
                let mut builder = match self.config.int_for_enums {
                    true => Schema::builder(C::Int32),
                    false => Schema::builder(C::String),
                };
                builder = builder.name(&self.name(items.full_name())).parameter(ENUM, items.name());
                for (number, name) in &names {
                    builder = builder.parameter(&format!("{ENUM}.{name}"), &number.to_string());
                }
                let first = items.default_value();
                let (item, zero) = match self.config.int_for_enums {
                    true => (Item::EnumNumber, Value::Int32(first.number())),
                    false => (Item::Enum(names, items.name().to_owned()), Value::string(first.name())),
                };
                // As Java: an enum is optional wherever it is.
                return Ok(Typed { builder: finish(builder.optional()), item, zero });
            }
            Kind::Message(_) => return Err(Error::schema(field.name(), "a message is no scalar")),
        };
        let mut builder = Schema::builder(connect);
        if !matches!(
            kind,
            Kind::Int32 | Kind::Int64 | Kind::Float | Kind::Double | Kind::Bool | Kind::String | Kind::Bytes
        ) {
            builder = builder.parameter(TYPE, scalar_name(&kind));
        }
        Ok(Typed { builder: finish(builder), item, zero })
    }

    fn value_message(
        &mut self,
        field: &FieldDescriptor,
        message: &MessageDescriptor,
        finish: &dyn Fn(SchemaBuilder) -> SchemaBuilder,
    ) -> Result<Typed, Error> {
        let (logical, item) = match message.full_name() {
            DECIMAL => {
                let number = |name| field_parameter(field, name).and_then(|text| text.parse::<i32>().ok());
                let logical = Logical::Decimal { scale: number(SCALE).unwrap_or(0) };
                let mut builder = Schema::logical_builder(logical);
                if let Some(precision) = number(PRECISION) {
                    builder = builder.parameter(CONNECT_PRECISION, &precision.to_string());
                }
                return Ok(Typed { builder: finish(builder), item: Item::Decimal, zero: Value::Null });
            }
            DATE => (Logical::Date, Item::Date),
            TIME => (Logical::Time, Item::Time),
            TIMESTAMP => (Logical::Timestamp, Item::Timestamp),
            _ => {
                let unwraps = self.config.wrapper_for_nullables || self.config.wrapper_for_raw_primitives;
                let Some(inner) = wrapped(message).filter(|_| unwraps) else {
                    let plan = self.message(message, finish)?;
                    return Ok(Typed {
                        builder: plan.schema.to_builder(),
                        item: Item::Row(Box::new(plan)),
                        zero: Value::Null,
                    });
                };
                let typed = self.typed(&inner, &|builder| builder)?;
                // Whether it was signed is not told, as by Java.
                let builder = finish(Schema::builder(typed.builder.build().kind().clone()));
                let item = Item::Wrapped(Box::new((typed.item, typed.zero)));
                return Ok(Typed { builder, item, zero: Value::Null });
            }
        };
        Ok(Typed { builder: finish(Schema::logical_builder(logical)), item, zero: Value::Null })
    }
}

// The fields in the order of the file, which is that of a row's.
fn declared(message: &MessageDescriptor) -> impl Iterator<Item = FieldDescriptor> + '_ {
    let list = &message.descriptor_proto().field;
    list.iter().filter_map(|field| message.get_field(u32::try_from(field.number()).ok()?))
}

// The full name, key and value of the message that holds the entries of a field, when the field is a map: by the
// option that `map<…>` sets, or by its shape, as Connect's converters write maps.
fn entry(field: &FieldDescriptor) -> Option<(String, FieldDescriptor, FieldDescriptor)> {
    let Kind::Message(message) = field.kind() else { return None };
    let mut fields = declared(&message);
    let (key, value) = (fields.next()?, fields.next()?);
    if field.is_map() {
        // The message's own name is made by the parser; what it is called is made of the field's.
        let name = format!("{}.{}", field.parent_message().full_name(), entry_name(field.name()));
        return Some((name, key, value));
    }
    let is_single = |field: &FieldDescriptor| !field.is_list() && !field.is_map();
    let is_entry = field.is_list()
        && message.name().ends_with(ENTRY)
        && fields.next().is_none()
        && (key.name(), value.name()) == (KEY, VALUE)
        && is_single(&key)
        && is_single(&value);
    is_entry.then(|| (message.full_name().to_owned(), key, value))
}

// Of a oneof without a struct the last member that is read counts.
fn others(message: &MessageDescriptor, plans: &mut [FieldPlan]) {
    for oneof in message.oneofs().filter(|oneof| !oneof.is_synthetic()) {
        let numbers: Vec<u32> = oneof.fields().map(|field| field.number()).collect();
        let positions: Vec<(u32, usize)> = plans
            .iter()
            .filter(|plan| numbers.contains(&plan.number))
            .map(|plan| (plan.number, plan.position))
            .collect();
        for plan in plans.iter_mut().filter(|plan| numbers.contains(&plan.number)) {
            let rest = positions.iter().filter(|(number, _)| *number != plan.number);
            plan.others = rest.map(|(_, position)| *position).collect();
        }
    }
}

// The default that a proto2 file gives.
fn default_of(field: &FieldDescriptor, item: &Item) -> Option<Value> {
    use prost_reflect::Value as P;
    field.field_descriptor_proto().default_value.as_ref()?;
    Some(match (field.default_value(), item) {
        (P::I32(n), Item::Int8) => Value::Int8(n as i8),
        (P::I32(n), Item::Int16) => Value::Int16(n as i16),
        (P::I32(n), _) => Value::Int32(n),
        (P::I64(n), _) => Value::Int64(n),
        (P::U32(n), _) => Value::Int64(n.into()),
        (P::U64(n), _) => Value::Int64(n as i64),
        (P::F32(n), _) => Value::Float32(n),
        (P::F64(n), _) => Value::Float64(n),
        (P::Bool(b), _) => Value::Boolean(b),
        (P::String(text), _) => Value::string(text),
        (P::Bytes(bytes), _) => Value::Bytes(bytes),
        (P::EnumNumber(n), Item::EnumNumber) => Value::Int32(n),
        (P::EnumNumber(n), Item::Enum(names, _)) => {
            let (_, name) = names.iter().find(|(number, _)| *number == n)?;
            Value::String(name.clone())
        }
        _ => return None,
    })
}
