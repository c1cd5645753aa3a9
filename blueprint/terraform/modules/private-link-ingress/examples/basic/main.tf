# An endpoint in two zones, open to the members of one security group.

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

module "ingress" {
  source = "../.."

  name   = "streams-dev-euc1"
  tags   = { Owner = "platform" }
  vpc_id = "vpc-0123456789abcdef0"
  subnets_by_zone_id = {
    euc1-az1 = "subnet-0123456789abcdef1"
    euc1-az2 = "subnet-0123456789abcdef2"
  }
  service_name              = "com.amazonaws.vpce.eu-central-1.vpce-svc-0123456789abcdef0"
  dns_domain                = "abc123.eu-central-1.aws.confluent.cloud"
  client_security_group_ids = { worker = "sg-0123456789abcdef0" }
}

output "records" {
  description = "What resolves to the endpoint."
  value       = module.ingress.records
}
