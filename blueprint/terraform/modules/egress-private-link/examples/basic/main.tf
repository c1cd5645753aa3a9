# A Dedicated cluster's connectors reach an Aurora cluster by its own name.

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

module "egress" {
  source = "../.."

  name           = "streams-dev-euc1-orders"
  tags           = { Owner = "platform" }
  environment_id = "env-abc123"
  gateway        = { id = "gw-abc123" }
  vpc_id         = "vpc-0123456789abcdef0"
  subnet_ids = {
    euc1-az1 = "subnet-0123456789abcdef1"
    euc1-az2 = "subnet-0123456789abcdef2"
  }
  target = {
    kind     = "rds"
    hostname = "orders.cluster-abc123.eu-central-1.rds.amazonaws.com"
  }
  target_security_group_ids = { orders = "sg-0123456789abcdef0" }
  refresher = {
    cluster_arn    = "arn:aws:ecs:eu-central-1:123456789012:cluster/streams-dev"
    image          = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/sluice@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    rds_identifier = "orders"
  }
}

output "dns_name" {
  description = "database.hostname of connectors."
  value       = module.egress.dns_name
}
