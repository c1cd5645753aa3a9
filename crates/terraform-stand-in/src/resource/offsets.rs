//! The `offsets` blocks of a connector as Connect's API wants them.

use serde_json::{Map, Value as Json, json};

use crate::value::Value;

/// Whether two states have the same offsets, in any order.
pub fn are_same(left: &Value, right: &Value) -> bool {
    let (left, right) = (left.list("offsets"), right.list("offsets"));
    left.len() == right.len() && left.iter().all(|offset| right.contains(offset))
}

/// The offsets of a state.
pub fn list(state: &Value) -> Json {
    state
        .list("offsets")
        .iter()
        .map(|offset| json!({"partition": typed(offset, "partition"), "offset": typed(offset, "offset")}))
        .collect()
}

/// A change to the offsets of a state. No blocks at all reset the connector.
pub fn request(state: &Value) -> Json {
    if state.list("offsets").is_empty() {
        return json!({"type": "DELETE"});
    }
    json!({"type": "PATCH", "offsets": list(state)})
}

/// Terraform's maps hold text only; what looks like a number or a truth value is sent as one.
fn typed(offset: &Value, name: &str) -> Map<String, Json> {
    offset.texts(name).into_iter().map(|(key, text)| (key, of_text(text))).collect()
}

fn of_text(text: String) -> Json {
    match serde_json::from_str::<Json>(&text) {
        Ok(value @ (Json::Number(_) | Json::Bool(_))) => value,
        _ => Json::String(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_looks_like_a_number_is_sent_as_one() {
        let state = Value::from_json(&json!({"offsets": [
            {"partition": {"server": "db"}, "offset": {"lsn": "27", "ratio": "0.5", "last": "true", "id": "0x1"}}
        ]}));
        let offset = json!({"lsn": 27, "ratio": 0.5, "last": true, "id": "0x1"});
        assert_eq!(
            request(&state),
            json!({"type": "PATCH", "offsets": [{"partition": {"server": "db"}, "offset": offset}]})
        );
    }

    #[test]
    fn no_blocks_reset() {
        assert_eq!(request(&Value::from_json(&json!({"offsets": []}))), json!({"type": "DELETE"}));
    }
}
