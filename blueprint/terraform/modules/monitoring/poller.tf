# The hook for metrics that are not in AWS: managed connectors publish nothing to CloudWatch, so a scheduled task asks
# Confluent's Metrics API and puts the values into the namespace Sluice. Image and command are the caller's.

locals {
  poller = var.poller == null ? {} : { poller = var.poller }

  poller_image = { for k, p in local.poller : k => regex("^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/(?P<repository>[^@]+)@", p.image) }

  # ECS takes a field of a secret as ARN:FIELD::
  poller_secret_arns = { for k, p in local.poller : k => distinct([for s in values(p.secrets) : s.arn]) }
}

resource "aws_cloudwatch_log_group" "poller" {
  for_each = local.poller

  name              = "/sluice/${var.name}/poller"
  retention_in_days = each.value.log_retention_days
  kms_key_id        = aws_kms_key.this.arn
  tags              = local.tags
}

resource "aws_iam_role" "poller_execution" {
  for_each = local.poller

  name                 = "${local.role_prefix}-poller-exec"
  description          = "Pulls the image, reads the secrets and writes the log of the poller"
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "poller_execution" {
  for_each = local.poller

  name = "start"
  role = aws_iam_role.poller_execution[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
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
          Resource = "arn:${local.partition}:ecr:${local.poller_image[each.key].region}:${local.poller_image[each.key].account}:repository/${local.poller_image[each.key].repository}"
        },
        {
          Sid      = "Log"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "${aws_cloudwatch_log_group.poller[each.key].arn}:*" # wildcard: the streams of this one group
        },
      ],
      length(local.poller_secret_arns[each.key]) == 0 ? [] : [{
        Sid      = "ReadSecrets"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = local.poller_secret_arns[each.key]
      }],
      length(each.value.kms_key_arns) == 0 ? [] : [{
        Sid       = "DecryptSecrets"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = each.value.kms_key_arns
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.amazonaws.com" } }
      }],
    )
  })
}

resource "aws_iam_role" "poller_task" {
  for_each = local.poller

  name                 = "${local.role_prefix}-poller-task"
  description          = "Publishes metrics of the namespace Sluice"
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "poller_task" {
  for_each = local.poller

  name = "publish"
  role = aws_iam_role.poller_task[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Publish"
      Effect    = "Allow"
      Action    = "cloudwatch:PutMetricData"
      Resource  = "*" # wildcard: the action knows no resource; the condition holds it to one namespace
      Condition = { StringEquals = { "cloudwatch:namespace" = "Sluice" } }
    }]
  })
}

resource "aws_ecs_task_definition" "poller" {
  for_each = local.poller

  family                   = "${var.name}-poller"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = "256"
  memory                   = "512"
  execution_role_arn       = aws_iam_role.poller_execution[each.key].arn
  task_role_arn            = aws_iam_role.poller_task[each.key].arn
  tags                     = local.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = each.value.cpu_architecture
  }

  container_definitions = jsonencode([{
    name                   = "poller"
    image                  = each.value.image
    command                = each.value.command
    essential              = true
    readonlyRootFilesystem = true
    environment = [
      { name = "AWS_REGION", value = local.region },
      { name = "SLUICE_ENVIRONMENT", value = var.environment },
    ]
    secrets = [for variable, s in each.value.secrets : { name = variable, valueFrom = s.field == null ? s.arn : "${s.arn}:${s.field}::" }]
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.poller[each.key].name
        awslogs-region        = local.region
        awslogs-stream-prefix = "poller"
      }
    }
  }])
}

resource "aws_iam_role" "poller_events" {
  for_each = local.poller

  name                 = "${local.role_prefix}-poller-run"
  description          = "Lets EventBridge start the poller"
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "poller_events" {
  for_each = local.poller

  name = "run-task"
  role = aws_iam_role.poller_events[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Run"
        Effect    = "Allow"
        Action    = "ecs:RunTask"
        Resource  = "${aws_ecs_task_definition.poller[each.key].arn_without_revision}:*" # wildcard: the revisions of this one task
        Condition = { ArnEquals = { "ecs:cluster" = each.value.cluster_arn } }
      },
      {
        Sid       = "TagTask"
        Effect    = "Allow"
        Action    = "ecs:TagResource"
        Resource  = "${replace(each.value.cluster_arn, ":cluster/", ":task/")}/*" # wildcard: a task has its name only when it starts
        Condition = { StringEquals = { "ecs:CreateAction" = "RunTask" } }
      },
      {
        Sid       = "PassRoles"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = [aws_iam_role.poller_execution[each.key].arn, aws_iam_role.poller_task[each.key].arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_cloudwatch_event_rule" "poller" {
  for_each = local.poller

  name                = "${local.role_prefix}-poller"
  description         = "Poller of ${var.name}"
  schedule_expression = each.value.schedule
  tags                = local.tags
}

resource "aws_cloudwatch_event_target" "poller" {
  for_each = local.poller

  rule     = aws_cloudwatch_event_rule.poller[each.key].name
  arn      = each.value.cluster_arn
  role_arn = aws_iam_role.poller_events[each.key].arn

  ecs_target {
    task_definition_arn = aws_ecs_task_definition.poller[each.key].arn
    launch_type         = "FARGATE"
    task_count          = 1
    propagate_tags      = "TASK_DEFINITION"
    tags                = local.tags

    network_configuration {
      subnets          = each.value.subnet_ids
      security_groups  = each.value.security_group_ids
      assign_public_ip = false
    }
  }
}
