# A role for managed S3 sinks, and a policy for a worker that writes to DynamoDB.

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

variable "environment_id" {
  description = "Confluent environment."
  type        = string
}

variable "table_arn" {
  description = "Table that the worker writes to."
  type        = string
}

module "connector_roles" {
  source = "../.."

  name           = "streams-dev-euc1"
  tags           = { Project = "streams", Environment = "dev" }
  environment_id = var.environment_id

  roles = {
    lake-sink     = { s3 = { bucket_arn = "arn:aws:s3:::acme-streams-dev-euc1-lake", prefix = "topics/" } }
    worker-tables = { managed = false, dynamodb = { table_arns = [var.table_arn] } }
  }
}

output "lake_sink" {
  description = "Role and integration of the S3 sinks."
  value       = module.connector_roles.roles["lake-sink"]
}
