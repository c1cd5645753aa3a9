variable "db_password" {
  description = "Password."
  type        = string
  sensitive   = true
}

locals {
  sensitive = { "database.password" = var.db_password, secret_arn = "arn:aws:secretsmanager:eu-central-1:1:secret:db" }
}
