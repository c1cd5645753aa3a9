//! A schema's text.

use serde_json::Value;

use crate::{ParseError, model::Model};

/// Longest text of a schema and its references together, in bytes.
pub const MAX_BYTES: usize = 16 << 20;
/// Largest number of sub-schemas of a schema and its references.
pub const MAX_SCHEMAS: usize = 50_000;

/// A JSON schema, with the schemas that it refers to.
#[derive(Debug, Clone)]
pub struct Schema {
    root: Value,
    references: Vec<(String, Value)>,
    model: Model,
}

impl Schema {
    /// Parses a schema. `references` are `(name, text)`: the name is the `$ref` URI that stands for the text.
    ///
    /// # Errors
    /// The text is not JSON, a keyword has a value that it does not take, a `$ref` leads nowhere, or a limit is
    /// passed.
    pub fn parse(text: &str, references: &[(String, String)]) -> Result<Self, ParseError> {
        let bytes = text.len() + references.iter().map(|(_, text)| text.len()).sum::<usize>();
        if bytes > MAX_BYTES {
            return Err(ParseError::TooLong { bytes });
        }
        let root = json(text, String::new())?;
        let references = references
            .iter()
            .map(|(name, text)| Ok((name.clone(), json(text, format!(" {name:?}"))?)))
            .collect::<Result<Vec<_>, _>>()?;
        let model = Model::of(&root, &references)?;
        Ok(Self { root, references, model })
    }

    /// The text without white space, members in their order: what a registry stores and answers.
    pub fn canonical(&self) -> String {
        self.root.to_string()
    }

    /// The text without white space, members of all objects sorted by name.
    pub fn normalized(&self) -> String {
        let mut sorted = self.root.clone();
        sorted.sort_all_objects();
        sorted.to_string()
    }

    /// The `title`, which names the type.
    pub fn title(&self) -> Option<&str> {
        self.root.get("title")?.as_str()
    }

    /// The parsed text.
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// Names and parsed texts of the references.
    pub fn references(&self) -> &[(String, Value)] {
        &self.references
    }

    pub(crate) fn model(&self) -> &Model {
        &self.model
    }
}

fn json(text: &str, of: String) -> Result<Value, ParseError> {
    serde_json::from_str(text).map_err(|error| ParseError::Json { of, why: error.to_string() })
}
