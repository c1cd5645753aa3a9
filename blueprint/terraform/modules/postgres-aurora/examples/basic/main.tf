# A database for CDC in two subnets, open to the worker's security group.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

variable "vpc_id" {
  description = "VPC of the database."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets in two availability zones."
  type        = list(string)
}

variable "worker_security_group_id" {
  description = "Security group of the worker that reads the database."
  type        = string
}

module "orders_db" {
  source = "../.."

  name                       = "streams-dev-euc1-orders"
  tags                       = { Project = "streams", Environment = "dev" }
  vpc_id                     = var.vpc_id
  subnet_ids                 = var.subnet_ids
  allowed_security_group_ids = { worker = var.worker_security_group_id }
  capacity                   = { min = 0.5, max = 4 }
}

output "endpoint" {
  description = "Where connectors connect."
  value       = module.orders_db.endpoint
}
