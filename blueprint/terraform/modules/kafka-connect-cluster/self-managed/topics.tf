# The internal topics of a distributed worker. The provider block holds cluster, endpoint and key.

locals {
  internal_topics = var.internal_topics.create ? {
    configs = 1 # anything but one partition breaks the order of configs
    offsets = 25
    status  = 5
  } : {}
}

resource "confluent_kafka_topic" "internal" {
  for_each = local.internal_topics

  topic_name       = "${coalesce(var.internal_topics.group_id, var.name)}-${each.key}"
  partitions_count = each.value
  config           = { "cleanup.policy" = "compact" }
}
