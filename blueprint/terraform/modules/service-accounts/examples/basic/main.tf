# Two teams; one of them has an API key.

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

locals {
  organization = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa"
  environment  = "${local.organization}/environment=env-abc123"
}

module "service_accounts" {
  source = "../.."

  name                = "streams-dev-euc1"
  tags                = { Owner = "platform" }
  organization_crn    = local.organization
  environment_crn     = local.environment
  schema_registry_crn = "${local.environment}/schema-registry=lsrc-abc123"
  cluster = {
    id             = "lkc-abc123"
    crn            = "${local.environment}/cloud-cluster=lkc-abc123"
    type           = "standard"
    api_version    = "cmk/v2"
    kind           = "Cluster"
    environment_id = "env-abc123"
  }
  teams = {
    orders = {
      description      = "Orders"
      owner            = "orders@acme.example"
      topic_prefixes   = ["orders."]
      subject_prefixes = ["orders."]
      groups           = ["orders-*"]
      connectors       = ["orders-*"]
      api_keys         = ["2026-01"]
    }
    billing = {
      description = "Billing, reads the orders"
      owner       = "billing@acme.example"
      groups      = ["billing-*"]
      roles       = { DeveloperRead = ["topic=orders.public.orders", "subject=orders.public.orders-value"] }
    }
  }
}

output "teams" {
  description = "Accounts of the teams."
  value       = module.service_accounts.teams
}
