mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:111122223333:key/dr" }
  }
  mock_resource "aws_backup_vault" {
    defaults = { arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:mocked" }
  }
}

variables {
  name = "streams-dev-euc1"
  tags = { Project = "streams", Environment = "dev" }
}

run "defaults" {
  command = apply

  assert {
    condition     = !aws_backup_vault.this.force_destroy && aws_backup_vault.this.kms_key_arn == aws_kms_key.this.arn && length(aws_s3_bucket.this) == 0
    error_message = "a protected, encrypted vault, and no bucket"
  }
  assert {
    condition     = output.vault_arn == aws_backup_vault.this.arn && output.kms_key_arn == aws_kms_key.this.arn && length(output.bucket_arns) == 0
    error_message = "outputs must come from the resources"
  }
}

run "full" {
  command = plan
  variables {
    buckets             = { lake = "acme-lake-dr" }
    old_version_days    = 7
    deletion_protection = false
  }

  assert {
    condition     = aws_s3_bucket_versioning.this["lake"].versioning_configuration[0].status == "Enabled" && aws_s3_bucket_public_access_block.this["lake"].block_public_policy && aws_s3_bucket.this["lake"].force_destroy
    error_message = "replicas need versions and stay private"
  }
  assert {
    condition     = one(one(aws_s3_bucket_lifecycle_configuration.this["lake"].rule).noncurrent_version_expiration).noncurrent_days == 7
    error_message = "old versions go after old_version_days"
  }
}

run "tags_everywhere" {
  command = plan
  variables {
    buckets = { lake = "acme-lake-dr" }
  }

  assert {
    condition     = alltrue([for tags in [aws_kms_key.this.tags, aws_backup_vault.this.tags, aws_s3_bucket.this["lake"].tags] : tags["Project"] == "streams" && tags["Environment"] == "dev"])
    error_message = "a resource has no tags"
  }
}

run "name_lengths" {
  command = plan
  variables {
    name = "a23456789-123456789-123456789-123456789-123"
  }

  assert {
    condition     = length(aws_backup_vault.this.name) <= 50
    error_message = "the vault's name is too long"
  }
}

run "growth_before" {
  command = apply
  variables {
    buckets = { lake = "acme-lake-dr" }
  }
}

run "growth_changes_nothing_else" {
  command = apply
  variables {
    buckets = { another = "acme-another-dr", lake = "acme-lake-dr" }
  }

  assert {
    condition     = output.bucket_arns["lake"] == run.growth_before.bucket_arns["lake"] && output.vault_arn == run.growth_before.vault_arn
    error_message = "another bucket replaced something"
  }
}

run "rejects" {
  command = plan
  variables {
    name             = "Streams"
    buckets          = { lake = "Acme.Lake" }
    old_version_days = 0
  }
  expect_failures = [var.name, var.buckets, var.old_version_days]
}
