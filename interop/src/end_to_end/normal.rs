//! What is no difference: the order of lists that Java keeps in hash tables, the frames of a stack trace, and texts of
//! documentation, which are our own.

use serde_json::{Map, Value as Json, json};

/// Whatever has a time of its own here is of a year before (milliseconds since the epoch, 2024-03-09); later times are
/// those of this run.
pub const WRITTEN_BEFORE: i64 = 1_710_000_000_000;

/// A stack trace without its frames: the exceptions and their messages.
pub fn trace(text: &str) -> Json {
    let frame = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("at ") || (line.starts_with("... ") && line.ends_with(" more"))
    };
    text.lines().filter(|line| !frame(line)).map(|line| Json::from(line.trim_end())).collect()
}

/// An answer of REST in a form that can be compared.
pub fn answer(mut answer: Json) -> Json {
    let body = &mut answer["body"];
    if body.get("configs").is_some_and(Json::is_array) {
        let configs = body["configs"].take();
        body["configs"] = by_name(&configs, |config| &config["value"]["name"]);
    } else if body[0].get("default_value").is_some() {
        *body = by_name(body, |definition| &definition["name"]);
    } else if body[0].get("class").is_some() {
        *body = by_name(body, |plugin| &plugin["class"]);
    } else if let Json::Array(names) = body
        && names.iter().all(Json::is_string)
    {
        names.sort_by_key(Json::to_string);
    }
    tidy(&mut answer);
    answer
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

/// The lines with which a worker reports bad records of a connector, with the exceptions below them.
pub fn reports(log: &str, connector: &str) -> Json {
    let head = format!("Error encountered in task {connector}-");
    let mut reports: Vec<String> = Vec::new();
    let mut inside = false;
    for line in log.lines() {
        if line.starts_with("[20") {
            inside = false;
        }
        if let Some(at) = line.find(&head) {
            inside = true;
            reports.push(String::new());
            add(&mut reports, &line[at..]);
        } else if inside {
            add(&mut reports, line);
        }
    }
    reports.iter().map(|report| trace(&without_now(report))).collect()
}

// The time at which a source's record was read; records that are written here are of other years.
fn without_now(report: &str) -> String {
    let mut text = String::new();
    for (index, part) in report.split("timestamp=").enumerate() {
        if index > 0 {
            text.push_str("timestamp=");
        }
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        match part[..end].parse::<i64>() {
            Ok(at) if index > 0 && at >= WRITTEN_BEFORE => text.push_str(&format!("now{}", &part[end..])),
            _ => text.push_str(part),
        }
    }
    text
}

// The name of the logger stands in brackets at the end of an event: in Java's log of its first line, in ours of its
// last one.
fn add(reports: &mut [String], line: &str) {
    let Some(report) = reports.last_mut() else { return };
    let logger =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "._:$".contains(c));
    let line = match line.rsplit_once(" (") {
        Some((text, name)) if name.strip_suffix(')').is_some_and(logger) => text,
        _ => line,
    };
    report.push_str(line);
    report.push('\n');
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
    fn reports_are_found_in_either_log() {
        let java = "[2026-11-28 10:00:00,000] ERROR Error encountered in task c-0. Executing stage 'X' (a.b.C)\n\
                    x.Y: why\n\tat x.Z.f(Z.java:1)\n[2026-11-28 10:00:00,001] INFO other (a.b.C)\n";
        let ours = "[2026-11-28 10:00:00,000] ERROR [c|task-0] Error encountered in task c-0. Executing stage 'X'\n\
                    x.Y: why (sluice::task)\n[2026-11-28 10:00:00,001] INFO other (a)\n";
        let expected = json!([["Error encountered in task c-0. Executing stage 'X'", "x.Y: why"]]);
        assert_eq!(reports(java, "c"), expected);
        assert_eq!(reports(ours, "c"), expected);
        let at =
            |time: i64| reports(&format!("ERROR Error encountered in task c-0. {{timestamp={time}}}\n"), "c");
        assert_eq!(at(1_795_902_555_106), json!([["Error encountered in task c-0. {timestamp=now}"]]));
        assert_eq!(
            at(1_650_000_000_000),
            json!([["Error encountered in task c-0. {timestamp=1650000000000}"]])
        );
    }
}
