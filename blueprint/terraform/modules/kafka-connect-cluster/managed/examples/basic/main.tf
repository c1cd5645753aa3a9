# An account for connectors that write and read the topics of orders.

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

locals {
  organization = "crn://confluent.cloud/organization=1111aaaa-11aa-11aa-11aa-111111aaaaaa"
  environment  = "${local.organization}/environment=env-abc123"
}

module "managed" {
  source = "../.."

  name                = "streams-dev-euc1-orders"
  owner               = "team orders"
  organization_crn    = local.organization
  schema_registry_crn = "${local.environment}/schema-registry=lsrc-abc123"
  cluster             = { id = "lkc-abc123", crn = "${local.environment}/cloud-cluster=lkc-abc123", type = "dedicated" }
  connector_prefix    = "orders-"
  produces            = ["orders.public.*"]
  consumes            = ["orders.public.orders"]
  deployers           = { pipeline = "User:sa-abc123" }
}

output "service_account_id" {
  description = "Account of the connectors."
  value       = module.managed.service_account_id
}
