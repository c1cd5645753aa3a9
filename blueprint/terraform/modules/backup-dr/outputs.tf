output "plan_id" {
  description = "Id of the backup plan."
  value       = aws_backup_plan.this.id
}

output "vault_arn" {
  description = "ARN of the vault."
  value       = aws_backup_vault.this.arn
}

output "vault_name" {
  description = "Name of the vault."
  value       = aws_backup_vault.this.name
}

output "restore_role_arn" {
  description = "Role for restore jobs: aws backup start-restore-job --iam-role-arn."
  value       = aws_iam_role.this["restore"].arn

  depends_on = [aws_iam_role_policy_attachment.this]
}
