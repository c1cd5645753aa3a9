//! Schemas in Kafka Connect's JSON form: `{"type":"struct","fields":[{"type":"int32","optional":false,"field":"a"}],…}`.
//!
//! Members are written in this order: `type`; `items`, `keys` and `values`, or `fields`; `optional`; `name`; `version`;
//! `doc`; `parameters`; `default`; and `field` last, for the fields of a struct. Floats are called `float` and `double`.

use std::sync::Arc;

use data::{Field, Fields, Kind, Schema, SchemaRef, Value};

use crate::error::MAX_DEPTH;
use crate::plan::Node;
use crate::reader::Reader;
use crate::scan::Scanner;
use crate::writer::{Style, write_node};
use crate::{Error, number, text};

pub(crate) fn write(schema: &SchemaRef, style: Style, out: &mut Vec<u8>) -> Result<(), Error> {
    write_open(schema, style, out)?;
    out.push(b'}');
    Ok(())
}

// All but the closing brace, so that a field's name can follow.
fn write_open(schema: &SchemaRef, style: Style, out: &mut Vec<u8>) -> Result<(), Error> {
    out.extend_from_slice(b"{\"type\":\"");
    out.extend_from_slice(type_name(schema.kind()).as_bytes());
    out.push(b'"');
    match schema.kind() {
        Kind::Array(items) => write_part(b",\"items\":", items, style, out)?,
        Kind::Map(keys, values) => {
            write_part(b",\"keys\":", keys, style, out)?;
            write_part(b",\"values\":", values, style, out)?;
        }
        Kind::Struct(fields) => {
            out.extend_from_slice(b",\"fields\":[");
            for (index, field) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_open(&field.schema, style, out).map_err(|error| error.inside(&field.name))?;
                out.extend_from_slice(b",\"field\":");
                text::write_string(&field.name, out);
                out.push(b'}');
            }
            out.push(b']');
        }
        _ => {}
    }
    out.extend_from_slice(if schema.is_optional() { b",\"optional\":true" } else { b",\"optional\":false" });
    if let Some(name) = schema.name() {
        out.extend_from_slice(b",\"name\":");
        text::write_string(name, out);
    }
    if let Some(version) = schema.version() {
        out.extend_from_slice(b",\"version\":");
        number::write_i64(version.into(), out);
    }
    if let Some(doc) = schema.doc() {
        out.extend_from_slice(b",\"doc\":");
        text::write_string(doc, out);
    }
    let mut separator: &[u8] = b",\"parameters\":{";
    for (key, value) in schema.parameters() {
        out.extend_from_slice(separator);
        text::write_string(key, out);
        out.push(b':');
        text::write_string(value, out);
        separator = b",";
    }
    if !schema.parameters().is_empty() {
        out.push(b'}');
    }
    if let Some(default) = schema.default() {
        out.extend_from_slice(b",\"default\":");
        write_node(&mut Node::of(schema, style), default, style, 0, out)?;
    }
    Ok(())
}

fn write_part(name: &[u8], part: &SchemaRef, style: Style, out: &mut Vec<u8>) -> Result<(), Error> {
    out.extend_from_slice(name);
    write(part, style, out)
}

fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Int8 => "int8",
        Kind::Int16 => "int16",
        Kind::Int32 => "int32",
        Kind::Int64 => "int64",
        Kind::Float32 => "float",
        Kind::Float64 => "double",
        Kind::Boolean => "boolean",
        Kind::String => "string",
        Kind::Bytes => "bytes",
        Kind::Array(_) => "array",
        Kind::Map(..) => "map",
        Kind::Struct(_) => "struct",
    }
}

// What was found in a schema's object; members of another JSON type than expected count as absent, as in Java.
#[derive(Default)]
struct Members {
    kind: Option<String>,
    items: Option<SchemaRef>,
    keys: Option<SchemaRef>,
    values: Option<SchemaRef>,
    fields: Option<Vec<(Option<String>, SchemaRef)>>,
    optional: bool,
    name: Option<String>,
    version: Option<i32>,
    doc: Option<String>,
    parameters: Vec<(String, String)>,
    /// Where the default begins: it can be read when the schema is known.
    default: Option<usize>,
    field: Option<String>,
}

/// The schema at the scanner's position; `None` for `null`.
pub(crate) fn read(
    reader: &mut Reader,
    scanner: &mut Scanner<'_>,
    depth: usize,
) -> Result<Option<SchemaRef>, Error> {
    match scanner.peek()? {
        b'n' => scanner.word("null").map(|()| None),
        b'{' => {
            let (_, schema) = read_field(reader, scanner, depth)?;
            Ok(Some(schema))
        }
        _ => {
            scanner.skip(depth)?;
            Err(Error::mismatch("Schema must contain 'type' field"))
        }
    }
}

// A schema, and the name it has as a field.
fn read_field(
    reader: &mut Reader,
    scanner: &mut Scanner<'_>,
    depth: usize,
) -> Result<(Option<String>, SchemaRef), Error> {
    if depth >= MAX_DEPTH {
        return Err(Error::TooDeep);
    }
    scanner.expect(b'{', "expected a schema's object")?;
    let mut members = Members::default();
    let mut more = !scanner.is_empty(b'}')?;
    while more {
        let name = scanner.name()?;
        read_member(reader, scanner, name.as_str()?, &mut members, depth + 1)?;
        more = scanner.more(b'}')?;
    }
    let default = members.default;
    let field = members.field.take();
    let schema = build(members)?;
    let Some(default) = default else {
        return Ok((field, schema));
    };
    let schema = match reader.typed(&mut scanner.at(default), &schema, depth + 1)? {
        Value::Null => schema,
        default => schema.to_builder().default_value(default).build(),
    };
    Ok((field, schema))
}

fn read_member(
    reader: &mut Reader,
    scanner: &mut Scanner<'_>,
    name: &str,
    members: &mut Members,
    depth: usize,
) -> Result<(), Error> {
    let first = scanner.peek()?;
    match (name, first) {
        ("type", b'"') => members.kind = Some(scanner.quoted()?.as_str()?.to_owned()),
        ("name", b'"') => members.name = Some(scanner.quoted()?.as_str()?.to_owned()),
        ("doc", b'"') => members.doc = Some(scanner.quoted()?.as_str()?.to_owned()),
        ("field", b'"') => members.field = Some(scanner.quoted()?.as_str()?.to_owned()),
        ("optional", b't') => {
            scanner.word("true")?;
            members.optional = true;
        }
        ("version", b'-' | b'0'..=b'9') => {
            // Java takes the low 32 bits of an integer, and leaves other numbers out.
            members.version = scanner.number()?.to_i64().map(|version| version as i32);
        }
        ("items", b'{') => members.items = Some(read_field(reader, scanner, depth)?.1),
        ("keys", b'{') => members.keys = Some(read_field(reader, scanner, depth)?.1),
        ("values", b'{') => members.values = Some(read_field(reader, scanner, depth)?.1),
        ("fields", b'[') => members.fields = Some(read_fields(reader, scanner, depth)?),
        ("parameters", b'{') => members.parameters = read_parameters(scanner)?,
        ("default", _) => members.default = Some(scanner.skip(depth)?.start),
        _ => {
            scanner.skip(depth)?;
        }
    }
    Ok(())
}

fn read_fields(
    reader: &mut Reader,
    scanner: &mut Scanner<'_>,
    depth: usize,
) -> Result<Vec<(Option<String>, SchemaRef)>, Error> {
    if depth >= MAX_DEPTH {
        return Err(Error::TooDeep);
    }
    scanner.position += 1;
    let mut fields = Vec::new();
    let mut more = !scanner.is_empty(b']')?;
    while more {
        fields.push(read_field(reader, scanner, depth + 1)?);
        more = scanner.more(b']')?;
    }
    Ok(fields)
}

fn read_parameters(scanner: &mut Scanner<'_>) -> Result<Vec<(String, String)>, Error> {
    scanner.position += 1;
    let mut parameters = Vec::new();
    let mut more = !scanner.is_empty(b'}')?;
    while more {
        let key = scanner.name()?.as_str()?.to_owned();
        if scanner.peek()? != b'"' {
            return Err(Error::mismatch(format!(
                "Schema parameters must have string values: {key} has none"
            )));
        }
        parameters.push((key, scanner.quoted()?.as_str()?.to_owned()));
        more = scanner.more(b'}')?;
    }
    Ok(parameters)
}

fn build(members: Members) -> Result<SchemaRef, Error> {
    let Some(type_text) = members.kind else {
        return Err(Error::mismatch("Schema must contain 'type' field"));
    };
    let part = |part: Option<SchemaRef>, why: &str| part.ok_or_else(|| Error::mismatch(why));
    let kind = match type_text.as_str() {
        "boolean" => Kind::Boolean,
        "int8" => Kind::Int8,
        "int16" => Kind::Int16,
        "int32" => Kind::Int32,
        "int64" => Kind::Int64,
        "float" => Kind::Float32,
        "double" => Kind::Float64,
        "bytes" => Kind::Bytes,
        "string" => Kind::String,
        "array" => Kind::Array(part(members.items, "Array schema did not specify the element type")?),
        "map" => Kind::Map(
            part(members.keys, "Map schema did not specify the key type")?,
            part(members.values, "Map schema did not specify the value type")?,
        ),
        "struct" => Kind::Struct(build_fields(members.fields)?),
        unknown => return Err(Error::mismatch(format!("Unknown schema type: {unknown}"))),
    };
    let mut builder = Schema::builder(kind).set_optional(members.optional);
    if let Some(name) = &members.name {
        builder = builder.name(name);
    }
    if let Some(version) = members.version {
        builder = builder.version(version);
    }
    if let Some(doc) = &members.doc {
        builder = builder.doc(doc);
    }
    for (key, value) in &members.parameters {
        builder = builder.parameter(key, value);
    }
    Ok(builder.build())
}

fn build_fields(fields: Option<Vec<(Option<String>, SchemaRef)>>) -> Result<Fields, Error> {
    let Some(fields) = fields else {
        return Err(Error::mismatch("Struct schema's \"fields\" argument is not an array."));
    };
    let mut list = Vec::with_capacity(fields.len());
    for (name, schema) in fields {
        let Some(name) = name else {
            return Err(Error::mismatch("Struct schema's field name not specified properly"));
        };
        list.push(Field { name: Arc::from(name), schema });
    }
    Fields::new(list).ok_or_else(|| Error::mismatch("Struct schema has two fields of the same name"))
}
