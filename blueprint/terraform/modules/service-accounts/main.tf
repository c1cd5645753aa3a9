# One service account per team, and what it may do. Every role binding comes from one map keyed
# <team>/<role>/<resource>, so that adding a team or a topic never renumbers another.

locals {
  kafka_crn = "${var.cluster.crn}/kafka=${var.cluster.id}"

  # A name above 64 characters is cut and ends with a hash of the whole: Confluent would refuse it in the middle of an
  # apply.
  full_names = { for team in keys(var.teams) : team => "${var.name}-${team}" }
  names      = { for team, n in local.full_names : team => length(n) <= 64 ? n : "${trimsuffix(substr(n, 0, 57), "-")}-${substr(sha256(n), 0, 6)}" }

  grants = flatten([for team, t in var.teams : concat(
    [for p in t.topic_prefixes : [for role in ["DeveloperManage", "DeveloperRead", "DeveloperWrite"] : { team = team, role = role, resource = "topic=${p}*" }]],
    [for p in t.subject_prefixes : [for role in ["DeveloperRead", "DeveloperWrite"] : { team = team, role = role, resource = "subject=${p}*" }]],
    [for group in t.groups : { team = team, role = "DeveloperRead", resource = "group=${group}" }],
    [for connector in t.connectors : { team = team, role = "DeveloperWrite", resource = "connector=${connector}" }],
    # Who deploys a connector must be allowed to attach the account that it runs as.
    [for own in length(t.connectors) > 0 ? ["service-account"] : [] : { team = team, role = "Assigner", resource = own }],
    [for role, resources in t.roles : [for resource in resources : { team = team, role = role, resource = resource }]]
  )])

  # distinct(): a role may be named both by a prefix and under roles.
  bindings = { for g in distinct(local.grants) : "${g.team}/${g.role}/${g.resource}" => g }

  # What stands in front of a resource in its CRN. Connectors are named below the cluster without a kafka= part.
  crn_parents = {
    topic            = local.kafka_crn
    group            = local.kafka_crn
    transactional-id = local.kafka_crn
    connector        = var.cluster.crn
    subject          = var.schema_registry_crn
    kek              = var.schema_registry_crn
  }

  api_keys = merge([for team, t in var.teams : { for key in t.api_keys : "${team}/${key}" => { team = team, key = key } }]...)
  current  = { for team, t in var.teams : team => "${team}/${reverse(sort(t.api_keys))[0]}" if length(t.api_keys) > 0 }
}

resource "confluent_service_account" "this" {
  for_each = var.teams

  display_name = local.names[each.key]
  description  = "${each.value.description} (owner ${each.value.owner}, ${var.name})"
}

resource "confluent_role_binding" "this" {
  for_each = local.bindings

  principal = "User:${confluent_service_account.this[each.value.team].id}"
  role_name = each.value.role
  crn_pattern = (
    each.value.resource == "cluster" ? var.cluster.crn
    : each.value.resource == "environment" ? var.environment_crn
    : each.value.resource == "service-account" ? "${var.organization_crn}/service-account=${confluent_service_account.this[each.value.team].id}"
    : "${local.crn_parents[split("=", each.value.resource)[0]]}/${each.value.resource}"
  )
  disable_wait_for_ready = true
}

resource "confluent_api_key" "this" {
  for_each = local.api_keys

  display_name = "${local.names[each.value.team]}-${each.value.key}"
  description  = "Kafka API key ${each.value.key} of team ${each.value.team} (owner ${var.teams[each.value.team].owner}, ${var.name})"

  owner {
    id          = confluent_service_account.this[each.value.team].id
    api_version = confluent_service_account.this[each.value.team].api_version
    kind        = confluent_service_account.this[each.value.team].kind
  }

  managed_resource {
    id          = var.cluster.id
    api_version = var.cluster.api_version
    kind        = var.cluster.kind

    environment {
      id = var.cluster.environment_id
    }
  }

  # The wait polls the cluster's private endpoint; when it fails, the error prints the key's secret.
  disable_wait_for_ready = true
}

resource "aws_secretsmanager_secret" "this" {
  for_each = local.current

  name                    = "${var.name}/team/${each.key}"
  description             = "Kafka API key of team ${each.key}"
  kms_key_id              = var.kms_key_id
  recovery_window_in_days = var.secret_recovery_days
  tags                    = merge(var.tags, { Name = "${var.name}/team/${each.key}", Team = each.key })
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each = local.current

  secret_id = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo = jsonencode({
    kafka_api_key    = confluent_api_key.this[each.value].id
    kafka_api_secret = confluent_api_key.this[each.value].secret
  })
  # The value is sent again when this number changes: when another key takes over.
  secret_string_wo_version = parseint(substr(sha256(confluent_api_key.this[each.value].id), 0, 7), 16)
}
