# Keeps the target group at the writer's current address. A database endpoint is a name whose address changes on
# failover, replacement and scaling, and a target group holds addresses. The task resolves the name and registers or
# deregisters targets; it does nothing when they are right. It runs on a schedule, because events can be lost, and on
# RDS events, because a schedule is slow.

locals {
  refresh = local.own_service && var.refresher.enabled

  partition      = one(data.aws_partition.this[*].partition)
  region         = one(data.aws_region.this[*].id)
  role_prefix    = length(var.name) <= 48 ? var.name : "${trimsuffix(substr(var.name, 0, 41), "-")}-${substr(sha256(var.name), 0, 6)}"
  image_parts    = local.refresh ? regex("^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/(?P<repository>[^@]+)@", var.refresher.image) : null
  repository_arn = local.refresh ? "arn:${local.partition}:ecr:${local.image_parts.region}:${local.image_parts.account}:repository/${local.image_parts.repository}" : null

  boundary = var.refresher.permissions_boundary

  own_security_group = local.refresh && var.refresher.security_group_ids == null
  security_groups    = local.own_security_group ? aws_security_group.refresher[*].id : var.refresher.security_group_ids

  event_patterns = local.refresh ? {
    rds = {
      source      = ["aws.rds"]
      detail-type = ["RDS DB Cluster Event", "RDS DB Instance Event"]
      detail = merge(
        { EventCategories = ["availability", "configuration change", "creation", "failover", "failure", "maintenance", "recovery"] },
        var.refresher.rds_identifier == null ? {} : { SourceIdentifier = [{ prefix = var.refresher.rds_identifier }] }
      )
    }
  } : {}
}

data "aws_partition" "this" {
  count = local.refresh ? 1 : 0
}

data "aws_region" "this" {
  count = local.refresh ? 1 : 0
}

resource "aws_cloudwatch_log_group" "refresher" {
  count = local.refresh ? 1 : 0

  name              = "/sluice/${var.name}/refresh-targets"
  retention_in_days = var.refresher.log_retention_days
  kms_key_id        = var.refresher.log_kms_key_arn
  tags              = merge(var.tags, { Name = "${var.name}-refresh-targets" })
}

resource "aws_iam_role" "execution" {
  count = local.refresh ? 1 : 0

  name                 = "${local.role_prefix}-refresh-exec"
  description          = "Pulls the image and writes the logs of the target refresher"
  permissions_boundary = local.boundary
  tags                 = merge(var.tags, { Name = "${local.role_prefix}-refresh-exec" })

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  count = local.refresh ? 1 : 0

  name = "pull-and-log"
  role = one(aws_iam_role.execution[*].id)

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "LogIn"
        Effect   = "Allow"
        Action   = "ecr:GetAuthorizationToken"
        Resource = "*" # wildcard: a login token is for the registry and has no resource of its own
      },
      {
        Sid      = "Pull"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = local.repository_arn
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${one(aws_cloudwatch_log_group.refresher[*].arn)}:*" # wildcard: the streams of this one group
      }
    ]
  })
}

resource "aws_iam_role" "task" {
  count = local.refresh ? 1 : 0

  name                 = "${local.role_prefix}-refresh-task"
  description          = "Registers and deregisters the targets of one target group"
  permissions_boundary = local.boundary
  tags                 = merge(var.tags, { Name = "${local.role_prefix}-refresh-task" })

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "task" {
  count = local.refresh ? 1 : 0

  name = "refresh-targets"
  role = one(aws_iam_role.task[*].id)

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Change"
        Effect   = "Allow"
        Action   = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]
        Resource = one(aws_lb_target_group.this[*].arn)
      },
      {
        Sid      = "Look"
        Effect   = "Allow"
        Action   = ["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth"]
        Resource = "*" # wildcard: the describe actions of load balancing know no resource
      }
    ]
  })
}

resource "aws_security_group" "refresher" {
  count = local.own_security_group ? 1 : 0

  name_prefix = "${var.name}-refresh-"
  description = "Target refresher of ${var.name}: out to AWS APIs only"
  vpc_id      = var.vpc_id
  tags        = merge(var.tags, { Name = "${var.name}-refresh" })

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "refresher" {
  count = local.own_security_group ? 1 : 0

  security_group_id = one(aws_security_group.refresher[*].id)
  description       = "AWS APIs and the image registry"
  # The APIs have no fixed addresses; only https goes out, and nothing comes in.
  cidr_ipv4   = "0.0.0.0/0"
  ip_protocol = "tcp"
  from_port   = 443
  to_port     = 443
  tags        = merge(var.tags, { Name = "${var.name}-refresh" })
}

resource "aws_ecs_task_definition" "refresher" {
  count = local.refresh ? 1 : 0

  family                   = "${var.name}-refresh-targets"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = one(aws_iam_role.execution[*].arn)
  task_role_arn            = one(aws_iam_role.task[*].arn)
  tags                     = merge(var.tags, { Name = "${var.name}-refresh-targets" })

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.refresher.cpu_architecture
  }

  container_definitions = jsonencode([{
    name       = "refresh-targets"
    image      = var.refresher.image
    essential  = true
    entryPoint = ["sluice"]
    command = [
      "aws", "refresh-targets",
      "--target-group", one(aws_lb_target_group.this[*].arn),
      "--host", var.target.hostname
    ]
    environment            = [{ name = "AWS_REGION", value = local.region }]
    readonlyRootFilesystem = true
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = one(aws_cloudwatch_log_group.refresher[*].name)
        awslogs-region        = local.region
        awslogs-stream-prefix = "refresh"
      }
    }
  }])
}

resource "aws_iam_role" "events" {
  count = local.refresh ? 1 : 0

  name                 = "${local.role_prefix}-refresh-run"
  description          = "Lets EventBridge start the target refresher"
  permissions_boundary = local.boundary
  tags                 = merge(var.tags, { Name = "${local.role_prefix}-refresh-run" })

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "events.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "events" {
  count = local.refresh ? 1 : 0

  name = "run-task"
  role = one(aws_iam_role.events[*].id)

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Run"
        Effect    = "Allow"
        Action    = "ecs:RunTask"
        Resource  = "${one(aws_ecs_task_definition.refresher[*].arn_without_revision)}:*" # wildcard: the revisions of this one task
        Condition = { ArnEquals = { "ecs:cluster" = var.refresher.cluster_arn } }
      },
      {
        Sid       = "PassRoles"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = [one(aws_iam_role.execution[*].arn), one(aws_iam_role.task[*].arn)]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      }
    ]
  })
}

resource "aws_cloudwatch_event_rule" "schedule" {
  count = local.refresh ? 1 : 0

  name                = "${local.role_prefix}-refresh-sched"
  description         = "Target refresher of ${var.name}, on a schedule"
  schedule_expression = var.refresher.schedule
  tags                = merge(var.tags, { Name = "${local.role_prefix}-refresh-sched" })
}

resource "aws_cloudwatch_event_rule" "event" {
  for_each = local.event_patterns

  name          = "${local.role_prefix}-refresh-${each.key}"
  description   = "Target refresher of ${var.name}, after RDS events"
  event_pattern = jsonencode(each.value)
  tags          = merge(var.tags, { Name = "${local.role_prefix}-refresh-${each.key}" })
}

resource "aws_cloudwatch_event_target" "refresher" {
  for_each = merge(
    { for rule in aws_cloudwatch_event_rule.schedule : "schedule" => rule },
    { for key, rule in aws_cloudwatch_event_rule.event : key => rule }
  )

  rule     = each.value.name
  arn      = var.refresher.cluster_arn
  role_arn = one(aws_iam_role.events[*].arn)

  ecs_target {
    task_definition_arn = one(aws_ecs_task_definition.refresher[*].arn)
    launch_type         = "FARGATE"
    task_count          = 1
    propagate_tags      = "TASK_DEFINITION"
    tags                = merge(var.tags, { Name = "${var.name}-refresh-targets" })

    network_configuration {
      subnets          = values(var.subnet_ids)
      security_groups  = local.security_groups
      assign_public_ip = false
    }
  }
}
