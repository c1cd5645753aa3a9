resource "confluent_private_link_attachment" "this" {
  display_name = "attachment"
  cloud        = "AWS"
  region       = "eu-central-1"
  environment {
    id = var.environment_id
  }
}

variable "environment_id" {
  description = "Environment."
  type        = string
}
