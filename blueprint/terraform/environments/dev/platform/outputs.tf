# What the stack connectors needs to know. Nothing in it is a secret.
resource "aws_ssm_parameter" "platform" {
  name        = "/${var.project}/${var.environment}/platform"
  description = "What the stack connectors needs to know of the stack platform"
  type        = "String"
  tier        = "Intelligent-Tiering"
  value = jsonencode({
    connect_accounts = { for team, connect in module.connect : team => connect.service_account_id }
  })
}

output "teams" {
  description = "Accounts of the teams."
  value       = module.service_accounts.teams
}

output "topics" {
  description = "Names of all topics."
  value       = module.topics.names
}

# A topic that passes to another team changes no resource; by this output the comment on a pull request shows it.
output "topic_owners" {
  description = "Team of each topic."
  value       = module.teams.topic_owners
}
