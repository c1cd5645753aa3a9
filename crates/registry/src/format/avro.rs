//! Avro.

use avro::schema::Kind;
use avro::{ParseOptions, Schema, compatibility};

use super::{Checks, Format};

/// An Avro schema.
#[derive(Debug)]
pub(crate) struct Avro(Schema);

impl Avro {
    /// The text with what it uses in it.
    pub fn resolved(&self) -> String {
        self.0.inlined()
    }
}

impl Format for Avro {
    fn parse(text: &str, references: &[(String, String)], checks: Checks) -> Result<Self, String> {
        let options = match checks {
            Checks::New => ParseOptions::strict(),
            Checks::Unvalidated => ParseOptions::unvalidated(),
            Checks::Stored => ParseOptions::lenient(),
        };
        Schema::parse_with(text, references, options).map(Self).map_err(|error| error.to_string())
    }

    fn canonical(&self) -> String {
        self.0.canonical()
    }

    fn normalized(&self) -> String {
        self.0.normalized()
    }

    fn inlined(&self) -> String {
        let text = self.0.inlined();
        Schema::parse_with(&text, &[], ParseOptions::lenient()).map_or(text, |schema| schema.normalized())
    }

    fn unreadable(reader: &Self, writer: &Self, _lenient: bool) -> Vec<String> {
        compatibility::reads(&reader.0, &writer.0).iter().map(ToString::to_string).collect()
    }

    fn top_level_fields(&self) -> Vec<String> {
        match &self.0.node(self.0.root()).kind {
            Kind::Record(record) => record.fields.iter().map(|field| field.name.clone()).collect(),
            _ => Vec::new(),
        }
    }
}
