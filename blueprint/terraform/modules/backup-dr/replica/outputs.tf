output "vault_arn" {
  description = "Vault for copies: copy_vault_arn of backup-dr."
  value       = aws_backup_vault.this.arn
}

output "bucket_arns" {
  description = "Replica buckets by name: replication.destination_bucket_arn of storage-s3. Known when they are versioned."
  value       = { for k, b in aws_s3_bucket.this : k => b.arn }

  # S3 refuses a replication to a bucket that is not versioned yet.
  depends_on = [aws_s3_bucket_versioning.this, aws_s3_bucket_server_side_encryption_configuration.this]
}

output "kms_key_arn" {
  description = "Key of copies and replicas: replication.kms_key_arn of storage-s3."
  value       = aws_kms_key.this.arn
}
