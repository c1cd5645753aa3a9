# A bucket for sinks in dev.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

module "lake" {
  source = "../.."

  bucket_name         = "acme-streams-dev-euc1-lake"
  tags                = { Project = "streams", Environment = "dev" }
  deletion_protection = false
  lifecycle_days      = { infrequent_access = 30, expire = 365 }
}

output "bucket" {
  description = "Bucket for the sinks."
  value       = module.lake.bucket
}
