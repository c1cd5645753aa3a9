# The test topic of the blueprint and a dead letter topic. Cluster, endpoint and key of the data plane are the
# provider's, so no topic has them in its state.

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

variable "kafka" {
  description = "Cluster id and REST endpoint; the key comes from KAFKA_API_KEY and KAFKA_API_SECRET."
  type        = object({ id = string, rest_endpoint = string })
  default     = null
}

provider "confluent" {
  endpoint            = var.confluent_endpoint
  kafka_id            = try(var.kafka.id, null)
  kafka_rest_endpoint = try(var.kafka.rest_endpoint, null)
}

module "topics" {
  source = "../.."

  protected = false
  topics = {
    "example.orders.created" = {
      owner      = "platform"
      partitions = 1
    }
  }
  dlq = { connectors = ["orders-lake"] }
}

output "names" {
  description = "All topics."
  value       = module.topics.names
}
