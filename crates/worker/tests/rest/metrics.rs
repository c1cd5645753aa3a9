//! `/metrics`: names, values of known runs, series that go with their connector; and lines for CloudWatch.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use api::{ManualClock, SystemClock};
use kafka::memory::{Cluster, WorkerGroups};
use metrics::{Kind, Naming, list::LIST};
use serde_json::json;

use crate::auth::{PASSWORD, Users, authorization, send_as};
use crate::certificates::{Authority, ask};
use crate::client::{Answer, eventually, send};
use crate::worker::TestWorker;

const SOURCE: &str = "org.apache.kafka.connect.file.FileStreamSourceConnector";
const SINK: &str = "org.apache.kafka.connect.file.FileStreamSinkConnector";

/// The text, taken apart by a strict reader: metrics in one piece, each with one HELP and one TYPE before its series, no
/// series twice.
struct Scrape(BTreeMap<String, f64>);

impl Scrape {
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        assert!(answer.body.ends_with('\n'));
        let mut series = BTreeMap::new();
        let mut families = BTreeSet::new();
        let (mut family, mut helped) = (String::new(), String::new());
        for line in answer.body.lines() {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, text) = help.split_once(' ').unwrap();
                assert!(!text.is_empty() && families.insert(name.to_owned()), "{line}");
                helped = name.to_owned();
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap();
                assert!(name == helped && ["counter", "gauge"].contains(&kind), "{line}");
                family = name.to_owned();
            } else {
                let (id, value) = line.rsplit_once(' ').unwrap();
                let name = id.split('{').next().unwrap();
                assert_eq!(name, family, "{line}");
                check_labels(&id[name.len()..]);
                let value: f64 = value.parse().unwrap();
                assert_eq!(series.insert(id.to_owned(), value), None, "{line}");
            }
        }
        Self(series)
    }

    fn get(&self, id: &str) -> f64 {
        *self.0.get(id).unwrap_or_else(|| panic!("no {id} in {:#?}", self.0.keys()))
    }

    /// A value of a task of the group, which ends in `_`.
    fn task(&self, connector: &str, attribute: &str) -> f64 {
        self.get(&format!("kafka_connect_{attribute}{{connector=\"{connector}\",task=\"0\"}}"))
    }
}

// `{name="value",…}` or nothing.
fn check_labels(text: &str) {
    let Some(mut rest) = text.strip_prefix('{') else { return assert_eq!(text, "") };
    loop {
        let (name, after) = rest.split_once("=\"").unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{text}");
        let mut escaped = false;
        let end = after.find(|char| {
            let ends = char == '"' && !escaped;
            assert!(!escaped || ['"', '\\', 'n'].contains(&char), "{text}");
            escaped = char == '\\' && !escaped;
            ends
        });
        rest = &after[end.unwrap() + 1..];
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None => return assert_eq!(rest, "}", "{text}"),
        }
    }
}

fn scrape(worker: &TestWorker) -> Scrape {
    Scrape::of(&worker.send("GET", "/metrics"))
}

/// A source of three lines, and a sink of two good records and three bad ones, of which all is told.
fn run(worker: &TestWorker) {
    std::fs::write(worker.path("in.txt"), "one\ntwo\nthree\n").unwrap();
    worker
        .create("lines", json!({"connector.class": SOURCE, "topic": "rows", "file": worker.path("in.txt")}));
    for value in [r#""a""#, "{", r#""b""#, "[", "]"] {
        worker.cluster.append("mixed", 0, None, Some(value));
    }
    let sink = json!({
        "connector.class": SINK, "topics": "mixed", "file": worker.path("out.txt"),
        "errors.tolerance": "all", "errors.log.enable": "true",
        "errors.deadletterqueue.topic.name": "dead",
        "errors.deadletterqueue.topic.replication.factor": "1",
    });
    worker.create("copy", sink);
    eventually("all has moved", || {
        let seen = scrape(worker);
        let is = |connector: &str, attribute: &str, value: f64| {
            let id = format!("kafka_connect_{attribute}{{connector=\"{connector}\",task=\"0\"}}");
            seen.0.get(&id) == Some(&value)
        };
        let done = is("lines", "source_task_metrics_source_record_write_total", 3.0)
            && is("copy", "sink_task_metrics_sink_record_send_total", 2.0)
            && is("copy", "sink_task_metrics_sink_record_active_count", 0.0)
            && is("copy", "sink_task_metrics_sink_record_lag_max", 0.0)
            && is("copy", "sink_task_metrics_partition_count", 1.0);
        if done { Ok(()) } else { Err(format!("{:#?}", seen.0)) }
    });
}

#[test]
fn values_are_those_of_the_run() {
    let worker = TestWorker::start();
    run(&worker);
    let seen = scrape(&worker);
    for (connector, attribute, value) in [
        ("lines", "source_task_metrics_source_record_poll_total", 3.0),
        ("lines", "source_task_metrics_source_record_write_total", 3.0),
        ("lines", "source_task_metrics_source_record_active_count", 0.0),
        ("copy", "sink_task_metrics_sink_record_read_total", 5.0),
        ("copy", "sink_task_metrics_sink_record_send_total", 2.0),
        ("copy", "task_error_metrics_total_record_errors", 3.0),
        ("copy", "task_error_metrics_total_record_failures", 3.0),
        ("copy", "task_error_metrics_total_records_skipped", 3.0),
        ("copy", "task_error_metrics_total_errors_logged", 3.0),
        ("copy", "task_error_metrics_total_retries", 0.0),
        ("copy", "task_error_metrics_deadletterqueue_produce_requests", 3.0),
        ("copy", "task_error_metrics_deadletterqueue_produce_failures", 0.0),
        ("lines", "task_error_metrics_total_record_errors", 0.0),
        ("lines", "task_error_metrics_last_error_timestamp", 0.0),
        ("copy", "connector_task_metrics_offset_commit_success_percentage", 1.0),
        ("copy", "connector_task_metrics_pause_ratio", 0.0),
    ] {
        assert_eq!(seen.task(connector, attribute), value, "{connector} {attribute}");
    }
    assert!(seen.task("copy", "task_error_metrics_last_error_timestamp") > 1.7e12);
    assert!(seen.task("copy", "connector_task_metrics_running_ratio") > 0.0);
    assert!(seen.task("lines", "source_task_metrics_source_record_poll_rate") > 0.0);
    for (attribute, value) in [
        ("connector_count", 2.0),
        ("task_count", 2.0),
        ("task_startup_attempts_total", 2.0),
        ("task_startup_success_total", 2.0),
        ("task_startup_failure_total", 0.0),
        ("task_startup_success_percentage", 1.0),
        ("connector_startup_success_total", 2.0),
    ] {
        assert_eq!(
            seen.get(&format!("kafka_connect_connect_worker_metrics_{attribute}")),
            value,
            "{attribute}"
        );
    }
}

// What changes from run to run: times, rates, and averages over polls that may have come apart.
fn masked(text: &str) -> String {
    let varies = |name: &str| {
        name.ends_with("_ms")
            || name.ends_with("_rate")
            || name.ends_with("_ratio")
            || name.ends_with("_avg")
            || name.ends_with("_max")
            || name.ends_with("_timestamp")
            || name.ends_with("_seq_no")
            || name.ends_with("_completion_total")
            || name.starts_with("sluice_rest_")
    };
    let mut out = String::new();
    for line in text.lines() {
        match line.split(['{', ' ']).next() {
            Some(name) if !line.starts_with('#') && varies(name) => {
                out.push_str(line.rsplit_once(' ').unwrap().0);
                out.push_str(" …\n");
            }
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

#[test]
fn the_text_is_as_it_was() {
    let worker = TestWorker::with(&[("sluice.metrics.names", "both")]);
    run(&worker);
    let text = masked(&worker.send("GET", "/metrics").body);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rest/metrics.txt");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    for (line, (is, was)) in (1..).zip(text.lines().zip(golden.lines())) {
        assert_eq!(is, was, "line {line}; to take it over, run with UPDATE_GENERATED=1");
    }
    assert_eq!(text.len(), golden.len());
}

#[test]
fn all_metrics_of_the_list_are_told() {
    let groups = WorkerGroups::new(SystemClock::new());
    let worker = TestWorker::in_group("a", &Cluster::new(), &groups);
    std::fs::write(worker.path("in.txt"), "one\n").unwrap();
    worker
        .create("lines", json!({"connector.class": SOURCE, "topic": "rows", "file": worker.path("in.txt")}));
    worker.create("copy", json!({"connector.class": SINK, "topics": "rows", "file": worker.path("out.txt")}));
    let told = |worker: &TestWorker| {
        let names = scrape(worker).0.into_keys().map(|id| id.split('{').next().unwrap().to_owned());
        names.collect::<BTreeSet<_>>()
    };
    // Transactions are those of exactly-once sources; certificates those of https listeners.
    let all: BTreeSet<String> = LIST
        .iter()
        .filter(|metric| {
            !metric.attribute.starts_with("transaction-") && metric.attribute != "certificate-left-ms"
        })
        .flat_map(|metric| Naming::Kafka.names(metric))
        .collect();
    eventually("all are told", || {
        let lacking: Vec<_> = all.difference(&told(&worker)).cloned().collect();
        if lacking.is_empty() { Ok(()) } else { Err(format!("{lacking:?}")) }
    });
    assert_eq!(told(&worker).difference(&all).count(), 0);
    let seen = scrape(&worker);
    let leader = format!(
        "kafka_connect_connect_worker_rebalance_metrics_leader_name{{leader_name=\"http://{}/\"}}",
        worker.id()
    );
    assert_eq!(seen.get(&leader), 1.0);
    assert_eq!(
        seen.get(
            r#"kafka_connect_connect_worker_rebalance_metrics_connect_protocol{connect_protocol="sessioned"}"#
        ),
        1.0
    );
    assert_eq!(seen.get("kafka_connect_connect_coordinator_metrics_assigned_connectors"), 2.0);
    assert_eq!(seen.get("kafka_connect_connect_worker_rebalance_metrics_rebalancing"), 0.0);
    assert!(seen.get("kafka_connect_connect_worker_rebalance_metrics_completed_rebalances_total") >= 1.0);
    // Kinds of Prometheus that a graph goes wrong with: a counter must say that it is one.
    let text = worker.send("GET", "/metrics").body;
    for metric in LIST.iter().filter(|metric| metric.kind == Kind::Counter) {
        for name in Naming::Kafka.names(metric) {
            assert!(text.contains(&format!("# TYPE {name} counter\n")), "{name}");
        }
    }
}

#[test]
fn what_rest_does_is_counted() {
    let users = Users::new();
    let worker = users.worker(&[]);
    let count = |attribute: &str| {
        let scraped = send_as(&worker, "viewer", "GET", "/metrics", "");
        Scrape::of(&scraped).get(&format!("sluice_rest_{attribute}"))
    };
    let names = ["done", "refused", "failed", "unauthenticated", "forbidden", "limited"];
    let counts = || names.map(|name| count(&format!("requests_{name}_total")));
    let before = counts();
    assert_eq!(worker.send("GET", "/connectors").status, 401);
    assert_eq!(send_as(&worker, "viewer", "DELETE", "/connectors/x", "").status, 403);
    assert_eq!(send_as(&worker, "admin", "DELETE", "/connectors/x", "").status, 404);
    let large = vec![b' '; (1 << 20) + 1];
    let headers =
        [("Content-Type", "application/json"), ("Authorization", &*authorization("admin", PASSWORD))];
    let too_large = send(worker.address, "POST", "/connectors", &headers, &large).status;
    assert_eq!(too_large, 413);
    let after = counts();
    let more: Vec<_> = before.iter().zip(after).map(|(before, after)| after - before).collect();
    // Each count is a scrape, which is a request that is done.
    assert_eq!(more, [6.0, 4.0, 0.0, 1.0, 1.0, 1.0]);
    assert!(count("connections") >= 1.0);
    assert!(count("request_max_time_ms") >= count("request_avg_time_ms"));
    assert_eq!(count("connections_limited_total"), 0.0);
}

#[test]
fn a_pager_can_tell_when_a_certificate_ends() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new("a"));
    let store = folder.path().join("worker.pem");
    std::fs::write(&store, authority.sign("worker").store()).unwrap();
    let keys = [("listeners", "https://127.0.0.1:0"), ("ssl.keystore.location", store.to_str().unwrap())];
    let clock = ManualClock::at(1_000_000);
    let worker = TestWorker::with_clock(&keys, clock.clone());
    let left = || {
        let (answer, _) = ask(worker.address, &authority, None, "/metrics").unwrap();
        let line = answer.lines().find_map(|line| line.strip_prefix("sluice_rest_certificate_left_ms "));
        line.unwrap().parse::<f64>().unwrap()
    };
    let before = left();
    assert!(before > 0.0, "{before}");
    clock.advance(Duration::from_secs(7));
    assert_eq!(before - left(), 7000.0);
}

#[test]
fn series_go_with_their_connector_and_failed_tasks_stay() {
    let worker = TestWorker::start();
    let fake = |task: &str| {
        json!({"connector.class": "com.example.FakeSourceConnector", "tasks": "1", "task": task,
            "fake.password": "s3cr3t-of-the-test", "fake.url": "http://s3cr3t-of-the-test"})
    };
    worker.create("quo\"te", fake("ok"));
    worker.create("bad", fake("fail"));
    worker.wait("bad", &["RUNNING", "FAILED"]);
    worker.wait("quo%22te", &["RUNNING", "RUNNING"]);
    let answer = worker.send("GET", "/metrics");
    assert!(!answer.body.contains("s3cr3t"), "invariant 5");
    let seen = Scrape::of(&answer);
    assert_eq!(
        seen.get(r#"kafka_connect_connector_metrics_status{connector="quo\"te",status="running"}"#),
        1.0
    );
    assert_eq!(
        seen.get(r#"kafka_connect_connector_task_metrics_status{connector="bad",task="0",status="failed"}"#),
        1.0
    );
    let failed = |connector: &str| {
        format!(
            "kafka_connect_connect_worker_metrics_connector_failed_task_count{{connector=\"{connector}\"}}"
        )
    };
    assert_eq!((seen.get(&failed("bad")), seen.get(&failed("quo\\\"te"))), (1.0, 0.0));
    assert_eq!(seen.get("kafka_connect_connect_worker_metrics_task_startup_failure_total"), 1.0);
    assert_eq!(seen.get("kafka_connect_connect_worker_metrics_task_startup_failure_percentage"), 0.5);

    assert_eq!(worker.send("PUT", "/connectors/quo%22te/pause").status, 202);
    worker.wait("quo%22te", &["PAUSED", "PAUSED"]);
    let paused =
        r#"kafka_connect_connector_task_metrics_status{connector="quo\"te",task="0",status="paused"}"#;
    assert_eq!(scrape(&worker).get(paused), 1.0);

    assert_eq!(worker.send("DELETE", "/connectors/bad").status, 204);
    assert_eq!(worker.send("DELETE", "/connectors/quo%22te").status, 204);
    let left = scrape(&worker);
    let of_connectors: Vec<_> = left.0.keys().filter(|id| id.contains("connector=")).collect();
    assert!(of_connectors.is_empty(), "{of_connectors:?}");
    assert_eq!(left.get("kafka_connect_connect_worker_metrics_task_count"), 0.0);
    assert_eq!(
        left.get("kafka_connect_connect_worker_metrics_task_startup_attempts_total"),
        2.0,
        "of the worker"
    );
}

#[test]
fn strimzi_has_its_names_and_admin_listeners_have_none() {
    let worker =
        TestWorker::with(&[("sluice.metrics.names", "Strimzi"), ("admin.listeners", "http://127.0.0.1:0")]);
    let seen = scrape(&worker);
    assert_eq!(seen.get("kafka_connect_worker_task_count"), 0.0);
    assert!(!seen.0.contains_key("kafka_connect_connect_worker_metrics_task_count"));
    assert_eq!(send(worker.admin[0], "GET", "/metrics", &[], b"").status, 404);
    for (accept, status) in [
        ("text/plain", 200),
        ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", 200),
        ("application/json", 200),
        ("text/html", 406),
    ] {
        let answer = send(worker.address, "GET", "/metrics", &[("Accept", accept)], b"");
        assert_eq!(answer.status, status, "{accept}");
    }
    assert_eq!(send(worker.address, "GET", "/connectors", &[("Accept", "text/plain")], b"").status, 406);
    assert_eq!(worker.send("POST", "/metrics").status, 405);
}

#[test]
fn lines_for_cloudwatch_are_written_and_once_more_at_the_end() {
    let worker = TestWorker::with(&[
        ("sluice.metrics.emf", "true"),
        ("sluice.metrics.emf.interval.ms", "3600000"),
        ("sluice.metrics.environment", "prod"),
    ]);
    run(&worker);
    let lines = worker.metric_lines.clone();
    assert!(lines.json().is_empty(), "the interval is not over");
    worker.stop();
    let lines = lines.json();
    let of = |connector: &str, task: Option<&str>| {
        let is = |line: &&serde_json::Value| line["Connector"] == connector && line["Task"].as_str() == task;
        lines.iter().find(is).unwrap_or_else(|| panic!("no {connector} in {lines:?}")).clone()
    };
    let (copy, source) = (of("copy", None), of("lines", None));
    assert_eq!((&copy["Environment"], &copy["connector_status"]), (&json!("prod"), &json!(1.0)));
    let numbers =
        [&copy["records_in"], &copy["records_out"], &copy["dead_letter_records"], &copy["sink_lag"]];
    assert_eq!(numbers, [5.0, 2.0, 3.0, 0.0]);
    assert_eq!([&source["records_in"], &source["records_out"]], [3.0, 3.0]);
    assert_eq!(of("copy", Some("0"))["task_status"], 1.0);
    assert_eq!(lines.len(), 4);
}
