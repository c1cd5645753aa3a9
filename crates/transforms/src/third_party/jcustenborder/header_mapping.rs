//! Which headers become fields: `header:TYPE[:field]`.

use api::data::{Kind, Logical, Schema, SchemaRef, SchemaType};

use super::header_value::Target;

/// A header, the type it becomes, and the field.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    pub header: String,
    pub target: Target,
    pub field: String,
    /// The field's schema.
    pub schema: SchemaRef,
}

impl Mapping {
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let (header, target, field) = match parts[..] {
            [header, target] => (header, target, header),
            [header, target, field] => (header, target, field),
            _ => ("", "", ""),
        };
        if header.is_empty() || field.is_empty() {
            return Err(format!("{text} is not of the form header:TYPE or header:TYPE:field"));
        }
        let target = target_of(target).ok_or_else(|| {
            format!(
                "{text}: the type {target} is not known; there are STRING, BOOLEAN, INT8, INT16, INT32, INT64, FLOAT32, \
                 FLOAT64, BYTES, INT64(Timestamp), INT32(Date), INT32(Time) and BYTES(Decimal[scale=n])"
            )
        })?;
        let schema = match target {
            Target::Logical(logical) => Schema::logical_builder(logical).optional().build(),
            Target::Plain(plain) => Schema::optional(kind(plain)),
        };
        Ok(Self { header: header.to_owned(), target, field: field.to_owned(), schema })
    }
}

fn kind(plain: SchemaType) -> Kind {
    match plain {
        SchemaType::Boolean => Kind::Boolean,
        SchemaType::Int8 => Kind::Int8,
        SchemaType::Int16 => Kind::Int16,
        SchemaType::Int32 => Kind::Int32,
        SchemaType::Int64 => Kind::Int64,
        SchemaType::Float32 => Kind::Float32,
        SchemaType::Float64 => Kind::Float64,
        SchemaType::Bytes => Kind::Bytes,
        _ => Kind::String,
    }
}

fn target_of(text: &str) -> Option<Target> {
    let upper = text.to_ascii_uppercase();
    Some(match upper.as_str() {
        "STRING" => Target::Plain(SchemaType::String),
        "BOOLEAN" => Target::Plain(SchemaType::Boolean),
        "INT8" => Target::Plain(SchemaType::Int8),
        "INT16" => Target::Plain(SchemaType::Int16),
        "INT32" => Target::Plain(SchemaType::Int32),
        "INT64" => Target::Plain(SchemaType::Int64),
        "FLOAT32" => Target::Plain(SchemaType::Float32),
        "FLOAT64" => Target::Plain(SchemaType::Float64),
        "BYTES" => Target::Plain(SchemaType::Bytes),
        "INT64(TIMESTAMP)" => Target::Logical(Logical::Timestamp),
        "INT32(DATE)" => Target::Logical(Logical::Date),
        "INT32(TIME)" => Target::Logical(Logical::Time),
        decimal => {
            let scale = decimal.strip_prefix("BYTES(DECIMAL[SCALE=")?.strip_suffix("])")?.trim();
            Target::Logical(Logical::Decimal { scale: scale.parse().ok()? })
        }
    })
}
