# Replication to a bucket in another region, which the module backup-dr makes.

locals {
  replicate = var.replication == null ? {} : { this = var.replication }

  replication_role = "${var.bucket_name}-replication"
  # An IAM role's name has at most 64 characters.
  replication_role_name = length(local.replication_role) <= 64 ? local.replication_role : "${trimsuffix(substr(local.replication_role, 0, 57), "-")}-${substr(sha256(local.replication_role), 0, 6)}"
}

resource "aws_iam_role" "replication" {
  for_each = local.replicate

  name                 = local.replication_role_name
  description          = "${var.bucket_name}: S3 copies objects to ${each.value.destination_bucket_arn}"
  permissions_boundary = var.permissions_boundary
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id }
        ArnEquals    = { "aws:SourceArn" = "arn:${data.aws_partition.current.partition}:s3:::${var.bucket_name}" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "replication" {
  for_each = local.replicate

  name = "replication"
  role = aws_iam_role.replication[each.key].name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadRules"
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
        Resource = aws_s3_bucket.this.arn
      },
      {
        Sid      = "ReadVersions"
        Effect   = "Allow"
        Action   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
        Resource = "${aws_s3_bucket.this.arn}/*" # wildcard: every object of this bucket is replicated
      },
      {
        Sid      = "WriteReplicas"
        Effect   = "Allow"
        Action   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
        Resource = "${each.value.destination_bucket_arn}/*" # wildcard: every object of the replica
      },
      {
        Sid      = "DecryptSource"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = local.key_arn
      },
      {
        Sid      = "EncryptReplica"
        Effect   = "Allow"
        Action   = ["kms:Encrypt", "kms:GenerateDataKey"]
        Resource = each.value.kms_key_arn
      },
    ]
  })
}

resource "aws_s3_bucket_replication_configuration" "this" {
  for_each = local.replicate

  bucket = aws_s3_bucket.this.id
  role   = aws_iam_role.replication[each.key].arn

  rule {
    id       = "everything"
    status   = "Enabled"
    priority = 1
    filter {}

    delete_marker_replication {
      status = "Enabled"
    }

    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled" # without it S3 passes over objects that KMS has encrypted, which here are all
      }
    }

    destination {
      bucket        = each.value.destination_bucket_arn
      storage_class = each.value.storage_class

      encryption_configuration {
        replica_kms_key_id = each.value.kms_key_arn
      }

      replication_time {
        status = "Enabled"
        time {
          minutes = 15
        }
      }

      metrics {
        status = "Enabled"
        event_threshold {
          minutes = 15
        }
      }
    }
  }

  # Both buckets must be versioned first; the other one's output waits for its versioning.
  depends_on = [aws_s3_bucket_versioning.this, aws_iam_role_policy.replication]
}
