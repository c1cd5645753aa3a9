# A public cluster with a producer and a consumer of the test topic.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
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

provider "aws" {
  region = "eu-central-1"
}

provider "confluent" {
  endpoint = var.confluent_endpoint
}

module "foundation" {
  source = "../.."

  name    = "streams-dev-euc1"
  owner   = "platform"
  tags    = { Owner = "platform" }
  region  = "eu-central-1"
  cluster = { type = "standard", deletion_protection = false }
  clients = {
    producer = { description = "Example producer", produces = ["example.orders.created"] }
    consumer = { description = "Example consumer", consumes = ["example.orders.created"], groups = ["example-*"] }
  }
  secret_recovery_days = 0
}

output "client_properties" {
  description = "Texts for client.properties, without secrets."
  value       = module.foundation.client_properties
}
