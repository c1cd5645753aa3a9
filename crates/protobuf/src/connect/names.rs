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
/// Parameters in a field's options about a decimal.
pub(super) const PRECISION: &str = "precision";
pub(super) const SCALE: &str = "scale";
/// The first of them in a Connect schema.
pub(super) const CONNECT_PRECISION: &str = "connect.decimal.precision";

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

/// What the name of a message that holds a map's entries ends with.
pub(super) const ENTRY: &str = "Entry";
/// The fields of such a message, in this order.
pub(super) const KEY: &str = "key";
pub(super) const VALUE: &str = "value";

/// The name of the message that holds the entries of a map of this name: `my_map` is `MyMapEntry`, and a name without
/// underscores stays as it is.
pub(super) fn entry_name(map: &str) -> String {
    let mut out = String::with_capacity(map.len() + ENTRY.len());
    match map.contains('_') {
        true => map.split('_').for_each(|word| {
            let mut chars = word.chars();
            out.extend(chars.next().map(|first| first.to_ascii_uppercase()));
            out.extend(chars.map(|c| c.to_ascii_lowercase()));
        }),
        false => out.push_str(map),
    }
    out.push_str(ENTRY);
    out
}

/// The name of the map whose entries a message of this full name holds: `p.MyMapEntry` is `p.my_map`.
pub(super) fn map_name(entry: &str) -> String {
    let (package, local) = match entry.rsplit_once('.') {
        Some((package, local)) => (Some(package), local),
        None => (None, entry),
    };
    let Some(local) = local.strip_suffix(ENTRY) else { return entry.to_owned() };
    let mut out = package.map(|package| format!("{package}.")).unwrap_or_default();
    for (position, c) in local.chars().enumerate() {
        if position > 0 && c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_and_their_entries_are_named_as_java_does() {
        for (map, entry, back) in [
            ("ConnectDefault2", "ConnectDefault2Entry", "connect_default2"),
            ("connect_default2", "ConnectDefault2Entry", "connect_default2"),
            ("my_MAP", "MyMapEntry", "my_map"),
            ("_a", "AEntry", "a"),
            ("n", "nEntry", "n"),
            ("ABc", "ABcEntry", "a_bc"),
        ] {
            assert_eq!(entry_name(map), entry);
            assert_eq!(map_name(&format!("p.M.{entry}")), format!("p.M.{back}"));
            assert_eq!(map_name(entry), back);
        }
        assert_eq!(map_name("Other"), "Other");
    }

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
