# Adopting what the company's earlier blueprint made: give the ids in the variable adopt, plan until nothing would be
# replaced, apply once, and take them out again. When the earlier blueprint's state is kept instead, the moved blocks of
# the module confluent-foundation do the same for its addresses.

import {
  for_each = toset(compact([var.adopt.environment]))

  to = module.foundation.confluent_environment.this
  id = each.key
}

import {
  for_each = toset(compact([var.adopt.network]))

  to = module.foundation.confluent_network.this[0]
  id = each.key
}

import {
  for_each = toset(compact([var.adopt.private_link_access]))

  to = module.foundation.confluent_private_link_access.this[0]
  id = each.key
}

import {
  for_each = toset(compact([var.adopt.cluster]))

  to = module.foundation.confluent_kafka_cluster.this
  id = each.key
}

import {
  for_each = toset(compact([var.adopt.admin_account]))

  to = module.foundation.confluent_service_account.this["admin"]
  id = each.key
}
