resource "confluent_connector" "this" {
  environment {
    id = var.environment_id
  }
  config_sensitive = {}
  config_nonsensitive = {
    "connector.class" = "PostgresCdcSourceV2"
  }
}

variable "environment_id" {
  description = "Environment."
  type        = string
}
