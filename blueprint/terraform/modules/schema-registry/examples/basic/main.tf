# One subject that refers to a shared one. Id, endpoint and key of the registry are the provider's.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    confluent = {
      source  = "confluentinc/confluent"
      version = "~> 2.83"
    }
  }
}

variable "confluent_endpoint" {
  description = "Base URL of the Confluent Cloud API; null is the public one."
  type        = string
  default     = null
}

variable "schema_registry" {
  description = "Registry id and REST endpoint; the key comes from SCHEMA_REGISTRY_API_KEY and SCHEMA_REGISTRY_API_SECRET."
  type        = object({ id = string, rest_endpoint = string })
  default     = null
}

provider "confluent" {
  endpoint                      = var.confluent_endpoint
  schema_registry_id            = try(var.schema_registry.id, null)
  schema_registry_rest_endpoint = try(var.schema_registry.rest_endpoint, null)
}

module "schema_registry" {
  source = "../.."

  schema_dir = "${path.module}/schemas"
  shared_subjects = {
    "example.shared.Address" = { format = "AVRO", file = "address.avsc" }
  }
  subjects = {
    "example.orders.created-value" = {
      format     = "AVRO"
      file       = "order.avsc"
      references = { "example.shared.Address" = { subject = "example.shared.Address" } }
    }
  }
  catalog_tags = { PII = "Data about persons" }
}

output "schema_ids" {
  description = "Ids of the schemas."
  value       = module.schema_registry.schema_ids
}
