# Where the emulator listens. Terraform gives the variable aws_endpoint to a run whose module declares it, not to a
# provider block, so this run hands it on. Set it by TF_VAR_aws_endpoint.

terraform {
  required_version = ">= 1.11.0"
}

variable "aws_endpoint" {
  description = "URL of an AWS emulator on loopback."
  type        = string

  validation {
    condition     = can(regex("^http://(127\\.[0-9]+\\.[0-9]+\\.[0-9]+|localhost|\\[::1\\]):[0-9]+/?$", var.aws_endpoint))
    error_message = "aws_endpoint is \"${var.aws_endpoint}\": allowed is a loopback address, such as http://127.0.0.1:5000; these tests write and destroy."
  }
}

output "url" {
  description = "The URL."
  value       = var.aws_endpoint
}
