//! CloudWatch's embedded metric format: lines of a log that CloudWatch makes metrics of.
//!
//! Each line is one JSON object about one connector or one task, with the dimensions that [`cloudwatch`] says. A line has
//! at most nine values and two names of at most 1,024 characters, so that it stays far below the 1 MB that CloudWatch takes.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::cloudwatch::{self, CONNECTOR, ENVIRONMENT, NAMESPACE, TASK};
use crate::snapshot::{Labels, Snapshot, Value};
use crate::{Metric, list};

/// The longest name that CloudWatch takes.
const NAME_CHARS_MAX: usize = 1024;

/// Makes lines; remembers what was counted at the last time.
#[derive(Debug)]
pub struct Emitter {
    environment: String,
    counted: BTreeMap<Labels, Counted>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    run: Option<u64>,
    read: f64,
    written: f64,
    letters: f64,
}

impl Counted {
    fn of(snapshot: &Snapshot, task: &Labels) -> Self {
        let one = |metrics: [&'static Metric; 2]| {
            metrics.iter().find_map(|metric| snapshot.number_of(metric, task)).unwrap_or_default()
        };
        Self {
            run: snapshot.run_of(task),
            read: one([&list::POLLED, &list::READ]),
            written: one([&list::WRITTEN, &list::SENT]),
            letters: snapshot.number_of(&list::LETTERS, task).unwrap_or_default(),
        }
    }

    /// What has come since then; a task that was started anew began at zero.
    fn since(self, before: Option<&Counted>) -> Self {
        match before.filter(|before| before.run == self.run) {
            None => self,
            Some(before) => Self {
                run: self.run,
                read: self.read - before.read,
                written: self.written - before.written,
                letters: self.letters - before.letters,
            },
        }
    }
}

/// The values of one connector.
#[derive(Debug, Default)]
struct Sums {
    read: f64,
    written: f64,
    letters: f64,
    lag: Option<f64>,
    moves: bool,
}

impl Emitter {
    /// With this value of the dimension `Environment`.
    pub fn new(environment: &str) -> Self {
        Self { environment: name_of(environment), counted: BTreeMap::new() }
    }

    /// The lines of this moment, in milliseconds since the epoch, without line ends.
    pub fn lines(&mut self, snapshot: &Snapshot, now_ms: i64) -> Vec<String> {
        let mut lines = Vec::new();
        let mut sums: BTreeMap<Labels, Sums> = BTreeMap::new();
        let mut counted = BTreeMap::new();
        for point in snapshot.points(&list::RUNNING_RATIO) {
            let now = Counted::of(snapshot, &point.labels);
            let new = now.since(self.counted.get(&point.labels));
            let sum = sums.entry(of_connector(&point.labels)).or_default();
            sum.moves = true;
            sum.read += new.read;
            sum.written += new.written;
            sum.letters += new.letters;
            if let Some(lag) = snapshot.number_of(&list::SINK_LAG, &point.labels) {
                *sum.lag.get_or_insert(0.0) += lag;
            }
            counted.insert(point.labels.clone(), now);
        }
        self.counted = counted;
        for metric in [&list::CONNECTOR_STATUS, &list::TASKS_TOTAL] {
            for point in snapshot.points(metric) {
                sums.entry(point.labels.clone()).or_default();
            }
        }
        for (connector, sum) in &sums {
            let values = [
                ("connector_status", is_running(snapshot, &list::CONNECTOR_STATUS, connector)),
                ("connector_task_count", snapshot.number_of(&list::TASKS_TOTAL, connector)),
                ("connector_failed_task_count", snapshot.number_of(&list::TASKS_FAILED, connector)),
                ("records_in", sum.moves.then_some(sum.read)),
                ("records_out", sum.moves.then_some(sum.written)),
                ("dead_letter_records", sum.moves.then_some(sum.letters)),
                ("sink_lag", sum.lag),
            ];
            lines.extend(self.line(connector, &values, now_ms));
        }
        for point in snapshot.points(&list::TASK_STATUS) {
            let values = [("task_status", is_running(snapshot, &list::TASK_STATUS, &point.labels))];
            lines.extend(self.line(&point.labels, &values, now_ms));
        }
        lines
    }

    fn line(&self, labels: &Labels, values: &[(&str, Option<f64>)], now_ms: i64) -> Option<String> {
        let mut names = vec![ENVIRONMENT];
        let mut line = Map::new();
        line.insert(ENVIRONMENT.to_owned(), json!(self.environment));
        if let Some(connector) = &labels.connector {
            names.push(CONNECTOR);
            line.insert(CONNECTOR.to_owned(), json!(name_of(connector)));
        }
        if let Some(task) = labels.task {
            names.push(TASK);
            line.insert(TASK.to_owned(), json!(task.to_string()));
        }
        let mut metrics = Vec::new();
        for (name, value) in values {
            // JSON has no number for what is none.
            let (Some(metric), Some(value)) = (cloudwatch::find(name), value.filter(|it| it.is_finite()))
            else {
                continue;
            };
            metrics.push(json!({"Name": metric.name, "Unit": metric.unit.word()}));
            line.insert(metric.name.to_owned(), json!(value));
        }
        if metrics.is_empty() {
            return None;
        }
        let directive = json!({"Namespace": NAMESPACE, "Dimensions": [names], "Metrics": metrics});
        let about = json!({"Timestamp": now_ms, "CloudWatchMetrics": [directive]});
        line.insert("_aws".to_owned(), about);
        Some(Json::Object(line).to_string())
    }
}

fn of_connector(task: &Labels) -> Labels {
    Labels { task: None, ..task.clone() }
}

fn is_running(snapshot: &Snapshot, status: &'static Metric, labels: &Labels) -> Option<f64> {
    let point = snapshot.points(status).iter().find(|point| point.labels == *labels)?;
    Some(if point.value == Value::Text("running".to_owned()) { 1.0 } else { 0.0 })
}

/// A name as CloudWatch takes it: printable ASCII, not too long, not empty, no colon in front.
fn name_of(text: &str) -> String {
    let name: String = text
        .chars()
        .take(NAME_CHARS_MAX)
        .enumerate()
        .map(|(index, char)| match char {
            ':' if index == 0 => '_',
            ' '..='~' => char,
            _ => '_',
        })
        .collect();
    match name.trim() {
        "" => "_".to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(read: f64, run: u64) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let lake = "lake".into();
        let (connector, task) = (Labels::connector(&lake), Labels::task(&lake, 3));
        snapshot.text(&list::CONNECTOR_STATUS, &connector, "running");
        snapshot.number(&list::TASKS_TOTAL, &connector, 1.0);
        snapshot.number(&list::TASKS_FAILED, &connector, 0.0);
        snapshot.text(&list::TASK_STATUS, &task, "paused");
        snapshot.number(&list::RUNNING_RATIO, &task, 0.5);
        snapshot.number(&list::READ, &task, read);
        snapshot.number(&list::SENT, &task, read);
        snapshot.number(&list::LETTERS, &task, 1.0);
        snapshot.number(&list::SINK_LAG, &task, 7.0);
        snapshot.set_run(&task, run);
        snapshot
    }

    fn read_of(lines: &[String]) -> f64 {
        let line: Json = serde_json::from_str(&lines[0]).expect("a line is JSON");
        line["records_in"].as_f64().expect("it has a number of records")
    }

    #[test]
    fn a_line_has_its_dimensions_and_units() {
        let mut emitter = Emitter::new("prod");
        let lines = emitter.lines(&snapshot(10.0, 1), 1_700_000_000_000);
        let lines: Vec<Json> =
            lines.iter().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
        let unit = |name: &str, unit: &str| json!({"Name": name, "Unit": unit});
        let expected = json!({
            "Environment": "prod", "Connector": "lake",
            "connector_status": 1.0, "connector_task_count": 1.0, "connector_failed_task_count": 0.0,
            "records_in": 10.0, "records_out": 10.0, "dead_letter_records": 1.0, "sink_lag": 7.0,
            "_aws": {"Timestamp": 1_700_000_000_000_i64, "CloudWatchMetrics": [{
                "Namespace": "Sluice",
                "Dimensions": [["Environment", "Connector"]],
                "Metrics": [
                    unit("connector_status", "None"), unit("connector_task_count", "Count"),
                    unit("connector_failed_task_count", "Count"), unit("records_in", "Count"),
                    unit("records_out", "Count"), unit("dead_letter_records", "Count"),
                    unit("sink_lag", "Count"),
                ],
            }]},
        });
        assert_eq!(lines[0], expected);
        assert_eq!(lines[1]["task_status"], 0.0);
        assert_eq!(lines[1]["Task"], "3");
        assert_eq!(
            lines[1]["_aws"]["CloudWatchMetrics"][0]["Dimensions"],
            json!([["Environment", "Connector", "Task"]])
        );
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn what_is_counted_is_told_once_also_over_a_restart() {
        let mut emitter = Emitter::new("prod");
        assert_eq!(read_of(&emitter.lines(&snapshot(10.0, 1), 0)), 10.0);
        assert_eq!(read_of(&emitter.lines(&snapshot(15.0, 1), 0)), 5.0);
        assert_eq!(read_of(&emitter.lines(&snapshot(20.0, 2), 0)), 20.0, "another start");
        assert_eq!(read_of(&emitter.lines(&snapshot(20.0, 2), 0)), 0.0);
    }

    #[test]
    fn dimensions_are_those_of_the_list() {
        let mut emitter = Emitter::new("prod");
        for line in emitter.lines(&snapshot(1.0, 1), 0) {
            let line: Json = serde_json::from_str(&line).expect("a line is JSON");
            let directive = &line["_aws"]["CloudWatchMetrics"][0];
            for metric in directive["Metrics"].as_array().expect("there are metrics") {
                let declared = cloudwatch::find(metric["Name"].as_str().unwrap_or_default());
                let declared = declared.expect("it is in the list");
                assert!(declared.published, "{}", declared.name);
                assert_eq!(directive["Dimensions"], json!([declared.dimensions]), "{}", declared.name);
            }
        }
    }

    #[test]
    fn names_are_what_cloudwatch_takes() {
        assert_eq!(name_of("bücher\n\"a\""), "b_cher_\"a\"");
        assert_eq!(name_of(":a:"), "_a:");
        assert_eq!(name_of("  "), "_");
        assert_eq!(name_of(&"x".repeat(5000)).len(), 1024);
        let mut emitter = Emitter::new(&"e".repeat(5000));
        let long = format!("\"\\{}", "ü".repeat(100_000)).into();
        let mut snapshot = Snapshot::default();
        snapshot.text(&list::TASK_STATUS, &Labels::task(&long, 0), "running");
        assert!(emitter.lines(&snapshot, 0).iter().all(|line| line.len() < 10_000));
    }
}
