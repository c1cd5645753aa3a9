resource "local_sensitive_file" "client" {
  filename = "client.properties"
  content  = "bootstrap.servers=${var.bootstrap}"
}

variable "bootstrap" {
  description = "Brokers."
  type        = string
}
