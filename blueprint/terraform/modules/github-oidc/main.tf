# Roles that GitHub's workflows assume without a stored key: one that plans, one for each environment that applies, and
# one that pushes images. Each trusts exact subjects of one repository, never a pattern.

data "aws_partition" "current" {}

locals {
  issuer       = "token.actions.githubusercontent.com"
  partition    = data.aws_partition.current.partition
  provider_arn = var.create_provider ? one(aws_iam_openid_connect_provider.this[*].arn) : var.provider_arn

  # A job of main plans in an environment of its own, which holds the secrets that no pull request is given.
  plan_subjects = var.plan_subjects != null ? var.plan_subjects : concat(["pull_request"], [for e in keys(var.environments) : "environment:${e}-plan"])

  # Role: who may assume it, in GitHub's words.
  subjects = merge(
    { plan = [for s in local.plan_subjects : "repo:${var.repository}:${s}"] },
    { for e in keys(var.environments) : "apply-${e}" => ["repo:${var.repository}:environment:${e}"] },
    length(var.image.repository_arns) == 0 ? {} : { image = [for r in var.image.refs : "repo:${var.repository}:ref:${r}"] },
  )
  full  = { for r in keys(local.subjects) : r => "${var.name}-${r}" }
  names = { for r, n in local.full : r => length(n) <= 64 ? n : "${trimsuffix(substr(n, 0, 57), "-")}-${substr(sha256(n), 0, 6)}" }

  read_only = { read_only = "arn:${local.partition}:iam::aws:policy/ReadOnlyAccess" }

  # Keys are known at plan, ARNs need not be.
  attachments = merge(
    { for k, arn in(var.plan_policy_arns == null ? local.read_only : var.plan_policy_arns) : "plan/${k}" => { role = "plan", arn = arn } },
    merge([for e, c in var.environments : { for k, arn in c.policy_arns : "apply-${e}/${k}" => { role = "apply-${e}", arn = arn } }]...),
  )

  state_objects = "${var.state.bucket_arn}/${var.state.key_prefix}*"
  state_locks   = "${var.state.bucket_arn}/${var.state.key_prefix}*.tflock"
}

resource "aws_iam_openid_connect_provider" "this" {
  count = var.create_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
  tags           = merge(var.tags, { Name = local.issuer })
}

resource "aws_iam_role" "this" {
  for_each = local.subjects

  name                 = local.names[each.key]
  description          = "GitHub ${var.repository}: ${each.key}"
  max_session_duration = var.session_seconds
  permissions_boundary = var.permissions_boundary
  tags                 = merge(var.tags, { Name = local.names[each.key] })

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = each.value
        }
      }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.attachments

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = each.value.arn
}

# Reading state for a plan, and writing it for an apply. A lock is an object beside the state.
resource "aws_iam_role_policy" "state" {
  for_each = { for r in keys(local.subjects) : r => r != "plan" if r != "image" }

  name = "state"
  role = aws_iam_role.this[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "List"
          Effect    = "Allow"
          Action    = "s3:ListBucket"
          Resource  = var.state.bucket_arn
          Condition = { StringLike = { "s3:prefix" = ["${var.state.key_prefix}*"] } }
        },
        {
          Sid      = "State"
          Effect   = "Allow"
          Action   = each.value ? ["s3:GetObject", "s3:PutObject"] : ["s3:GetObject"]
          Resource = local.state_objects # wildcard: the states below one prefix
        },
        {
          Sid      = "Lock"
          Effect   = "Allow"
          Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
          Resource = local.state_locks # wildcard: the locks of these states
        },
      ],
      var.state.kms_key_arn == null ? [] : [{
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = var.state.kms_key_arn
      }],
    )
  })
}

# A plan runs the code of a pull request. It sees how things are set, not what is in them.
resource "aws_iam_role_policy" "no_data" {
  name = "no-data"
  role = aws_iam_role.this["plan"].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      merge(
        { Sid = "NoSecrets", Effect = "Deny", Action = ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"] },
        # The provider reads each version that it manages at every refresh, a write-only one too.
        length(var.plan_secret_arns) == 0 ? { Resource = ["*"] } : { NotResource = var.plan_secret_arns }, # wildcard: a denial everywhere
      ),
      {
        Sid    = "NoData"
        Effect = "Deny"
        Action = [
          "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQLSelect",
          "dynamodb:GetRecords", "sqs:ReceiveMessage", "kinesis:GetRecords",
        ]
        Resource = "*" # wildcard: a denial everywhere
      },
      {
        Sid         = "NoObjects"
        Effect      = "Deny"
        Action      = ["s3:GetObject", "s3:GetObjectVersion"]
        NotResource = [local.state_objects]
      },
    ]
  })
}

resource "aws_iam_role_policy" "image" {
  for_each = { for r in keys(local.subjects) : r => r if r == "image" }

  name = "push"
  role = aws_iam_role.this[each.key].name

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
        Sid    = "Push"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
        ]
        Resource = var.image.repository_arns
      },
    ]
  })
}
