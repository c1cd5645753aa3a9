resource "aws_secretsmanager_secret_version" "a" {
  secret_id     = "a"
  secret_string = var.text
}

variable "text" {
  description = "Text."
  type        = string
  sensitive   = true
}
