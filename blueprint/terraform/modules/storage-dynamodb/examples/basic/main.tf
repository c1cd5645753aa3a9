# Two tables in dev.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

module "tables" {
  source = "../.."

  name                = "streams-dev-euc1"
  tags                = { Project = "streams", Environment = "dev" }
  deletion_protection = false

  tables = {
    orders = { hash_key = { name = "id" } }
    events = {
      hash_key      = { name = "device" }
      range_key     = { name = "time", type = "N" }
      ttl_attribute = "expires"
    }
  }
}

output "names" {
  description = "Tables for the sinks."
  value       = module.tables.names
}
