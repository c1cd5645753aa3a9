# More workers under load, fewer without. Each change moves connectors and tasks, so that it is done slowly.

locals {
  autoscaling = var.autoscaling.enabled && var.image != null ? { worker = var.autoscaling } : {}
  lag         = length(local.autoscaling) == 0 ? {} : var.autoscaling.lag
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.autoscaling

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.scaled[each.key].name}"
  min_capacity       = each.value.min
  max_capacity       = each.value.max
  tags               = local.tags
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.autoscaling

  name               = "${var.name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.cpu_percent
    scale_out_cooldown = 300
    scale_in_cooldown  = 1800

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

# Out by lag, in by CPU alone: a sink that is idle has neither. A lag that more workers do not cure, because the sink has as
# many tasks as it may, ends at max.
resource "aws_appautoscaling_policy" "lag" {
  for_each = { for k, a in local.autoscaling : k => a if length(local.lag) > 0 }

  name               = "${var.name}-lag"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.this[each.key].service_namespace
  scalable_dimension = aws_appautoscaling_target.this[each.key].scalable_dimension
  resource_id        = aws_appautoscaling_target.this[each.key].resource_id

  step_scaling_policy_configuration {
    adjustment_type         = "ChangeInCapacity"
    cooldown                = 600
    metric_aggregation_type = "Maximum"

    step_adjustment {
      metric_interval_lower_bound = "0"
      scaling_adjustment          = 1
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "lag" {
  for_each = local.lag

  alarm_name          = "${var.name}-scale-${each.key}"
  alarm_description   = "Adds a worker: sink ${each.key} is more than ${each.value} records behind."
  namespace           = "Sluice"
  metric_name         = "sink_lag"
  dimensions          = { Environment = var.metrics_environment, Connector = each.key }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value
  treat_missing_data  = "notBreaching" # a sink that nobody reports is no reason for more workers; monitoring tells of it
  alarm_actions       = [for policy in aws_appautoscaling_policy.lag : policy.arn]
  tags                = local.tags
}
