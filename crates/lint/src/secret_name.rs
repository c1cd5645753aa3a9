//! Names that mean a secret, for text whose keys no definition describes.

/// Whether a key's name means a secret. Narrower than what worker and REST hide: here a wrong answer would be an
/// error that nobody can fix, so formats, converters and sources of credentials are none.
pub fn is_secret(key: &str) -> bool {
    let words: Vec<String> = key
        .split(|c: char| !c.is_ascii_alphanumeric())
        .flat_map(split_camel_case)
        .map(|word| word.to_ascii_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    let has = |word: &str| words.iter().any(|known| known == word);
    let pair = |first: &str, second: &str| words.windows(2).any(|two| two[0] == first && two[1] == second);
    // What stands beside a secret and says where it is or what it is like.
    let last = words.last().map(String::as_str).unwrap_or_default();
    let describes = [
        "arn", "source", "id", "ids", "name", "names", "version", "length", "days", "enabled", "enable",
        "type", "format", "file", "path", "location", "provider", "class", "mode", "policy", "rotation",
        "count", "manage", "timeout", "ms",
    ];
    let is_access_key_id = pair("key", "id") && (has("access") || has("api"));
    if describes.contains(&last) && !is_access_key_id {
        return false;
    }
    let plain = [
        "password",
        "passwd",
        "pwd",
        "secret",
        "secrets",
        "passphrase",
        "token",
        "jaas",
        "credential",
        "credentials",
        "sas",
    ];
    plain.iter().any(|word| has(word))
        || is_access_key_id
        || [
            ("api", "key"),
            ("access", "key"),
            ("private", "key"),
            ("account", "key"),
            ("secret", "key"),
            ("shared", "key"),
            ("basic", "auth"),
            ("user", "info"),
            ("jaas", "config"),
        ]
        .iter()
        .any(|(first, second)| pair(first, second))
        || words.iter().any(|word| word.ends_with("password") || word == "apikey" || word == "secretkey")
}

fn split_camel_case(word: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_is_lower = false;
    for c in word.chars() {
        if c.is_ascii_uppercase() && before_is_lower {
            words.push(String::new());
        }
        before_is_lower = c.is_ascii_lowercase();
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        for key in [
            "connection.password",
            "database.password",
            "kafka.api.secret",
            "kafka.api.key",
            "aws.access.key.id",
            "aws.secret.access.key",
            "sasl.jaas.config",
            "ssl.keystore.password",
            "basic.auth.user.info",
            "master_password",
            "secret_string",
            "apiToken",
            "dbPassword",
            "cloud_api_secret",
            "auth_token",
        ] {
            assert!(is_secret(key), "{key}");
        }
        for key in [
            "key.converter",
            "output.key.format",
            "kms_key_arn",
            "secret_arn",
            "master_user_secret_kms_key_id",
            "value.converter.basic.auth.credentials.source",
            "message.key.columns",
            "topics",
            "ssl.keystore.location",
            "manage_master_user_password_enabled",
            "kafka.auth.mode",
            "token_count",
            "provider.integration.id",
        ] {
            assert!(!is_secret(key), "{key}");
        }
    }
}
