mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { id = "eu-central-1" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/own" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-central-1:111122223333:alarms" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mocked" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-central-1:111122223333:task-definition/poller:1", arn_without_revision = "arn:aws:ecs:eu-central-1:111122223333:task-definition/poller" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-central-1:111122223333:log-group:mocked" }
  }
  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:mocked" }
  }
}

variables {
  name        = "streams-dev-euc1"
  tags        = { Project = "streams", Environment = "dev" }
  environment = "dev"
  subscribers = { platform = { protocol = "email", endpoint = "platform@acme.example" } }
  workers     = { main = { cluster_name = "c", service_name = "s", log_group_name = "/sluice/w/worker" } }
  connectors  = { orders-lake = { kind = "sink", max_lag = 5 }, orders-db = { kind = "source" } }
}

run "defaults" {
  command = apply

  assert {
    condition     = join(",", sort(keys(output.alarm_arns))) == "worker_cpu/main,worker_errors/main,worker_memory/main,worker_tasks/main"
    error_message = "alarms are ${jsonencode(keys(output.alarm_arns))}"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.worker_tasks["main"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.worker_tasks["main"].threshold == 1
    error_message = "a worker that is gone must raise the alarm"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.worker_errors["main"].metric_name == aws_cloudwatch_log_metric_filter.worker_errors["main"].metric_transformation[0].name && aws_cloudwatch_metric_alarm.worker_errors["main"].namespace == "Sluice"
    error_message = "the alarm must watch what the filter counts"
  }
  assert {
    condition     = aws_cloudwatch_log_metric_filter.worker_errors["main"].pattern == "{ $.level = \"ERROR\" }"
    error_message = "the worker's lines have level ERROR"
  }
  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == aws_kms_key.this.arn && contains([for s in jsondecode(aws_kms_key.this.policy).Statement : s.Principal.Service if s.Sid == "Alarms"], "cloudwatch.amazonaws.com")
    error_message = "CloudWatch must be able to use the topic's key"
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_sns_topic_policy.this.policy).Statement : s.Condition.StringEquals["aws:SourceAccount"] == "111122223333" if s.Effect == "Allow"])
    error_message = "only this account's alarms may publish"
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.connector_status) == 0 && length(aws_cloudwatch_metric_alarm.poller_heartbeat) == 0 && length(aws_ecs_task_definition.poller) == 0
    error_message = "what nobody publishes has no alarm"
  }
  assert {
    condition     = output.topic_arn == aws_sns_topic.this.arn && output.dashboard_name == "streams-dev-euc1" && length(output.log_group_names) == 0
    error_message = "outputs must come from the resources"
  }
}

run "full" {
  command = apply
  variables {
    sluice_metrics_published = true
    egress                   = { orders = { load_balancer_arn_suffix = "net/lb/1", target_group_arn_suffix = "targetgroup/tg/1" } }
    databases                = { orders = { cluster_identifier = "orders" }, plain = { cluster_identifier = "plain", cdc = false } }
    buckets                  = { lake = { bucket = "lake", filter_id = "EntireBucket" } }
    tables                   = { orders = "streams-orders" }
    log_groups               = { probes = { retention_days = 7 } }
    thresholds               = { worker_cpu_percent = 50, sink_lag = 7 }
    permissions_boundary     = "arn:aws:iam::111122223333:policy/boundary"
    subscribers = {
      mail   = { protocol = "email", endpoint = "a@b.example" }
      pager  = { protocol = "https", endpoint = "https://pager.example/x" }
      queue  = { protocol = "sqs", endpoint = "arn:aws:sqs:eu-central-1:111122223333:q" }
      lambda = { protocol = "lambda", endpoint = "arn:aws:lambda:eu-central-1:111122223333:function:f" }
    }
    poller = {
      image              = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/poller@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      command            = ["poll"]
      cluster_arn        = "arn:aws:ecs:eu-central-1:111122223333:cluster/c"
      subnet_ids         = ["subnet-1"]
      security_group_ids = ["sg-1"]
      secrets            = { METRICS_KEY = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:s", field = "key" }, METRICS_SECRET = { arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:s", field = "secret" } }
      kms_key_arns       = ["arn:aws:kms:eu-central-1:111122223333:key/secrets"]
    }
  }

  assert {
    condition = length(setsubtract([
      "connector_failed_tasks/orders-db", "connector_failed_tasks/orders-lake", "connector_status/orders-db", "connector_status/orders-lake",
      "database_capacity/orders", "database_capacity/plain", "database_cpu/orders", "database_cpu/plain", "database_log/orders",
      "dead_letters/orders-lake", "egress_healthy/orders", "egress_unhealthy/orders", "poller_heartbeat/poller", "poller_start/poller",
      "sink_lag/orders-lake", "table_throttles/orders", "bucket_errors/lake", "worker_cpu/main", "worker_errors/main", "worker_memory/main", "worker_tasks/main",
    ], keys(output.alarm_arns))) == 0 && length(output.alarm_arns) == 21
    error_message = "alarms are ${jsonencode(keys(output.alarm_arns))}"
  }
  assert {
    condition = alltrue([for a in concat(
      values(aws_cloudwatch_metric_alarm.egress_unhealthy), values(aws_cloudwatch_metric_alarm.egress_healthy), values(aws_cloudwatch_metric_alarm.database_cpu),
      values(aws_cloudwatch_metric_alarm.connector_status), aws_cloudwatch_metric_alarm.poller_heartbeat[*],
    ) : a.treat_missing_data == "breaching"])
    error_message = "where silence is an outage, missing data must be breaching"
  }
  assert {
    condition     = alltrue([for a in concat(values(aws_cloudwatch_metric_alarm.connector_status), values(aws_cloudwatch_metric_alarm.sink_lag)) : a.namespace == "Sluice" && a.dimensions["Environment"] == "dev" && length(a.dimensions) == 2])
    error_message = "dimensions are Environment and Connector"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.sink_lag["orders-lake"].threshold == 5 && aws_cloudwatch_metric_alarm.worker_cpu["main"].threshold == 50 && aws_cloudwatch_metric_alarm.database_log["orders"].threshold == 21474836480
    error_message = "thresholds were not taken"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.poller["poller"].container_definitions)[0].secrets[0].valueFrom == "arn:aws:secretsmanager:eu-central-1:111122223333:secret:s:key::"
    error_message = "the field of the secret was not taken"
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.poller_task["poller"].policy).Statement[0].Condition.StringEquals["cloudwatch:namespace"] == "Sluice"
    error_message = "the poller publishes in one namespace only"
  }
  assert {
    condition     = alltrue([for r in [aws_iam_role.poller_task, aws_iam_role.poller_execution, aws_iam_role.poller_events] : r["poller"].permissions_boundary == var.permissions_boundary])
    error_message = "the boundary was not taken"
  }
  assert {
    condition     = output.log_group_names == { poller = "/sluice/streams-dev-euc1/poller", probes = "/sluice/streams-dev-euc1/probes" }
    error_message = "log groups are ${jsonencode(output.log_group_names)}"
  }

  # The dashboard draws: known kinds of widgets, in two columns without overlap, each row of a metric complete.
  assert {
    condition     = alltrue([for w in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : contains(["text", "alarm", "metric", "log"], w.type) && contains([0, 12], w.x) && w.width == 12])
    error_message = "a widget has no kind or no place"
  }
  assert {
    condition     = length(distinct([for w in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${w.x}/${w.y}"])) == length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets)
    error_message = "two widgets have one place"
  }
  assert {
    condition     = alltrue(flatten([for w in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [for row in w.properties.metrics : length(row) >= 4 && alltrue([for cell in slice(row, 0, 4) : can(tostring(cell)) && cell != ""])] if w.type == "metric"]))
    error_message = "a row of a metric lacks namespace, name or dimension"
  }
  assert {
    condition     = length([for w in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : w if w.type == "metric"]) == 9
    error_message = "what is monitored must be drawn"
  }
}

run "tags_everywhere" {
  command = plan
  variables {
    databases  = { orders = { cluster_identifier = "orders" } }
    log_groups = { probes = {} }
  }

  assert {
    condition = alltrue([for tags in concat(
      [aws_kms_key.this.tags, aws_sns_topic.this.tags],
      [for a in aws_cloudwatch_metric_alarm.worker_tasks : a.tags], [for a in aws_cloudwatch_metric_alarm.worker_errors : a.tags],
      [for a in aws_cloudwatch_metric_alarm.database_log : a.tags], [for g in aws_cloudwatch_log_group.this : g.tags],
    ) : tags["Project"] == "streams" && tags["Environment"] == "dev"])
    error_message = "a resource has no tags"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name    = "a23456789-123456789-123456789-123456789-123456789-12345"
    workers = { "a23456789-123456789-123456789-123456789" = { cluster_name = "c", service_name = "s", log_group_name = "/sluice/w/worker" } }
    poller = {
      image              = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/poller@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      command            = ["poll"]
      cluster_arn        = "arn:aws:ecs:eu-central-1:111122223333:cluster/c"
      subnet_ids         = ["subnet-1"]
      security_group_ids = ["sg-1"]
    }
  }

  assert {
    condition     = alltrue([for r in [aws_iam_role.poller_task, aws_iam_role.poller_execution, aws_iam_role.poller_events] : length(r["poller"].name) <= 64]) && length(aws_cloudwatch_event_rule.poller["poller"].name) <= 64
    error_message = "a role's or rule's name is longer than 64"
  }
  assert {
    condition     = alltrue([for a in aws_cloudwatch_metric_alarm.worker_errors : length(a.alarm_name) <= 255])
    error_message = "an alarm's name is longer than 255"
  }
}

run "growth_before" {
  command = apply
}

run "growth_changes_nothing_else" {
  command = apply
  variables {
    workers     = { another = { cluster_name = "c", service_name = "t", log_group_name = "/sluice/t/worker" }, main = { cluster_name = "c", service_name = "s", log_group_name = "/sluice/w/worker" } }
    subscribers = { another = { protocol = "email", endpoint = "other@acme.example" }, platform = { protocol = "email", endpoint = "platform@acme.example" } }
  }

  assert {
    condition     = output.kms_key_arn == run.growth_before.kms_key_arn && output.topic_arn == run.growth_before.topic_arn && length(setsubtract(keys(run.growth_before.alarm_arns), keys(output.alarm_arns))) == 0
    error_message = "another worker or subscriber replaced something"
  }
}

# Every validation fails once: each run gives several variables a wrong value and expects exactly these to be refused.

run "rejects_1" {
  command = plan
  variables {
    name        = "Streams"
    environment = "Prod 1"
    subscribers = {}
    workers     = { "Main Worker" = { cluster_name = "c", service_name = "s", log_group_name = "g" } }
    egress      = { orders = { load_balancer_arn_suffix = "arn:aws:elasticloadbalancing:x", target_group_arn_suffix = "targetgroup/tg/1" } }
    databases   = { orders = { cluster_identifier = "orders", max_log_gib = 0 } }
    buckets     = { lake = { bucket = "lake", filter_id = null } }
    connectors  = { orders = { kind = "both" } }
    thresholds  = { worker_cpu_percent = 100 }
    log_groups  = { probes = { retention_days = 2 } }
    poller = {
      image              = "poller:latest"
      command            = ["poll"]
      cluster_arn        = "arn:aws:ecs:eu-central-1:111122223333:cluster/c"
      subnet_ids         = ["subnet-1"]
      security_group_ids = ["sg-1"]
    }
  }
  expect_failures = [
    var.name, var.environment, var.subscribers, var.workers, var.egress, var.databases, var.buckets, var.connectors,
    var.thresholds, var.log_groups, var.poller,
  ]
}

run "rejects_2" {
  command = plan
  variables {
    subscribers = { pager = { protocol = "pager", endpoint = "x" } }
    workers     = { main = { cluster_name = "c", service_name = "s", log_group_name = "g", desired_count = 0 } }
    connectors  = { "orders lake" = { kind = "sink" } }
    thresholds  = { sink_lag = -1 }
    log_groups  = { poller = {} }
    poller = {
      image              = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/poller@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      command            = ["poll"]
      cluster_arn        = "arn:aws:ecs:eu-central-1:111122223333:cluster/c"
      subnet_ids         = ["subnet-1"]
      security_group_ids = ["sg-1"]
      schedule           = "rate(1 minutes)"
    }
  }
  expect_failures = [var.subscribers, var.workers, var.connectors, var.thresholds, var.log_groups, var.poller]
}

run "rejects_3" {
  command = plan
  variables {
    subscribers = { pager = { protocol = "https", endpoint = "http://pager.example" } }
    connectors  = { orders-lake = { kind = "sink", max_lag = -1 } }
    poller = {
      image              = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/poller@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      command            = ["poll"]
      cluster_arn        = "arn:aws:ecs:eu-central-1:111122223333:cluster/c"
      subnet_ids         = ["subnet-1"]
      security_group_ids = ["sg-1"]
      cpu_architecture   = "x86"
    }
  }
  expect_failures = [var.subscribers, var.connectors, var.poller]
}

run "rejects_4" {
  command = plan
  variables {
    poller = {
      image              = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/poller@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      command            = []
      cluster_arn        = "arn:aws:ecs:eu-central-1:111122223333:cluster/c"
      subnet_ids         = ["subnet-1"]
      security_group_ids = ["sg-1"]
    }
  }
  expect_failures = [var.poller]
}
