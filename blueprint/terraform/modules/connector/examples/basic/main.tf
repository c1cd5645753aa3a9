# One connector that makes test records, from a file.

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

provider "confluent" {
  endpoint = var.confluent_endpoint
}

module "connectors" {
  source = "../.."

  config_dir         = "${path.module}/connectors"
  environment_id     = "env-abc123"
  kafka_cluster_id   = "lkc-abc123"
  service_account_id = "sa-abc123"
}

output "connector_ids" {
  description = "Ids of the connectors."
  value       = module.connectors.connector_ids
}
