data "confluent_schema_registry_cluster" "this" {
  environment {
    id = local.sr_environment_id
  }
  depends_on = [confluent_kafka_cluster.this]
}

locals {
  sr_environment_id = confluent_kafka_cluster.this.environment[0].id
}
