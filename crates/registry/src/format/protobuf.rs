//! Protobuf.

use super::Format;

/// A Protobuf file.
#[derive(Debug)]
pub(crate) struct Protobuf;

impl Protobuf {
    pub fn serialized(&self) -> Option<String> {
        None
    }
}

impl Format for Protobuf {
    fn parse(_text: &str, _references: &[(String, String)], _stored: bool) -> Result<Self, String> {
        Err("Protobuf is not there yet".to_owned())
    }

    fn canonical(&self) -> String {
        String::new()
    }

    fn normalized(&self) -> String {
        String::new()
    }

    fn unreadable(_reader: &Self, _writer: &Self, _lenient: bool) -> Vec<String> {
        Vec::new()
    }

    fn top_level_fields(&self) -> Vec<String> {
        Vec::new()
    }
}
