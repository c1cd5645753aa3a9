//! The formats, as a registry sees them.

mod avro;
mod json;
mod protobuf;

use crate::schema::SchemaType;

/// What a registry needs of a format.
trait Format: Sized {
    /// Reads a text; `references` are name and text of what it uses, each after what it uses itself.
    fn parse(text: &str, references: &[(String, String)], checks: Checks) -> Result<Self, String>;

    /// The text as it is stored.
    fn canonical(&self) -> String;

    /// The text without differences that mean nothing.
    fn normalized(&self) -> String;

    /// The normalized text with what it uses in it; the normalized one where the format has no such form.
    fn inlined(&self) -> String {
        self.normalized()
    }

    /// Why data of the writer cannot be read; nothing when it can.
    fn unreadable(reader: &Self, writer: &Self, lenient: bool) -> Vec<String>;

    /// Names of the fields of the outermost type.
    fn top_level_fields(&self) -> Vec<String>;
}

/// How closely a text is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checks {
    /// A new schema: of Avro also the namespaces and the defaults.
    New,
    /// A new schema that is not to be validated (`validateNewSchemas=false`).
    Unvalidated,
    /// A schema of the log, one that is looked for there, or one that another registry took already and that is brought
    /// with its id: what was accepted once stays readable.
    Stored,
}

/// A schema of any format.
#[derive(Debug)]
pub(crate) enum Parsed {
    Avro(avro::Avro),
    Json(json::Json),
    Protobuf(protobuf::Protobuf),
}

macro_rules! of_each {
    ($parsed:expr, $schema:ident => $answer:expr) => {
        match $parsed {
            Parsed::Avro($schema) => $answer,
            Parsed::Json($schema) => $answer,
            Parsed::Protobuf($schema) => $answer,
        }
    };
}

impl Parsed {
    /// Reads a schema.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(
        schema_type: SchemaType,
        text: &str,
        references: &[(String, String)],
        checks: Checks,
    ) -> Result<Self, String> {
        match schema_type {
            SchemaType::Avro => Format::parse(text, references, checks).map(Self::Avro),
            SchemaType::Json => Format::parse(text, references, checks).map(Self::Json),
            SchemaType::Protobuf => Format::parse(text, references, checks).map(Self::Protobuf),
        }
    }

    /// The text as it is stored.
    pub fn canonical(&self) -> String {
        of_each!(self, schema => schema.canonical())
    }

    /// The text without differences that mean nothing.
    pub fn normalized(&self) -> String {
        of_each!(self, schema => schema.normalized())
    }

    /// The normalized text with what it uses in it, where the format can have that.
    pub fn inlined(&self) -> String {
        of_each!(self, schema => schema.inlined())
    }

    /// Avro's text with what it uses in it, otherwise as it is stored.
    pub fn resolved(&self) -> Option<String> {
        match self {
            Self::Avro(schema) => Some(schema.resolved()),
            _ => None,
        }
    }

    /// Protobuf's descriptor in base64.
    pub fn serialized(&self) -> Option<String> {
        match self {
            Self::Protobuf(schema) => Some(schema.serialized()),
            _ => None,
        }
    }

    /// Why data of the writer cannot be read; nothing when it can.
    pub fn unreadable(reader: &Self, writer: &Self, lenient: bool) -> Vec<String> {
        match (reader, writer) {
            (Self::Avro(reader), Self::Avro(writer)) => Format::unreadable(reader, writer, lenient),
            (Self::Json(reader), Self::Json(writer)) => Format::unreadable(reader, writer, lenient),
            (Self::Protobuf(reader), Self::Protobuf(writer)) => Format::unreadable(reader, writer, lenient),
            _ => vec!["Incompatible because of different schema type".to_owned()],
        }
    }

    /// Names of the fields of the outermost type.
    pub fn top_level_fields(&self) -> Vec<String> {
        of_each!(self, schema => schema.top_level_fields())
    }
}
