# A worker with one JDBC source in two zones.

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

variable "image" {
  description = "Image by digest. Null before the first push."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "VPC of the worker."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets by AZ id."
  type        = map(string)
}

variable "secret_arns" {
  description = "Secrets by key: kafka-worker and orders-db (output arns of the module secrets)."
  type        = map(string)
}

module "worker" {
  source = "../.."

  name              = "streams-dev-euc1-worker"
  tags              = { Project = "streams", Environment = "dev" }
  image             = var.image
  vpc_id            = var.vpc_id
  subnet_ids        = var.subnet_ids
  bootstrap         = "lkc-abc123.euc1.aws.example:9092"
  kafka_credentials = { secret_arn = var.secret_arns["kafka-worker"] }
  config_dir        = "${path.module}/connectors"
  secrets           = { orders-db = var.secret_arns["orders-db"] }

  egress = {
    https    = { description = "AWS and Schema Registry", port = 443, cidr_ipv4 = "0.0.0.0/0" }
    kafka    = { description = "Kafka by Private Link", port = 9092, cidr_ipv4 = "10.0.0.0/16" }
    database = { description = "The orders database", port = 5432, cidr_ipv4 = "10.0.0.0/16" }
  }
}

output "repository_url" {
  description = "Where the image is pushed."
  value       = module.worker.repository_url
}
