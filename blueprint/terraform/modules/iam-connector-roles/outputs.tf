output "roles" {
  description = "By short name: the ARN of the role and the id of the provider integration, for authentication.method = \"IAM Roles\" (null when not managed), and the ARN of the policy, for a worker's task role."
  value = { for k in keys(var.roles) : k => {
    role_arn       = try(aws_iam_role.this[k].arn, null)
    integration_id = try(confluent_provider_integration.this[k].id, null)
    policy_arn     = aws_iam_policy.this[k].arn
  } }

  # A connector that starts before its rights are there fails.
  depends_on = [aws_iam_role_policy_attachment.this]
}

output "task_policy_arns" {
  description = "Policies that are not managed, by short name: what kafka-connect-cluster/self-managed takes as task_policy_arns."
  value       = { for k, r in var.roles : k => aws_iam_policy.this[k].arn if !r.managed }
}
