//! The page of the manual that lists all metrics.

use std::fmt::Write;

use crate::cloudwatch;
use crate::list::LIST;
use crate::{Group, Kind, Naming};

/// Names of managed services, and what they are here: service, name there, name here.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "Confluent Cloud",
        "io.confluent.kafka.connect/received_records",
        "`kafka_connect_sink_task_metrics_sink_record_read_total`",
    ),
    (
        "Confluent Cloud",
        "io.confluent.kafka.connect/sent_records",
        "`kafka_connect_source_task_metrics_source_record_write_total`",
    ),
    ("Confluent Cloud", "io.confluent.kafka.connect/received_bytes", "`sluice_task_bytes_total` of sinks"),
    ("Confluent Cloud", "io.confluent.kafka.connect/sent_bytes", "`sluice_task_bytes_total` of sources"),
    (
        "Confluent Cloud",
        "io.confluent.kafka.connect/dead_letter_queue_records",
        "`kafka_connect_task_error_metrics_deadletterqueue_produce_requests`",
    ),
    (
        "MSK Connect",
        "RunningTaskCount",
        "`kafka_connect_connect_worker_metrics_connector_running_task_count`",
    ),
    ("MSK Connect", "ErroredTaskCount", "`kafka_connect_connect_worker_metrics_connector_failed_task_count`"),
    (
        "MSK Connect",
        "RebalanceCompletedTotal",
        "`kafka_connect_connect_worker_rebalance_metrics_completed_rebalances_total`",
    ),
    (
        "MSK Connect",
        "RebalanceTimeAvg",
        "`kafka_connect_connect_worker_rebalance_metrics_rebalance_avg_time_ms`",
    ),
    (
        "MSK Connect",
        "RebalanceTimeMax",
        "`kafka_connect_connect_worker_rebalance_metrics_rebalance_max_time_ms`",
    ),
    (
        "MSK Connect",
        "RebalanceTimeSinceLast",
        "`kafka_connect_connect_worker_rebalance_metrics_time_since_last_rebalance_ms`",
    ),
    ("MSK Connect", "SinkRecordReadRate", "`kafka_connect_sink_task_metrics_sink_record_read_rate`"),
    ("MSK Connect", "SinkRecordSendRate", "`kafka_connect_sink_task_metrics_sink_record_send_rate`"),
    ("MSK Connect", "SourceRecordPollRate", "`kafka_connect_source_task_metrics_source_record_poll_rate`"),
    ("MSK Connect", "SourceRecordWriteRate", "`kafka_connect_source_task_metrics_source_record_write_rate`"),
    (
        "MSK Connect",
        "TaskStartupAttemptsTotal",
        "`kafka_connect_connect_worker_metrics_task_startup_attempts_total`",
    ),
    (
        "MSK Connect",
        "TaskStartupSuccessPercentage",
        "`kafka_connect_connect_worker_metrics_task_startup_success_percentage`",
    ),
];

/// The page, in Markdown.
pub fn page() -> String {
    let mut out = String::from(
        "# Metrics\n\n\
         <!-- made of the declarations by cargo xtask generate -->\n\n\
         What a worker answers at `GET /metrics`, in the text format of Prometheus. [How to use \
         it](../episodes/07-monitoring-and-logging/metrics-and-dashboards.md), [what to be woken \
         by](../episodes/07-monitoring-and-logging/alerting.md).\n\n\
         The worker's key `sluice.metrics.names` chooses the names: `kafka` (the default), `strimzi` (as the JMX rules that \
         Strimzi gives for Kafka Connect), or `both`. A metric that Kafka Connect does not have has one name, which begins \
         with `sluice`.\n\n\
         Averages, greatest values and rates are of the last 30 to 60 seconds, as Kafka's. An average or a greatest value of \
         nothing is `NaN`. A word is one more label, named after the attribute, of a value that is always 1. Counters begin at \
         0 when a task or the worker starts. A series is there as long as its connector or task is: a failed task keeps its \
         series until it is deleted or started anew.\n",
    );
    let mut group: Option<&Group> = None;
    // Writing to a string cannot fail.
    for metric in LIST {
        if group != Some(metric.group) {
            group = Some(metric.group);
            let labels = match metric.group.labels {
                [] => "no labels".to_owned(),
                labels => labels.iter().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", "),
            };
            let _ = write!(
                out,
                "\n## {} ({labels})\n\n| attribute | name, and Strimzi's | kind | what |\n|---|---|---|---|\n",
                metric.group.name
            );
        }
        let names: Vec<String> = Naming::Both.names(metric).map(|name| format!("`{name}`")).collect();
        let unit = metric.unit.word();
        let kind = match metric.kind {
            Kind::Counter => format!("counter, {unit}"),
            Kind::Gauge if unit.is_empty() => "gauge".to_owned(),
            Kind::Gauge => format!("gauge, {unit}"),
            Kind::Text => format!("label `{}`", metric.text_label()),
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {kind} | {} |",
            metric.attribute,
            names.join("<br>"),
            metric.meaning
        );
    }
    let _ = write!(
        out,
        "\n## CloudWatch\n\n\
         With `sluice.metrics.emf=true` the worker writes these of the namespace `{}` as lines of CloudWatch's embedded metric \
         format, one line a connector and one a task, every `sluice.metrics.emf.interval.ms`. The dimension `{}` is what \
         `sluice.metrics.environment` says.\n\n\
         | metric | dimensions | unit | what |\n|---|---|---|---|\n",
        cloudwatch::NAMESPACE,
        cloudwatch::ENVIRONMENT,
    );
    for metric in cloudwatch::PUBLISHED.iter().filter(|metric| metric.published) {
        let dimensions = metric.dimensions.join(", ");
        let (name, unit, what) = (metric.name, metric.unit.word(), metric.description);
        let _ = writeln!(out, "| `{name}` | {dimensions} | {unit} | {what} |");
    }
    out.push_str(
        "\n## Names of managed services\n\n\
         | service | there | here |\n|---|---|---|\n",
    );
    for (service, there, here) in ELSEWHERE {
        let _ = writeln!(out, "| {service} | `{there}` | {here} |");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_names_lead_to_is_there() {
        let known: Vec<String> = LIST.iter().flat_map(|metric| Naming::Kafka.names(metric)).collect();
        for (_, there, here) in ELSEWHERE {
            for name in here.split('`').filter(|part| part.contains('_')) {
                assert!(known.iter().any(|known| known == name), "{there}: {name}");
            }
        }
    }
}
