# Tables in which sinks write: encrypted, with point-in-time recovery, protected from deletion.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  key_arn = var.create_kms_key ? one(aws_kms_key.this[*].arn) : var.kms_key_arn
  names   = { for k, t in var.tables : k => coalesce(t.name, "${var.name}-${k}") }

  # DynamoDB knows only the attributes that are keys, each declared once.
  attributes = { for k, t in var.tables : k => merge(
    { (t.hash_key.name) = t.hash_key.type },
    t.range_key == null ? {} : { (t.range_key.name) = t.range_key.type },
    merge([for i in values(t.indexes) : { (i.hash_key.name) = i.hash_key.type }]...),
    merge([for i in values(t.indexes) : { (i.range_key.name) = i.range_key.type } if i.range_key != null]...),
  ) }
}

resource "aws_kms_key" "this" {
  count = var.create_kms_key ? 1 : 0

  description             = "${var.name}: items of the tables"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = merge(var.tags, { Name = "${var.name}-tables" })

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

  name          = "alias/${var.name}-tables"
  target_key_id = aws_kms_key.this[0].key_id
}

resource "aws_dynamodb_table" "this" {
  for_each = var.tables

  name                        = local.names[each.key]
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.hash_key.name
  range_key                   = try(each.value.range_key.name, null)
  deletion_protection_enabled = var.deletion_protection
  stream_enabled              = each.value.stream_view_type != null
  stream_view_type            = each.value.stream_view_type
  tags                        = merge(var.tags, { Name = local.names[each.key] })

  dynamic "attribute" {
    for_each = local.attributes[each.key]
    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = each.value.indexes
    content {
      name            = global_secondary_index.key
      hash_key        = global_secondary_index.value.hash_key.name
      range_key       = try(global_secondary_index.value.range_key.name, null)
      projection_type = "ALL"
    }
  }

  dynamic "ttl" {
    for_each = each.value.ttl_attribute == null ? [] : [each.value.ttl_attribute]
    content {
      attribute_name = ttl.value
      enabled        = true
    }
  }

  # A ceiling on what a sink that runs wild can cost.
  dynamic "on_demand_throughput" {
    for_each = each.value.max_write_units == null ? [] : [each.value.max_write_units]
    content {
      max_write_request_units = on_demand_throughput.value
    }
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = local.key_arn
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = var.recovery_days
  }
}
