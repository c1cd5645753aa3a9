output "client_properties" {
  description = "Client configuration, with references instead of secrets."
  value       = "bootstrap.servers=${var.bootstrap}"
}

variable "bootstrap" {
  description = "Brokers."
  type        = string
}
