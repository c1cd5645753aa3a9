# One confluent_connector per file. The keys of for_each are file names and never come from a sensitive map.

locals {
  # Not coalesce(): it fails where there is none, before the precondition can name the connector.
  accounts = { for k in keys(local.texts) : k => lookup(var.service_account_ids, k, null) == null ? var.service_account_id : var.service_account_ids[k] }

  nonsensitive_config = { for k in keys(local.texts) : k => merge(
    lookup(local.plain, k, {}),
    {
      name                       = k
      "kafka.auth.mode"          = "SERVICE_ACCOUNT"
      "kafka.service.account.id" = local.accounts[k]
    },
    contains(keys(var.provider_integration_ids), k) ? { "provider.integration.id" = var.provider_integration_ids[k] } : {}
  ) }
}

resource "confluent_connector" "this" {
  for_each = local.texts

  environment {
    id = var.environment_id
  }

  kafka_cluster {
    id = var.kafka_cluster_id
  }

  config_nonsensitive = local.nonsensitive_config[each.key]
  config_sensitive    = { for n, r in lookup(local.refs, each.key, {}) : n => try(var.secrets[r[0]][r[1]], null) }

  dynamic "offsets" {
    for_each = lookup(var.initial_offsets, each.key, [])

    content {
      partition = offsets.value.partition
      offset    = offsets.value.offset
    }
  }

  lifecycle {
    # Taking the block away would reset the connector; only its creation uses it.
    ignore_changes = [offsets]

    precondition {
      condition     = length(local.faults[each.key]) == 0
      error_message = "${each.key}.json: ${join("; ", local.faults[each.key])}."
    }
  }
}
