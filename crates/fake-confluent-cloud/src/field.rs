//! Reading fields of JSON bodies by path.

use serde_json::{Map, Value};

use crate::exchange::Refusal;

/// Text at a path such as `spec.display_name`. Clients send empty text for "not set", so empty is `None`.
pub(crate) fn text<'a>(body: &'a Value, path: &str) -> Option<&'a str> {
    at(body, path).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The value at a path, if there is one.
pub(crate) fn at<'a>(body: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(body, |value, part| value.get(part)).filter(|value| !value.is_null())
}

/// Text that must be there.
pub(crate) fn required(body: &Value, path: &str) -> Result<String, Refusal> {
    text(body, path)
        .map(str::to_owned)
        .ok_or_else(|| Refusal::bad(format!("{path} is required and must not be empty")))
}

/// Sets a value at a path, making the objects on the way.
pub(crate) fn set(body: &mut Value, path: &str, value: Value) {
    let mut here = body;
    for part in path.split('.') {
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        let Some(object) = here.as_object_mut() else { return };
        here = object.entry(part).or_insert(Value::Null);
    }
    *here = value;
}

/// RFC 7396: objects are merged, null removes, anything else replaces.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(object) = target.as_object_mut() else { return };
    for (key, value) in patch {
        if value.is_null() {
            object.remove(key);
        } else {
            merge(object.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_merge_patch_replaces_removes_and_keeps() {
        let mut body = json!({"a": {"b": 1, "c": 2}, "d": [1]});
        merge(&mut body, &json!({"a": {"b": null, "e": {"f": 3}}, "d": [2, 3]}));
        assert_eq!(body, json!({"a": {"c": 2, "e": {"f": 3}}, "d": [2, 3]}));
    }

    #[test]
    fn set_makes_the_way() {
        let mut body = json!({"a": null});
        set(&mut body, "a.b.c", json!(1));
        assert_eq!(body, json!({"a": {"b": {"c": 1}}}));
        assert_eq!(at(&body, "a.b.c"), Some(&json!(1)));
        assert_eq!(text(&json!({"id": ""}), "id"), None);
    }
}
