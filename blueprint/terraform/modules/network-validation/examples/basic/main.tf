# Checks an endpoint in two zones.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

module "network_validation" {
  source = "../.."

  hosts = {
    bootstrap = "lkc-abc123.abc123.eu-central-1.aws.confluent.cloud:9092"
    rest      = "https://lkc-abc123.abc123.eu-central-1.aws.confluent.cloud:443"
  }
  dns_records = {
    "*.abc123.eu-central-1.aws.confluent.cloud" = "vpce-0abc-xyz.vpce-svc-0def.eu-central-1.vpce.amazonaws.com"
  }
  endpoint_dns_names = ["vpce-0abc-xyz.vpce-svc-0def.eu-central-1.vpce.amazonaws.com"]
  vpc_endpoint_id    = "vpce-0123456789abcdef0"
  client_rules = [
    { client = "sg-0123456789abcdef0", port = 443 },
    { client = "sg-0123456789abcdef0", port = 9092 }
  ]
  required_clients = { worker = "sg-0123456789abcdef0" }
  cluster_zone_ids = ["euc1-az1", "euc1-az2"]
  ingress_zone_ids = ["euc1-az1", "euc1-az2"]
}

output "probes" {
  description = "What to try from inside the VPC."
  value       = module.network_validation.probes
}
