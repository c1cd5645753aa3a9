//! Names and parameters that Confluent's converter knows.

use super::Error;

/// Parameter with a field's number.
pub(super) const TAG: &str = "io.confluent.connect.protobuf.Tag";
/// Parameter with a field's scalar type, where Connect has fewer.
pub(super) const TYPE: &str = "io.confluent.connect.protobuf.Type";
/// Parameter with an enum's name; with `.SYMBOL` behind it, a symbol's number.
pub(super) const ENUM: &str = "io.confluent.connect.protobuf.Enum";
/// Name of the struct that stands for a oneof, before `.name`.
pub(super) const UNION: &str = "io.confluent.connect.protobuf.Union";
/// Names for structs and maps that have none, before a number.
pub(super) const DEFAULT_NAME: &str = "ConnectDefault";
/// Parameter in a field's options that says which Connect type an int32 is.
pub(super) const CONNECT_TYPE: &str = "connect.type";

/// The name of the oneof that a struct stands for.
pub(super) fn union_name(schema: &data::Schema) -> Option<&str> {
    let name = schema.name()?.strip_prefix(UNION)?.strip_prefix('.')?;
    schema.fields()?;
    Some(name.rsplit('.').next().unwrap_or(name))
}

/// A name as it may stand in a file: as it is, or with what it may not have replaced.
pub(super) fn identifier(name: &str, scrub: bool, path: &str) -> Result<String, Error> {
    let scrubbed = if scrub { literal::scrubbed(name) } else { name.into() };
    let mut bytes = scrubbed.bytes();
    let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if first && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(scrubbed.into_owned());
    }
    Err(Error::schema(
        path,
        format!(
            "{name:?} is not a valid identifier; scrub.invalid.names=true replaces what a name may not have"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_scrubbed_as_java_does() {
        for (name, java) in [
            ("c d", "c_d"),
            ("a-b", "a_b"),
            ("1x", "x1x"),
            ("sérv", "s_C3_A9rv"),
            ("Ü", "_C3_9C"),
            ("ok_1", "ok_1"),
        ] {
            assert_eq!(identifier(name, true, "").unwrap(), java);
        }
        assert!(identifier("a-b", false, "x").is_err());
        assert!(identifier("", true, "x").is_err());
    }
}
