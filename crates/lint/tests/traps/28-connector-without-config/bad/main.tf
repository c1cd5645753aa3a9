resource "confluent_connector" "this" {
  environment {
    id = var.environment_id
  }
  kafka_cluster {
    id = "lkc-1"
  }
}

variable "environment_id" {
  description = "Environment."
  type        = string
}
