//! Parameters of a provider, which several implementations of the same thing name differently.

use std::time::Duration;

use api::config::RawConfig;

/// The first of these that is given and not empty.
pub(crate) fn first<'a>(params: &'a RawConfig, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| params.get(name).map(str::trim).filter(|value| !value.is_empty()))
}

/// A number of milliseconds under one of these names.
///
/// # Errors
/// It is not one; the name comes first.
pub(crate) fn millis(params: &RawConfig, names: &[&str]) -> Result<Option<Duration>, (String, String)> {
    for name in names {
        let Some(text) = first(params, &[name]) else { continue };
        return match text.parse::<u64>() {
            Ok(0) => Ok(None),
            Ok(millis) => Ok(Some(Duration::from_millis(millis))),
            Err(_) => Err(((*name).to_owned(), "it is not a number of milliseconds".to_owned())),
        };
    }
    Ok(None)
}

/// A key as it was written in a reference, and how long its value holds: `password?ttl=60000`.
pub(crate) fn split_ttl(key: &str) -> (&str, Option<Duration>) {
    let Some((name, query)) = key.split_once('?') else { return (key, None) };
    let ttl = query.split('&').find_map(|part| part.strip_prefix("ttl=")?.parse::<u64>().ok());
    match ttl {
        Some(millis) if millis > 0 => (name, Some(Duration::from_millis(millis))),
        Some(_) => (name, None),
        None => (key, None), // a key may have a question mark
    }
}

/// The text of a JSON value, as a config's value: a text as it is, null as nothing, the rest as JSON.
pub(crate) fn text_of(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_say_how_long_its_value_holds() {
        assert_eq!(split_ttl("password"), ("password", None));
        assert_eq!(split_ttl("password?ttl=500"), ("password", Some(Duration::from_millis(500))));
        assert_eq!(split_ttl("password?ttl=0"), ("password", None));
        assert_eq!(split_ttl("what?"), ("what?", None));
        assert_eq!(split_ttl("what?ttl=x"), ("what?ttl=x", None));
    }
}
