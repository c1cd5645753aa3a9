//! How a message says which schema it was written with.
//!
//! By default in its first bytes: a zero, then the id in four bytes, big-endian. Since Confluent Platform 8 also in a
//! header: a one, then the schema's GUID in 16 bytes, and the message is data only. Readers look at the header first.

use api::data::{Bytes, Text};
use api::{RawHeader, Usage};

/// Which schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SchemaId {
    /// Its id in one registry.
    Id(i32),
    /// Its content's GUID, the same in all registries.
    Guid([u8; 16]),
}

/// A message, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Which schema.
    pub id: SchemaId,
    /// What follows the GUID in a header: Protobuf's message indexes.
    pub indexes: Option<Bytes>,
    /// The data.
    pub data: Bytes,
}

const PREFIX: u8 = 0;
const HEADER: u8 = 1;
/// Bytes before the data: zero and id.
pub const PREFIX_LENGTH: usize = 5;

/// The header that names the schema of a key or a value.
pub fn header_name(usage: Usage) -> &'static str {
    match usage {
        Usage::Key => "__key_schema_id",
        Usage::Value | Usage::Header => "__value_schema_id",
    }
}

/// Appends the bytes before the data.
pub fn write_prefix(id: i32, out: &mut Vec<u8>) {
    out.push(PREFIX);
    out.extend_from_slice(&id.to_be_bytes());
}

/// The header of a schema.
pub fn header(usage: Usage, guid: [u8; 16], indexes: &[u8]) -> RawHeader {
    let mut value = Vec::with_capacity(17 + indexes.len());
    value.push(HEADER);
    value.extend_from_slice(&guid);
    value.extend_from_slice(indexes);
    RawHeader { key: Text::from_static(header_name(usage)), value: Some(Bytes::from(value)) }
}

/// Which schema a message was written with.
///
/// # Errors
/// Neither a header nor the first bytes say it.
pub fn schema_id(usage: Usage, headers: &[RawHeader], message: &[u8]) -> Result<SchemaId, &'static str> {
    if let Some(value) = named_in(usage, headers) {
        let guid = value.get(1..17).filter(|_| value[0] == HEADER).and_then(|guid| guid.try_into().ok());
        // Another kind of header, or a damaged one, leaves it to the first bytes.
        if let Some(guid) = guid {
            return Ok(SchemaId::Guid(guid));
        }
    }
    match message {
        [PREFIX, a, b, c, d, ..] => Ok(SchemaId::Id(i32::from_be_bytes([*a, *b, *c, *d]))),
        [PREFIX, ..] | [] => Err("the message is shorter than the 5 bytes that name its schema"),
        _ => Err("Unknown magic byte!"),
    }
}

/// A message, taken apart.
///
/// # Errors
/// As [`schema_id`].
pub fn split(usage: Usage, headers: &[RawHeader], message: &Bytes) -> Result<Message, &'static str> {
    let id = schema_id(usage, headers, message)?;
    Ok(match id {
        SchemaId::Id(_) => Message { id, indexes: None, data: message.slice(PREFIX_LENGTH..) },
        SchemaId::Guid(_) => {
            let indexes = named_in(usage, headers).map(|value| value.slice(17..));
            Message { id, indexes, data: message.clone() }
        }
    })
}

// The last header of the name counts, as in Java.
fn named_in(usage: Usage, headers: &[RawHeader]) -> Option<&Bytes> {
    if headers.is_empty() {
        return None;
    }
    let name = header_name(usage);
    let header = headers.iter().rev().find(|header| &*header.key == name)?;
    header.value.as_ref().filter(|value| value.len() >= 17)
}

/// A GUID as the registry writes it: five groups of hex digits.
pub fn guid_text(guid: [u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in guid.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The GUID of a text; `None` when it is none.
pub fn parse_guid(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    if digits.len() != 32 || !digits.is_ascii() {
        return None;
    }
    let mut guid = [0; 16];
    for (byte, pair) in guid.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(guid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: [u8; 16] = [0x89, 0x79, 0x1c, 0x2a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255];

    #[test]
    fn the_first_bytes_name_the_schema() {
        let message = Bytes::from_static(&[0, 0, 0, 1, 2, 9, 8]);
        let parts = split(Usage::Value, &[], &message).unwrap();
        assert_eq!((parts.id, &parts.data[..]), (SchemaId::Id(258), &[9, 8][..]));
        let mut out = Vec::new();
        write_prefix(258, &mut out);
        assert_eq!(out, [0, 0, 0, 1, 2]);
        for short in [&[][..], &[0], &[0, 0, 0, 1]] {
            assert!(schema_id(Usage::Value, &[], short).unwrap_err().contains("shorter"));
        }
        assert_eq!(schema_id(Usage::Value, &[], &[2, 0, 0, 0, 1]), Err("Unknown magic byte!"));
    }

    #[test]
    fn a_header_goes_first() {
        let headers = [header(Usage::Value, GUID, &[2, 4])];
        let message = Bytes::from_static(&[0, 0, 0, 1, 2, 9]);
        let parts = split(Usage::Value, &headers, &message).unwrap();
        assert_eq!(parts.id, SchemaId::Guid(GUID));
        assert_eq!((parts.indexes.as_deref(), &parts.data[..]), (Some(&[2, 4][..]), &message[..]));
        assert_eq!(schema_id(Usage::Key, &headers, &message), Ok(SchemaId::Id(258)));
        let damaged =
            [RawHeader { key: "__value_schema_id".into(), value: Some(Bytes::from_static(&[1, 2])) }];
        assert_eq!(schema_id(Usage::Value, &damaged, &message), Ok(SchemaId::Id(258)));
    }

    #[test]
    fn guids_are_texts_too() {
        assert_eq!(guid_text(GUID), "89791c2a-0102-0304-0506-0708090a0bff");
        assert_eq!(parse_guid(&guid_text(GUID)), Some(GUID));
        for wrong in ["", "89791c2a", "zz791c2a-0102-0304-0506-0708090a0bff", "é"] {
            assert_eq!(parse_guid(wrong), None, "{wrong}");
        }
    }
}
