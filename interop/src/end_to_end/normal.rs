//! What is no difference, of logs and records as of [answers](testkit::scenario::normal).

use serde_json::Value as Json;
pub use testkit::scenario::normal::trace;

/// Whatever has a time of its own here is of a year before (milliseconds since the epoch, 2024-03-09); later times are
/// those of this run.
pub const WRITTEN_BEFORE: i64 = 1_710_000_000_000;

/// An answer of REST in a form that can be compared.
pub fn answer(mut answer: Json) -> Json {
    answer["body"] = testkit::scenario::normal::body(answer["body"].take());
    answer
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
    use serde_json::json;

    use super::*;

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
