# Every resource that the stand-in forwards, in the shape of the blueprint.

terraform {
  required_providers {
    confluent = { source = "confluentinc/confluent" }
  }
}

variable "endpoint" { type = string }
variable "cku" {
  type    = number
  default = 2
}
variable "zones" {
  type    = list(string)
  default = ["euc1-az1", "euc1-az2", "euc1-az3"]
}
variable "partitions" {
  type    = number
  default = 6
}
variable "retention" {
  type    = map(string)
  default = { "retention.ms" = "86400000" }
}
variable "connector" {
  type    = map(string)
  default = { "flush.size" = "1000", "tasks.max" = "1" }
}
variable "connector_name" {
  type    = string
  default = "orders-s3"
}
variable "connector_status" {
  type    = string
  default = null
}
variable "offsets" {
  type    = map(string)
  default = {}
}
variable "cdc_password" {
  type      = string
  default   = "pa55word-of-cdc"
  sensitive = true
}
variable "with_connectors" {
  type    = bool
  default = true
}
variable "schema" {
  type    = string
  default = "{\"type\":\"record\",\"name\":\"Order\",\"fields\":[{\"name\":\"id\",\"type\":\"long\"}]}"
}
variable "integration_name" {
  type    = string
  default = "s3-sink"
}
variable "wait_for_key" {
  type    = bool
  default = false
}

provider "confluent" {
  endpoint         = var.endpoint
  cloud_api_key    = "FAKECLOUDKEY0001"
  cloud_api_secret = "fake-cloud-secret"
}

data "confluent_organization" "this" {}

resource "confluent_environment" "this" {
  display_name = "demo"
  stream_governance { package = "ADVANCED" }
}

resource "confluent_network" "this" {
  display_name     = "private"
  cloud            = "AWS"
  region           = "eu-central-1"
  connection_types = ["PRIVATELINK"]
  zones            = var.zones
  environment { id = confluent_environment.this.id }
  dns_config { resolution = "PRIVATE" }
}

resource "confluent_private_link_access" "this" {
  display_name = "account"
  environment { id = confluent_environment.this.id }
  network { id = confluent_network.this.id }
  aws { account = "012345678901" }
}

resource "confluent_kafka_cluster" "this" {
  display_name = "demo"
  availability = "MULTI_ZONE"
  cloud        = "AWS"
  region       = "eu-central-1"
  dedicated { cku = var.cku }
  environment { id = confluent_environment.this.id }
  network { id = confluent_network.this.id }
  depends_on = [confluent_private_link_access.this]
}

resource "confluent_gateway" "egress" {
  display_name = "egress"
  environment { id = confluent_environment.this.id }
  aws_egress_private_link_gateway { region = "eu-central-1" }
}

resource "confluent_gateway" "ingress" {
  display_name = "ingress"
  environment { id = confluent_environment.this.id }
  aws_ingress_private_link_gateway { region = "eu-central-1" }
}

resource "confluent_access_point" "s3" {
  display_name = "s3"
  environment { id = confluent_environment.this.id }
  gateway { id = confluent_gateway.egress.id }
  aws_egress_private_link_endpoint { vpc_endpoint_service_name = "com.amazonaws.eu-central-1.s3" }
}

resource "confluent_dns_record" "s3" {
  display_name = "s3"
  domain       = "demo.s3.eu-central-1.amazonaws.com"
  environment { id = confluent_environment.this.id }
  gateway { id = confluent_gateway.egress.id }
  private_link_access_point { id = confluent_access_point.s3.id }
}

resource "confluent_private_link_attachment" "this" {
  display_name = "serverless"
  cloud        = "AWS"
  region       = "eu-central-1"
  environment { id = confluent_environment.this.id }
}

resource "confluent_private_link_attachment_connection" "this" {
  display_name = "serverless"
  environment { id = confluent_environment.this.id }
  private_link_attachment { id = confluent_private_link_attachment.this.id }
  aws { vpc_endpoint_id = "vpce-0123456789abcdef0" }
}

locals {
  # Through a local, so that a change of the cluster does not defer the look-up (and then replace all below it).
  sr_environment_id = confluent_kafka_cluster.this.environment[0].id
}

data "confluent_schema_registry_cluster" "this" {
  environment { id = local.sr_environment_id }
}

data "confluent_gateway" "egress" {
  id = confluent_gateway.egress.id
  environment { id = confluent_environment.this.id }
}

resource "confluent_service_account" "connect" {
  display_name = "demo-connect"
  description  = "runs the connectors"
}

resource "confluent_role_binding" "connect" {
  principal   = "User:${confluent_service_account.connect.id}"
  role_name   = "CloudClusterAdmin"
  crn_pattern = confluent_kafka_cluster.this.rbac_crn
}

resource "confluent_identity_provider" "this" {
  display_name = "ci"
  description  = "tokens of CI"
  issuer       = "https://issuer.example.com"
  jwks_uri     = "https://issuer.example.com/jwks"
}

resource "confluent_identity_pool" "this" {
  display_name   = "ci"
  description    = "jobs of CI"
  identity_claim = "claims.sub"
  filter         = "claims.aud == \"demo\""
  identity_provider { id = confluent_identity_provider.this.id }
}

resource "confluent_api_key" "kafka" {
  display_name           = "kafka"
  description            = "for topics"
  disable_wait_for_ready = !var.wait_for_key
  owner {
    id          = confluent_service_account.connect.id
    api_version = confluent_service_account.connect.api_version
    kind        = confluent_service_account.connect.kind
  }
  managed_resource {
    id          = confluent_kafka_cluster.this.id
    api_version = confluent_kafka_cluster.this.api_version
    kind        = confluent_kafka_cluster.this.kind
    environment { id = confluent_environment.this.id }
  }
  depends_on = [confluent_role_binding.connect]
}

resource "confluent_api_key" "registry" {
  display_name           = "registry"
  description            = "for schemas"
  disable_wait_for_ready = true
  owner {
    id          = confluent_service_account.connect.id
    api_version = confluent_service_account.connect.api_version
    kind        = confluent_service_account.connect.kind
  }
  managed_resource {
    id          = data.confluent_schema_registry_cluster.this.id
    api_version = data.confluent_schema_registry_cluster.this.api_version
    kind        = data.confluent_schema_registry_cluster.this.kind
    environment { id = confluent_environment.this.id }
  }
}

resource "confluent_api_key" "cloud" {
  display_name           = "cloud"
  description            = "for pipelines"
  disable_wait_for_ready = true
  owner {
    id          = confluent_service_account.connect.id
    api_version = confluent_service_account.connect.api_version
    kind        = confluent_service_account.connect.kind
  }
}

resource "confluent_provider_integration" "s3" {
  display_name = var.integration_name
  environment { id = confluent_environment.this.id }
  aws { customer_role_arn = "arn:aws:iam::012345678901:role/${var.integration_name}" }
}

resource "confluent_kafka_topic" "orders" {
  topic_name       = "orders"
  partitions_count = var.partitions
  config           = var.retention
  rest_endpoint    = confluent_kafka_cluster.this.rest_endpoint
  kafka_cluster { id = confluent_kafka_cluster.this.id }
  credentials {
    key    = confluent_api_key.kafka.id
    secret = confluent_api_key.kafka.secret
  }
}

resource "confluent_kafka_acl" "describe" {
  resource_type = "CLUSTER"
  resource_name = "kafka-cluster"
  pattern_type  = "LITERAL"
  principal     = "User:${confluent_service_account.connect.id}"
  host          = "*"
  operation     = "DESCRIBE"
  permission    = "ALLOW"
  rest_endpoint = confluent_kafka_cluster.this.rest_endpoint
  kafka_cluster { id = confluent_kafka_cluster.this.id }
  credentials {
    key    = confluent_api_key.kafka.id
    secret = confluent_api_key.kafka.secret
  }
}

resource "confluent_kafka_cluster_config" "this" {
  config        = { "auto.create.topics.enable" = "false" }
  rest_endpoint = confluent_kafka_cluster.this.rest_endpoint
  kafka_cluster { id = confluent_kafka_cluster.this.id }
  credentials {
    key    = confluent_api_key.kafka.id
    secret = confluent_api_key.kafka.secret
  }
}

resource "confluent_schema" "orders" {
  subject_name  = "orders-value"
  format        = "AVRO"
  schema        = var.schema
  hard_delete   = true
  rest_endpoint = data.confluent_schema_registry_cluster.this.rest_endpoint
  schema_registry_cluster { id = data.confluent_schema_registry_cluster.this.id }
  credentials {
    key    = confluent_api_key.registry.id
    secret = confluent_api_key.registry.secret
  }
}

resource "confluent_subject_config" "orders" {
  subject_name        = confluent_schema.orders.subject_name
  compatibility_level = "FULL"
  rest_endpoint       = data.confluent_schema_registry_cluster.this.rest_endpoint
  schema_registry_cluster { id = data.confluent_schema_registry_cluster.this.id }
  credentials {
    key    = confluent_api_key.registry.id
    secret = confluent_api_key.registry.secret
  }
}

resource "confluent_tag" "pii" {
  name          = "pii"
  description   = "about persons"
  rest_endpoint = data.confluent_schema_registry_cluster.this.rest_endpoint
  schema_registry_cluster { id = data.confluent_schema_registry_cluster.this.id }
  credentials {
    key    = confluent_api_key.registry.id
    secret = confluent_api_key.registry.secret
  }
}

resource "confluent_tag_binding" "orders" {
  tag_name      = confluent_tag.pii.name
  entity_type   = "kafka_topic"
  entity_name   = "${data.confluent_schema_registry_cluster.this.id}:${confluent_kafka_cluster.this.id}:orders"
  rest_endpoint = data.confluent_schema_registry_cluster.this.rest_endpoint
  schema_registry_cluster { id = data.confluent_schema_registry_cluster.this.id }
  credentials {
    key    = confluent_api_key.registry.id
    secret = confluent_api_key.registry.secret
  }
  depends_on = [confluent_kafka_topic.orders]
}

resource "confluent_connector" "s3" {
  count  = var.with_connectors ? 1 : 0
  status = var.connector_status
  environment { id = confluent_environment.this.id }
  kafka_cluster { id = confluent_kafka_cluster.this.id }
  config_sensitive = {}
  config_nonsensitive = merge(var.connector, {
    "connector.class"          = "S3_SINK"
    "name"                     = var.connector_name
    "kafka.auth.mode"          = "SERVICE_ACCOUNT"
    "kafka.service.account.id" = confluent_service_account.connect.id
    "topics"                   = confluent_kafka_topic.orders.topic_name
    "input.data.format"        = "AVRO"
    "output.data.format"       = "AVRO"
    "time.interval"            = "HOURLY"
    "s3.bucket.name"           = "demo-lake"
    "authentication.method"    = "IAM Roles"
    "provider.integration.id"  = confluent_provider_integration.s3.id
  })
  depends_on = [confluent_role_binding.connect, confluent_dns_record.s3]
}

resource "confluent_connector" "cdc" {
  count = var.with_connectors ? 1 : 0
  environment { id = confluent_environment.this.id }
  kafka_cluster { id = confluent_kafka_cluster.this.id }
  config_sensitive = { "database.password" = var.cdc_password }
  config_nonsensitive = {
    "connector.class"          = "PostgresCdcSourceV2"
    "name"                     = "orders-cdc"
    "kafka.auth.mode"          = "SERVICE_ACCOUNT"
    "kafka.service.account.id" = confluent_service_account.connect.id
    "database.hostname"        = "db.example.com"
    "database.port"            = 5432
    "database.user"            = "cdc"
    "database.dbname"          = "orders"
    "topic.prefix"             = "demo"
    "slot.name"                = "demo"
    "publication.name"         = "demo"
    "output.data.format"       = "AVRO"
    "tasks.max"                = 1
  }
  dynamic "offsets" {
    for_each = length(var.offsets) > 0 ? [var.offsets] : []
    content {
      partition = { server = "demo" }
      offset    = offsets.value
    }
  }
  depends_on = [confluent_role_binding.connect]
}

output "principal_arn" { value = one(data.confluent_gateway.egress.aws_egress_private_link_gateway[*].principal_arn) }
output "service_name" { value = one(confluent_network.this.aws[*].private_link_endpoint_service) }
output "organization" { value = data.confluent_organization.this.id }
output "external_id" { value = one(confluent_provider_integration.s3.aws[*].external_id) }
