# The worker's subnets reach one bucket and one table without the internet.

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

module "gateway_endpoints" {
  source = "../.."

  name            = "streams-dev-euc1"
  tags            = { Owner = "platform" }
  vpc_id          = "vpc-0123456789abcdef0"
  route_table_ids = ["rtb-0123456789abcdef0"]
  bucket_arns     = ["arn:aws:s3:::acme-streams-dev-euc1-orders"]
  table_arns      = ["arn:aws:dynamodb:eu-central-1:123456789012:table/orders"]
}

output "prefix_list_ids" {
  description = "For egress rules of security groups."
  value       = module.gateway_endpoints.prefix_list_ids
}
