data "aws_secretsmanager_secret_version" "db" {
  secret_id = "orders-db"
}
