output "bucket" {
  description = "Name of the bucket."
  value       = aws_s3_bucket.this.id

  # Who writes here must find encryption and policy in place.
  depends_on = [aws_s3_bucket_server_side_encryption_configuration.this, aws_s3_bucket_policy.this]
}

output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}

output "kms_key_arn" {
  description = "Key of the objects: what a writer needs kms:GenerateDataKey and kms:Decrypt for."
  value       = local.key_arn
}

output "request_metrics_filter_id" {
  description = "Dimension FilterId of the bucket's request metrics. Null when there are none."
  value       = one(aws_s3_bucket_metric.this[*].name)
}
