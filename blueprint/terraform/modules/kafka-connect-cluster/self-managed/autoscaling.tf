# Off until the worker can be more than one: a standalone worker has exactly one task.

locals {
  autoscaling = var.autoscaling.enabled && var.image != null ? { worker = var.autoscaling } : {}
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.autoscaling

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${aws_ecs_service.this[each.key].name}"
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
    scale_out_cooldown = 600 # each change moves connectors
    scale_in_cooldown  = 1800

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
