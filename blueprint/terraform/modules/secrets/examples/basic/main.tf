# A generated database password and a container for an operator.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

module "secrets" {
  source = "../.."

  name          = "streams-dev-euc1"
  tags          = { Project = "streams", Environment = "dev" }
  recovery_days = 0

  secrets = {
    orders-db = {
      description = "User of the orders connectors in the orders database"
      generate    = { fields = { username = "connect" } }
    }
    partner-sftp = { description = "Written by the partner team" }
  }
}

output "arns" {
  description = "Where the secrets are."
  value       = module.secrets.arns
}
