//! Bytes to values, by a plan made once per schema.

use data::{Bytes, Datum, Decimal, Map, Schema, SchemaBuilder, SchemaRef, Struct, Text, Value};
use literal::calendar;

use super::kind::{NANOS, SECONDS, wrapped};
use super::to::{FieldPlan, Form, Item, Maker, Plan};
use super::wire::{FIXED32, FIXED64, GROUP_END, GROUP_START, LENGTH, Reader, VARINT, unzigzag};
use super::{Config, Error, MAX_DEPTH};
use crate::Schema as File;

/// Reads messages of one type of one file.
#[derive(Debug)]
pub struct Decoder {
    schema: SchemaRef,
    plan: Plan,
    /// A wrapper message at the top is its value.
    unwrapped: bool,
    generate_struct_for_nulls: bool,
}

impl Decoder {
    /// A decoder of the message at `indexes` of a file. `version` is the Connect schema's: that of the file in its
    /// subject.
    ///
    /// # Errors
    /// There is no such message, or it has no Connect schema: it contains itself, or a limit is passed.
    pub fn new(file: &File, indexes: &[usize], config: &Config, version: Option<i32>) -> Result<Self, Error> {
        let message = file
            .message_at(indexes)
            .ok_or_else(|| Error::schema("", format!("the Protobuf schema has no message at {indexes:?}")))?;
        let mut maker = Maker { config, fields: 0, open: Vec::new() };
        let versioned = |builder: SchemaBuilder| match version {
            Some(version) => builder.version(version),
            None => builder,
        };
        let plan = maker.message(&message, &versioned)?;
        let inner = wrapped(&message).filter(|_| config.wrapper_for_raw_primitives);
        let schema = match (&inner, plan.schema.fields()) {
            (Some(_), Some(fields)) => {
                let field = &fields[0].schema;
                versioned(Schema::builder(field.kind().clone())).build()
            }
            _ => plan.schema.clone(),
        };
        Ok(Self {
            schema,
            plan,
            unwrapped: inner.is_some(),
            generate_struct_for_nulls: config.generate_struct_for_nulls,
        })
    }

    /// The Connect schema of the values.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The value of a message, without the list of message indexes. Texts and bytes are slices of it. Fields that the
    /// schema does not know are passed over.
    ///
    /// # Errors
    /// The bytes are not a message, a text is not UTF-8, a number does not fit its Connect type, messages are nested
    /// deeper than [`MAX_DEPTH`], or few bytes would become very many values.
    pub fn decode(&self, bytes: &Bytes) -> Result<Datum, Error> {
        let free = VALUES_PER_BYTE.saturating_mul(bytes.len()).saturating_add(FREE_VALUES);
        let mut source = Source { bytes, nulls: self.generate_struct_for_nulls, left: free };
        let mut reader = Reader::new(bytes);
        let mut values = self.plan.blank.clone();
        source.message(&self.plan, &mut reader, &mut values, None, 0)?;
        if self.unwrapped {
            let value = values.into_iter().next().unwrap_or_default();
            return Ok(Datum::new(self.schema.clone(), value));
        }
        let value = source.row(&self.plan, values)?;
        Ok(Datum::new(self.schema.clone(), value))
    }
}

/// Values that may come of no bytes: fields that were not written.
const FREE_VALUES: usize = 1_000_000;
/// Values that may come of a byte.
const VALUES_PER_BYTE: usize = 4;

struct Source<'a> {
    bytes: &'a Bytes,
    nulls: bool,
    /// Values that may still be made: two bytes make a row of any number of fields.
    left: usize,
}

impl<'a> Source<'a> {
    /// Counts values that are about to be made.
    #[inline]
    fn spend(&mut self, count: usize) -> Result<(), Error> {
        match self.left.checked_sub(count) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Error::mismatch(format!(
                "the message would become more values than {VALUES_PER_BYTE} a byte and {FREE_VALUES}, most of them \
                 fields that were not written: write fewer messages in a message"
            ))),
        }
    }

    // Reads the fields of a message, or of a group until its end.
    fn message(
        &mut self,
        plan: &Plan,
        reader: &mut Reader<'a>,
        values: &mut [Value],
        group: Option<u32>,
        depth: usize,
    ) -> Result<(), Error> {
        if depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        // Fields mostly come in the order of their numbers.
        let mut next = 0;
        while !reader.is_empty() {
            let (number, wire) = reader.key()?;
            if wire == GROUP_END {
                match group {
                    Some(open) if open == number => {
                        finish_maps(plan, values);
                        return Ok(());
                    }
                    _ => return Err(reader.error("the end of a group that did not begin")),
                }
            }
            let found = match plan.fields.get(next) {
                Some(field) if field.number == number => Some(next),
                _ => plan.fields.binary_search_by_key(&number, |field| field.number).ok(),
            };
            let Some(found) = found else {
                reader.skip(wire)?;
                continue;
            };
            let field = &plan.fields[found];
            if !self.field(field, reader, wire, values, depth)? {
                reader.skip(wire)?;
            }
            next = match field.form {
                Form::One(_) => found + 1,
                _ => found,
            };
        }
        match group {
            Some(_) => Err(reader.error("the end inside a group")),
            None => {
                finish_maps(plan, values);
                Ok(())
            }
        }
    }

    // Whether the wire type is one that the field can have.
    fn field(
        &mut self,
        field: &FieldPlan,
        reader: &mut Reader<'a>,
        wire: u8,
        values: &mut [Value],
        depth: usize,
    ) -> Result<bool, Error> {
        let slot = &mut values[field.position];
        match &field.form {
            Form::One(item) => {
                if !fits(item, wire) {
                    return Ok(false);
                }
                let Some((member, blank)) = &field.union else {
                    let before = std::mem::take(slot);
                    *slot = self.item(item, reader, wire, before, field.number, depth)?;
                    for other in &field.others {
                        values[*other] = Value::Null;
                    }
                    return Ok(true);
                };
                let before = match std::mem::take(slot) {
                    Value::Struct(mut union) => std::mem::take(&mut union.values_mut()[*member]),
                    _ => Value::Null,
                };
                let value = self.item(item, reader, wire, before, field.number, depth)?;
                self.spend(blank.values().len())?;
                let mut union = blank.clone();
                union.values_mut()[*member] = value;
                *slot = Value::Struct(union);
            }
            Form::List(item) => {
                let Value::Array(list) = slot else { return Ok(false) };
                if fits(item, wire) {
                    self.spend(1)?;
                    list.push(self.item(item, reader, wire, Value::Null, field.number, depth)?);
                } else if wire == LENGTH && is_packable(item) {
                    let mut part = reader.sized()?;
                    let wire = wire_of(item);
                    while !part.is_empty() {
                        self.spend(1)?;
                        list.push(self.item(item, &mut part, wire, Value::Null, field.number, depth)?);
                    }
                } else {
                    return Ok(false);
                }
            }
            Form::Map { key, value, blank } => {
                let Value::Map(map) = slot else { return Ok(false) };
                if wire != LENGTH {
                    return Ok(false);
                }
                let mut part = reader.sized()?;
                let entry = self.entry((key, value), blank, &mut part, depth)?;
                let mut entries = std::mem::take(map).into_entries();
                entries.push(entry);
                *map = Map::from_distinct(entries);
            }
        }
        Ok(true)
    }

    fn entry(
        &mut self,
        (key, value): (&(u32, Item), &(u32, Item)),
        blank: &(Value, Value),
        part: &mut Reader<'a>,
        depth: usize,
    ) -> Result<(Value, Value), Error> {
        self.spend(2)?;
        let mut entry = blank.clone();
        while !part.is_empty() {
            let (number, wire) = part.key()?;
            let (item, slot) = match number {
                number if number == key.0 => (&key.1, &mut entry.0),
                number if number == value.0 => (&value.1, &mut entry.1),
                _ => {
                    part.skip(wire)?;
                    continue;
                }
            };
            match fits(item, wire) {
                true => *slot = self.item(item, part, wire, std::mem::take(slot), number, depth)?,
                false => part.skip(wire)?,
            }
        }
        // An entry without its value has an empty message there.
        for (part, (_, item)) in [(&mut entry.0, key), (&mut entry.1, value)] {
            if let (Value::Null, Item::Row(plan)) = (&*part, item) {
                self.spend(plan.blank.len())?;
                *part = self.row(plan, plan.blank.clone())?;
            }
        }
        Ok(entry)
    }

    #[inline]
    fn item(
        &mut self,
        item: &Item,
        reader: &mut Reader<'a>,
        wire: u8,
        before: Value,
        number: u32,
        depth: usize,
    ) -> Result<Value, Error> {
        Ok(match item {
            Item::Int32 => Value::Int32(reader.varint()? as i32),
            Item::Int64 => Value::Int64(reader.varint()? as i64),
            Item::Text => Value::String(self.text(reader)?),
            Item::Double => Value::Float64(f64::from_bits(reader.fixed64()?)),
            Item::Float => Value::Float32(f32::from_bits(reader.fixed32()?)),
            Item::Bool => Value::Boolean(reader.varint()? != 0),
            Item::Bytes => {
                let part = reader.sized()?;
                Value::Bytes(self.bytes.slice(part.at..part.end))
            }
            Item::Int8 => Value::Int8(narrow(reader.varint()? as i32)?),
            Item::Int16 => Value::Int16(narrow(reader.varint()? as i32)?),
            Item::Unsigned32 => Value::Int64(i64::from(reader.varint()? as u32)),
            Item::Sint32 => Value::Int32(unzigzag(reader.varint()? & u64::from(u32::MAX)) as i32),
            Item::Sint64 => Value::Int64(unzigzag(reader.varint()?)),
            Item::Fixed32 => Value::Int64(reader.fixed32()?.into()),
            Item::Sfixed32 => Value::Int32(reader.fixed32()? as i32),
            Item::Fixed64 | Item::Sfixed64 => Value::Int64(reader.fixed64()? as i64),
            Item::EnumNumber => Value::Int32(reader.varint()? as i32),
            Item::Enum(names, name) => {
                let number = reader.varint()? as i32;
                match names.iter().find(|(known, _)| *known == number) {
                    Some((_, symbol)) => Value::String(symbol.clone()),
                    None => Value::string(format!("UNKNOWN_ENUM_VALUE_{name}_{number}")),
                }
            }
            Item::Decimal => self.decimal(reader)?,
            Item::Date => {
                let [year, month, day, _] = numbers(reader)?;
                Value::Date(days(year, month, day)?)
            }
            Item::Time => {
                let [hours, minutes, seconds, nanos] = numbers(reader)?;
                let within = |number: i32, end: i32| (0..end).contains(&number);
                if !(within(hours, 24) && within(minutes, 60) && within(seconds, 60) && within(nanos, NANOS))
                {
                    return Err(Error::mismatch(format!(
                        "{hours}:{minutes}:{seconds} and {nanos} ns is no time of a day"
                    )));
                }
                Value::Time((hours * 3600 + minutes * 60 + seconds) * 1000 + nanos / 1_000_000)
            }
            Item::Timestamp => {
                let mut part = reader.sized()?;
                let [seconds, nanos, ..] = wide_numbers(&mut part)?;
                let nanos = nanos as i32;
                if !SECONDS.contains(&seconds) || !(0..NANOS).contains(&nanos) {
                    return Err(Error::mismatch(format!(
                        "a Timestamp of {seconds} s and {nanos} ns is not between the years 1 and 9999"
                    )));
                }
                Value::Timestamp(seconds * 1000 + i64::from(nanos / 1_000_000))
            }
            Item::Wrapped(inner) => {
                let (item, zero) = &**inner;
                let mut part = reader.sized()?;
                let mut value = if before.is_null() { zero.clone() } else { before };
                while !part.is_empty() {
                    let (number, wire) = part.key()?;
                    match number == 1 && fits(item, wire) {
                        true => value = self.item(item, &mut part, wire, Value::Null, number, depth)?,
                        false => part.skip(wire)?,
                    }
                }
                value
            }
            Item::Row(plan) => {
                // Parts of a message that come apart are one message.
                let mut values = match before {
                    Value::Struct(row) => row.into_parts().1,
                    _ => {
                        self.spend(plan.blank.len())?;
                        plan.blank.clone()
                    }
                };
                match wire {
                    GROUP_START => self.message(plan, reader, &mut values, Some(number), depth + 1)?,
                    _ => {
                        let mut part = reader.sized()?;
                        self.message(plan, &mut part, &mut values, None, depth + 1)?;
                    }
                }
                self.row(plan, values)?
            }
        })
    }

    fn row(&mut self, plan: &Plan, mut values: Vec<Value>) -> Result<Value, Error> {
        if self.nulls {
            for field in &plan.fields {
                if let (Form::One(Item::Row(inner)), None, Value::Null) =
                    (&field.form, &field.union, &values[field.position])
                    && field.others.is_empty()
                {
                    self.spend(inner.blank.len())?;
                    let nulls = vec![Value::Null; inner.blank.len()];
                    values[field.position] = self.row(inner, nulls)?;
                }
            }
        }
        let row = Struct::new(plan.schema.clone(), values);
        Ok(Value::Struct(row.ok_or_else(|| Error::mismatch("the row has not as many values as fields"))?))
    }

    fn text(&mut self, reader: &mut Reader<'a>) -> Result<Text, Error> {
        let part = reader.sized()?;
        Text::try_from(self.bytes.slice(part.at..part.end))
            .map_err(|_| part.error("a text that is not UTF-8"))
    }

    // Its scale is its own, whatever the schema's: nothing is lost, and what cannot write another scale says so.
    fn decimal(&mut self, reader: &mut Reader<'a>) -> Result<Value, Error> {
        let mut part = reader.sized()?;
        let (mut bytes, mut scale) = (None, 0);
        while !part.is_empty() {
            match part.key()? {
                (1, LENGTH) => bytes = Some(part.sized()?),
                (3, VARINT) => scale = part.varint()? as i32,
                (_, wire) => part.skip(wire)?,
            }
        }
        let bytes = bytes.map(|part| self.bytes.slice(part.at..part.end)).unwrap_or_default();
        Ok(Value::Decimal(Decimal::from_be_bytes(&bytes, scale)))
    }
}

fn narrow<T: TryFrom<i32>>(number: i32) -> Result<T, Error> {
    T::try_from(number)
        .map_err(|_| Error::mismatch(format!("{number} does not fit the field's connect.type")))
}

fn wire_of(item: &Item) -> u8 {
    match item {
        Item::Float | Item::Fixed32 | Item::Sfixed32 => FIXED32,
        Item::Double | Item::Fixed64 | Item::Sfixed64 => FIXED64,
        Item::Text | Item::Bytes | Item::Decimal | Item::Date | Item::Time | Item::Timestamp => LENGTH,
        Item::Wrapped(_) | Item::Row(_) => LENGTH,
        _ => VARINT,
    }
}

fn fits(item: &Item, wire: u8) -> bool {
    wire_of(item) == wire || (wire == GROUP_START && matches!(item, Item::Row(_)))
}

fn is_packable(item: &Item) -> bool {
    wire_of(item) != LENGTH
}

// The numbers 1 to 4 of a message of numbers.
fn wide_numbers(part: &mut Reader<'_>) -> Result<[i64; 4], Error> {
    let mut numbers = [0; 4];
    while !part.is_empty() {
        match part.key()? {
            (number @ 1..=4, VARINT) => numbers[number as usize - 1] = part.varint()? as i64,
            (_, wire) => part.skip(wire)?,
        }
    }
    Ok(numbers)
}

fn numbers(reader: &mut Reader<'_>) -> Result<[i32; 4], Error> {
    let mut part = reader.sized()?;
    Ok(wide_numbers(&mut part)?.map(|number| number as i32))
}

// Days since 1970-01-01.
fn days(year: i32, month: i32, day: i32) -> Result<i32, Error> {
    let parts = u32::try_from(month).ok().zip(u32::try_from(day).ok()).filter(|_| year > 0);
    let days = parts.and_then(|(month, day)| calendar::days(year.into(), month, day));
    days.and_then(|days| i32::try_from(days).ok())
        .ok_or_else(|| Error::mismatch(format!("{year}-{month}-{day} is no date")))
}

// Of entries with the same key the last counts.
fn finish_maps(plan: &Plan, values: &mut [Value]) {
    for field in plan.fields.iter().filter(|field| matches!(field.form, Form::Map { .. })) {
        if let Value::Map(map) = &mut values[field.position]
            && map.len() > 1
        {
            *map = Map::from_entries(std::mem::take(map).into_entries());
        }
    }
}
