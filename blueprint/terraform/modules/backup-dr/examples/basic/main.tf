# Daily backups of a database, with copies in another region.

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

provider "aws" {
  alias  = "dr"
  region = "eu-west-1"
}

variable "cluster_arn" {
  description = "Aurora cluster to back up."
  type        = string
}

module "dr" {
  source    = "../../replica"
  providers = { aws = aws.dr }

  name = "streams-dev-euc1"
  tags = { Project = "streams", Environment = "dev" }
}

module "backup" {
  source = "../.."

  name           = "streams-dev-euc1"
  tags           = { Project = "streams", Environment = "dev" }
  resources      = { orders-db = var.cluster_arn }
  copy_vault_arn = module.dr.vault_arn
  rules          = { daily = { schedule = "cron(0 3 * * ? *)", retention_days = 35, copy_retention_days = 7 } }
}

output "restore_role_arn" {
  description = "Role for restores."
  value       = module.backup.restore_role_arn
}
