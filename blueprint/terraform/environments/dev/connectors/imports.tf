# Adopting connectors that are there already, by name to import id: env-abc123/lkc-abc123/orders-cdc. The first apply
# afterwards stores their secrets.
#
# The other way, a connector that the pipeline is to write from now on, takes its file out of the folder and a block
#
#   removed {
#     from = module.connectors.confluent_connector.this["orders-cdc"]
#     lifecycle { destroy = false }
#   }

import {
  for_each = var.adopt_connectors

  to = module.connectors.confluent_connector.this[each.key]
  id = each.value
}
