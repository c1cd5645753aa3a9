# One page for whoever is on call. Two widgets in a row; what is not monitored has no widget.

locals {
  widgets = concat(
    [{
      type       = "text"
      properties = { markdown = "# ${var.name}\nAlarms go to the topic `${aws_sns_topic.this.name}`. Connectors: ${length(var.connectors)}. Workers: ${length(var.workers)}." }
    }],
    [{
      type       = "alarm"
      properties = { title = "Alarms", alarms = local.alarm_arns }
    }],
    [for k, w in var.workers : {
      type = "metric"
      properties = {
        title  = "Worker ${k}: CPU and memory"
        region = local.region
        view   = "timeSeries"
        stat   = "Average"
        period = 300
        yAxis  = { left = { min = 0, max = 100, label = "%", showUnits = false } }
        metrics = [
          ["AWS/ECS", "CPUUtilization", "ClusterName", w.cluster_name, "ServiceName", w.service_name],
          ["AWS/ECS", "MemoryUtilization", "ClusterName", w.cluster_name, "ServiceName", w.service_name],
        ]
      }
    }],
    [for k, w in var.workers : {
      type = "log"
      properties = {
        title  = "Worker ${k}: last errors"
        region = local.region
        view   = "table"
        query  = "SOURCE '${w.log_group_name}' | fields @timestamp, connector, task, message | filter level = 'ERROR' | sort @timestamp desc | limit 50"
      }
    }],
    [for k, e in var.egress : {
      type = "metric"
      properties = {
        title  = "Egress ${k}: targets"
        region = local.region
        view   = "timeSeries"
        stat   = "Maximum"
        period = 60
        metrics = [
          ["AWS/NetworkELB", "HealthyHostCount", "LoadBalancer", e.load_balancer_arn_suffix, "TargetGroup", e.target_group_arn_suffix],
          ["AWS/NetworkELB", "UnHealthyHostCount", "LoadBalancer", e.load_balancer_arn_suffix, "TargetGroup", e.target_group_arn_suffix],
        ]
      }
    }],
    [for k, d in var.databases : {
      type = "metric"
      properties = {
        title  = "Database ${k}: CPU, size, connections, log"
        region = local.region
        view   = "timeSeries"
        stat   = "Average"
        period = 300
        metrics = [
          ["AWS/RDS", "CPUUtilization", "DBClusterIdentifier", d.cluster_identifier],
          ["AWS/RDS", "ACUUtilization", "DBClusterIdentifier", d.cluster_identifier],
          ["AWS/RDS", "DatabaseConnections", "DBClusterIdentifier", d.cluster_identifier],
          ["AWS/RDS", "TransactionLogsDiskUsage", "DBClusterIdentifier", d.cluster_identifier, { yAxis = "right" }],
        ]
      }
    }],
    [for k, b in var.buckets : {
      type = "metric"
      properties = {
        title  = "Bucket ${k}: requests and errors"
        region = local.region
        view   = "timeSeries"
        stat   = "Sum"
        period = 300
        metrics = [
          ["AWS/S3", "PutRequests", "BucketName", b.bucket, "FilterId", b.filter_id],
          ["AWS/S3", "4xxErrors", "BucketName", b.bucket, "FilterId", b.filter_id],
          ["AWS/S3", "5xxErrors", "BucketName", b.bucket, "FilterId", b.filter_id],
        ]
      }
    }],
    [for k, t in var.tables : {
      type = "metric"
      properties = {
        title  = "Table ${k}: writes and throttles"
        region = local.region
        view   = "timeSeries"
        stat   = "Sum"
        period = 300
        metrics = [
          ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", t],
          ["AWS/DynamoDB", "WriteThrottleEvents", "TableName", t],
        ]
      }
    }],
    [for k, c in local.connectors : {
      type = "metric"
      properties = {
        title  = "Connector ${k}: state and failed tasks"
        region = local.region
        view   = "timeSeries"
        stat   = "Maximum"
        period = 60
        metrics = [
          ["Sluice", "connector_status", "Environment", var.environment, "Connector", k],
          ["Sluice", "connector_failed_task_count", "Environment", var.environment, "Connector", k],
        ]
      }
    }],
    [for k, c in local.sinks : {
      type = "metric"
      properties = {
        title  = "Sink ${k}: lag and dead letters"
        region = local.region
        view   = "timeSeries"
        stat   = "Maximum"
        period = 300
        metrics = [
          ["Sluice", "sink_lag", "Environment", var.environment, "Connector", k],
          ["Sluice", "dead_letter_records", "Environment", var.environment, "Connector", k, { stat = "Sum", yAxis = "right" }],
        ]
      }
    }],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    start          = "-PT6H"
    periodOverride = "inherit"
    widgets = [for i, w in local.widgets : merge(w, {
      x      = (i % 2) * 12
      y      = floor(i / 2) * 6
      width  = 12
      height = 6
    })]
  })
}
