# Backups of what the platform stores, in a vault here and as copies in a vault in another region.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  tags      = merge(var.tags, { Name = var.name })

  # IAM takes 64 characters for a role, and a suffix follows.
  role_prefix = length(var.name) <= 48 ? var.name : "${trimsuffix(substr(var.name, 0, 41), "-")}-${substr(sha256(var.name), 0, 6)}"

  alarms = length(var.alarm_topic_arns) > 0 ? { alarms = var.alarm_topic_arns } : {}
}

resource "aws_kms_key" "this" {
  description             = "${var.name}: backups"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AccountByIam"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = "kms:*" # wildcard: without the account's own rights nobody could ever administer the key
      Resource  = "*"     # wildcard: in a key policy this is the key itself
    }]
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}-backup"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_backup_vault" "this" {
  name          = "${var.name}-backup"
  kms_key_arn   = aws_kms_key.this.arn
  force_destroy = !var.deletion_protection
  tags          = local.tags
}

# A lock keeps even an administrator from deleting backups early.
resource "aws_backup_vault_lock_configuration" "this" {
  count = var.vault_lock == null ? 0 : 1

  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = var.vault_lock.min_days
  max_retention_days  = var.vault_lock.max_days
  changeable_for_days = var.vault_lock.changeable_for_days
}

resource "aws_backup_plan" "this" {
  name = var.name
  tags = local.tags

  dynamic "rule" {
    for_each = var.rules
    content {
      rule_name                = rule.key
      target_vault_name        = aws_backup_vault.this.name
      schedule                 = rule.value.schedule
      start_window             = 60
      completion_window        = rule.value.completion_minutes
      enable_continuous_backup = rule.value.continuous
      recovery_point_tags      = local.tags

      lifecycle {
        delete_after       = rule.value.retention_days
        cold_storage_after = rule.value.cold_after_days
      }

      dynamic "copy_action" {
        for_each = rule.value.copy_retention_days == null ? [] : [rule.value.copy_retention_days]
        content {
          destination_vault_arn = var.copy_vault_arn

          lifecycle {
            delete_after = copy_action.value
          }
        }
      }
    }
  }
}

resource "aws_backup_selection" "this" {
  for_each = var.resources

  name         = each.key
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.this["backup"].arn
  resources    = [each.value]

  depends_on = [aws_iam_role_policy_attachment.this]
}

# One role makes backups, by itself every night; the other restores, when a person asks for it.
resource "aws_iam_role" "this" {
  for_each = { backup = "AWS Backup: makes backups", restore = "AWS Backup: restores, for the one who starts a restore job" }

  name                 = "${local.role_prefix}-${each.key}"
  description          = each.value
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "backup.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = {
    backup     = { role = "backup", policy = "service-role/AWSBackupServiceRolePolicyForBackup" }
    backup_s3  = { role = "backup", policy = "AWSBackupServiceRolePolicyForS3Backup" }
    restore    = { role = "restore", policy = "service-role/AWSBackupServiceRolePolicyForRestores" }
    restore_s3 = { role = "restore", policy = "AWSBackupServiceRolePolicyForS3Restore" }
  }

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value.policy}"
}

resource "aws_cloudwatch_metric_alarm" "failed" {
  for_each = local.alarms

  alarm_name          = "${var.name}-backup-failed"
  alarm_description   = "A backup into ${aws_backup_vault.this.name} has failed. The job's message says why."
  namespace           = "AWS/Backup"
  metric_name         = "NumberOfBackupJobsFailed"
  dimensions          = { BackupVaultName = aws_backup_vault.this.name }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching" # reported only when a job ends
  alarm_actions       = each.value
  ok_actions          = each.value
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "none" {
  for_each = local.alarms

  alarm_name          = "${var.name}-backup-none"
  alarm_description   = "No backup into ${aws_backup_vault.this.name} has been completed for a day."
  namespace           = "AWS/Backup"
  metric_name         = "NumberOfBackupJobsCompleted"
  dimensions          = { BackupVaultName = aws_backup_vault.this.name }
  statistic           = "Sum"
  period              = 86400
  evaluation_periods  = 1
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching" # silence is the failure
  alarm_actions       = each.value
  ok_actions          = each.value
  tags                = local.tags
}
