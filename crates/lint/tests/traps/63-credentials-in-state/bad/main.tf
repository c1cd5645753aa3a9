resource "confluent_kafka_topic" "orders" {
  topic_name       = "orders"
  partitions_count = 6
  credentials {
    key    = var.key
    secret = var.secret
  }

}

variable "key" {
  description = "Key."
  type        = string
}

variable "secret" {
  description = "Secret."
  type        = string
  sensitive   = true
}
