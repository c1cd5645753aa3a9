//! The normal form of an answer: without what is no difference. The order of lists that Java keeps in hash tables, the
//! frames of a stack trace, and texts of documentation, which are our own.

use serde_json::{Map, Value as Json, json};

/// A stack trace without its frames: the exceptions and their messages.
pub fn trace(text: &str) -> Json {
    let frame = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("at ") || (line.starts_with("... ") && line.ends_with(" more"))
    };
    text.lines().filter(|line| !frame(line)).map(|line| Json::from(line.trim_end())).collect()
}

/// A body in its normal form: configs and plugins by their names, names sorted, traces without frames, times and
/// documentation as `true`.
pub fn body(mut body: Json) -> Json {
    if body.get("configs").is_some_and(Json::is_array) {
        let configs = body["configs"].take();
        body["configs"] = by_name(&configs, |config| &config["value"]["name"]);
    } else if body[0].get("default_value").is_some() {
        body = by_name(&body, |definition| &definition["name"]);
    } else if body[0].get("class").is_some() {
        body = by_name(&body, |plugin| &plugin["class"]);
    } else if let Json::Array(names) = &mut body
        && names.iter().all(Json::is_string)
    {
        names.sort_by_key(Json::to_string);
    }
    tidy(&mut body);
    body
}

fn by_name(list: &Json, name: impl Fn(&Json) -> &Json) -> Json {
    let mut named = Map::new();
    for item in list.as_array().into_iter().flatten() {
        named.insert(name(item).as_str().unwrap_or_default().to_owned(), item.clone());
    }
    named.into()
}

fn tidy(json: &mut Json) {
    match json {
        Json::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), &*value) {
                    ("trace", Json::String(text)) => *value = trace(text),
                    // When it was.
                    ("last_modified", Json::Number(_)) => *value = json!(true),
                    // Each has one; the words are our own.
                    ("documentation", Json::String(text)) => *value = json!(!text.trim().is_empty()),
                    _ => tidy(value),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_keeps_its_exceptions_only() {
        let text =
            "a.B: wrong\n\tat a.B.c(B.java:1)\nCaused by: d.E: why\n\tat d.E.f(E.java:2)\n\t... 10 more\n";
        assert_eq!(trace(text), json!(["a.B: wrong", "Caused by: d.E: why"]));
    }

    #[test]
    fn lists_of_things_with_names_are_by_name() {
        assert_eq!(body(json!(["b", "a"])), json!(["a", "b"]));
        assert_eq!(
            body(json!([{"class": "a.B", "type": "sink"}])),
            json!({"a.B": {"class": "a.B", "type": "sink"}})
        );
        let configs = json!({"configs": [{"value": {"name": "k"}, "definition": {"documentation": "d"}}]});
        let expected =
            json!({"configs": {"k": {"value": {"name": "k"}, "definition": {"documentation": true}}}});
        assert_eq!(body(configs), expected);
        assert_eq!(body(json!([1, 2])), json!([1, 2]));
    }
}
