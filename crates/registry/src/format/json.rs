//! JSON Schema.

use json_schema::Schema;
use json_schema::compatibility::{Policy, backward_with};

use super::{Checks, Format};

/// A JSON Schema.
#[derive(Debug)]
pub(crate) struct Json(Schema);

impl Format for Json {
    fn parse(text: &str, references: &[(String, String)], _checks: Checks) -> Result<Self, String> {
        Schema::parse(text, references).map(Self).map_err(|error| error.to_string())
    }

    fn canonical(&self) -> String {
        self.0.canonical()
    }

    fn normalized(&self) -> String {
        self.0.normalized()
    }

    fn unreadable(reader: &Self, writer: &Self, lenient: bool) -> Vec<String> {
        let policy = if lenient { Policy::Lenient } else { Policy::Strict };
        backward_with(&reader.0, &writer.0, policy).iter().map(ToString::to_string).collect()
    }

    fn top_level_fields(&self) -> Vec<String> {
        let properties = self.0.root().get("properties").and_then(|properties| properties.as_object());
        properties.into_iter().flatten().map(|(name, _)| name.clone()).collect()
    }
}
