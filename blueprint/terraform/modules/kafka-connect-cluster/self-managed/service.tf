# The service, once with a fixed number of tasks and once with a number that autoscaling sets: what Terraform leaves alone
# cannot depend on a variable. Going from one to the other is a move in the state: see the README.

resource "aws_ecs_service" "this" {
  for_each = { for k, image in local.service : k => image if !var.autoscaling.enabled }

  name            = var.name
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this[each.key].arn
  launch_type     = "FARGATE"
  desired_count   = var.desired_count

  # New workers join before old ones leave, so that there are never fewer than wanted. A worker that is told to stop gives
  # its connectors and tasks to the others before it ends.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  enable_ecs_managed_tags           = true
  propagate_tags                    = "SERVICE"
  wait_for_steady_state             = var.wait_for_steady_state
  health_check_grace_period_seconds = length(local.load_balancer) == 0 ? null : 120
  tags                              = local.tags

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = values(var.subnet_ids)
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = var.assign_public_ip
  }

  dynamic "service_registries" {
    for_each = local.discovery
    content {
      registry_arn = aws_service_discovery_service.this[service_registries.key].arn
    }
  }

  dynamic "load_balancer" {
    for_each = local.load_balancer
    content {
      target_group_arn = aws_lb_target_group.this[load_balancer.key].arn
      container_name   = "worker"
      container_port   = local.rest_port
    }
  }

  depends_on = [
    aws_iam_role_policy.execution, aws_iam_role_policy_attachment.task, aws_lb_listener.this, aws_vpc_security_group_egress_rule.this,
    aws_vpc_security_group_ingress_rule.peers, aws_vpc_security_group_egress_rule.peers, confluent_kafka_topic.internal, confluent_role_binding.this,
  ]
}

resource "aws_ecs_service" "scaled" {
  for_each = { for k, image in local.service : k => image if var.autoscaling.enabled }

  name            = var.name
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this[each.key].arn
  launch_type     = "FARGATE"
  desired_count   = max(var.autoscaling.min, min(var.desired_count, var.autoscaling.max))

  # New workers join before old ones leave, so that there are never fewer than wanted. A worker that is told to stop gives
  # its connectors and tasks to the others before it ends.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  enable_ecs_managed_tags           = true
  propagate_tags                    = "SERVICE"
  wait_for_steady_state             = var.wait_for_steady_state
  health_check_grace_period_seconds = length(local.load_balancer) == 0 ? null : 120
  tags                              = local.tags

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = values(var.subnet_ids)
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = var.assign_public_ip
  }

  dynamic "service_registries" {
    for_each = local.discovery
    content {
      registry_arn = aws_service_discovery_service.this[service_registries.key].arn
    }
  }

  dynamic "load_balancer" {
    for_each = local.load_balancer
    content {
      target_group_arn = aws_lb_target_group.this[load_balancer.key].arn
      container_name   = "worker"
      container_port   = local.rest_port
    }
  }

  # Autoscaling sets it.
  lifecycle {
    ignore_changes = [desired_count]
  }

  depends_on = [
    aws_iam_role_policy.execution, aws_iam_role_policy_attachment.task, aws_lb_listener.this, aws_vpc_security_group_egress_rule.this,
    aws_vpc_security_group_ingress_rule.peers, aws_vpc_security_group_egress_rule.peers, confluent_kafka_topic.internal, confluent_role_binding.this,
  ]
}
