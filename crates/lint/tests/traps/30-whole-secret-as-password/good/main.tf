ephemeral "aws_secretsmanager_secret_version" "db" {
  secret_id = "orders-db"
}

locals {
  sensitive = {
    "connection.password" = jsondecode(ephemeral.aws_secretsmanager_secret_version.db.secret_string)["password"]
  }
}
