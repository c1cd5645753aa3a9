resource "confluent_gateway" "this" {
  display_name = "ingress"
  environment {
    id = var.environment_id
  }
  aws_ingress_private_link_gateway {
    region = "eu-central-1"
  }
}

variable "environment_id" {
  description = "Environment."
  type        = string
}
