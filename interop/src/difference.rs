//! Where two answers differ.

use serde_json::Value as Json;

/// One place where two answers differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where: `record.value[1]`, `error.message`.
    pub at: String,
    /// What Java has there, as JSON.
    pub java: String,
    /// What ours has there, as JSON.
    pub ours: String,
}

/// The places where two answers differ: the innermost, except that lists of different lengths differ as a whole. Where one
/// side refuses and the other does not, that is one difference, `outcome`.
pub fn differences(java: &Json, ours: &Json) -> Vec<Difference> {
    let mut found = Vec::new();
    if ["error", "refused"].iter().any(|key| java.get(key).is_some() != ours.get(key).is_some()) {
        return vec![Difference { at: "outcome".to_owned(), java: java.to_string(), ours: ours.to_string() }];
    }
    compare("", java, ours, &mut found);
    found
}

fn compare(at: &str, java: &Json, ours: &Json, found: &mut Vec<Difference>) {
    match (java, ours) {
        _ if java == ours => {}
        (Json::Object(left), Json::Object(right)) => {
            let keys: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                let (left, right) = (left.get(key), right.get(key));
                match (left, right) {
                    (Some(left), Some(right)) => compare(&at, left, right, found),
                    _ => found.push(Difference { at, java: text(left), ours: text(right) }),
                }
            }
        }
        // A tagged value of another type differs as a whole.
        (Json::Array(left), Json::Array(right))
            if left.len() == right.len() && !(left[0].is_string() && left[0] != right[0]) =>
        {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                compare(&format!("{at}[{index}]"), left, right, found);
            }
        }
        _ => found.push(Difference { at: at.to_owned(), java: java.to_string(), ours: ours.to_string() }),
    }
}

fn text(json: Option<&Json>) -> String {
    json.map_or_else(|| "absent".to_owned(), Json::to_string)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_planted_difference_is_found_where_it_is() {
        let java = json!({"record": {"value": [null, ["i32", 1]], "headers": []}});
        assert_eq!(differences(&java, &java), []);
        let mut ours = java.clone();
        ours["record"]["value"][1][1] = 2.into();
        let found = differences(&java, &ours);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            found[0],
            Difference { at: "record.value[1][1]".to_owned(), java: "1".to_owned(), ours: "2".to_owned() }
        );
    }

    #[test]
    fn another_type_length_or_outcome_is_one_difference() {
        let found = differences(&json!({"datum": [null, ["i8", 1]]}), &json!({"datum": [null, ["i16", 1]]}));
        assert_eq!(found[0].java, r#"["i8",1]"#);
        let found = differences(&json!({"headers": []}), &json!({"headers": [1]}));
        assert_eq!((found.len(), found[0].at.as_str()), (1, "headers"));
        let found = differences(&json!({"record": null}), &json!({"error": {}}));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].at.as_str(), found[0].java.as_str()), ("outcome", r#"{"record":null}"#));
    }
}
