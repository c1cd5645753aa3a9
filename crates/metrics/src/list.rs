//! All metrics of a worker, each declared once. Groups and attributes are Kafka Connect's; what Kafka Connect does not have
//! is in groups whose names begin with `sluice`.

use crate::metric::{Group, Kind, Metric, Unit};

const OF_WORKER: &[&str] = &[];
const OF_CONNECTOR: &[&str] = &["connector"];
const OF_TASK: &[&str] = &["connector", "task"];

macro_rules! metrics {
    ($($group:ident $name:literal $labels:ident {
        $($metric:ident $attribute:literal $kind:ident $unit:ident $meaning:literal;)*
    })*) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub static $group: Group = Group { name: $name, labels: $labels };
            $(
                #[doc = concat!("`", $attribute, "`: ", $meaning, ".")]
                pub static $metric: Metric = Metric {
                    group: &$group,
                    attribute: $attribute,
                    kind: Kind::$kind,
                    unit: Unit::$unit,
                    meaning: $meaning,
                };
            )*
        )*
        /// All of them, by group.
        pub static LIST: &[&Metric] = &[$($(&$metric,)*)*];
    };
}

metrics! {
    WORKER "connect-worker-metrics" OF_WORKER {
        CONNECTOR_COUNT "connector-count" Gauge Count "connector objects that live on this worker";
        TASK_COUNT "task-count" Gauge Count "tasks that live on this worker";
        CONNECTOR_STARTS "connector-startup-attempts-total" Counter Count "connector objects that this worker began to start";
        CONNECTOR_STARTED "connector-startup-success-total" Counter Count "connector objects that started";
        CONNECTOR_STARTED_SHARE "connector-startup-success-percentage" Gauge Ratio "share of starts of connector objects in the last minute that worked";
        CONNECTOR_NOT_STARTED "connector-startup-failure-total" Counter Count "connector objects that failed before they had started";
        CONNECTOR_NOT_STARTED_SHARE "connector-startup-failure-percentage" Gauge Ratio "share of starts of connector objects in the last minute that failed";
        TASK_STARTS "task-startup-attempts-total" Counter Count "tasks that this worker began to start";
        TASK_STARTED "task-startup-success-total" Counter Count "tasks that started";
        TASK_STARTED_SHARE "task-startup-success-percentage" Gauge Ratio "share of starts of tasks in the last minute that worked";
        TASK_NOT_STARTED "task-startup-failure-total" Counter Count "tasks that failed before they had started";
        TASK_NOT_STARTED_SHARE "task-startup-failure-percentage" Gauge Ratio "share of starts of tasks in the last minute that failed";
    }
    WORKER_CONNECTOR "connect-worker-metrics" OF_CONNECTOR {
        TASKS_TOTAL "connector-total-task-count" Gauge Count "tasks of the connector on this worker, and those that no worker has, which the worker of the connector object counts";
        TASKS_RUNNING "connector-running-task-count" Gauge Count "tasks of the connector that run on this worker";
        TASKS_PAUSED "connector-paused-task-count" Gauge Count "tasks of the connector that are paused on this worker";
        TASKS_FAILED "connector-failed-task-count" Gauge Count "tasks of the connector that have failed on this worker; above 0 is bad";
        TASKS_UNASSIGNED "connector-unassigned-task-count" Gauge Count "tasks of the connector that no worker runs, or that are about to start here; above 0 for long is bad";
        TASKS_DESTROYED "connector-destroyed-task-count" Gauge Count "tasks of the connector that were deleted and still live on this worker";
        TASKS_RESTARTING "connector-restarting-task-count" Gauge Count "tasks of the connector that are being restarted on this worker";
    }
    REBALANCE "connect-worker-rebalance-metrics" OF_WORKER {
        CONNECT_PROTOCOL "connect-protocol" Text None "how the group shares its work out: eager, compatible or sessioned";
        LEADER_NAME "leader-name" Text None "REST URL of the worker that leads the group";
        EPOCH "epoch" Gauge None "generation of the group";
        REBALANCES "completed-rebalances-total" Counter Count "rebalances that this worker completed";
        REBALANCING "rebalancing" Gauge None "1 while a rebalance goes on, else 0";
        REBALANCE_MAX "rebalance-max-time-ms" Gauge Milliseconds "longest rebalance of the last minute";
        REBALANCE_AVG "rebalance-avg-time-ms" Gauge Milliseconds "average rebalance of the last minute";
        SINCE_REBALANCE "time-since-last-rebalance-ms" Gauge Milliseconds "time since the last rebalance was completed";
    }
    COORDINATOR "connect-coordinator-metrics" OF_WORKER {
        ASSIGNED_CONNECTORS "assigned-connectors" Gauge Count "connector objects that the group gave to this worker";
        ASSIGNED_TASKS "assigned-tasks" Gauge Count "tasks that the group gave to this worker";
    }
    CONNECTOR "connector-metrics" OF_CONNECTOR {
        CONNECTOR_STATUS "status" Text None "state of the connector object: unassigned, running, paused, stopped, failed or restarting";
        CONNECTOR_TYPE "connector-type" Text None "source or sink";
        CONNECTOR_CLASS "connector-class" Text None "class of the connector";
        CONNECTOR_VERSION "connector-version" Text None "version of the connector's plugin";
    }
    TASK "connector-task-metrics" OF_TASK {
        TASK_STATUS "status" Text None "state of the task: unassigned, running, paused, failed or restarting";
        RUNNING_RATIO "running-ratio" Gauge Ratio "share of the time since its start that the task was running";
        PAUSE_RATIO "pause-ratio" Gauge Ratio "share of the time since its start that the task was paused";
        COMMIT_MAX "offset-commit-max-time-ms" Gauge Milliseconds "longest commit of offsets of the last minute, of those that worked";
        COMMIT_AVG "offset-commit-avg-time-ms" Gauge Milliseconds "average commit of offsets of the last minute, of those that worked";
        COMMIT_SUCCESS_SHARE "offset-commit-success-percentage" Gauge Ratio "share of the commits of offsets of the last minute that worked";
        COMMIT_FAILURE_SHARE "offset-commit-failure-percentage" Gauge Ratio "share of the commits of offsets of the last minute that failed";
        BATCH_MAX "batch-size-max" Gauge Records "largest batch of the last minute: what one poll of a source gave, what one put of a sink got";
        BATCH_AVG "batch-size-avg" Gauge Records "average batch of the last minute";
    }
    SOURCE_TASK "source-task-metrics" OF_TASK {
        POLLED "source-record-poll-total" Counter Records "records that the connector gave, before transforms";
        POLL_RATE "source-record-poll-rate" Gauge PerSecond "records a second that the connector gave in the last minute";
        WRITTEN "source-record-write-total" Counter Records "records that Kafka acknowledged; what was filtered or left out is not among them";
        WRITE_RATE "source-record-write-rate" Gauge PerSecond "records a second that Kafka acknowledged in the last minute";
        POLL_MAX "poll-batch-max-time-ms" Gauge Milliseconds "longest poll of the last minute, of those that gave records";
        POLL_AVG "poll-batch-avg-time-ms" Gauge Milliseconds "average poll of the last minute, of those that gave records";
        SOURCE_ACTIVE "source-record-active-count" Gauge Records "records that were polled and of which it is not settled what became of them";
        SOURCE_ACTIVE_MAX "source-record-active-count-max" Gauge Records "largest number of such records in the last minute";
        SOURCE_ACTIVE_AVG "source-record-active-count-avg" Gauge Records "average number of such records in the last minute";
        TRANSACTION_MIN "transaction-size-min" Gauge Records "smallest transaction of the last minute; exactly-once sources only";
        TRANSACTION_MAX "transaction-size-max" Gauge Records "largest transaction of the last minute; exactly-once sources only";
        TRANSACTION_AVG "transaction-size-avg" Gauge Records "average transaction of the last minute; exactly-once sources only";
    }
    SINK_TASK "sink-task-metrics" OF_TASK {
        READ "sink-record-read-total" Counter Records "records read from Kafka, before transforms";
        READ_RATE "sink-record-read-rate" Gauge PerSecond "records a second read from Kafka in the last minute";
        SENT "sink-record-send-total" Counter Records "records that the connector accepted, those that it rejected among them";
        SEND_RATE "sink-record-send-rate" Gauge PerSecond "records a second that the connector accepted in the last minute";
        SINK_ACTIVE "sink-record-active-count" Gauge Records "records that were read and whose offsets are not committed";
        SINK_ACTIVE_MAX "sink-record-active-count-max" Gauge Records "largest number of such records in the last minute";
        SINK_ACTIVE_AVG "sink-record-active-count-avg" Gauge Records "average number of such records in the last minute";
        PARTITION_COUNT "partition-count" Gauge Count "partitions that the task has";
        COMMIT_NUMBER "offset-commit-seq-no" Gauge None "number of the last commit of offsets";
        COMMITS "offset-commit-completion-total" Counter Count "commits of offsets that worked";
        COMMIT_RATE "offset-commit-completion-rate" Gauge PerSecond "commits of offsets a second in the last minute that worked";
        COMMITS_SKIPPED "offset-commit-skip-total" Counter Count "answers to commits that came after a newer one; 0 here, since one is waited for before the next";
        COMMIT_SKIP_RATE "offset-commit-skip-rate" Gauge PerSecond "such answers a second; 0 here";
        PUT_MAX "put-batch-max-time-ms" Gauge Milliseconds "longest put of the last minute";
        PUT_AVG "put-batch-avg-time-ms" Gauge Milliseconds "average put of the last minute";
        LAG_MAX "sink-record-lag-max" Gauge Records "records between the end of a partition and what the connector accepted of it, of the partition that is furthest behind; Java declares it and never tells it";
    }
    SLUICE_TASK "sluice-task" OF_TASK {
        BYTES "bytes-total" Counter Bytes "bytes that were sent to Kafka or read from it: keys, values, headers";
        FILTERED "records-filtered-total" Counter Records "records that a transform dropped";
        FAILING "failing-ms" Gauge Milliseconds "since when something is tried again or Kafka does not answer; 0 is well";
        SINK_LAG "sink-lag" Gauge Records "records between the ends of all partitions of the task and what the connector accepted of them; sinks only";
    }
    SLUICE_REST "sluice-rest" OF_WORKER {
        REST_CONNECTIONS "connections" Gauge Count "connections of the REST API that are open";
        REST_CONNECTIONS_CLOSED "connections-limited-total" Counter Count "connections that were refused, or closed while they waited, because there were sluice.rest.connections.max of them; growing is bad";
        REST_DONE "requests-done-total" Counter Count "requests that were answered with a status below 400";
        REST_REFUSED "requests-refused-total" Counter Count "requests that were answered with a status from 400 to 499";
        REST_FAILED "requests-failed-total" Counter Count "requests that were answered with a status of 500 or above; growing is bad";
        REST_UNKNOWN "requests-unauthenticated-total" Counter Count "those of the refused whose sender is not known: no credentials, or wrong ones (401)";
        REST_FORBIDDEN "requests-forbidden-total" Counter Count "those of the refused whose sender may not do it (403)";
        REST_LIMITED "requests-limited-total" Counter Count "those of the refused that came too fast or too slowly or were too large (429, 408, 413)";
        REST_TIME_MAX "request-max-time-ms" Gauge Milliseconds "longest time of the last minute until a request had an answer";
        REST_TIME_AVG "request-avg-time-ms" Gauge Milliseconds "average time of the last minute until a request had an answer";
        CERTIFICATE_LEFT "certificate-left-ms" Gauge Milliseconds "time until the first certificate ends that https listeners show; below 0 it has ended and clients refuse it";
    }
    TASK_ERROR "task-error-metrics" OF_TASK {
        RECORD_FAILURES "total-record-failures" Counter Count "attempts at a record that failed, those that were made again among them";
        RECORD_ERRORS "total-record-errors" Counter Records "records that could not be processed";
        RECORDS_SKIPPED "total-records-skipped" Counter Records "such records that were left out, by errors.tolerance=all";
        RETRIES "total-retries" Counter Count "attempts at a record that were made again";
        ERRORS_LOGGED "total-errors-logged" Counter Count "such records that were written to the log, by errors.log.enable";
        LETTERS "deadletterqueue-produce-requests" Counter Records "records for the dead letter topic";
        LETTER_FAILURES "deadletterqueue-produce-failures" Counter Count "attempts to write such a record that failed; each is made again";
        LAST_ERROR "last-error-timestamp" Gauge EpochMilliseconds "when a record last could not be processed; 0 is never";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Naming;

    #[test]
    fn names_are_in_form_and_unique_in_each_scheme() {
        for naming in [Naming::Kafka, Naming::Strimzi] {
            let mut seen = BTreeSet::new();
            for metric in LIST {
                for name in naming.names(metric) {
                    assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
                    assert!(seen.insert(name.clone()), "{name} stands twice");
                }
            }
        }
    }

    #[test]
    fn meanings_are_one_line_without_a_full_stop() {
        for metric in LIST {
            assert!(!metric.meaning.is_empty() && !metric.meaning.ends_with('.'), "{}", metric.attribute);
            assert!(!metric.meaning.contains(['\n', '|']), "{}", metric.attribute);
        }
    }
}
