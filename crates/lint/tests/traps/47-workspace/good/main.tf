locals {
  name = "orders-${var.environment}"
}

variable "environment" {
  description = "Environment."
  type        = string
}
