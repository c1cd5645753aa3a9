//! The part of OpenAPI 3.0's schemas that the descriptions use.

use serde_json::Value;

/// Follows a reference inside of a document.
pub fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').unwrap();
            let found =
                document.pointer(pointer).unwrap_or_else(|| panic!("{reference} is not in the document"));
            resolve(document, found)
        }
        None => schema,
    }
}

/// Checks a value, and adds what is wrong with it, each with its place.
pub fn check(document: &Value, schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    let schema = resolve(document, schema);
    if value.is_null() && schema["nullable"] == true {
        return;
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        // Beside a nullable reference, null is what the reference's own type need not allow.
        if !(value.is_null() && resolve(document, part)["nullable"] == true) {
            check(document, part, value, place, problems);
        }
    }
    if let Some(branches) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        one_of(document, schema, branches, value, place, problems);
    }
    check_type(schema, value, place, problems);
    check_text(schema, value, place, problems);
    check_object(document, schema, value, place, problems);
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (index, value) in values.iter().enumerate() {
            check(document, items, value, &format!("{place}/{index}"), problems);
        }
    }
}

fn one_of(
    document: &Value,
    schema: &Value,
    branches: &[Value],
    value: &Value,
    place: &str,
    problems: &mut Vec<String>,
) {
    // With a discriminator the branch is known, and what is wrong in it can be told.
    let property = schema["discriminator"]["propertyName"].as_str();
    if let Some(kind) = property.and_then(|property| value[property].as_str()) {
        let mapped = schema["discriminator"]["mapping"][kind].as_str();
        let named = mapped.map_or_else(|| format!("#/components/schemas/{kind}"), str::to_owned);
        let branch = serde_json::json!({"$ref": named});
        if document.pointer(named.trim_start_matches('#')).is_some() {
            check(document, &branch, value, place, problems);
        } else {
            problems.push(format!("{place}: kind {kind} is none of the described ones"));
        }
        return;
    }
    let fits = branches.iter().any(|branch| {
        let mut inner = Vec::new();
        check(document, branch, value, place, &mut inner);
        inner.is_empty()
    });
    if !fits {
        problems.push(format!("{place}: fits no branch: {value}"));
    }
}

fn check_type(schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    let good = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        _ => true,
    };
    if !good {
        problems.push(format!("{place}: must be {}, is {value}", schema["type"]));
    }
    let listed = schema["enum"].as_array().or(schema["x-extensible-enum"].as_array());
    if listed.is_some_and(|values| !values.contains(value) && value.is_string()) {
        problems.push(format!("{place}: {value} is none of {listed:?}"));
    }
    if let (Some(least), Some(number)) = (schema["minimum"].as_f64(), value.as_f64())
        && number < least
    {
        problems.push(format!("{place}: {number} is less than {least}"));
    }
}

fn check_text(schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    let Some(text) = value.as_str() else { return };
    let good = match schema["format"].as_str() {
        Some("uri") => text.contains("://"),
        Some("date-time") => text.len() >= 20 && text.as_bytes()[10] == b'T' && text.ends_with('Z'),
        Some("uuid") => text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]),
        Some("email") => text.contains('@'),
        _ => true,
    };
    if !good {
        problems.push(format!("{place}: {text} is no {}", schema["format"]));
    }
    let length = text.chars().count() as u64;
    if schema["maxLength"].as_u64().is_some_and(|most| length > most) {
        problems.push(format!("{place}: {text} is longer than {}", schema["maxLength"]));
    }
    if schema["minLength"].as_u64().is_some_and(|least| length < least) {
        problems.push(format!("{place}: {text:?} is shorter than {}", schema["minLength"]));
    }
}

fn check_object(document: &Value, schema: &Value, value: &Value, place: &str, problems: &mut Vec<String>) {
    let Some(object) = value.as_object() else { return };
    let properties = schema["properties"].as_object();
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        // What only requests carry is not asked for in answers.
        let write_only =
            properties.is_some_and(|all| all.get(name).is_some_and(|it| it["writeOnly"] == true));
        if !object.contains_key(name) && !write_only {
            problems.push(format!("{place}: {name} is missing"));
        }
    }
    for (name, value) in object {
        let place = format!("{place}/{name}");
        match properties.and_then(|all| all.get(name)) {
            Some(described) => check(document, described, value, &place, problems),
            None if schema["additionalProperties"].is_object() => {
                check(document, &schema["additionalProperties"], value, &place, problems);
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The checker must find what is wrong, or all other tests say nothing.
    #[test]
    fn wrong_values_are_found() {
        let document = json!({"components": {"schemas": {
            "A": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": ["A"]}}},
            "N": {"allOf": [{"$ref": "#/components/schemas/A"}], "nullable": true},
        }}});
        let a = json!({"$ref": "#/components/schemas/A"});
        let cases = [
            (a.clone(), json!({"kind": "A"}), 0),
            (a.clone(), json!({}), 1),
            (a.clone(), json!({"kind": "B"}), 1),
            (a.clone(), json!(null), 1),
            (json!({"$ref": "#/components/schemas/N"}), json!(null), 0),
            (json!({"type": "array", "items": a}), json!([{"kind": 1}, {"kind": "A"}]), 1),
            (json!({"oneOf": [a], "discriminator": {"propertyName": "kind"}}), json!({"kind": "C"}), 1),
            (json!({"type": "string", "format": "uri"}), json!("here"), 1),
            (json!({"type": "object", "additionalProperties": {"type": "string"}}), json!({"a": 1}), 1),
            (json!({"type": "integer"}), json!(1.5), 1),
        ];
        for (schema, value, expected) in cases {
            let mut problems = Vec::new();
            check(&document, &schema, &value, "", &mut problems);
            assert_eq!(problems.len(), expected, "{schema} {value}: {problems:?}");
        }
    }
}
