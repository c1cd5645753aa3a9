//! The worker's properties in environment variables, as container images of Kafka Connect take them.
//!
//! `CONNECT_BOOTSTRAP_SERVERS` is `bootstrap.servers`: after the prefix, in small letters, `_` is a point, `__` an
//! underscore and `___` a hyphen.

use std::ffi::OsString;

use ::config::RawConfig;

/// What the names of variables begin with.
pub const PREFIX: &str = "CONNECT_";

/// The properties that these variables give; others are passed over.
///
/// # Errors
/// A value is no text, or a name has nothing after the prefix: the variable's name, never its value.
pub fn properties(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<RawConfig, String> {
    let mut found = Vec::new();
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        let Some(value) = value.to_str() else {
            return Err(format!("{name}: the value of this environment variable is not UTF-8"));
        };
        let key = key_of(&name[PREFIX.len()..]);
        if key.is_empty() {
            return Err(format!(
                "{name}: no key follows {PREFIX}; {PREFIX}BOOTSTRAP_SERVERS is bootstrap.servers"
            ));
        }
        found.push((key, value.to_owned()));
    }
    found.sort(); // the system has them in any order
    let mut properties = RawConfig::new();
    for (key, value) in found {
        properties.set(key, value);
    }
    Ok(properties)
}

fn key_of(mut name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    while let Some(at) = name.find('_') {
        key.push_str(&name[..at]);
        let length = name[at..].bytes().take(3).take_while(|byte| *byte == b'_').count();
        key.push(match length {
            1 => '.',
            2 => '_',
            _ => '-',
        });
        name = &name[at + length..];
    }
    key.push_str(name);
    key.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt;

    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<RawConfig, String> {
        properties(variables.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn names_become_keys_as_in_the_images() {
        for (name, key) in [
            ("BOOTSTRAP_SERVERS", "bootstrap.servers"),
            ("OFFSET_STORAGE_REPLICATION_FACTOR", "offset.storage.replication.factor"),
            ("PRODUCER_SASL_JAAS_CONFIG", "producer.sasl.jaas.config"),
            ("A__B", "a_b"),
            ("A___B", "a-b"),
            ("A____B", "a-.b"),
            ("A_____B_", "a-_b."),
        ] {
            assert_eq!(key_of(name), key);
        }
    }

    #[test]
    fn only_variables_of_connect_are_taken_in_any_order() {
        let variables =
            [("CONNECT_GROUP_ID", "g = h "), ("PATH", "/bin"), ("CONNECT_A", ""), ("connect_b", "x")];
        let found = of(&variables).unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), [("a", Some("")), ("group.id", Some("g = h "))]);
    }

    #[test]
    fn what_is_no_text_is_named_and_not_shown() {
        let secret = OsString::from_vec(b"s3cret\xff".to_vec());
        let error = properties([("CONNECT_SASL_JAAS_CONFIG".into(), secret)].into_iter()).unwrap_err();
        assert!(error.contains("CONNECT_SASL_JAAS_CONFIG") && !error.contains("s3cret"), "{error}");
        assert!(of(&[("CONNECT_", "x")]).unwrap_err().contains("no key follows"));
    }
}
