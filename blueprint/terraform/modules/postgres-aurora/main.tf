# An Aurora PostgreSQL cluster (Serverless v2) from which connectors read, by polling or by logical replication.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  family    = "aurora-postgresql${split(".", var.engine_version)[0]}"
  log_group = "/aws/rds/cluster/${var.name}/postgresql"
  key_arn   = var.create_kms_key ? one(aws_kms_key.this[*].arn) : var.kms_key_arn
  tags      = merge(var.tags, { Name = var.name })

  # Replication settings are static in PostgreSQL: a change waits for a reboot of the writer.
  cdc_parameters = var.cdc.enabled ? {
    "rds.logical_replication" = { value = "1", apply_method = "pending-reboot" }
    "max_replication_slots"   = { value = tostring(var.cdc.max_replication_slots), apply_method = "pending-reboot" }
    "max_wal_senders"         = { value = tostring(var.cdc.max_wal_senders), apply_method = "pending-reboot" }
    "wal_sender_timeout"      = { value = tostring(var.cdc.wal_sender_timeout_ms), apply_method = "immediate" }
  } : {}

  parameters = merge(var.parameters, local.cdc_parameters, {
    "rds.force_ssl" = { value = "1", apply_method = "immediate" }
  })
}

resource "aws_kms_key" "this" {
  count = var.create_kms_key ? 1 : 0

  description             = "${var.name}: data, logs and master secret of the database"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountByIam"
        Effect    = "Allow"
        Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*" # wildcard: without the account's own rights nobody could ever administer the key
        Resource  = "*"     # wildcard: in a key policy this is the key itself
      },
      {
        Sid       = "DatabaseLogs"
        Effect    = "Allow"
        Principal = { Service = "logs.${data.aws_region.current.id}.${data.aws_partition.current.dns_suffix}" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"]
        Resource  = "*" # wildcard: in a key policy this is the key itself
        Condition = {
          ArnEquals = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.id}:${data.aws_caller_identity.current.account_id}:log-group:${local.log_group}"
          }
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

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "${var.name}: subnets of the database"
  subnet_ids  = var.subnet_ids
  tags        = local.tags
}

resource "aws_security_group" "this" {
  name_prefix            = "${var.name}-"
  description            = "${var.name}: who may reach the database"
  vpc_id                 = var.vpc_id
  revoke_rules_on_delete = true
  tags                   = local.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "group" {
  for_each = var.allowed_security_group_ids

  security_group_id            = aws_security_group.this.id
  description                  = "PostgreSQL from ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
  referenced_security_group_id = each.value
  tags                         = merge(local.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_vpc_security_group_ingress_rule" "cidr" {
  for_each = var.allowed_cidr_blocks

  security_group_id = aws_security_group.this.id
  description       = "PostgreSQL from ${each.key}"
  ip_protocol       = "tcp"
  from_port         = var.port
  to_port           = var.port
  cidr_ipv4         = each.value
  tags              = merge(local.tags, { Name = "${var.name}-${each.key}" })
}

resource "aws_rds_cluster_parameter_group" "this" {
  name_prefix = "${var.name}-"
  family      = local.family
  description = "${var.name}: ${var.cdc.enabled ? "logical replication and TLS" : "TLS"}"
  tags        = local.tags

  dynamic "parameter" {
    for_each = local.parameters
    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.apply_method
    }
  }

  lifecycle {
    create_before_destroy = true # another major version needs another family, while the old group is still in use
  }
}

# Made here, because RDS would make it itself, without retention and without the key.
resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.create_kms_key ? local.key_arn : var.log_kms_key_arn
  tags              = local.tags
}

resource "aws_rds_cluster" "this" {
  cluster_identifier = var.name
  engine             = "aurora-postgresql"
  engine_version     = var.engine_version
  database_name      = var.database_name
  port               = var.port

  # RDS makes the password, keeps it in Secrets Manager and rotates it: it is in no state and no plan.
  master_username               = var.master_username
  manage_master_user_password   = true
  master_user_secret_kms_key_id = local.key_arn

  db_subnet_group_name            = aws_db_subnet_group.this.name
  vpc_security_group_ids          = [aws_security_group.this.id]
  db_cluster_parameter_group_name = aws_rds_cluster_parameter_group.this.name

  storage_encrypted                   = true
  kms_key_id                          = local.key_arn
  iam_database_authentication_enabled = var.iam_authentication

  backup_retention_period      = var.backup_days
  preferred_backup_window      = var.backup_window
  preferred_maintenance_window = var.maintenance_window
  copy_tags_to_snapshot        = true
  deletion_protection          = var.deletion_protection
  skip_final_snapshot          = var.skip_final_snapshot
  final_snapshot_identifier    = var.skip_final_snapshot ? null : "${var.name}-${var.final_snapshot_suffix}"

  enabled_cloudwatch_logs_exports = ["postgresql"]
  allow_major_version_upgrade     = var.allow_major_version_upgrade
  apply_immediately               = var.apply_immediately
  tags                            = local.tags

  serverlessv2_scaling_configuration {
    min_capacity             = var.capacity.min
    max_capacity             = var.capacity.max
    seconds_until_auto_pause = var.capacity.min == 0 ? var.capacity.auto_pause_seconds : null
  }

  depends_on = [aws_cloudwatch_log_group.this]
}

resource "aws_rds_cluster_instance" "this" {
  for_each = { for i in range(var.instance_count) : tostring(i + 1) => i }

  identifier                      = "${var.name}-${each.key}"
  cluster_identifier              = aws_rds_cluster.this.id
  engine                          = aws_rds_cluster.this.engine
  engine_version                  = aws_rds_cluster.this.engine_version
  instance_class                  = "db.serverless"
  promotion_tier                  = each.value
  publicly_accessible             = false
  auto_minor_version_upgrade      = false # Terraform sets the version; an upgrade behind its back would be undone
  apply_immediately               = var.apply_immediately
  performance_insights_enabled    = var.performance_insights
  performance_insights_kms_key_id = var.performance_insights ? local.key_arn : null
  copy_tags_to_snapshot           = true
  tags                            = merge(local.tags, { Name = "${var.name}-${each.key}" })
}
