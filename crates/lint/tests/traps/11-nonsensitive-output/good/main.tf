output "secret_arn" {
  description = "Where the secret is kept."
  value       = var.secret_arn
}

variable "secret_arn" {
  description = "Secret."
  type        = string
}
