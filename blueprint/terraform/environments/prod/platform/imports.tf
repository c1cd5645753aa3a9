# Adopting topics that are there already, by name to import id: lkc-abc123/orders.public.orders. Their key is read from
# IMPORT_KAFKA_REST_ENDPOINT, IMPORT_KAFKA_API_KEY and IMPORT_KAFKA_API_SECRET.

import {
  for_each = var.deletion_protection ? var.adopt_topics : {}

  to = module.topics.confluent_kafka_topic.protected[each.key]
  id = each.value
}

import {
  for_each = var.deletion_protection ? {} : var.adopt_topics

  to = module.topics.confluent_kafka_topic.unprotected[each.key]
  id = each.value
}
