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
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::acme-streams-dev-euc1-lake" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/replication" }
  }
}

variables {
  bucket_name = "acme-streams-dev-euc1-lake"
  tags        = { Project = "streams", Environment = "dev" }
}

run "defaults" {
  command = apply

  assert {
    condition     = !aws_s3_bucket.this.force_destroy && aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "objects must be protected by default"
  }
  assert {
    condition     = alltrue([for b in [aws_s3_bucket_public_access_block.this] : b.block_public_acls && b.block_public_policy && b.ignore_public_acls && b.restrict_public_buckets])
    error_message = "the bucket must be closed to the public"
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id == aws_kms_key.this[0].arn && aws_kms_key.this[0].enable_key_rotation
    error_message = "the bucket's own, rotating key must encrypt it"
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Effect == "Deny"])
    error_message = "the bucket's policy gives nothing to anybody"
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : try(s.Condition.Null, null) != null if s.Action == "s3:PutObject"])
    error_message = "a request without the encryption header must pass: the bucket's default encrypts it"
  }
  assert {
    condition     = join(",", [for r in aws_s3_bucket_lifecycle_configuration.this.rule : r.id]) == join(",", ["unfinished-uploads", "old-versions"])
    error_message = "rules are ${jsonencode([for r in aws_s3_bucket_lifecycle_configuration.this.rule : r.id])}"
  }
  assert {
    condition     = length(aws_s3_bucket_replication_configuration.this) == 0 && output.request_metrics_filter_id == "EntireBucket"
    error_message = "no replication, but request metrics"
  }
  assert {
    condition     = output.bucket == aws_s3_bucket.this.id && output.arn == aws_s3_bucket.this.arn && output.kms_key_arn == aws_kms_key.this[0].arn
    error_message = "outputs must come from the resources"
  }
}

run "full" {
  command = plan
  variables {
    create_kms_key      = false
    kms_key_arn         = "arn:aws:kms:eu-central-1:111122223333:key/given"
    deletion_protection = false
    lifecycle_days      = { abort_uploads = 1, old_versions = 2, infrequent_access = 30, expire = 90 }
    replication         = { destination_bucket_arn = "arn:aws:s3:::acme-streams-dev-euw1-lake", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/dr" }
    request_metrics     = false
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy && length(aws_kms_key.this) == 0 && length(aws_s3_bucket_metric.this) == 0
    error_message = "switches were not taken"
  }
  assert {
    condition     = join(",", [for r in aws_s3_bucket_lifecycle_configuration.this.rule : r.id]) == join(",", ["unfinished-uploads", "old-versions", "infrequent-access", "expire"])
    error_message = "rules are ${jsonencode([for r in aws_s3_bucket_lifecycle_configuration.this.rule : r.id])}"
  }
  assert {
    condition     = one(one(one(aws_s3_bucket_replication_configuration.this["this"].rule).source_selection_criteria).sse_kms_encrypted_objects).status == "Enabled"
    error_message = "encrypted objects would not be replicated"
  }
  assert {
    condition     = one(one(one(aws_s3_bucket_replication_configuration.this["this"].rule).destination).encryption_configuration).replica_kms_key_id == "arn:aws:kms:eu-west-1:111122223333:key/dr"
    error_message = "replicas need the key of their region"
  }
  assert {
    condition     = jsondecode(aws_iam_role.replication["this"].assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "only this account's bucket may use the role"
  }
}

run "tags_everywhere" {
  command = plan
  variables {
    replication = { destination_bucket_arn = "arn:aws:s3:::acme-streams-dev-euw1-lake", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/dr" }
  }

  assert {
    condition     = alltrue([for tags in [aws_kms_key.this[0].tags, aws_s3_bucket.this.tags, aws_iam_role.replication["this"].tags] : tags["Project"] == "streams" && tags["Environment"] == "dev"])
    error_message = "a resource has no tags"
  }
}

run "name_lengths" {
  command = plan
  variables {
    bucket_name = "a23456789-123456789-123456789-123456789-123456789-123456789-123"
    replication = { destination_bucket_arn = "arn:aws:s3:::replica", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/dr" }
  }

  assert {
    condition     = length(aws_iam_role.replication["this"].name) <= 64
    error_message = "the role's name has ${length(aws_iam_role.replication["this"].name)} characters"
  }
}

# Every validation fails once: each run gives several variables a wrong value and expects exactly these to be refused.

run "rejects_1" {
  command = plan
  variables {
    bucket_name    = "Acme.Lake"
    create_kms_key = false
    lifecycle_days = { old_versions = 0 }
    replication    = { destination_bucket_arn = "replica", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/dr" }
  }
  expect_failures = [
    var.bucket_name,
    var.kms_key_arn,
    var.lifecycle_days,
    var.replication,
  ]
}

run "rejects_2" {
  command = plan
  variables {
    bucket_name    = "a23456789-123456789-123456789-123456789-123456789-123456789-1234"
    create_kms_key = false
    kms_key_arn    = "arn:aws:kms:eu-central-1:111122223333:alias/lake"
    lifecycle_days = { infrequent_access = 7 }
    replication    = { destination_bucket_arn = "arn:aws:s3:::replica", kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/dr", storage_class = "COLD" }
  }
  expect_failures = [
    var.bucket_name,
    var.kms_key_arn,
    var.lifecycle_days,
    var.replication,
  ]
}

run "rejects_3" {
  command = plan
  variables {
    lifecycle_days = { infrequent_access = 60, expire = 30 }
  }
  expect_failures = [var.lifecycle_days]
}
