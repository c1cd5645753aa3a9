resource "confluent_connector" "this" {
  environment {
    id = var.environment_id
  }
  kafka_cluster {
    id = "lkc-1"
  }
  config_nonsensitive = {
    "name"            = "orders-s3"
    "connector.class" = "S3_SINK"
  }
}

variable "environment_id" {
  description = "Environment."
  type        = string
}
