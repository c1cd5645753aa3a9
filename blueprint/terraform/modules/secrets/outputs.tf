output "arns" {
  description = "ARN by key. An ARN is no secret; the value is read by who has secretsmanager:GetSecretValue on it."
  value       = { for k, s in aws_secretsmanager_secret.this : k => s.arn }

  # Who starts with the ARN finds a value.
  depends_on = [aws_secretsmanager_secret_version.generated, aws_secretsmanager_secret_version.supplied]
}

output "names" {
  description = "Name by key, as an operator types it."
  value       = { for k, s in aws_secretsmanager_secret.this : k => s.name }
}

output "empty" {
  description = "Keys of the secrets whose value an operator must write."
  value       = [for k, s in var.secrets : k if s.generate == null && !s.supplied]
}

output "kms_key_arn" {
  description = "Key of the secrets: who reads them needs kms:Decrypt on it."
  value       = local.key_arn
}

output "version_ids" {
  description = "Id of the version that Terraform wrote, by key: it changes exactly when a new value was written."
  value = merge(
    { for k, v in aws_secretsmanager_secret_version.generated : k => v.version_id },
    { for k, v in aws_secretsmanager_secret_version.supplied : k => v.version_id },
  )
}
