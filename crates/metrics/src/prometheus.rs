//! The text format of Prometheus, version 0.0.4.

use std::fmt::Write;

use crate::{Kind, Labels, Naming, Point, Snapshot, Value};

/// The content type of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Writes all values. Metrics and series come in an order of their own, so that two answers can be compared.
pub fn write(snapshot: &Snapshot, naming: Naming) -> String {
    let mut out = String::new();
    for (metric, points) in snapshot.families() {
        let mut points: Vec<&Point> = points.iter().collect();
        points.sort_by(|one, other| one.labels.cmp(&other.labels));
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge | Kind::Text => "gauge",
        };
        for name in naming.names(metric) {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "# HELP {name} {}", escaped(metric.meaning, false));
            let _ = writeln!(out, "# TYPE {name} {kind}");
            for point in &points {
                out.push_str(&name);
                let text = match &point.value {
                    Value::Text(text) => Some((metric.text_label(), text.as_str())),
                    Value::Number(_) => None,
                };
                write_labels(&mut out, &point.labels, text);
                match point.value {
                    Value::Number(number) => write_number(&mut out, number),
                    Value::Text(_) => out.push_str(" 1"),
                }
                out.push('\n');
            }
        }
    }
    out
}

fn write_labels(out: &mut String, labels: &Labels, text: Option<(String, &str)>) {
    let connector = labels.connector.as_deref().map(|name| ("connector".to_owned(), name));
    let task = labels.task.map(|task| task.to_string());
    let task = task.as_deref().map(|task| ("task".to_owned(), task));
    let mut before = '{';
    for (label, value) in [connector, task, text].into_iter().flatten() {
        let _ = write!(out, "{before}{label}=\"{}\"", escaped(value, true));
        before = ',';
    }
    if before == ',' {
        out.push('}');
    }
}

fn write_number(out: &mut String, number: f64) {
    let _ = match number {
        _ if number.is_nan() => write!(out, " NaN"),
        _ if number.is_infinite() => write!(out, " {}Inf", if number > 0.0 { '+' } else { '-' }),
        _ => write!(out, " {number}"),
    };
}

// A label's value escapes quotes too; other bytes may be any.
fn escaped(text: &str, quotes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list;

    #[test]
    fn values_are_written_with_help_and_type_once() {
        let mut snapshot = Snapshot::default();
        let (b, a) = ("b".into(), "a\"\\\nü".into());
        snapshot.number(&list::POLLED, &Labels::task(&b, 10), 3.0);
        snapshot.number(&list::POLLED, &Labels::task(&b, 9), 1e17);
        snapshot.number(&list::POLLED, &Labels::task(&a, 0), 0.0);
        snapshot.number(&list::TASK_COUNT, &Labels::worker(), 3.0);
        snapshot.number(&list::POLL_MAX, &Labels::task(&b, 9), f64::NAN);
        snapshot.text(&list::CONNECTOR_STATUS, &Labels::connector(&b), "running");
        let expected = r#"# HELP kafka_connect_worker_task_count tasks that live on this worker
# TYPE kafka_connect_worker_task_count gauge
kafka_connect_worker_task_count 3
# HELP kafka_connect_connector_status state of the connector object: unassigned, running, paused, stopped, failed or restarting
# TYPE kafka_connect_connector_status gauge
kafka_connect_connector_status{connector="b",status="running"} 1
# HELP kafka_connect_source_task_poll_batch_max_time_ms longest poll of the last minute, of those that gave records
# TYPE kafka_connect_source_task_poll_batch_max_time_ms gauge
kafka_connect_source_task_poll_batch_max_time_ms{connector="b",task="9"} NaN
# HELP kafka_connect_source_task_source_record_poll_total records that the connector gave, before transforms
# TYPE kafka_connect_source_task_source_record_poll_total counter
kafka_connect_source_task_source_record_poll_total{connector="a\"\\\nü",task="0"} 0
kafka_connect_source_task_source_record_poll_total{connector="b",task="9"} 100000000000000000
kafka_connect_source_task_source_record_poll_total{connector="b",task="10"} 3
"#;
        assert_eq!(write(&snapshot, Naming::Strimzi), expected);
    }
}
