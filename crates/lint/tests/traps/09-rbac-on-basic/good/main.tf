resource "confluent_kafka_cluster" "this" {
  display_name        = "orders"
  availability        = "SINGLE_ZONE"
  cloud               = "AWS"
  region              = "eu-central-1"
  deletion_protection = true
  environment {
    id = var.environment_id
  }
  standard {}
}
resource "confluent_service_account" "connect" {
  display_name = "connect"
  description  = "Connectors"
}

resource "confluent_role_binding" "topic" {
  principal              = "User:${confluent_service_account.connect.id}"
  role_name              = "DeveloperRead"
  crn_pattern            = "${confluent_kafka_cluster.this.rbac_crn}/kafka=${confluent_kafka_cluster.this.id}/topic=orders"
  disable_wait_for_ready = true
}

variable "environment_id" {
  description = "Environment."
  type        = string
}
