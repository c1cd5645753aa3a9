# Gateway endpoints: traffic of this VPC to S3 and DynamoDB stays inside AWS, costs nothing, and reaches only the named
# buckets and tables. Confluent-hosted connectors are not in this VPC and never use them.

locals {
  account_id = data.aws_caller_identity.this.account_id
  partition  = data.aws_partition.this.partition
  region     = data.aws_region.this.id

  # An endpoint's policy narrows what its callers may do; the callers' own roles still decide. Callers of other accounts
  # are shut out, so that nobody carries data away with foreign credentials.
  own_account = { StringEquals = { "aws:PrincipalAccount" = local.account_id } }

  statements = {
    s3 = concat(
      [{
        Sid       = "NamedBuckets"
        Effect    = "Allow"
        Principal = "*"    # wildcard: limited by the condition to this account's callers
        Action    = "s3:*" # wildcard: limited to the named buckets; the caller's role names the actions
        Resource  = flatten([for arn in var.bucket_arns : [arn, "${arn}/*"]])
        Condition = local.own_account
      }],
      # The registry hands out links that it signed itself, so here the caller is not this account.
      var.allow_image_layers ? [{
        Sid       = "ImageLayers"
        Effect    = "Allow"
        Principal = "*" # wildcard: the registry's own signature decides
        Action    = "s3:GetObject"
        Resource  = ["arn:${local.partition}:s3:::prod-${local.region}-starport-layer-bucket/*"]
      }] : []
    )
    dynamodb = [{
      Sid       = "NamedTables"
      Effect    = "Allow"
      Principal = "*"          # wildcard: limited by the condition to this account's callers
      Action    = "dynamodb:*" # wildcard: limited to the named tables; the caller's role names the actions
      Resource  = flatten([for arn in var.table_arns : [arn, "${arn}/index/*", "${arn}/stream/*"]])
      Condition = local.own_account
    }]
  }
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

data "aws_region" "this" {}

resource "aws_vpc_endpoint" "this" {
  for_each = var.services

  vpc_id            = var.vpc_id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${local.region}.${each.key}"
  route_table_ids   = var.route_table_ids
  policy            = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })
  tags              = merge(var.tags, { Name = "${var.name}-${each.key}" })
}
