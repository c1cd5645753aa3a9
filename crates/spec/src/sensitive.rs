//! Keys that sound like secrets, where no definition says.

use api::config::{HIDDEN, placeholder};

const WORDS: [&str; 6] = ["password", "secret", "token", "credential", "jaas", "key"];

/// Whether a key's name sounds like a secret. Converters' and serializers' keys only sound so.
pub fn is_sensitive(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let harmless =
        ["key.converter", "key.serializer", "key.deserializer", "key.fields", "pk.", "key.columns"];
    let rest = harmless.iter().fold(key, |key, word| key.replace(word, ""));
    WORDS.iter().any(|word| rest.contains(word))
}

/// The value, hidden when the key sounds like a secret; a reference is none.
pub(crate) fn shown<'a>(key: &str, value: &'a str) -> &'a str {
    match is_sensitive(key) && !placeholder::is_reference(value) {
        true => HIDDEN,
        false => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for key in ["connection.password", "aws.access.key.id", "sasl.jaas.config", "API_TOKEN"] {
            assert!(is_sensitive(key), "{key}");
        }
        for key in ["key.converter", "key.converter.schemas.enable", "topics", "file"] {
            assert!(!is_sensitive(key), "{key}");
        }
        assert_eq!(shown("password", "${env:P}"), "${env:P}");
    }
}
