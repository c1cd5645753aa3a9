# Topics, one dead letter topic per sink, and ACLs where roles do not reach. The provider block holds cluster, endpoint and key, so that neither stands
# in the state of a topic.

locals {
  dlq = {
    for connector in var.dlq.connectors : "dlq.${connector}" => {
      owner          = var.dlq.owner
      classification = "internal"
      partitions     = var.dlq.partitions
      config         = { "cleanup.policy" = "delete", "retention.ms" = tostring(var.dlq.retention_ms) }
      protected      = null
    }
  }
  topics = { for name, t in merge(var.topics, local.dlq) : name => merge(t, {
    config    = merge(var.default_config, t.config)
    protected = coalesce(t.protected, var.protected)
  }) }
}

# prevent_destroy cannot be a variable, so there are two blocks. A topic that changes sides is deleted and made anew
# unless its state is moved first.
resource "confluent_kafka_topic" "protected" {
  for_each = { for name, t in local.topics : name => t if t.protected }

  topic_name       = each.key
  partitions_count = each.value.partitions
  config           = each.value.config

  lifecycle {
    prevent_destroy = true
  }
}

resource "confluent_kafka_topic" "unprotected" {
  for_each = { for name, t in local.topics : name => t if !t.protected }

  topic_name       = each.key
  partitions_count = each.value.partitions
  config           = each.value.config
}

resource "confluent_kafka_acl" "this" {
  for_each = var.acls

  resource_type = each.value.resource_type
  resource_name = each.value.resource_name
  pattern_type  = each.value.pattern_type
  principal     = each.value.principal
  host          = each.value.host
  operation     = each.value.operation
  permission    = each.value.permission
}
