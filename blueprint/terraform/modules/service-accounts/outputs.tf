output "teams" {
  description = "Per team: id of its service account and principal (User:sa-...)."
  value = tomap({
    for team, account in confluent_service_account.this : team => { id = account.id, principal = "User:${account.id}" }
  })

  # Whoever uses an account waits until it may do something.
  depends_on = [confluent_role_binding.this]
}

output "role_binding_ids" {
  description = "Role bindings by <team>/<role>/<resource>."
  value       = tomap({ for key, binding in confluent_role_binding.this : key => binding.id })
}

output "api_key_ids" {
  description = "Kafka API keys by <team>/<key>, the ids only."
  value       = tomap({ for key, api_key in confluent_api_key.this : key => api_key.id })
}

output "secret_arns" {
  description = "Per team with an API key: the secret with the fields kafka_api_key and kafka_api_secret."
  value       = tomap({ for team, secret in aws_secretsmanager_secret.this : team => secret.arn })

  depends_on = [aws_secretsmanager_secret_version.this]
}
