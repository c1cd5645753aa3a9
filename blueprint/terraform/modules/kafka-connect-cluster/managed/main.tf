# Confluent Cloud has no Connect cluster to create: for managed connectors it is an account and what the account may do.

locals {
  kafka_crn = "${var.cluster.crn}/kafka=${var.cluster.id}"
  full_name = "${var.name}-connect"
  # 64 characters at most, or Confluent refuses the name in the middle of an apply.
  account_name = length(local.full_name) <= 64 ? local.full_name : "${trimsuffix(substr(local.full_name, 0, 57), "-")}-${substr(sha256(local.full_name), 0, 6)}"

  sinks = length(var.consumes) > 0

  # A topic's subjects are <topic>-key and <topic>-value; a prefix stays a prefix.
  written_subjects = [for topic in var.produces : endswith(topic, "*") ? topic : "${topic}-*"]
  read_subjects    = [for topic in var.consumes : endswith(topic, "*") ? topic : "${topic}-*"]

  # Keyed by role and resource, so that another topic adds bindings and touches none.
  grants = merge(
    # Every connector looks at the cluster before it starts.
    { "Operator/cluster" = { role = "Operator", crn = var.cluster.crn } },
    merge([for topic in var.produces : { for role in ["DeveloperManage", "DeveloperWrite"] :
      "${role}/topic=${topic}" => { role = role, crn = "${local.kafka_crn}/topic=${topic}" }
    }]...),
    { for subject in local.written_subjects : "DeveloperWrite/subject=${subject}" => { role = "DeveloperWrite", crn = "${var.schema_registry_crn}/subject=${subject}" } },
    { for topic in var.consumes : "DeveloperRead/topic=${topic}" => { role = "DeveloperRead", crn = "${local.kafka_crn}/topic=${topic}" } },
    { for subject in local.read_subjects : "DeveloperRead/subject=${subject}" => { role = "DeveloperRead", crn = "${var.schema_registry_crn}/subject=${subject}" } },
    local.sinks ? {
      # The consumer group of a managed connector is connect-<its id>, and the id is the service's.
      "DeveloperRead/group=connect-lcc-*" = { role = "DeveloperRead", crn = "${local.kafka_crn}/group=connect-lcc-*" }
      "DeveloperWrite/topic=dlq"          = { role = "DeveloperWrite", crn = "${local.kafka_crn}/topic=${var.dlq.topic_prefix}${var.connector_prefix}*" }
    } : {},
    local.sinks && var.dlq.report_topics ? merge([for topic in ["dlq-lcc*", "error-lcc*", "success-lcc*"] : { for role in ["DeveloperManage", "DeveloperWrite"] :
      "${role}/topic=${topic}" => { role = role, crn = "${local.kafka_crn}/topic=${topic}" }
    }]...) : {}
  )
}

resource "confluent_service_account" "this" {
  display_name = local.account_name
  description  = "Managed connectors ${var.connector_prefix}* (owner ${var.owner}, ${var.name})"
}

resource "confluent_role_binding" "this" {
  for_each = local.grants

  principal              = "User:${confluent_service_account.this.id}"
  role_name              = each.value.role
  crn_pattern            = each.value.crn
  disable_wait_for_ready = true
}

resource "confluent_role_binding" "deployer" {
  for_each = var.deployers

  principal              = each.value
  role_name              = "Assigner"
  crn_pattern            = "${var.organization_crn}/service-account=${confluent_service_account.this.id}"
  disable_wait_for_ready = true
}
