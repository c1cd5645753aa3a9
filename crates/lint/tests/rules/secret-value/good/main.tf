resource "aws_secretsmanager_secret_version" "a" {
  secret_id                = "a"
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.a.random_password
  secret_string_wo_version = 1
}
