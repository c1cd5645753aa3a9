# What tells people that something is wrong: alarms and a dashboard over metrics of AWS and of Sluice, a topic that leads
# to them, and the scheduled task that brings metrics from outside AWS.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  tags      = merge(var.tags, { Name = var.name })

  # IAM takes 64 characters for a role, and a suffix follows.
  role_prefix = length(var.name) <= 48 ? var.name : "${trimsuffix(substr(var.name, 0, 41), "-")}-${substr(sha256(var.name), 0, 6)}"
}

# One key for what this module stores: messages of the topic and its log groups.
resource "aws_kms_key" "this" {
  description             = "${var.name}: alarm messages and logs of monitoring"
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
        # Without it CloudWatch fails to publish to the encrypted topic, and says so nowhere but in the alarm's history.
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*" # wildcard: in a key policy this is the key itself
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        Sid       = "Logs"
        Effect    = "Allow"
        Principal = { Service = "logs.${local.region}.${data.aws_partition.current.dns_suffix}" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"]
        Resource  = "*" # wildcard: in a key policy this is the key itself
        Condition = {
          ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:/sluice/${var.name}/*" }
        }
      },
    ]
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}-monitoring"
  target_key_id = aws_kms_key.this.key_id
}
