# Secrets whose values are in no plan and no state: each is generated for the moment of the apply, handed in as an
# ephemeral value, or written by an operator into an empty container.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  key_arn = var.create_kms_key ? one(aws_kms_key.this[*].arn) : var.kms_key_arn

  generated = { for k, s in var.secrets : k => s if s.generate != null }
  supplied  = { for k, s in var.secrets : k => s if s.supplied }
  rotated   = { for k, s in var.secrets : k => s if s.rotation_days != null }
}

resource "aws_kms_key" "this" {
  count = var.create_kms_key ? 1 : 0

  description             = "${var.name}: secrets"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = merge(var.tags, { Name = "${var.name}-secrets" })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AccountByIam"
      Effect    = "Allow"
      Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
      Action    = "kms:*" # wildcard: without the account's own rights nobody could ever administer the key
      Resource  = "*"     # wildcard: in a key policy this is the key itself
    }]
  })
}

resource "aws_kms_alias" "this" {
  count = var.create_kms_key ? 1 : 0

  name          = "alias/${var.name}-secrets"
  target_key_id = aws_kms_key.this[0].key_id
}

resource "aws_secretsmanager_secret" "this" {
  for_each = var.secrets

  name                    = "${var.name}/${each.key}"
  description             = each.value.description
  kms_key_id              = local.key_arn
  recovery_window_in_days = var.recovery_days
  tags                    = merge(var.tags, { Name = "${var.name}/${each.key}" })
}

# A new password at each plan and apply, kept by nobody; it is written only when the version number changes.
ephemeral "aws_secretsmanager_random_password" "this" {
  for_each = local.generated

  password_length            = each.value.generate.length
  exclude_punctuation        = each.value.generate.punctuation == ""
  exclude_characters         = each.value.generate.punctuation == "" ? "" : join("", setsubtract(split("", local.all_punctuation), split("", each.value.generate.punctuation)))
  require_each_included_type = true
}

locals {
  all_punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
}

resource "aws_secretsmanager_secret_version" "generated" {
  for_each = local.generated

  secret_id = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo = jsonencode(merge(each.value.generate.fields, {
    (each.value.generate.key) = ephemeral.aws_secretsmanager_random_password.this[each.key].random_password
  }))
  secret_string_wo_version = each.value.version
}

resource "aws_secretsmanager_secret_version" "supplied" {
  for_each = local.supplied

  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo         = jsonencode(var.values[each.key])
  secret_string_wo_version = each.value.version
}

resource "aws_secretsmanager_secret_rotation" "this" {
  for_each = local.rotated

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = each.value.rotation_lambda_arn
  rotate_immediately  = false # who reads the secret must be ready for it first

  rotation_rules {
    automatically_after_days = each.value.rotation_days
  }

  depends_on = [aws_secretsmanager_secret_version.generated, aws_secretsmanager_secret_version.supplied]
}
