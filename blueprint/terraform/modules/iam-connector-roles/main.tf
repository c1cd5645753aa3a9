# Rights of connectors on buckets and tables. A managed connector assumes a role through a provider integration; a
# self-managed worker gets the same policy on its own task role.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  names = { for k in keys(var.roles) : k =>
    length("${var.name}-${k}") <= 64 ? "${var.name}-${k}" : "${trimsuffix(substr("${var.name}-${k}", 0, 57), "-")}-${substr(sha256("${var.name}-${k}"), 0, 6)}"
  }
  managed = { for k, r in var.roles : k => r if r.managed }

  # The integration wants the role's ARN, and the role's trust policy wants what the integration gives: the ARN is
  # computed, not referenced, so that there is no cycle. The role need not exist when the integration is made.
  role_arns = { for k, n in local.names : k => "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:role/${n}" }
}

resource "confluent_provider_integration" "this" {
  for_each = local.managed

  display_name = local.names[each.key]

  environment {
    id = var.environment_id
  }

  aws {
    customer_role_arn = local.role_arns[each.key]
  }
}

resource "aws_iam_role" "this" {
  for_each = local.managed

  name                 = local.names[each.key]
  description          = "Confluent's connectors: ${each.key}"
  permissions_boundary = var.permissions_boundary
  max_session_duration = 3600
  tags                 = merge(var.tags, { Name = local.names[each.key] })

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Assume"
        Effect    = "Allow"
        Principal = { AWS = one(confluent_provider_integration.this[each.key].aws[*].iam_role_arn) }
        Action    = "sts:AssumeRole"
        # Confluent makes the external id for this integration alone; without it any of its customers could ask.
        Condition = { StringEquals = { "sts:ExternalId" = one(confluent_provider_integration.this[each.key].aws[*].external_id) } }
      },
      {
        Sid       = "Tag"
        Effect    = "Allow"
        Principal = { AWS = one(confluent_provider_integration.this[each.key].aws[*].iam_role_arn) }
        Action    = "sts:TagSession"
      },
    ]
  })
}

resource "aws_iam_policy" "this" {
  for_each = var.roles

  name        = local.names[each.key]
  description = "What connectors may do: ${each.key}"
  tags        = merge(var.tags, { Name = local.names[each.key] })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      each.value.s3 == null ? [] : [
        {
          Sid      = "Bucket"
          Effect   = "Allow"
          Action   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
          Resource = each.value.s3.bucket_arn
        },
        {
          # No s3:DeleteObject: a sink only adds.
          Sid      = "Objects"
          Effect   = "Allow"
          Action   = ["s3:PutObject", "s3:PutObjectTagging", "s3:GetObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
          Resource = "${each.value.s3.bucket_arn}/${each.value.s3.prefix}*" # wildcard: the objects that the sink will write have no names yet
        },
      ],
      each.value.dynamodb == null ? [] : [
        {
          Sid      = "Tables"
          Effect   = "Allow"
          Action   = concat(["dynamodb:DescribeTable", "dynamodb:PutItem", "dynamodb:BatchWriteItem", "dynamodb:UpdateItem"], each.value.dynamodb.create_tables ? ["dynamodb:CreateTable"] : [])
          Resource = flatten([for arn in each.value.dynamodb.table_arns : [arn, "${arn}/index/*"]]) # wildcard: the indexes of these tables
        },
      ],
      length(each.value.kms_key_arns) == 0 ? [] : [
        {
          Sid      = "Keys"
          Effect   = "Allow"
          Action   = ["kms:GenerateDataKey", "kms:Decrypt"]
          Resource = each.value.kms_key_arns
          Condition = {
            StringEquals = { "kms:ViaService" = concat(
              each.value.s3 == null ? [] : ["s3.${data.aws_region.current.id}.amazonaws.com"],
              each.value.dynamodb == null ? [] : ["dynamodb.${data.aws_region.current.id}.amazonaws.com"],
            ) }
          }
        },
      ],
    )
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.managed

  role       = aws_iam_role.this[each.key].name
  policy_arn = aws_iam_policy.this[each.key].arn
}
