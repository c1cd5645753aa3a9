//! Whether an answer is as expected.

use regex::Regex;
use serde_json::Value as Json;

/// The places where a value is not as expected, each with what is there. What is expected is a value as it must be, or
/// somewhere in it a matcher, an object with one of these members alone: `$any` (anything, if true; nothing, if false),
/// `$matches` (a text in which the regular expression is found), `$one_of` (one of these), `$holds` (an object that has
/// these members, or a list that has these items, among others), `$length` (so many items, members or characters).
pub fn mismatches(expected: &Json, found: Option<&Json>) -> Vec<String> {
    let mut wrong = Vec::new();
    compare("", expected, found, &mut wrong);
    wrong
}

fn compare(at: &str, expected: &Json, found: Option<&Json>, wrong: &mut Vec<String>) {
    if let Some((matcher, wanted)) = matcher(expected) {
        match fits(matcher, wanted, found) {
            Ok(true) => {}
            Ok(false) => wrong.push(differs(at, expected, found)),
            Err(why) => wrong.push(format!("{at}: {why}")),
        }
        return;
    }
    match (expected, found) {
        (Json::Object(expected), Some(Json::Object(found))) => {
            for (key, expected) in expected {
                compare(&format!("{at}/{key}"), expected, found.get(key), wrong);
            }
            for key in found.keys().filter(|key| !expected.contains_key(*key)) {
                wrong.push(format!("{at}/{key}: {} is not expected", cut(&found[key])));
            }
        }
        (Json::Array(expected), Some(Json::Array(found))) if expected.len() == found.len() => {
            for (index, (expected, found)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{at}/{index}"), expected, Some(found), wrong);
            }
        }
        (expected, Some(found)) if expected == found => {}
        _ => wrong.push(differs(at, expected, found)),
    }
}

fn matcher(expected: &Json) -> Option<(&str, &Json)> {
    let members = expected.as_object().filter(|members| members.len() == 1)?;
    members
        .iter()
        .next()
        .filter(|(name, _)| name.starts_with('$'))
        .map(|(name, wanted)| (name.as_str(), wanted))
}

fn fits(matcher: &str, wanted: &Json, found: Option<&Json>) -> Result<bool, String> {
    match (matcher, wanted) {
        ("$any", Json::Bool(there)) => Ok(*there == found.is_some()),
        ("$matches", Json::String(pattern)) => {
            let pattern = Regex::new(pattern).map_err(|error| error.to_string())?;
            Ok(found.and_then(Json::as_str).is_some_and(|text| pattern.is_match(text)))
        }
        ("$one_of", Json::Array(choices)) => Ok(choices.iter().any(|it| mismatches(it, found).is_empty())),
        ("$holds", Json::Object(members)) => Ok(members
            .iter()
            .all(|(key, wanted)| mismatches(wanted, found.and_then(|found| found.get(key))).is_empty())),
        ("$holds", Json::Array(items)) => {
            let Some(Json::Array(found)) = found else { return Ok(false) };
            let there = |item: &Json| found.iter().any(|it| mismatches(item, Some(it)).is_empty());
            Ok(items.iter().all(there))
        }
        ("$length", Json::Number(length)) => Ok(found.and_then(length_of) == length.as_u64()),
        _ => Err(format!("there is no matcher {matcher} that takes {wanted}")),
    }
}

fn length_of(json: &Json) -> Option<u64> {
    let length = match json {
        Json::Array(items) => items.len(),
        Json::Object(members) => members.len(),
        Json::String(text) => text.chars().count(),
        _ => return None,
    };
    u64::try_from(length).ok()
}

fn differs(at: &str, expected: &Json, found: Option<&Json>) -> String {
    let found = found.map_or_else(|| "nothing".to_owned(), cut);
    format!("{at}: {found}, and expected is {}", cut(expected))
}

fn cut(json: &Json) -> String {
    const LIMIT: usize = 400;
    let text = json.to_string();
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_must_be_equal_and_nothing_more_be_there() {
        assert!(mismatches(&json!({"a": [1, null]}), Some(&json!({"a": [1, null]}))).is_empty());
        let wrong = mismatches(&json!({"a": [1, 2], "b": 1}), Some(&json!({"a": [1, 3], "c": 1})));
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert!(wrong[0].starts_with("/a/1: 3"), "{wrong:?}");
        assert!(wrong[1].starts_with("/b: nothing"), "{wrong:?}");
        assert!(wrong[2].starts_with("/c: 1 is not expected"), "{wrong:?}");
    }

    #[test]
    fn each_matcher_takes_what_it_should_and_no_more() {
        let fits = |matcher: Json, found: Json| mismatches(&json!({"x": matcher}), Some(&found)).is_empty();
        assert!(fits(json!({"$any": true}), json!({"x": 1})) && !fits(json!({"$any": true}), json!({})));
        assert!(fits(json!({"$any": false}), json!({})) && !fits(json!({"$any": false}), json!({"x": null})));
        assert!(fits(json!({"$matches": "^a.c$"}), json!({"x": "abc"})));
        assert!(!fits(json!({"$matches": "^a.c$"}), json!({"x": "abcd"})));
        assert!(!fits(json!({"$matches": "1"}), json!({"x": 1})), "a number is no text");
        assert!(fits(json!({"$one_of": [1, {"$matches": "a"}]}), json!({"x": "a"})));
        assert!(!fits(json!({"$one_of": [1, 2]}), json!({"x": 3})));
        assert!(fits(json!({"$holds": {"a": 1}}), json!({"x": {"a": 1, "b": 2}})));
        assert!(!fits(json!({"$holds": {"a": 1}}), json!({"x": {"b": 2}})));
        assert!(
            fits(json!({"$holds": [2]}), json!({"x": [1, 2]}))
                && !fits(json!({"$holds": [3]}), json!({"x": [1]}))
        );
        assert!(
            fits(json!({"$length": 2}), json!({"x": [1, 2]}))
                && !fits(json!({"$length": 2}), json!({"x": "a"}))
        );
        let unknown = mismatches(&json!({"$nearly": 1}), Some(&json!(1)));
        assert!(unknown[0].contains("there is no matcher $nearly"), "{unknown:?}");
    }
}
