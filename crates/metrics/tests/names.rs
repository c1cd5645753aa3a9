//! The names that users have in dashboards and alerts are all there, in both schemes.

use std::collections::BTreeSet;

use sluice_metrics::{Naming, list::LIST};

/// Group, Strimzi's word for it, and the attributes that dashboards use.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "connect_worker_metrics",
        "worker",
        "connector_count task_count connector_startup_attempts_total connector_startup_success_total \
         connector_startup_failure_total connector_startup_success_percentage connector_startup_failure_percentage \
         task_startup_attempts_total task_startup_success_total task_startup_failure_total \
         task_startup_success_percentage task_startup_failure_percentage connector_running_task_count \
         connector_failed_task_count connector_paused_task_count connector_restarting_task_count \
         connector_destroyed_task_count connector_unassigned_task_count connector_total_task_count",
    ),
    (
        "connect_worker_rebalance_metrics",
        "worker_rebalance",
        "completed_rebalances_total rebalancing epoch leader_name connect_protocol rebalance_avg_time_ms \
         rebalance_max_time_ms time_since_last_rebalance_ms",
    ),
    ("connector_metrics", "connector", "status connector_class connector_type connector_version"),
    (
        "connector_task_metrics",
        "connector_task",
        "status batch_size_avg batch_size_max offset_commit_avg_time_ms offset_commit_max_time_ms \
         offset_commit_success_percentage offset_commit_failure_percentage pause_ratio running_ratio",
    ),
    (
        "source_task_metrics",
        "source_task",
        "poll_batch_avg_time_ms poll_batch_max_time_ms source_record_active_count source_record_active_count_avg \
         source_record_active_count_max source_record_poll_rate source_record_poll_total source_record_write_rate \
         source_record_write_total transaction_size_avg transaction_size_max transaction_size_min",
    ),
    (
        "sink_task_metrics",
        "sink_task",
        "put_batch_avg_time_ms put_batch_max_time_ms partition_count offset_commit_seq_no \
         offset_commit_completion_rate offset_commit_completion_total offset_commit_skip_rate offset_commit_skip_total \
         sink_record_active_count sink_record_active_count_avg sink_record_active_count_max sink_record_lag_max \
         sink_record_read_rate sink_record_read_total sink_record_send_rate sink_record_send_total",
    ),
    (
        "task_error_metrics",
        "task_error",
        "total_record_errors total_record_failures total_records_skipped total_retries total_errors_logged \
         deadletterqueue_produce_requests deadletterqueue_produce_failures last_error_timestamp",
    ),
    ("connect_coordinator_metrics", "coordinator", "assigned_connectors assigned_tasks"),
];

fn names(naming: Naming) -> BTreeSet<String> {
    let ours = |name: &String| name.starts_with("kafka_connect_");
    LIST.iter().flat_map(|metric| naming.names(metric)).filter(ours).collect()
}

#[test]
fn both_schemes_have_exactly_these_names() {
    let expected = |group: fn(&(&'static str, &'static str, &'static str)) -> &'static str| {
        let all = KNOWN.iter().flat_map(move |known| {
            known
                .2
                .split_whitespace()
                .map(move |attribute| format!("kafka_connect_{}_{attribute}", group(known)))
        });
        all.collect::<BTreeSet<_>>()
    };
    assert_eq!(names(Naming::Kafka), expected(|known| known.0));
    assert_eq!(names(Naming::Strimzi), expected(|known| known.1));
}
