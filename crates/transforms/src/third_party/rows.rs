//! Rows made of other rows: fields appended, taken away, replaced.

use api::data::{Datum, Field, Kind, Logical, Schema, SchemaRef, Struct, Value};
use api::{Error, Result};

use crate::schema_cache::struct_like;

/// The fields of a struct schema; none of another.
pub(crate) fn fields_of(schema: &Schema) -> &[Field] {
    schema.fields().map_or(&[][..], |fields| fields)
}

/// A field.
pub(crate) fn field(name: &str, schema: SchemaRef) -> Field {
    Field { name: name.into(), schema }
}

/// A struct schema with the name, version, documentation and parameters of another, and these fields; required.
pub(crate) fn like_with(schema: &Schema, fields: Vec<Field>, purpose: &str) -> Result<SchemaRef> {
    Ok(struct_like(schema, fields).map_err(|error| error.with("purpose", purpose))?.build())
}

/// As [`like_with`], but optional as the other is. Its default goes: it is a row of the other fields.
pub(crate) fn same_with(schema: &Schema, fields: Vec<Field>, purpose: &str) -> Result<SchemaRef> {
    let mut builder = struct_like(schema, fields).map_err(|error| error.with("purpose", purpose))?;
    builder = builder.set_optional(schema.is_optional());
    Ok(builder.build())
}

/// A struct schema of which only the name, and whether it is optional, are those of another.
pub(crate) fn named_with(schema: &Schema, fields: Vec<Field>, purpose: &str) -> Result<SchemaRef> {
    let bare = Schema::required(Kind::Struct(Default::default()));
    let mut builder = struct_like(&bare, fields).map_err(|error| error.with("purpose", purpose))?;
    if let Some(name) = schema.name() {
        builder = builder.name(name);
    }
    Ok(builder.set_optional(schema.is_optional()).build())
}

/// As [`same_with`], without the version.
pub(crate) fn unversioned_with(schema: &Schema, fields: Vec<Field>, purpose: &str) -> Result<SchemaRef> {
    let mut builder = named_with(schema, fields, purpose)?.to_builder();
    if let Some(doc) = schema.doc() {
        builder = builder.doc(doc);
    }
    for (key, value) in schema.parameters() {
        builder = builder.parameter(key, value);
    }
    Ok(builder.build())
}

/// A schema with one field more.
pub(crate) fn appended(schema: &Schema, extra: Field, purpose: &str) -> Result<SchemaRef> {
    let mut fields = fields_of(schema).to_vec();
    fields.push(extra);
    like_with(schema, fields, purpose)
}

/// A row, where the number of values follows the schema.
pub(crate) fn row(schema: &SchemaRef, values: Vec<Value>) -> Result<Value> {
    match Struct::new(schema.clone(), values) {
        Some(row) => Ok(Value::Struct(row)),
        None => Err(Error::bad_record("a row has another number of values than its schema has fields")),
    }
}

/// As [`row`], as key or value.
pub(crate) fn datum(schema: &SchemaRef, values: Vec<Value>) -> Result<Datum> {
    Ok(Datum::new(schema.clone(), row(schema, values)?))
}

/// The value of a row's field by name.
pub(crate) fn named<'a>(row: &'a Struct, name: &str) -> Option<(&'a SchemaRef, &'a Value)> {
    let fields = row.schema().fields()?;
    let position = fields.position(name)?;
    Some((&fields[position].schema, row.values().get(position)?))
}

/// An optional text.
pub(crate) fn optional_string() -> SchemaRef {
    Schema::optional(Kind::String)
}

/// A required text.
pub(crate) fn required_string() -> SchemaRef {
    Schema::required(Kind::String)
}

/// The optional form of a schema, without its default, as Connect's copy of a schema's basics.
pub(crate) fn optional_copy(schema: &SchemaRef) -> SchemaRef {
    if schema.is_optional() && schema.default().is_none() {
        return schema.clone();
    }
    crate::schema_cache::like(schema, schema.kind().clone()).optional().build()
}

/// The optional schema of a value that came without one; `None` for null, and where parts have different types.
pub(crate) fn schema_of(value: &Value) -> Option<SchemaRef> {
    let kind = match value {
        Value::Null => return None,
        Value::Boolean(_) => Kind::Boolean,
        Value::Int8(_) => Kind::Int8,
        Value::Int16(_) => Kind::Int16,
        Value::Int32(_) => Kind::Int32,
        Value::Int64(_) => Kind::Int64,
        Value::Float32(_) => Kind::Float32,
        Value::Float64(_) => Kind::Float64,
        Value::String(_) => Kind::String,
        Value::Bytes(_) => Kind::Bytes,
        Value::Decimal(decimal) => return logical(Logical::Decimal { scale: decimal.scale() }),
        Value::Date(_) => return logical(Logical::Date),
        Value::Time(_) => return logical(Logical::Time),
        Value::Timestamp(_) => return logical(Logical::Timestamp),
        Value::Array(items) => Kind::Array(common(items.iter())?),
        Value::Map(map) => {
            let keys = common(map.iter().map(|(key, _)| key))?;
            Kind::Map(keys, common(map.iter().map(|(_, value)| value))?)
        }
        Value::Struct(row) => return Some(row.schema().clone()),
    };
    Some(Schema::optional(kind))
}

fn logical(logical: Logical) -> Option<SchemaRef> {
    Some(Schema::logical_builder(logical).optional().build())
}

fn common<'a>(values: impl Iterator<Item = &'a Value>) -> Option<SchemaRef> {
    let mut found: Option<SchemaRef> = None;
    for value in values.filter(|value| !value.is_null()) {
        let schema = schema_of(value)?;
        match &found {
            Some(before) if **before != *schema => return None,
            _ => found = Some(schema),
        }
    }
    found
}
