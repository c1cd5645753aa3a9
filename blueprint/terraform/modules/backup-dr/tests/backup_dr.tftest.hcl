mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-central-1:111122223333:key/own" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mocked" }
  }
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:eu-central-1:111122223333:backup-vault:mocked" }
  }
}

variables {
  name      = "streams-dev-euc1"
  tags      = { Project = "streams", Environment = "dev" }
  resources = { orders-db = "arn:aws:rds:eu-central-1:111122223333:cluster:orders" }
}

run "defaults" {
  command = apply

  assert {
    condition     = !aws_backup_vault.this.force_destroy && aws_backup_vault.this.kms_key_arn == aws_kms_key.this.arn && aws_kms_key.this.enable_key_rotation
    error_message = "backups must be protected and encrypted by default"
  }
  assert {
    condition     = one(aws_backup_plan.this.rule).schedule == "cron(0 3 * * ? *)" && one(one(aws_backup_plan.this.rule).lifecycle).delete_after == 35 && length(one(aws_backup_plan.this.rule).copy_action) == 0
    error_message = "the default is a daily backup, kept for 35 days"
  }
  assert {
    condition     = aws_backup_selection.this["orders-db"].resources == toset(["arn:aws:rds:eu-central-1:111122223333:cluster:orders"])
    error_message = "the database must be selected"
  }
  assert {
    condition     = alltrue([for r in aws_iam_role.this : jsondecode(r.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"])
    error_message = "only this account's jobs may use the roles"
  }
  assert {
    condition     = length(aws_backup_vault_lock_configuration.this) == 0 && length(aws_cloudwatch_metric_alarm.none) == 0
    error_message = "lock and alarms are on request"
  }
  assert {
    condition     = output.plan_id == aws_backup_plan.this.id && output.vault_arn == aws_backup_vault.this.arn && output.vault_name == "streams-dev-euc1-backup" && output.restore_role_arn == aws_iam_role.this["restore"].arn
    error_message = "outputs must come from the resources"
  }
}

run "full" {
  command = plan
  variables {
    copy_vault_arn       = "arn:aws:backup:eu-west-1:111122223333:backup-vault:dr"
    vault_lock           = { min_days = 7, max_days = 400, changeable_for_days = 3 }
    alarm_topic_arns     = ["arn:aws:sns:eu-central-1:111122223333:alarms"]
    deletion_protection  = false
    permissions_boundary = "arn:aws:iam::111122223333:policy/boundary"
    resources = {
      db    = "arn:aws:rds:eu-central-1:111122223333:cluster:orders"
      table = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"
      lake  = "arn:aws:s3:::acme-lake"
      files = "arn:aws:elasticfilesystem:eu-central-1:111122223333:file-system/fs-1"
    }
    rules = {
      daily   = { schedule = "cron(0 3 * * ? *)", retention_days = 35, copy_retention_days = 14 }
      monthly = { schedule = "cron(0 5 1 * ? *)", retention_days = 400, cold_after_days = 30 }
      point   = { schedule = "cron(0 1 * * ? *)", retention_days = 35, continuous = true }
    }
  }

  assert {
    condition     = length(aws_backup_selection.this) == 4 && length(aws_backup_plan.this.rule) == 3
    error_message = "resources or rules were not taken"
  }
  assert {
    condition     = one(flatten([for r in aws_backup_plan.this.rule : r.copy_action[*].destination_vault_arn])) == var.copy_vault_arn
    error_message = "one rule copies, to the other region"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.none["alarms"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.failed["alarms"].alarm_actions == toset(var.alarm_topic_arns)
    error_message = "no backup is an alarm"
  }
  assert {
    condition     = aws_backup_vault_lock_configuration.this[0].min_retention_days == 7 && aws_backup_vault.this.force_destroy
    error_message = "lock or protection was not taken"
  }
}

run "tags_everywhere" {
  command = plan
  variables {
    alarm_topic_arns = ["arn:aws:sns:eu-central-1:111122223333:alarms"]
  }

  assert {
    condition = alltrue([for tags in concat(
      [aws_kms_key.this.tags, aws_backup_vault.this.tags, aws_backup_plan.this.tags, aws_cloudwatch_metric_alarm.none["alarms"].tags, aws_cloudwatch_metric_alarm.failed["alarms"].tags],
      [for r in aws_iam_role.this : r.tags],
    ) : tags["Project"] == "streams" && tags["Environment"] == "dev"])
    error_message = "a resource has no tags"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name = "a23456789-123456789-123456789-123456789-123"
  }

  assert {
    condition     = length(aws_backup_vault.this.name) <= 50 && length(aws_backup_plan.this.name) <= 50 && alltrue([for r in aws_iam_role.this : length(r.name) <= 64])
    error_message = "a name is too long"
  }
}

run "growth_before" {
  command = apply
}

run "growth_changes_nothing_else" {
  command = apply
  variables {
    resources = {
      another   = "arn:aws:s3:::acme-lake"
      orders-db = "arn:aws:rds:eu-central-1:111122223333:cluster:orders"
    }
  }

  assert {
    condition     = output.plan_id == run.growth_before.plan_id && output.vault_arn == run.growth_before.vault_arn
    error_message = "another resource replaced something"
  }
}

# Every validation fails once: each run gives several variables a wrong value and expects exactly these to be refused.

run "rejects_1" {
  command = plan
  variables {
    name           = "Streams"
    resources      = {}
    copy_vault_arn = "vault"
    vault_lock     = { min_days = 0 }
  }
  expect_failures = [var.name, var.resources, var.copy_vault_arn, var.vault_lock]
}

run "rejects_2" {
  command = plan
  variables {
    resources  = { "orders db" = "arn:aws:rds:eu-central-1:111122223333:cluster:orders" }
    vault_lock = { min_days = 90 }
    rules      = { daily = { schedule = "cron(0 3 * * ? *)", retention_days = 35, copy_retention_days = 7 } }
  }
  expect_failures = [var.resources, var.vault_lock, var.copy_vault_arn]
}

run "rejects_3" {
  command = plan
  variables {
    resources = { all = "arn:aws:s3:::*" }
    rules     = { daily = { schedule = "rate(1 day)", retention_days = 35 } }
  }
  expect_failures = [var.resources, var.rules]
}

run "rejects_4" {
  command = plan
  variables {
    rules = {}
  }
  expect_failures = [var.rules]
}

run "rejects_5" {
  command = plan
  variables {
    rules = { daily = { schedule = "cron(0 3 * * ? *)", retention_days = 0 } }
  }
  expect_failures = [var.rules]
}

run "rejects_6" {
  command = plan
  variables {
    rules = { daily = { schedule = "cron(0 3 * * ? *)", retention_days = 35, cold_after_days = 30 } }
  }
  expect_failures = [var.rules]
}

run "rejects_7" {
  command = plan
  variables {
    rules = { daily = { schedule = "cron(0 3 * * ? *)", retention_days = 90, continuous = true } }
  }
  expect_failures = [var.rules]
}

run "rejects_8" {
  command = plan
  variables {
    rules = { daily = { schedule = "cron(0 3 * * ? *)", retention_days = 35, completion_minutes = 60 } }
  }
  expect_failures = [var.rules]
}
