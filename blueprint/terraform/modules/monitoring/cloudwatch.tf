# Log groups and alarms. What must report all the time is in alarm when it is silent; what reports only when something
# happens is not.

locals {
  notify = [aws_sns_topic.this.arn]

  # Metrics that workers of Sluice publish, by connector: see sluice_metrics_published.
  connectors = var.sluice_metrics_published ? var.connectors : {}
  sinks      = var.sluice_metrics_published ? { for k, c in var.connectors : k => c if c.kind == "sink" } : {}

  databases_with_cdc = { for k, d in var.databases : k => d if d.cdc }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = var.log_groups

  name              = "/sluice/${var.name}/${each.key}"
  retention_in_days = each.value.retention_days
  kms_key_id        = aws_kms_key.this.arn
  tags              = local.tags
}

# The worker.

resource "aws_cloudwatch_metric_alarm" "worker_tasks" {
  for_each = var.workers

  alarm_name          = "${var.name}-${each.key}-worker-tasks"
  alarm_description   = "Fewer tasks of worker ${each.key} run than ${each.value.desired_count}: its connectors stand still. Look at the service's events and at the last lines of its log."
  namespace           = "ECS/ContainerInsights"
  metric_name         = "RunningTaskCount"
  dimensions          = { ClusterName = each.value.cluster_name, ServiceName = each.value.service_name }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 5
  threshold           = each.value.desired_count
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching" # no task, no report
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "worker_cpu" {
  for_each = var.workers

  alarm_name          = "${var.name}-${each.key}-worker-cpu"
  alarm_description   = "Worker ${each.key} uses more than ${var.thresholds.worker_cpu_percent} % of its CPU: give it more, or move connectors to another worker."
  namespace           = "AWS/ECS"
  metric_name         = "CPUUtilization"
  dimensions          = { ClusterName = each.value.cluster_name, ServiceName = each.value.service_name }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  threshold           = var.thresholds.worker_cpu_percent
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # a worker that is gone has its own alarm
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "worker_memory" {
  for_each = var.workers

  alarm_name          = "${var.name}-${each.key}-worker-memory"
  alarm_description   = "Worker ${each.key} uses more than ${var.thresholds.worker_memory_percent} % of its memory: at 100 % it is killed."
  namespace           = "AWS/ECS"
  metric_name         = "MemoryUtilization"
  dimensions          = { ClusterName = each.value.cluster_name, ServiceName = each.value.service_name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  threshold           = var.thresholds.worker_memory_percent
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # a worker that is gone has its own alarm
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

# The worker logs one JSON object a line; a filter cannot add a constant dimension, so that the name says whose it is.
resource "aws_cloudwatch_log_metric_filter" "worker_errors" {
  for_each = var.workers

  name           = "${var.name}-${each.key}-error-lines"
  log_group_name = each.value.log_group_name
  pattern        = "{ $.level = \"ERROR\" }"

  metric_transformation {
    namespace     = "Sluice"
    name          = "${var.name}-${each.key}-error-lines"
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}

# sluice:allow unknown-metric the filter above publishes this metric, and the alarm takes its name from there
resource "aws_cloudwatch_metric_alarm" "worker_errors" {
  for_each = var.workers

  alarm_name          = "${var.name}-${each.key}-worker-errors"
  alarm_description   = "Worker ${each.key} logged more than ${var.thresholds.worker_errors} lines of level ERROR in 5 minutes: a connector or a task has failed. Filter the log by level = \"ERROR\"."
  namespace           = aws_cloudwatch_log_metric_filter.worker_errors[each.key].metric_transformation[0].namespace
  metric_name         = aws_cloudwatch_log_metric_filter.worker_errors[each.key].metric_transformation[0].name
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = var.thresholds.worker_errors
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # a worker without a line to log is healthy
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

# The way from Confluent to the database.

resource "aws_cloudwatch_metric_alarm" "egress_unhealthy" {
  for_each = var.egress

  alarm_name          = "${var.name}-${each.key}-egress-unhealthy"
  alarm_description   = "A target behind the load balancer ${each.key} does not answer: the database's address may have changed. Look at the target refresher's log."
  namespace           = "AWS/NetworkELB"
  metric_name         = "UnHealthyHostCount"
  dimensions          = { LoadBalancer = each.value.load_balancer_arn_suffix, TargetGroup = each.value.target_group_arn_suffix }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "breaching" # a group without targets reports nothing
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "egress_healthy" {
  for_each = var.egress

  alarm_name          = "${var.name}-${each.key}-egress-no-target"
  alarm_description   = "No healthy target is behind the load balancer ${each.key}: managed connectors cannot reach the database."
  namespace           = "AWS/NetworkELB"
  metric_name         = "HealthyHostCount"
  dimensions          = { LoadBalancer = each.value.load_balancer_arn_suffix, TargetGroup = each.value.target_group_arn_suffix }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching" # a group without targets reports nothing
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

# Databases.

resource "aws_cloudwatch_metric_alarm" "database_cpu" {
  for_each = var.databases

  alarm_name          = "${var.name}-${each.key}-database-cpu"
  alarm_description   = "Database ${each.key} uses more than ${var.thresholds.database_cpu_percent} % of its CPU, or reports nothing."
  namespace           = "AWS/RDS"
  metric_name         = "CPUUtilization"
  dimensions          = { DBClusterIdentifier = each.value.cluster_identifier }
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 3
  threshold           = var.thresholds.database_cpu_percent
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "breaching" # a running database reports every minute
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "database_capacity" {
  for_each = var.databases

  alarm_name          = "${var.name}-${each.key}-database-capacity"
  alarm_description   = "Database ${each.key} is above ${var.thresholds.database_capacity_percent} % of its largest size: raise capacity.max."
  namespace           = "AWS/RDS"
  metric_name         = "ACUUtilization"
  dimensions          = { DBClusterIdentifier = each.value.cluster_identifier }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 3
  threshold           = var.thresholds.database_capacity_percent
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # a silent database has its own alarm
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "database_log" {
  for_each = local.databases_with_cdc

  alarm_name          = "${var.name}-${each.key}-database-log"
  alarm_description   = "Database ${each.key} keeps more than ${each.value.max_log_gib} GiB of transaction log: a replication slot is not read. Look whether its connector runs; drop the slot of a connector that is gone."
  namespace           = "AWS/RDS"
  metric_name         = "TransactionLogsDiskUsage"
  dimensions          = { DBClusterIdentifier = each.value.cluster_identifier }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 2
  threshold           = each.value.max_log_gib * 1073741824
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # without logical replication there is no such log
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

# What sinks write to.

resource "aws_cloudwatch_metric_alarm" "bucket_errors" {
  for_each = var.buckets

  alarm_name          = "${var.name}-${each.key}-bucket-errors"
  alarm_description   = "Bucket ${each.key} failed more than ${var.thresholds.bucket_errors} requests in 5 minutes; sinks try again and fall behind."
  namespace           = "AWS/S3"
  metric_name         = "5xxErrors"
  dimensions          = { BucketName = each.value.bucket, FilterId = each.value.filter_id }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 2
  threshold           = var.thresholds.bucket_errors
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # no requests, no errors
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "table_throttles" {
  for_each = var.tables

  alarm_name          = "${var.name}-${each.key}-table-throttles"
  alarm_description   = "Table ${each.value} refused more than ${var.thresholds.table_throttles} writes in 5 minutes: its cap is too low or its keys are uneven; sinks fall behind."
  namespace           = "AWS/DynamoDB"
  metric_name         = "WriteThrottleEvents"
  dimensions          = { TableName = each.value }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 3
  threshold           = var.thresholds.table_throttles
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # no throttled write, no report
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

# Connectors, by what Sluice publishes.

resource "aws_cloudwatch_metric_alarm" "connector_status" {
  for_each = local.connectors

  alarm_name          = "${var.name}-${each.key}-connector-status"
  alarm_description   = "Connector ${each.key} is not running, or nobody reports it. Fix its cause first; a restart alone brings the error back."
  namespace           = "Sluice"
  metric_name         = "connector_status"
  dimensions          = { Environment = var.environment, Connector = each.key }
  statistic           = "Minimum"
  period              = 60
  evaluation_periods  = 5
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching" # a connector that nobody reports may be gone
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "connector_failed_tasks" {
  for_each = local.connectors

  alarm_name          = "${var.name}-${each.key}-connector-failed-tasks"
  alarm_description   = "Tasks of connector ${each.key} have failed; the others go on. The trace is in its status."
  namespace           = "Sluice"
  metric_name         = "connector_failed_task_count"
  dimensions          = { Environment = var.environment, Connector = each.key }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # silence has its own alarm, the connector's status
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  for_each = local.sinks

  alarm_name          = "${var.name}-${each.key}-dead-letters"
  alarm_description   = "Sink ${each.key} put records aside into its dead letter topic. They are kept for the topic's retention: look at their headers, mend, replay."
  namespace           = "Sluice"
  metric_name         = "dead_letter_records"
  dimensions          = { Environment = var.environment, Connector = each.key }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # silence has its own alarm, the connector's status
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "sink_lag" {
  for_each = local.sinks

  alarm_name          = "${var.name}-${each.key}-sink-lag"
  alarm_description   = "Sink ${each.key} is more than ${coalesce(each.value.max_lag, var.thresholds.sink_lag)} records behind for 15 minutes."
  namespace           = "Sluice"
  metric_name         = "sink_lag"
  dimensions          = { Environment = var.environment, Connector = each.key }
  statistic           = "Maximum" # each worker reports its part
  period              = 300
  evaluation_periods  = 3
  threshold           = coalesce(each.value.max_lag, var.thresholds.sink_lag)
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # silence has its own alarm, the connector's status
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "poller_heartbeat" {
  count = var.sluice_metrics_published && var.poller != null ? 1 : 0

  alarm_name          = "${var.name}-poller-heartbeat"
  alarm_description   = "The poller of ${var.environment} has not reported for 15 minutes: the alarms on connectors see nothing. Look at its log group."
  namespace           = "Sluice"
  metric_name         = "poller_heartbeat"
  dimensions          = { Environment = var.environment }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 3
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching" # silence is the failure
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "poller_start" {
  for_each = local.poller

  alarm_name          = "${var.name}-poller-start"
  alarm_description   = "EventBridge could not start the poller's task: rights, cluster or network are wrong."
  namespace           = "AWS/Events"
  metric_name         = "FailedInvocations"
  dimensions          = { RuleName = aws_cloudwatch_event_rule.poller[each.key].name }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # reported only when a start fails
  alarm_actions       = local.notify
  ok_actions          = local.notify
  tags                = local.tags
}

locals {
  alarm_groups = {
    worker_tasks           = aws_cloudwatch_metric_alarm.worker_tasks
    worker_cpu             = aws_cloudwatch_metric_alarm.worker_cpu
    worker_memory          = aws_cloudwatch_metric_alarm.worker_memory
    worker_errors          = aws_cloudwatch_metric_alarm.worker_errors
    egress_unhealthy       = aws_cloudwatch_metric_alarm.egress_unhealthy
    egress_healthy         = aws_cloudwatch_metric_alarm.egress_healthy
    database_cpu           = aws_cloudwatch_metric_alarm.database_cpu
    database_capacity      = aws_cloudwatch_metric_alarm.database_capacity
    database_log           = aws_cloudwatch_metric_alarm.database_log
    bucket_errors          = aws_cloudwatch_metric_alarm.bucket_errors
    table_throttles        = aws_cloudwatch_metric_alarm.table_throttles
    connector_status       = aws_cloudwatch_metric_alarm.connector_status
    connector_failed_tasks = aws_cloudwatch_metric_alarm.connector_failed_tasks
    dead_letters           = aws_cloudwatch_metric_alarm.dead_letters
    sink_lag               = aws_cloudwatch_metric_alarm.sink_lag
    poller_heartbeat       = { for a in aws_cloudwatch_metric_alarm.poller_heartbeat : "poller" => a }
    poller_start           = aws_cloudwatch_metric_alarm.poller_start
  }

  alarms     = merge([for group, alarms in local.alarm_groups : { for k, a in alarms : "${group}/${k}" => a.arn }]...)
  alarm_arns = values(local.alarms)
}
