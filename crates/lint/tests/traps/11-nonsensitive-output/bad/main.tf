output "secret" {
  description = "Secret of the key."
  value       = nonsensitive(var.secret)
}

variable "secret" {
  description = "Secret."
  type        = string
  sensitive   = true
}
