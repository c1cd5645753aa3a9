//! Schemas: Connect's types, names, defaults and parameters.
//!
//! Source of the rules: Kafka Connect's data API (`org.apache.kafka.connect.data`).

use std::sync::Arc;

use indexmap::IndexMap;

use crate::Value;

/// A schema shared by all the rows it describes.
pub type SchemaRef = Arc<Schema>;

/// The name of a Connect type, without its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SchemaType {
    /// Signed 8-bit integer.
    Int8,
    /// Signed 16-bit integer.
    Int16,
    /// Signed 32-bit integer.
    Int32,
    /// Signed 64-bit integer.
    Int64,
    /// 32-bit IEEE 754.
    Float32,
    /// 64-bit IEEE 754.
    Float64,
    /// True or false.
    Boolean,
    /// UTF-8 text.
    String,
    /// Bytes.
    Bytes,
    /// Ordered list of values of one schema.
    Array,
    /// Keys and values, each of one schema.
    Map,
    /// Named fields.
    Struct,
}

impl SchemaType {
    /// Connect's lower-case name: `int8` … `float64`, `boolean`, `string`, `bytes`, `array`, `map`, `struct`.
    pub fn name(self) -> &'static str {
        match self {
            SchemaType::Int8 => "int8",
            SchemaType::Int16 => "int16",
            SchemaType::Int32 => "int32",
            SchemaType::Int64 => "int64",
            SchemaType::Float32 => "float32",
            SchemaType::Float64 => "float64",
            SchemaType::Boolean => "boolean",
            SchemaType::String => "string",
            SchemaType::Bytes => "bytes",
            SchemaType::Array => "array",
            SchemaType::Map => "map",
            SchemaType::Struct => "struct",
        }
    }
}

/// A Connect type with its parts.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Signed 8-bit integer.
    Int8,
    /// Signed 16-bit integer.
    Int16,
    /// Signed 32-bit integer.
    Int32,
    /// Signed 64-bit integer.
    Int64,
    /// 32-bit IEEE 754.
    Float32,
    /// 64-bit IEEE 754.
    Float64,
    /// True or false.
    Boolean,
    /// UTF-8 text.
    String,
    /// Bytes.
    Bytes,
    /// A list of values of the given schema.
    Array(SchemaRef),
    /// A map from keys of the first to values of the second schema.
    Map(SchemaRef, SchemaRef),
    /// Named fields, by position.
    Struct(Fields),
}

/// The fields of a struct, in order, found by name in constant time.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    list: Vec<Field>,
    index: std::collections::HashMap<Arc<str>, usize>,
}

/// One field of a struct.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name, unique in the struct.
    pub name: Arc<str>,
    /// The schema of its values.
    pub schema: SchemaRef,
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list
    }
}

impl Fields {
    /// The fields in order; `None` when a name occurs twice.
    pub fn new(list: Vec<Field>) -> Option<Self> {
        let mut index = std::collections::HashMap::with_capacity(list.len());
        for (position, field) in list.iter().enumerate() {
            if index.insert(field.name.clone(), position).is_some() {
                return None;
            }
        }
        Some(Self { list, index })
    }

    /// The field's position, if there is one of this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }
}

impl std::ops::Deref for Fields {
    type Target = [Field];
    fn deref(&self) -> &[Field] {
        &self.list
    }
}

/// Connect's logical types: a base type whose values mean something narrower. All have version 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Logical {
    /// `org.apache.kafka.connect.data.Decimal` over BYTES; the scale is the schema's parameter `scale`.
    Decimal {
        /// Digits after the decimal point; may be negative.
        scale: i32,
    },
    /// `org.apache.kafka.connect.data.Date` over INT32: days since 1970-01-01.
    Date,
    /// `org.apache.kafka.connect.data.Time` over INT32: milliseconds of the day, 0 to 86,400,000.
    Time,
    /// `org.apache.kafka.connect.data.Timestamp` over INT64: milliseconds since the epoch, UTC.
    Timestamp,
}

impl Logical {
    /// Schema name of decimals.
    pub const DECIMAL: &'static str = "org.apache.kafka.connect.data.Decimal";
    /// Schema name of dates.
    pub const DATE: &'static str = "org.apache.kafka.connect.data.Date";
    /// Schema name of times of day.
    pub const TIME: &'static str = "org.apache.kafka.connect.data.Time";
    /// Schema name of timestamps.
    pub const TIMESTAMP: &'static str = "org.apache.kafka.connect.data.Timestamp";
    /// Parameter that holds a decimal's scale.
    pub const SCALE: &'static str = "scale";

    /// The schema name that stands for this type.
    pub fn name(self) -> &'static str {
        match self {
            Logical::Decimal { .. } => Self::DECIMAL,
            Logical::Date => Self::DATE,
            Logical::Time => Self::TIME,
            Logical::Timestamp => Self::TIMESTAMP,
        }
    }
}

/// What values of a record look like. Equal only when every attribute is, documentation and parameters included,
/// as in Kafka Connect.
#[derive(Debug, Clone)]
pub struct Schema {
    kind: Kind,
    optional: bool,
    default: Option<Value>,
    name: Option<Arc<str>>,
    version: Option<i32>,
    doc: Option<Arc<str>>,
    parameters: IndexMap<Arc<str>, Arc<str>>,
    logical: Option<Logical>, // derived from name, kind and parameters, once
}

impl PartialEq for Schema {
    fn eq(&self, other: &Self) -> bool {
        self.optional == other.optional
            && self.kind == other.kind
            && self.name == other.name
            && self.version == other.version
            && self.doc == other.doc
            && self.parameters == other.parameters
            && self.default == other.default
    }
}

impl Schema {
    /// Starts a schema of this kind; it is required and has no name until told otherwise.
    pub fn builder(kind: Kind) -> SchemaBuilder {
        SchemaBuilder {
            schema: Schema {
                kind,
                optional: false,
                default: None,
                name: None,
                version: None,
                doc: None,
                parameters: IndexMap::new(),
                logical: None,
            },
        }
    }

    /// A required schema without a name.
    pub fn required(kind: Kind) -> SchemaRef {
        Self::builder(kind).build()
    }

    /// An optional schema without a name.
    pub fn optional(kind: Kind) -> SchemaRef {
        Self::builder(kind).optional().build()
    }

    /// Starts a logical type's schema: base kind, name, version 1 and, for decimals, the scale.
    pub fn logical_builder(logical: Logical) -> SchemaBuilder {
        let kind = match logical {
            Logical::Decimal { .. } => Kind::Bytes,
            Logical::Date | Logical::Time => Kind::Int32,
            Logical::Timestamp => Kind::Int64,
        };
        let builder = Self::builder(kind).name(logical.name()).version(1);
        match logical {
            Logical::Decimal { scale } => builder.parameter(Logical::SCALE, &scale.to_string()),
            _ => builder,
        }
    }

    /// A required, unnamed struct schema of these fields; `None` when a name occurs twice.
    pub fn structure<N: AsRef<str>>(fields: impl IntoIterator<Item = (N, SchemaRef)>) -> Option<SchemaRef> {
        let list = fields
            .into_iter()
            .map(|(name, schema)| Field { name: Arc::from(name.as_ref()), schema })
            .collect();
        Some(Self::required(Kind::Struct(Fields::new(list)?)))
    }

    /// The type and its parts.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The type without its parts.
    pub fn schema_type(&self) -> SchemaType {
        match self.kind {
            Kind::Int8 => SchemaType::Int8,
            Kind::Int16 => SchemaType::Int16,
            Kind::Int32 => SchemaType::Int32,
            Kind::Int64 => SchemaType::Int64,
            Kind::Float32 => SchemaType::Float32,
            Kind::Float64 => SchemaType::Float64,
            Kind::Boolean => SchemaType::Boolean,
            Kind::String => SchemaType::String,
            Kind::Bytes => SchemaType::Bytes,
            Kind::Array(_) => SchemaType::Array,
            Kind::Map(..) => SchemaType::Map,
            Kind::Struct(_) => SchemaType::Struct,
        }
    }

    /// The fields, when this is a struct.
    pub fn fields(&self) -> Option<&Fields> {
        match &self.kind {
            Kind::Struct(fields) => Some(fields),
            _ => None,
        }
    }

    /// The logical type, when the name, the base type and (for decimals) a numeric scale say so.
    pub fn logical(&self) -> Option<Logical> {
        self.logical
    }

    /// Whether null is a value.
    pub fn is_optional(&self) -> bool {
        self.optional
    }

    /// The value that stands for null.
    pub fn default(&self) -> Option<&Value> {
        self.default.as_ref()
    }

    /// The schema's name, often a logical type or a record type.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The version that its author gave.
    pub fn version(&self) -> Option<i32> {
        self.version
    }

    /// Documentation.
    pub fn doc(&self) -> Option<&str> {
        self.doc.as_deref()
    }

    /// Parameters in the order they were given.
    pub fn parameters(&self) -> &IndexMap<Arc<str>, Arc<str>> {
        &self.parameters
    }

    /// A builder that begins as this schema.
    pub fn to_builder(&self) -> SchemaBuilder {
        SchemaBuilder { schema: self.clone() }
    }

    fn derive_logical(&self) -> Option<Logical> {
        match (self.name.as_deref()?, &self.kind) {
            (Logical::DECIMAL, Kind::Bytes) => {
                let scale = self.parameters.get(Logical::SCALE)?.parse().ok()?;
                Some(Logical::Decimal { scale })
            }
            (Logical::DATE, Kind::Int32) => Some(Logical::Date),
            (Logical::TIME, Kind::Int32) => Some(Logical::Time),
            (Logical::TIMESTAMP, Kind::Int64) => Some(Logical::Timestamp),
            _ => None,
        }
    }
}

/// Builds a [`Schema`]; see [`Schema::builder`].
#[derive(Debug, Clone)]
pub struct SchemaBuilder {
    schema: Schema,
}

impl SchemaBuilder {
    /// Null becomes a value.
    pub fn optional(mut self) -> Self {
        self.schema.optional = true;
        self
    }

    /// Sets whether null is a value.
    pub fn set_optional(mut self, optional: bool) -> Self {
        self.schema.optional = optional;
        self
    }

    /// Sets the name.
    pub fn name(mut self, name: &str) -> Self {
        self.schema.name = Some(Arc::from(name));
        self
    }

    /// Sets the version.
    pub fn version(mut self, version: i32) -> Self {
        self.schema.version = Some(version);
        self
    }

    /// Sets the documentation.
    pub fn doc(mut self, doc: &str) -> Self {
        self.schema.doc = Some(Arc::from(doc));
        self
    }

    /// Adds a parameter, or replaces its value.
    pub fn parameter(mut self, key: &str, value: &str) -> Self {
        self.schema.parameters.insert(Arc::from(key), Arc::from(value));
        self
    }

    /// Sets the default; the caller has checked that it fits ([`crate::validate`]).
    pub fn default_value(mut self, default: Value) -> Self {
        self.schema.default = Some(default);
        self
    }

    /// Finishes.
    pub fn build(mut self) -> SchemaRef {
        self.schema.logical = self.schema.derive_logical();
        Arc::new(self.schema)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logical_type_is_known_by_name_base_and_scale() {
        let decimal = Schema::logical_builder(Logical::Decimal { scale: 2 }).build();
        assert_eq!(decimal.logical(), Some(Logical::Decimal { scale: 2 }));
        let wrong_base = Schema::builder(Kind::Int64).name(Logical::DATE).build();
        assert_eq!(wrong_base.logical(), None);
        let no_scale = Schema::builder(Kind::Bytes).name(Logical::DECIMAL).build();
        assert_eq!(no_scale.logical(), None);
    }

    #[test]
    fn equality_looks_at_documentation_and_parameters() {
        let plain = Schema::required(Kind::Int8);
        assert_eq!(*plain, *Schema::required(Kind::Int8));
        assert_ne!(*plain, *Schema::builder(Kind::Int8).doc("x").build());
        assert_ne!(*plain, *Schema::builder(Kind::Int8).parameter("a", "b").build());
        assert_ne!(*plain, *Schema::optional(Kind::Int8));
    }

    #[test]
    fn a_struct_finds_fields_by_name_and_refuses_doubles() {
        let schema =
            Schema::structure([("a", Schema::required(Kind::Int8)), ("b", Schema::optional(Kind::String))]);
        let schema = schema.unwrap();
        assert_eq!(schema.fields().unwrap().position("b"), Some(1));
        assert_eq!(schema.fields().unwrap().position("c"), None);
        let twice =
            Schema::structure([("a", Schema::required(Kind::Int8)), ("a", Schema::required(Kind::Int8))]);
        assert!(twice.is_none());
    }
}
