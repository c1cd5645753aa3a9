//! Configs as those see them who may not see secrets, and masks that come back.
//!
//! A value that is one reference stays: it is no secret, and tools that compare configs compare it. A secret that has a
//! reference only inside of it is masked as a whole: what stands beside it may be the password.

use api::config::{RawConfig, Type, placeholder};
use spec::sensitive;

use crate::parts::passwords;

/// What is shown in the place of a secret.
pub const MASK: &str = "********";

/// Whether a key holds a secret: if it is declared, as its type says; by its name where that says nothing.
pub fn is_secret(key: &str, declared: Option<Type>) -> bool {
    match declared {
        Some(Type::Password) => true,
        None | Some(Type::String) => sensitive::is_secret(key),
        Some(_) => false,
    }
}

/// The value as it is shown: a secret masked, of any other value the passwords inside, as a URL may have them.
fn masked_value(key: &str, value: &str, declared: Option<Type>) -> String {
    if value.is_empty() || placeholder::is_one_reference(value) {
        return value.to_owned();
    }
    if is_secret(key, declared) {
        return MASK.to_owned();
    }
    let mut inner = passwords(value);
    inner.retain(|password| !placeholder::is_one_reference(password));
    inner.sort_unstable_by_key(|password| std::cmp::Reverse(password.len()));
    inner.iter().fold(value.to_owned(), |text, password| text.replace(password.as_str(), MASK))
}

/// A config with its secrets masked. `declared` says how the plugin of the config declares a key.
pub fn masked(config: &RawConfig, declared: impl Fn(&str) -> Option<Type>) -> RawConfig {
    let mut shown = config.clone();
    for (key, value) in config.iter() {
        if let Some(value) = value {
            shown.set(key, masked_value(key, value, declared(key)));
        }
    }
    shown
}

/// A config that was sent, with what is stored in the place of masks: somebody was shown them and sends them back.
///
/// # Errors
/// The keys whose mask stands for nothing that is stored.
pub fn unmasked(
    sent: &RawConfig,
    stored: &RawConfig,
    declared: impl Fn(&str) -> Option<Type>,
) -> Result<RawConfig, Vec<String>> {
    let (mut config, mut unknown) = (sent.clone(), Vec::new());
    for (key, value) in sent.iter() {
        let Some(value) = value.filter(|value| value.contains(MASK)) else { continue };
        let kept = stored.get(key);
        match kept {
            Some(kept) if masked_value(key, kept, declared(key)) == value => config.set(key, kept),
            _ if kept == Some(value) => {}
            _ if is_secret(key, declared(key)) => unknown.push(key.to_owned()),
            // A URL whose host was changed, say: which password it has is not known.
            _ if passwords(value).iter().any(|password| password.contains(MASK)) => {
                unknown.push(key.to_owned())
            }
            _ => {}
        }
    }
    if unknown.is_empty() { Ok(config) } else { Err(unknown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(key: &str) -> Option<Type> {
        match key {
            "auth" => Some(Type::Password),
            "token.count" => Some(Type::Int),
            "name" | "api.token" => Some(Type::String),
            _ => None,
        }
    }

    const STORED: [(&str, &str); 8] = [
        ("name", "orders"),
        ("auth", "geheim-1"),
        ("api.token", "geheim-2"),
        ("token.count", "3"),
        ("url", "jdbc:postgresql://db/x?user=u&password=geheim-3"),
        ("db.password", "${file:/x:p}"),
        ("key.converter", "org.x.Json"),
        ("empty.password", ""),
    ];

    fn stored() -> RawConfig {
        STORED.into_iter().collect()
    }

    #[test]
    fn secrets_are_masked_and_nothing_else() {
        let shown = masked(&stored(), declared);
        let expected: RawConfig = [
            ("name", "orders"),
            ("auth", MASK),
            ("api.token", MASK),
            ("token.count", "3"),
            ("url", "jdbc:postgresql://db/x?user=u&password=********"),
            ("db.password", "${file:/x:p}"),
            ("key.converter", "org.x.Json"),
            ("empty.password", ""),
        ]
        .into_iter()
        .collect();
        assert_eq!(shown.iter().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_reference_does_not_uncover_what_stands_beside_it() {
        let jaas = "Login required username=\"${env:U}\" password=\"hunter2\";";
        assert_eq!(
            masked_value("my.login", jaas, None),
            "Login required username=\"${env:U}\" password=\"********\";"
        );
        let reference = "Login required username=\"${env:U}\" password=\"${env:P}\";";
        assert_eq!(masked_value("my.login", reference, None), reference);
        assert_eq!(masked_value("my.jaas", reference, None), MASK, "by its name it is a secret as a whole");
        let url = "jdbc:x://${env:HOST}/db?user=u&password=${env:P}";
        assert_eq!(masked_value("connection.url", url, None), url);
        for mixed in ["${env:A}hunter2", "hunter2${env:A}", "${env:A}${env:B}"] {
            assert_eq!(masked_value("auth", mixed, Some(Type::Password)), MASK, "{mixed}");
            assert_eq!(masked_value("db.password", mixed, None), MASK, "{mixed}");
        }
        assert_eq!(masked_value("auth", "${env:A}", Some(Type::Password)), "${env:A}");
        let stored = RawConfig::new().with("my.jaas", jaas).with("db.password", "${env:A}hunter2");
        assert_eq!(unmasked(&masked(&stored, |_| None), &stored, |_| None), Ok(stored));
    }

    #[test]
    fn a_mask_that_comes_back_is_what_is_stored() {
        let back = unmasked(&masked(&stored(), declared), &stored(), declared);
        assert_eq!(back, Ok(stored()));
        let changed = masked(&stored(), declared).with("auth", "new").with("name", MASK);
        let changed = unmasked(&changed, &stored(), declared).unwrap();
        assert_eq!((changed.get("auth"), changed.get("api.token")), (Some("new"), Some("geheim-2")));
        assert_eq!(changed.get("name"), Some(MASK), "what is no secret is not masked");
        let new = RawConfig::new().with("auth", MASK).with("other.password", MASK).with("topic", MASK);
        let unknown = unmasked(&new, &RawConfig::new(), declared).unwrap_err();
        assert_eq!(unknown, ["auth", "other.password"]);
        let moved = "jdbc:postgresql://other/x?user=u&password=********";
        let unknown = unmasked(&stored().with("url", moved), &stored(), declared).unwrap_err();
        assert_eq!(unknown, ["url"], "a mask is not stored as a password");
    }
}
