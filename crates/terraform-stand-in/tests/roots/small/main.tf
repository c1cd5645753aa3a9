# A Basic cluster with a key and a topic.

terraform {
  required_providers {
    confluent = { source = "confluentinc/confluent" }
  }
}

variable "endpoint" { type = string }
variable "cluster_type" {
  type    = string
  default = "basic"
}
variable "wait_for_key" {
  type    = bool
  default = false
}
variable "partitions" {
  type    = number
  default = 6
}
variable "settings" {
  type    = map(string)
  default = { "retention.ms" = "86400000", "cleanup.policy" = "delete" }
}

provider "confluent" {
  endpoint         = var.endpoint
  cloud_api_key    = "FAKECLOUDKEY0001"
  cloud_api_secret = "fake-cloud-secret"
}

resource "confluent_environment" "this" {
  display_name = "small"
}

resource "confluent_kafka_cluster" "this" {
  display_name = "small"
  availability = "SINGLE_ZONE"
  cloud        = "AWS"
  region       = "eu-central-1"
  environment { id = confluent_environment.this.id }
  dynamic "basic" {
    for_each = var.cluster_type == "basic" ? [1] : []
    content {}
  }
  dynamic "standard" {
    for_each = var.cluster_type == "standard" ? [1] : []
    content {}
  }
  dynamic "dedicated" {
    for_each = var.cluster_type == "dedicated" ? [1] : []
    content { cku = 1 }
  }
}

resource "confluent_service_account" "this" {
  display_name = "small"
}

resource "confluent_role_binding" "this" {
  principal   = "User:${confluent_service_account.this.id}"
  role_name   = "CloudClusterAdmin"
  crn_pattern = confluent_kafka_cluster.this.rbac_crn
}

resource "confluent_api_key" "this" {
  disable_wait_for_ready = !var.wait_for_key
  owner {
    id          = confluent_service_account.this.id
    api_version = confluent_service_account.this.api_version
    kind        = confluent_service_account.this.kind
  }
  managed_resource {
    id          = confluent_kafka_cluster.this.id
    api_version = confluent_kafka_cluster.this.api_version
    kind        = confluent_kafka_cluster.this.kind
    environment { id = confluent_environment.this.id }
  }
  depends_on = [confluent_role_binding.this]
}

resource "confluent_kafka_topic" "this" {
  topic_name       = "orders"
  partitions_count = var.partitions
  config           = var.settings
  rest_endpoint    = confluent_kafka_cluster.this.rest_endpoint
  kafka_cluster { id = confluent_kafka_cluster.this.id }
  credentials {
    key    = confluent_api_key.this.id
    secret = confluent_api_key.this.secret
  }
}
