# Names and tags of the connector platform in dev.

terraform {
  required_version = ">= 1.11.0"
}

module "label" {
  source = "../.."

  org         = "acme"
  project     = "streams"
  environment = "dev"
  region_code = "euc1"
  component   = "orders"
  suffixes    = ["egress", "worker"]
  owner       = "team-orders"
  cost_center = "4711"
  repository  = "github.com/acme/streams"
}

output "name" {
  description = "streams-dev-euc1-orders"
  value       = module.label.name
}

output "tags" {
  description = "Tags for the AWS provider's default_tags."
  value       = module.label.tags
}
