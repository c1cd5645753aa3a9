//! Taking secrets out of what is logged and dumped.

use serde_json::Value;

/// What a secret looks like wherever it is shown or logged: as the cloud shows it.
pub(crate) const MASK: &str = "****************";

/// Whether a key's name says that its value is a secret.
pub(crate) fn names_a_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let said = ["password", "secret", "passphrase", "private.key", "credentials", "token"];
    // Settings about secrets are none: `secret.manager.enabled`, `page_token`.
    let about = key.starts_with("secret.manager") || key == "page_token" || key.ends_with(".location");
    !about && said.iter().any(|word| key.contains(word))
}

/// A copy in which no secret is left: neither under a key that names one (`also` adds to these), nor a known value
/// anywhere, inside of a longer text too.
pub(crate) fn masked(value: &Value, known: &[&str], also: &dyn Fn(&str) -> bool) -> Value {
    match value {
        Value::String(text) => Value::String(masked_text(text, known)),
        Value::Array(values) => values.iter().map(|value| masked(value, known, also)).collect(),
        Value::Object(object) => {
            let pairs = object.iter().map(|(key, value)| {
                let hide = (names_a_secret(key) || also(key)) && (value.is_string() || value.is_number());
                (key.clone(), if hide { MASK.into() } else { masked(value, known, also) })
            });
            Value::Object(pairs.collect())
        }
        other => other.clone(),
    }
}

/// A text without the known secrets.
pub(crate) fn masked_text(text: &str, known: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in known.iter().filter(|secret| !secret.is_empty()) {
        if text.contains(secret) {
            text = text.replace(secret, MASK);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_go_by_name_and_by_value() {
        let body = json!({
            "config": {"database.password": "hunter2", "secret.manager.enabled": "true", "name": "a"},
            "note": "the key is S3CR3T!", "list": ["S3CR3T"], "ssl.key": "pem",
        });
        let masked = masked(&body, &["S3CR3T"], &|key| key == "ssl.key");
        let expected = json!({
            "config": {"database.password": MASK, "secret.manager.enabled": "true", "name": "a"},
            "note": format!("the key is {MASK}!"), "list": [MASK], "ssl.key": MASK,
        });
        assert_eq!(masked, expected);
    }
}
