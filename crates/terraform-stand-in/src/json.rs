//! Reading answers of the cloud by dotted paths.

use serde_json::Value as Json;

use crate::value::Value;

/// What lies at a path; null when nothing does.
pub fn at<'a>(json: &'a Json, path: &str) -> &'a Json {
    path.split('.').fold(json, |here, step| match step.parse::<usize>() {
        Ok(index) if here.is_array() => &here[index],
        _ => &here[step],
    })
}

/// The text at a path; empty when there is none.
pub fn text<'a>(json: &'a Json, path: &str) -> &'a str {
    at(json, path).as_str().unwrap_or_default()
}

/// The text at a path, as the library beneath the real provider puts it into state: empty, not null, when absent.
pub fn text_value(json: &Json, path: &str) -> Value {
    Value::from(text(json, path))
}

/// A block list with one element that holds only an id; empty when there is none.
pub fn reference(json: &Json, path: &str) -> Value {
    match text(json, path) {
        "" => Value::List(Vec::new()),
        id => element([("id", Value::from(id))]),
    }
}

/// A block list with one element.
pub fn element<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Value::List(vec![Value::Map(fields)])
}
