# Two roles: one with which ECS starts the task (image, secrets, log), one that the worker itself has.

locals {
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })

  repository_arns = distinct(compact(concat(aws_ecr_repository.this[*].arn, [local.image_repository_arn])))

  # The image may come from another repository than the module's own, such as one that all accounts share.
  image_parts          = var.image == null ? null : regex("^(?P<account>[0-9]{12})\\.dkr\\.ecr\\.(?P<region>[a-z0-9-]+)\\.amazonaws\\.com(?:\\.cn)?/(?P<repository>[^@]+)@", var.image)
  image_repository_arn = local.image_parts == null ? "" : "arn:${local.partition}:ecr:${local.image_parts.region}:${local.image_parts.account}:repository/${local.image_parts.repository}"

  # A worker reads the secrets that its connectors name, and no others.
  secret_names = distinct([for u in local.used : split(":", u)[0]])
  secret_arns  = concat([var.kafka_credentials.secret_arn], distinct(local.rest_secret_arns), [for name in local.secret_names : var.secrets[name] if contains(keys(var.secrets), name)])
}

resource "aws_iam_role" "execution" {
  name                 = "${local.role_prefix}-execution"
  description          = "${var.name}: ECS starts the worker"
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = local.trust
  tags                 = local.tags
}

resource "aws_iam_role_policy" "execution" {
  name = "start"
  role = aws_iam_role.execution.name

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
          Sid      = "Log"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "${aws_cloudwatch_log_group.this.arn}:*" # wildcard: the streams of this one group
        },
        {
          Sid      = "ReadSecrets"
          Effect   = "Allow"
          Action   = "secretsmanager:GetSecretValue"
          Resource = local.secret_arns
        },
      ],
      var.create_repository || var.image != null ? [{
        Sid      = "Pull"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = local.repository_arns
      }] : [],
      length(var.secret_kms_key_arns) == 0 ? [] : [{
        Sid       = "DecryptSecrets"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = var.secret_kms_key_arns
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.amazonaws.com" } }
      }],
    )
  })
}

resource "aws_iam_role" "task" {
  name                 = "${local.role_prefix}-task"
  description          = "${var.name}: what the worker and its connectors may do"
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = local.trust
  tags                 = local.tags
}

resource "aws_iam_role_policy_attachment" "task" {
  for_each = var.task_policy_arns

  role       = aws_iam_role.task.name
  policy_arn = each.value
}
