# Sluice workers on ECS Fargate: a group, as connect-distributed. Each task is a worker; connectors, offsets and states are in
# Kafka, so that tasks come and go.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  tags      = merge(var.tags, { Name = var.name })
  key_arn   = var.create_kms_key ? one(aws_kms_key.this[*].arn) : var.kms_key_arn

  # IAM takes 64 characters for a role, load balancing 32 for a name; a suffix follows the first.
  role_prefix = length(var.name) <= 48 ? var.name : "${trimsuffix(substr(var.name, 0, 41), "-")}-${substr(sha256(var.name), 0, 6)}"
  lb_name     = length(var.name) <= 32 ? var.name : "${trimsuffix(substr(var.name, 0, 25), "-")}-${substr(sha256(var.name), 0, 6)}"

  # What exists once there is an image. Everything else, the repository first of all, comes before it.
  service = var.image == null ? {} : { worker = var.image }

  log_group = "/sluice/${var.name}/worker"
  user      = 65532 # the image's user
}

# One key for what is kept: images and logs.
resource "aws_kms_key" "this" {
  count = var.create_kms_key ? 1 : 0

  description             = "${var.name}: images and logs of the worker"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountByIam"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*" # wildcard: without the account's own rights nobody could ever administer the key
        Resource  = "*"     # wildcard: in a key policy this is the key itself
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.${data.aws_partition.current.dns_suffix}" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"]
        Resource  = "*" # wildcard: in a key policy this is the key itself
        Condition = {
          ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_group}" }
        }
      },
    ]
  })
}

resource "aws_kms_alias" "this" {
  count = var.create_kms_key ? 1 : 0

  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this[0].key_id
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.create_kms_key ? local.key_arn : var.log_kms_key_arn
  tags              = local.tags
}

resource "aws_ecr_repository" "this" {
  count = var.create_repository ? 1 : 0

  name                 = var.name
  image_tag_mutability = "IMMUTABLE"
  force_delete         = !var.deletion_protection
  tags                 = local.tags

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = local.key_arn
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  count = var.create_repository ? 1 : 0

  repository = aws_ecr_repository.this[0].name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "keep the last ${var.kept_images} images"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = var.kept_images }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_ecs_cluster" "this" {
  name = var.name
  tags = local.tags

  # Without it nobody counts the tasks that run, and the alarm on them has no data.
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "this" {
  for_each = local.service

  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = tostring(var.cpu)
  memory                   = tostring(var.memory)
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = local.container_definitions
  tags                     = local.tags

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  ephemeral_storage {
    size_in_gib = var.temporary_storage_gib
  }

  # The only place that can be written to.
  volume {
    name = "tmp"
  }

  lifecycle {
    precondition {
      condition     = length(local.faults) == 0
      error_message = "${var.config_dir == null ? "config_dir" : var.config_dir}: ${join("; ", local.faults)}."
    }

    precondition {
      condition     = length(local.container_definitions) <= 60000
      error_message = "The task definition has ${length(local.container_definitions)} characters with the connectors of ${var.config_dir == null ? "config_dir" : var.config_dir}: ECS takes 64 KiB, 60000 are allowed; share the connectors out to two workers."
    }
  }
}
