//! Protobuf.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protobuf::{Schema, compatibility};

use super::{Checks, Format};

/// A Protobuf file.
#[derive(Debug)]
pub(crate) struct Protobuf(Schema);

impl Protobuf {
    /// Its descriptor in base64, as clients without a parser want it.
    pub fn serialized(&self) -> String {
        STANDARD.encode(self.0.file().encode_to_vec())
    }
}

impl Format for Protobuf {
    fn parse(text: &str, references: &[(String, String)], _checks: Checks) -> Result<Self, String> {
        Schema::parse(text, references).map(Self).map_err(|error| error.to_string())
    }

    fn canonical(&self) -> String {
        self.0.canonical()
    }

    fn normalized(&self) -> String {
        self.0.normalized()
    }

    fn unreadable(reader: &Self, writer: &Self, _lenient: bool) -> Vec<String> {
        compatibility::backward(&reader.0, &writer.0).iter().map(ToString::to_string).collect()
    }

    // Of the first message, which is what data is when nothing else is said.
    fn top_level_fields(&self) -> Vec<String> {
        let message = self.0.message_at(&[0]);
        message.iter().flat_map(|message| message.fields()).map(|field| field.name().to_owned()).collect()
    }
}
