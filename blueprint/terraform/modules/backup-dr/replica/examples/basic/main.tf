# A vault and a replica bucket in eu-west-1.

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
  alias  = "dr"
  region = "eu-west-1"
}

module "dr" {
  source    = "../.."
  providers = { aws = aws.dr }

  name                = "streams-dev-euc1"
  tags                = { Project = "streams", Environment = "dev" }
  buckets             = { lake = "acme-streams-dev-euc1-lake-dr" }
  deletion_protection = false
}

output "vault_arn" {
  description = "Vault for copies."
  value       = module.dr.vault_arn
}
