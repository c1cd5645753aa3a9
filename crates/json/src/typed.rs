//! JSON to values, driven by a schema.

use base64::Engine;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use data::{Bytes, Decimal, Fields, Kind, Logical, Map, Schema, SchemaRef, Struct, Value};

use crate::Error;
use crate::error::MAX_DEPTH;
use crate::reader::{Reader, beyond_64_bits};
use crate::scan::{Number, Scanner};

impl Reader {
    /// A value of a schema; `depth` is the number of arrays and objects around it.
    pub(crate) fn typed(
        &mut self,
        scanner: &mut Scanner<'_>,
        schema: &SchemaRef,
        depth: usize,
    ) -> Result<Value, Error> {
        let first = scanner.peek()?;
        if first == b'n' {
            scanner.word("null")?;
            return self.null(schema);
        }
        if let Some(logical) = schema.logical() {
            return logical_value(scanner, first, logical);
        }
        match (schema.kind(), first) {
            (Kind::Int32, b'-' | b'0'..=b'9') => integer(scanner).map(|n| Value::Int32(n as i32)),
            (Kind::Int64, b'-' | b'0'..=b'9') => integer(scanner).map(Value::Int64),
            (Kind::String, b'"') => {
                let quoted = scanner.quoted()?;
                Ok(Value::String(scanner.text(quoted)?))
            }
            (Kind::Float64, b'-' | b'0'..=b'9') => Ok(Value::Float64(scanner.number()?.to_f64())),
            (Kind::Float64, b'"') => Ok(Value::Float64(not_finite(scanner)?)),
            (Kind::Boolean, b't') => scanner.word("true").map(|()| Value::Boolean(true)),
            (Kind::Boolean, b'f') => scanner.word("false").map(|()| Value::Boolean(false)),
            (Kind::Int8, b'-' | b'0'..=b'9') => integer(scanner).map(|n| Value::Int8(n as i8)),
            (Kind::Int16, b'-' | b'0'..=b'9') => integer(scanner).map(|n| Value::Int16(n as i16)),
            (Kind::Float32, b'-' | b'0'..=b'9') => Ok(Value::Float32(scanner.number()?.to_f32())),
            (Kind::Float32, b'"') => Ok(Value::Float32(not_finite(scanner)? as f32)),
            (Kind::Bytes, b'"') => Ok(Value::Bytes(Bytes::from(base64(scanner)?))),
            (_, b'{' | b'[') if depth >= MAX_DEPTH => Err(Error::TooDeep),
            (Kind::Struct(fields), _) if self.is_one_of(schema) => {
                self.one_of(scanner, schema, fields, depth)
            }
            (Kind::Map(keys, values), b'[') if self.is_list_of_entries(keys) => {
                self.entries(scanner, keys, values, depth + 1)
            }
            (Kind::Struct(fields), b'{') => self.row(scanner, schema, fields, depth + 1),
            (Kind::Array(items), b'[') => self.list(scanner, items, depth + 1),
            (Kind::Map(keys, values), b'{') if matches!(keys.kind(), Kind::String) => {
                self.named(scanner, values, depth + 1)
            }
            (Kind::Map(keys, values), b'[') if !matches!(keys.kind(), Kind::String) => {
                self.pairs(scanner, keys, values, depth + 1)
            }
            (kind, _) => {
                // What is no JSON at all is told as such.
                let range = scanner.skip(depth)?;
                Err(unfit(kind, schema, scanner.slice(range)))
            }
        }
    }

    // What a null, or a field that is not there, becomes.
    pub(crate) fn null(&self, schema: &Schema) -> Result<Value, Error> {
        match schema.default() {
            Some(default) if self.replaces_null() => Ok(default.clone()),
            _ if schema.is_optional() => Ok(Value::Null),
            _ => {
                let kind = schema.schema_type().name().to_uppercase();
                Err(Error::mismatch(format!("Invalid null value for required {kind} field")))
            }
        }
    }

    fn row(
        &mut self,
        scanner: &mut Scanner<'_>,
        schema: &SchemaRef,
        fields: &Fields,
        depth: usize,
    ) -> Result<Value, Error> {
        scanner.position += 1;
        let mut values = Vec::new();
        values.resize_with(fields.len(), Value::default);
        let mut next = 0;
        let mut more = !scanner.is_empty(b'}')?;
        while more {
            let name = scanner.name()?;
            // Members mostly come in the order of the fields.
            let position = match fields.get(next) {
                Some(field) if field.name.as_bytes() == name.as_bytes() => Some(next),
                _ => fields.position(name.as_str()?),
            };
            match position {
                Some(position) => {
                    let field = &fields[position];
                    values[position] = self
                        .typed(scanner, &field.schema, depth)
                        .map_err(|error| error.inside(&field.name))?;
                    next = position + 1;
                }
                None => {
                    scanner.skip(depth)?;
                }
            }
            more = scanner.more(b'}')?;
        }
        for (field, value) in fields.iter().zip(&mut values) {
            if value.is_null() {
                *value = self.null(&field.schema).map_err(|error| error.inside(&field.name))?;
            }
        }
        Ok(Struct::new(schema.clone(), values).map_or(Value::Null, Value::Struct))
    }

    fn list(&mut self, scanner: &mut Scanner<'_>, items: &SchemaRef, depth: usize) -> Result<Value, Error> {
        scanner.position += 1;
        let mut list = Vec::new();
        let mut more = !scanner.is_empty(b']')?;
        while more {
            list.push(self.typed(scanner, items, depth)?);
            more = scanner.more(b']')?;
        }
        Ok(Value::Array(list))
    }

    fn named(&mut self, scanner: &mut Scanner<'_>, values: &SchemaRef, depth: usize) -> Result<Value, Error> {
        scanner.position += 1;
        let mut entries = Vec::new();
        let mut more = !scanner.is_empty(b'}')?;
        while more {
            let name = scanner.name()?;
            let name = scanner.text(name)?;
            let value = self.typed(scanner, values, depth).map_err(|error| error.inside(&name))?;
            entries.push((Value::String(name), value));
            more = scanner.more(b'}')?;
        }
        Ok(Value::Map(Map::from_entries(entries)))
    }

    fn pairs(
        &mut self,
        scanner: &mut Scanner<'_>,
        keys: &SchemaRef,
        values: &SchemaRef,
        depth: usize,
    ) -> Result<Value, Error> {
        scanner.position += 1;
        let mut entries = Vec::new();
        let mut more = !scanner.is_empty(b']')?;
        while more {
            if scanner.peek()? != b'[' {
                return Err(Error::mismatch("Found invalid map entry instead of array tuple"));
            }
            if depth >= MAX_DEPTH {
                return Err(Error::TooDeep);
            }
            scanner.position += 1;
            let wrong_length = || Error::mismatch("Found invalid map entry, expected length 2");
            if scanner.is_empty(b']')? {
                return Err(wrong_length());
            }
            let key = self.typed(scanner, keys, depth + 1)?;
            if !scanner.more(b']')? {
                return Err(wrong_length());
            }
            let value = self.typed(scanner, values, depth + 1)?;
            if scanner.more(b']')? {
                return Err(wrong_length());
            }
            entries.push((key, value));
            more = scanner.more(b']')?;
        }
        Ok(Value::Map(Map::from_entries(entries)))
    }
}

// An integer as Java makes one of a number: a fraction is cut off. Narrower types take the low bits, as in Java.
fn integer(scanner: &mut Scanner<'_>) -> Result<i64, Error> {
    let number = scanner.number()?;
    match number.to_i64() {
        Some(integer) => Ok(integer),
        None if number.integral => Err(beyond_64_bits(number.text)),
        None => {
            let float = number.to_f64().trunc();
            // Exact below 2^53; beyond it the text decides.
            match float.abs() < 9e15 {
                true => Ok(float as i64),
                false => whole_part(number).ok_or_else(|| beyond_64_bits(number.text)),
            }
        }
    }
}

fn whole_part(number: Number<'_>) -> Option<i64> {
    let decimal: Decimal = number.text.parse().ok()?;
    // More than 19 digits before the point do not fit; printing the plain number is bounded by that.
    if number.to_f64().abs() > 1e19 {
        return None;
    }
    let scale = decimal.scale();
    let whole = match decimal.with_scale(0) {
        Some(whole) => whole,
        None => {
            let text = decimal.unscaled().to_string();
            let cut = text.len().checked_sub(usize::try_from(scale).ok()?)?;
            text.get(..cut)?.parse().ok()?
        }
    };
    whole.unscaled_i64()
}

fn not_finite(scanner: &mut Scanner<'_>) -> Result<f64, Error> {
    let quoted = scanner.quoted()?;
    match quoted.as_str()? {
        "NaN" => Ok(f64::NAN),
        "Infinity" | "+Infinity" | "INF" | "+INF" => Ok(f64::INFINITY),
        "-Infinity" | "-INF" => Ok(f64::NEG_INFINITY),
        _ => Err(Error::mismatch("Invalid type: a text where the schema says a float")),
    }
}

/// As Jackson reads it: bits that are left over in the last sign may be set.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

fn base64(scanner: &mut Scanner<'_>) -> Result<Vec<u8>, Error> {
    let quoted = scanner.quoted()?;
    let text = quoted.as_str()?;
    // Jackson passes over white space in base64.
    let decoded = LENIENT
        .decode(text)
        .or_else(|_| LENIENT.decode(text.bytes().filter(|byte| *byte > b' ').collect::<Vec<u8>>()));
    decoded.map_err(|error| Error::mismatch(format!("Invalid bytes: not base64: {error}")))
}

fn logical_value(scanner: &mut Scanner<'_>, first: u8, logical: Logical) -> Result<Value, Error> {
    let numeric = matches!(first, b'-' | b'0'..=b'9');
    match logical {
        Logical::Decimal { scale } if first == b'"' => {
            Ok(Value::Decimal(Decimal::from_be_bytes(&base64(scanner)?, scale)))
        }
        Logical::Decimal { scale } if numeric => {
            let text = scanner.number()?.text;
            let decimal: Decimal =
                text.parse().map_err(|error| Error::mismatch(format!("Invalid Decimal: {error}")))?;
            let fitting = decimal.with_scale(scale).ok_or_else(|| {
                Error::mismatch(format!("Decimal value has mismatching scale for given Decimal schema: {scale} digits after the point would lose some"))
            })?;
            Ok(Value::Decimal(fitting))
        }
        Logical::Date | Logical::Time if numeric => {
            let days_or_ms = scanner.number()?.to_i64().and_then(|n| i32::try_from(n).ok());
            match (days_or_ms, logical) {
                (Some(days), Logical::Date) => Ok(Value::Date(days)),
                (Some(ms), _) => Ok(Value::Time(ms)),
                (None, _) => Err(not_integer(logical, "integer")),
            }
        }
        Logical::Timestamp if numeric => match scanner.number()?.to_i64() {
            Some(ms) => Ok(Value::Timestamp(ms)),
            None => Err(not_integer(logical, "integral")),
        },
        _ => {
            scanner.skip(0)?;
            Err(match logical {
                Logical::Decimal { .. } => not_integer(logical, "numeric or bytes"),
                Logical::Timestamp => not_integer(logical, "integral"),
                _ => not_integer(logical, "integer"),
            })
        }
    }
}

#[cold]
fn not_integer(logical: Logical, expected: &str) -> Error {
    let name = logical.name().rsplit('.').next().unwrap_or_default();
    Error::mismatch(format!("Invalid type for {name}, underlying representation should be {expected}"))
}

#[cold]
fn unfit(kind: &Kind, schema: &Schema, found: &[u8]) -> Error {
    let found = match found.first() {
        Some(b'{') => "OBJECT",
        Some(b'[') => "ARRAY",
        Some(b'"') => "STRING",
        Some(b't' | b'f') => "BOOLEAN",
        _ => "NUMBER",
    };
    Error::mismatch(match kind {
        Kind::Struct(_) => format!("Structs should be encoded as JSON objects, but found {found}"),
        Kind::Map(keys, _) if matches!(keys.kind(), Kind::String) => {
            format!("Maps with string fields should be encoded as JSON objects, but found {found}")
        }
        Kind::Map(..) => {
            format!(
                "Maps with non-string fields should be encoded as JSON array of tuples, but found {found}"
            )
        }
        _ => format!("Invalid type: {found} where the schema says {}", schema.schema_type().name()),
    })
}
