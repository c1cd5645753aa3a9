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

/// Whether a key's value is a secret, by its name. Unlike [`is_sensitive`], which is for texts of errors and rather hides too
/// much, it names what people compare between configs as little as it can: `key` alone is a part of many harmless names.
pub fn is_secret(key: &str) -> bool {
    let name = key.to_ascii_lowercase().replace(['_', '-'], ".");
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    // About a secret: where it is, how it is made, how long it lasts. `secret.id` is one of Vault's secrets.
    let about = [
        ".algorithm",
        ".class",
        ".enable",
        ".enabled",
        ".endpoint",
        ".file",
        ".interval",
        ".iterations",
        ".length",
        ".location",
        ".ms",
        ".name",
        ".path",
        ".prefix",
        ".provider",
        ".source",
        ".topic",
        ".ttl",
        ".type",
        ".uri",
        ".url",
        ".version",
    ];
    if ends(&about) {
        return false;
    }
    let words = ["password", "passwd", "passphrase", "secret", "credential", "jaas", "user.info", "userinfo"];
    let keys = [
        "access.key",
        "account.key",
        "api.key",
        "apikey",
        "auth.key",
        "encryption.key",
        "keystore.key",
        "license.key",
        "master.key",
        "private.key",
        "secretkey",
        "accesskey",
        "service.account.key",
        "shared.key",
        "signing.key",
        "ssh.key",
    ];
    words.iter().any(|word| name.contains(word)) || ends(&["token", "tokens"]) || ends(&keys)
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
        for key in [
            "connection.password",
            "producer.override.sasl.jaas.config",
            "aws.secret.access.key",
            "aws.access.key",
            "ssl.keystore.key",
            "config.providers.v.param.vault.token",
            "config.providers.v.param.app.role.secret.id",
            "basic.auth.user.info",
            "value.converter.basic.auth.user.info",
            "API_TOKEN",
            "gcs.credentials.json",
            "snowflake.private.key.passphrase",
            "confluent.license.key",
        ] {
            assert!(is_secret(key), "{key}");
        }
        for key in [
            "key.converter",
            "key.converter.schemas.enable",
            "transforms.createKey.fields",
            "transforms.key.type",
            "message.key.columns",
            "primary.key.fields",
            "pk.fields",
            "document.id.key",
            "aws.access.key.id",
            "ssl.truststore.location",
            "sasl.oauthbearer.token.endpoint.url",
            "credentials.provider.class",
            "password.encoder.iterations",
            "config.providers.v.param.secret.default.ttl",
            "topics",
            "tokenizer",
        ] {
            assert!(!is_secret(key), "{key}");
        }
        assert_eq!(shown("password", "${env:P}"), "${env:P}");
    }
}
