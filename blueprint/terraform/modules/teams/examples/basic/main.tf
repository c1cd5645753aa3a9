# Two teams, one of them with connectors.

terraform {
  required_version = ">= 1.11.0"
}

module "teams" {
  source = "../.."

  folder = "${path.module}/teams"
}

output "topics" {
  description = "What the module topics would make."
  value       = module.teams.topics
}

output "topic_owners" {
  description = "Team of each topic."
  value       = module.teams.topic_owners
}
