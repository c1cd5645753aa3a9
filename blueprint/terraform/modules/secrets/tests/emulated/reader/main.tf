# Reads secrets and says about them what is no secret. Test only: the data source puts values into state, which a test's
# state, in memory and of an emulator, may hold.

terraform {
  required_version = ">= 1.11.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100.0, < 7.0.0"
    }
  }
}

variable "secret_ids" {
  description = "ARNs by key."
  type        = map(string)
}

data "aws_secretsmanager_secret_version" "this" {
  for_each = var.secret_ids

  secret_id = each.value
}

locals {
  values = { for k, v in data.aws_secretsmanager_secret_version.this : k => jsondecode(nonsensitive(v.secret_string)) }
}

output "fields" {
  description = "Names of the fields, by key."
  value       = { for k, v in local.values : k => keys(v) }
}

output "lengths" {
  description = "Length of each field, by key."
  value       = { for k, v in local.values : k => { for f, t in v : f => length(t) } }
}

output "only" {
  description = "Whether all fields are of letters, digits and the signs ! and #."
  value       = { for k, v in local.values : k => alltrue([for t in values(v) : can(regex("^[A-Za-z0-9!#]+$", t))]) }
}
