output "provider_arn" {
  description = "OpenID Connect provider of GitHub in this account."
  value       = local.provider_arn
}

output "plan_role_arn" {
  description = "Role for plans: role-to-assume of the workflow of pull requests."
  value       = aws_iam_role.this["plan"].arn

  depends_on = [aws_iam_role_policy_attachment.this, aws_iam_role_policy.state, aws_iam_role_policy.no_data]
}

output "apply_role_arns" {
  description = "Roles for applies, by GitHub environment."
  value       = { for e in keys(var.environments) : e => aws_iam_role.this["apply-${e}"].arn }

  depends_on = [aws_iam_role_policy_attachment.this, aws_iam_role_policy.state]
}

output "image_role_arn" {
  description = "Role that pushes images. Null without repositories."
  value       = try(aws_iam_role.this["image"].arn, null)

  depends_on = [aws_iam_role_policy.image]
}
