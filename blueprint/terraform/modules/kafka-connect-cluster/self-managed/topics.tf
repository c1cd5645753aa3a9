# The internal topics of the group. The provider block holds cluster, endpoint and key.

locals {
  group_id     = coalesce(var.group_id, var.name)
  topic_prefix = coalesce(var.internal_topics.prefix, local.group_id)
  partitions = {
    configs = 1 # anything but one partition breaks the order of configs
    offsets = 25
    status  = 5
  }
  topic_names = { for topic in keys(local.partitions) : topic => "${local.topic_prefix}-${topic}" }
}

resource "confluent_kafka_topic" "internal" {
  for_each = { for topic, count in local.partitions : topic => count if var.internal_topics.create }

  topic_name       = local.topic_names[each.key]
  partitions_count = each.value
  config           = { "cleanup.policy" = "compact" }
}
