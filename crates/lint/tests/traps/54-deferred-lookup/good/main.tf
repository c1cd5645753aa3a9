data "confluent_schema_registry_cluster" "this" {
  environment {
    id = local.sr_environment_id
  }
}

locals {
  sr_environment_id = confluent_kafka_cluster.this.environment[0].id
}
