//! JSON to values.

use std::collections::HashMap;

use data::{Bytes, Datum, Map, SchemaRef, Text, Value, shared_name};

use crate::error::MAX_DEPTH;
use crate::scan::Scanner;
use crate::{Error, schema};

/// The value of a document, without schema; see [`Reader::parse`].
///
/// # Errors
/// As [`Reader::parse`].
pub fn parse(document: &Bytes) -> Result<Value, Error> {
    Reader::new().parse(document)
}

/// Makes values of documents. One reader per task: it keeps the memory it worked with, and the last schemas read.
///
/// Where it differs from Jackson under Kafka Connect, it refuses what Java would silently turn into another value:
/// integers beyond 64 bits (Java keeps the low bits), and values of another JSON type than their schema says (Java
/// makes them 0, false or null). Half of a surrogate pair is no text and is refused too.
#[derive(Debug)]
pub struct Reader {
    replace_null_with_default: bool,
    /// Name of structs that stand for a value of one of several types.
    one_of: Option<&'static str>,
    items: Vec<Value>,
    shapes: Vec<Shape>,
    objects: usize,
    schemas: HashMap<Bytes, Known>,
    schemas_max: usize,
    last: Option<(Bytes, Option<SchemaRef>)>,
    clock: u64,
}

/// The names of an object, and how many objects in a row had others.
#[derive(Debug, Default)]
struct Shape {
    names: Vec<Text>,
    /// An object after it had the same names: they are shared ones.
    confirmed: bool,
    misses: u8,
}

#[derive(Debug)]
struct Known {
    schema: Option<SchemaRef>,
    used: u64,
}

// Of so many objects of a document the names are remembered, if they are not too many: the next document's are likely
// the same, at the same place.
const SHAPES_MAX: usize = 64;
const SHAPE_MEMBERS_MAX: usize = 256;
const SHAPE_NAME_MAX: usize = 256;
// Records of different shapes may take turns: names are not remembered anew each time.
const MISSES_MAX: u8 = 4;

const ENVELOPE: &str = "JsonConverter with schemas.enable requires \"schema\" and \"payload\" fields and may not contain \
                        additional fields. If you are trying to deserialize plain JSON data, set schemas.enable=false in \
                        your converter configuration.";

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader that replaces nulls by defaults and remembers 1000 schemas: Kafka Connect's defaults.
    pub fn new() -> Self {
        Self {
            replace_null_with_default: true,
            one_of: None,
            items: Vec::new(),
            shapes: Vec::new(),
            objects: 0,
            schemas: HashMap::new(),
            schemas_max: 1000,
            last: None,
            clock: 0,
        }
    }

    /// Sets whether a null, or a field that is not there, becomes the schema's default, where it has one.
    pub fn replace_null_with_default(mut self, replace: bool) -> Self {
        self.replace_null_with_default = replace;
        self
    }

    /// Sets how many schemas are remembered, at least one.
    pub fn remember_schemas(mut self, count: usize) -> Self {
        self.schemas_max = count.max(1);
        self
    }

    /// Makes it read the documents of Confluent's JSON Schema converter: structs named `one_of` stand for a value of one
    /// of several types, which are their fields, and maps whose keys are not texts, or may be null, are lists of
    /// objects of `key` and `value`.
    pub fn json_schema(mut self, one_of: &'static str) -> Self {
        self.one_of = Some(one_of);
        self
    }

    pub(crate) fn is_one_of(&self, schema: &data::Schema) -> bool {
        self.one_of.is_some_and(|name| schema.name() == Some(name))
    }

    pub(crate) fn is_list_of_entries(&self, keys: &data::Schema) -> bool {
        self.one_of.is_some() && crate::one_of::has_entries(keys)
    }

    pub(crate) fn replaces_null(&self) -> bool {
        self.replace_null_with_default
    }

    /// The value of a document, without schema: integers become INT64, other numbers FLOAT64, objects maps in their
    /// order (of a name that comes twice the last value counts). Texts without escapes are slices of the document.
    ///
    /// # Errors
    /// The bytes are not one JSON document in UTF-8 with nothing after it; an integer beyond 64 bits; nesting deeper
    /// than [`MAX_DEPTH`].
    pub fn parse(&mut self, document: &Bytes) -> Result<Value, Error> {
        self.whole(document, |reader, scanner| reader.any(scanner, 0))
    }

    /// The value of a document that this schema describes.
    ///
    /// # Errors
    /// As [`Self::parse`], and when a value does not fit the schema.
    pub fn parse_as(&mut self, schema: &SchemaRef, document: &Bytes) -> Result<Value, Error> {
        self.whole(document, |reader, scanner| reader.typed(scanner, schema, 0))
    }

    /// The datum of a document `{"schema":…,"payload":…}`, in either order and with nothing else.
    ///
    /// # Errors
    /// As [`Self::parse_as`], and when the document is not of this form.
    pub fn parse_envelope(&mut self, document: &Bytes) -> Result<Datum, Error> {
        self.whole(document, Self::envelope)
    }

    /// The schema of a document in Connect's JSON form; `None` for `null`.
    ///
    /// # Errors
    /// The document is not JSON or not a schema.
    pub fn parse_schema(&mut self, document: &Bytes) -> Result<Option<SchemaRef>, Error> {
        self.whole(document, |reader, scanner| schema::read(reader, scanner, 0))
    }

    fn whole<T>(
        &mut self,
        document: &Bytes,
        read: impl FnOnce(&mut Self, &mut Scanner<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        // An error may have left something behind.
        self.items.clear();
        self.objects = 0;
        let mut scanner = Scanner::new(document);
        let value = read(self, &mut scanner)?;
        scanner.end()?;
        Ok(value)
    }

    fn envelope(&mut self, scanner: &mut Scanner<'_>) -> Result<Datum, Error> {
        if scanner.peek()? != b'{' {
            scanner.skip(0)?;
            return Err(Error::mismatch(ENVELOPE));
        }
        scanner.position += 1;
        let mut schema = None;
        let mut payload: Option<(usize, Option<Value>)> = None;
        let mut others = false;
        let mut more = !scanner.is_empty(b'}')?;
        while more {
            let name = scanner.name()?;
            match (name.as_bytes(), &schema) {
                (b"schema", _) => {
                    schema = Some(self.envelope_schema(scanner)?);
                    // A value that was read by a schema given before is not what the last one says.
                    if let Some((_, value)) = &mut payload {
                        *value = None;
                    }
                }
                (b"payload", Some(schema)) => {
                    let start = scanner.position;
                    payload = Some((start, Some(self.by(scanner, schema.as_ref())?)));
                }
                (b"payload", None) => payload = Some((scanner.skip(1)?.start, None)),
                _ => {
                    others = true;
                    name.as_str()?;
                    scanner.skip(1)?;
                }
            }
            more = scanner.more(b'}')?;
        }
        let (Some(schema), Some((start, value)), false) = (schema, payload, others) else {
            return Err(Error::mismatch(ENVELOPE));
        };
        let value = match value {
            Some(value) => value,
            None => self.by(&mut scanner.at(start), schema.as_ref())?,
        };
        Ok(Datum { schema, value })
    }

    fn by(&mut self, scanner: &mut Scanner<'_>, schema: Option<&SchemaRef>) -> Result<Value, Error> {
        match schema {
            Some(schema) => self.typed(scanner, schema, 1),
            None => self.any(scanner, 1),
        }
    }

    // A schema is read once per text. The last one is recognized without even looking for its end: a text that begins
    // with a whole object is that object.
    fn envelope_schema(&mut self, scanner: &mut Scanner<'_>) -> Result<Option<SchemaRef>, Error> {
        scanner.peek()?;
        if let Some((text, schema)) = &self.last
            && scanner.rest().starts_with(text)
        {
            scanner.position += text.len();
            return Ok(schema.clone());
        }
        let range = scanner.skip(1)?;
        let text = scanner.slice(range.clone());
        self.clock += 1;
        let schema = match self.schemas.get_mut(text) {
            Some(known) => {
                known.used = self.clock;
                known.schema.clone()
            }
            None => {
                let schema = schema::read(self, &mut scanner.at(range.start), 1)?;
                self.remember(text, schema.clone());
                schema
            }
        };
        if text.first() == Some(&b'{') {
            self.last = self.schemas.get_key_value(text).map(|(text, _)| (text.clone(), schema.clone()));
        }
        Ok(schema)
    }

    fn remember(&mut self, text: &[u8], schema: Option<SchemaRef>) {
        if self.schemas.len() >= self.schemas_max
            && let Some(oldest) = self.schemas.iter().min_by_key(|(_, known)| known.used)
        {
            let oldest = oldest.0.clone();
            self.schemas.remove(&oldest);
        }
        // A copy: a slice would keep the whole received buffer alive.
        self.schemas.insert(Bytes::copy_from_slice(text), Known { schema, used: self.clock });
    }

    /// A value without schema; `depth` is the number of arrays and objects around it.
    pub(crate) fn any(&mut self, scanner: &mut Scanner<'_>, depth: usize) -> Result<Value, Error> {
        match scanner.peek()? {
            b'"' => {
                let quoted = scanner.quoted()?;
                Ok(Value::String(scanner.text(quoted)?))
            }
            b'{' => self.object(scanner, depth),
            b'[' => self.array(scanner, depth),
            b't' => scanner.word("true").map(|()| Value::Boolean(true)),
            b'f' => scanner.word("false").map(|()| Value::Boolean(false)),
            b'n' => scanner.word("null").map(|()| Value::Null),
            _ => {
                let number = scanner.number()?;
                match number.to_i64() {
                    Some(integer) => Ok(Value::Int64(integer)),
                    None if number.integral => Err(beyond_64_bits(number.text)),
                    None => Ok(Value::Float64(number.to_f64())),
                }
            }
        }
    }

    fn object(&mut self, scanner: &mut Scanner<'_>, depth: usize) -> Result<Value, Error> {
        if depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        scanner.position += 1;
        let place = self.objects;
        self.objects += 1;
        // Taken out while members are read, which may be objects of other places.
        let mut shape = self.shapes.get_mut(place).map(std::mem::take).unwrap_or_default();
        let mut entries = Vec::with_capacity(shape.names.len());
        let mut as_before = true;
        let mut more = !scanner.is_empty(b'}')?;
        while more {
            let name = scanner.name()?;
            let name = match shape.names.get(entries.len()) {
                Some(known) if known.as_bytes() == name.as_bytes() => known.clone(),
                _ => {
                    as_before = false;
                    scanner.text(name)?
                }
            };
            let value = self.any(scanner, depth + 1)?;
            entries.push((Value::String(name), value));
            more = scanner.more(b'}')?;
        }
        let map = match as_before {
            // Names that are remembered differ from each other.
            true => {
                shape.misses = 0;
                shape.confirm();
                Map::from_distinct(entries)
            }
            false => {
                let map = Map::from_entries(entries);
                shape.misses += 1;
                if shape.names.is_empty() || shape.misses >= MISSES_MAX {
                    shape = Shape { names: names(&map), ..Shape::default() };
                }
                map
            }
        };
        if place < SHAPES_MAX {
            if self.shapes.len() <= place {
                self.shapes.resize_with(place + 1, Shape::default);
            }
            self.shapes[place] = shape;
        }
        Ok(Value::Map(map))
    }

    fn array(&mut self, scanner: &mut Scanner<'_>, depth: usize) -> Result<Value, Error> {
        if depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        scanner.position += 1;
        let start = self.items.len();
        let mut more = !scanner.is_empty(b']')?;
        while more {
            let item = self.any(scanner, depth + 1)?;
            self.items.push(item);
            more = scanner.more(b']')?;
        }
        Ok(Value::Array(self.items.drain(start..).collect()))
    }
}

#[cold]
pub(crate) fn beyond_64_bits(text: &str) -> Error {
    let shown: String = text.chars().take(40).collect();
    Error::mismatch(format!(
        "the integer {shown} does not fit 64 bits; send it as text, or with a Decimal schema"
    ))
}

impl Shape {
    // Names that came once may never come again, as where they are ids; those that came twice are kept for good.
    #[inline]
    fn confirm(&mut self) {
        if !self.confirmed {
            self.confirmed = true;
            self.names.iter_mut().for_each(|name| *name = shared_name(name));
        }
    }
}

// The names, copied: slices would keep the received buffer alive.
fn names(map: &Map) -> Vec<Text> {
    let names = || map.iter().filter_map(|(name, _)| name.as_str());
    match map.len() <= SHAPE_MEMBERS_MAX && names().all(|name| name.len() <= SHAPE_NAME_MAX) {
        true => names().map(Text::from).collect(),
        false => Vec::new(),
    }
}
