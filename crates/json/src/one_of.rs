//! Documents of Confluent's JSON Schema converter, where they are not as Kafka Connect's own: values of one of several
//! types, and maps as lists of entries.

use std::cmp::Reverse;

use data::{Fields, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};

use crate::Error;
use crate::error::MAX_DEPTH;
use crate::reader::Reader;
use crate::scan::Scanner;

/// What a value is, before a schema is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Whole,
    Number,
    Text,
    Boolean,
    List,
    Object,
}

impl Form {
    fn of(value: &[u8]) -> Self {
        match value.first() {
            Some(b'"') => Form::Text,
            Some(b't' | b'f') => Form::Boolean,
            Some(b'[') => Form::List,
            Some(b'{') => Form::Object,
            _ if value.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) => Form::Number,
            _ => Form::Whole,
        }
    }

    /// Whether this is how values of a branch look. Structs are told by their members.
    fn is_of(self, branch: &Schema) -> bool {
        match branch.kind() {
            Kind::Int8 | Kind::Int16 | Kind::Int32 | Kind::Int64 => self == Form::Whole,
            Kind::Float32 | Kind::Float64 => matches!(self, Form::Whole | Form::Number),
            Kind::Boolean => self == Form::Boolean,
            Kind::String => self == Form::Text,
            Kind::Bytes => {
                let is_decimal = matches!(branch.logical(), Some(Logical::Decimal { .. }));
                is_decimal && matches!(self, Form::Whole | Form::Number)
            }
            Kind::Array(_) => self == Form::List,
            Kind::Map(keys, _) => self == if has_entries(keys) { Form::List } else { Form::Object },
            Kind::Struct(_) => false,
        }
    }
}

/// Whether Confluent's JSON Schema converter writes a map with such keys as a list of entries: an object's names are
/// texts.
pub fn has_entries(keys: &Schema) -> bool {
    !matches!(keys.kind(), Kind::String) || keys.is_optional()
}

impl Reader {
    /// A value of one of several types, which are the fields of a struct: of the first whose values look like it; of
    /// structs, of the one that names most of its members. When it is no value of that type the others are tried.
    pub(crate) fn one_of(
        &mut self,
        scanner: &mut Scanner<'_>,
        schema: &SchemaRef,
        fields: &Fields,
        depth: usize,
    ) -> Result<Value, Error> {
        let range = scanner.skip(depth)?;
        let form = Form::of(scanner.slice(range.clone()));
        let mut ranked = Vec::with_capacity(fields.len());
        for (position, field) in fields.iter().enumerate() {
            let rank = match field.schema.fields() {
                _ if form.is_of(&field.schema) => usize::MAX,
                Some(own) if form == Form::Object => named(&mut scanner.at(range.start), own)?,
                _ => 0,
            };
            ranked.push((rank, position));
        }
        ranked.sort_by_key(|(rank, _)| Reverse(*rank));
        let mut why = Error::mismatch("Did not find matching oneof field for data");
        for (place, (rank, position)) in ranked.into_iter().enumerate() {
            match self.typed(&mut scanner.at(range.start), &fields[position].schema, depth) {
                Ok(value) => {
                    let mut values = vec![Value::Null; fields.len()];
                    values[position] = value;
                    return Ok(Struct::new(schema.clone(), values).map_or(Value::Null, Value::Struct));
                }
                // The type that it should have been.
                Err(error) if place == 0 && rank > 0 => why = error,
                Err(_) => {}
            }
        }
        Err(why)
    }

    /// A map as a list of objects of `key` and `value`.
    pub(crate) fn entries(
        &mut self,
        scanner: &mut Scanner<'_>,
        keys: &SchemaRef,
        values: &SchemaRef,
        depth: usize,
    ) -> Result<Value, Error> {
        scanner.position += 1;
        let mut list = Vec::new();
        let mut more = !scanner.is_empty(b']')?;
        while more {
            if scanner.peek()? != b'{' {
                return Err(Error::mismatch("Found invalid map entry instead of object"));
            }
            if depth >= MAX_DEPTH {
                return Err(Error::TooDeep);
            }
            scanner.position += 1;
            let (mut key, mut value, mut members) = (None, None, 0);
            let mut another = !scanner.is_empty(b'}')?;
            while another {
                let name = scanner.name()?;
                members += 1;
                match name.as_str()? {
                    "key" => key = Some(self.typed(scanner, keys, depth + 1)?),
                    "value" => value = Some(self.typed(scanner, values, depth + 1)?),
                    _ => {
                        scanner.skip(depth + 1)?;
                    }
                }
                another = scanner.more(b'}')?;
            }
            if members != 2 {
                let text = format!("Found invalid map entry, expected length 2 but found :{members}");
                return Err(Error::mismatch(text));
            }
            let key = key.map_or_else(|| self.null(keys), Ok)?;
            list.push((key, value.map_or_else(|| self.null(values), Ok)?));
            more = scanner.more(b']')?;
        }
        Ok(Value::Map(Map::from_entries(list)))
    }
}

/// How many members of an object, and of the objects in it, have fields. The object was skipped before: it is sound.
fn named(scanner: &mut Scanner<'_>, fields: &Fields) -> Result<usize, Error> {
    scanner.position += 1;
    let mut count = 0;
    let mut more = !scanner.is_empty(b'}')?;
    while more {
        let name = scanner.name()?;
        let field = fields.position(name.as_str()?).map(|position| &fields[position].schema);
        count += usize::from(field.is_some());
        match (field.and_then(|schema| schema.fields()), scanner.peek()?) {
            (Some(own), b'{') => count += named(scanner, own)?,
            _ => {
                scanner.skip(0)?;
            }
        }
        more = scanner.more(b'}')?;
    }
    Ok(count)
}
